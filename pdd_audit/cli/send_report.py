"""``send-report``: the report of the review that was signed last, by e-mail, and its summary to group robots."""

import argparse
import os
import sys

from pdd_audit.cli.options import Commands, add_usual
from pdd_audit.cli.remind import told_of
from pdd_audit.cli.shops import known_shop, opened
from pdd_audit.cli.talk import say
from pdd_audit.texts import Words


def add(commands: Commands) -> None:
    send = commands.add_parser("send-report", help="send the report of a signed review to the shop's people; see docs/watch.md")
    add_usual(send)
    send.add_argument("--shop", metavar="NAME", help="whose review it is; not needed where there is one shop")
    send.add_argument("--round", metavar="TITLE", help="the review with this title (default: the one that was signed last)")
    send.add_argument("--dry-run", action="store_true", help="print what would be sent, and send nothing")
    send.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from pdd_audit.reports.pdf import render_signed
    from pdd_audit.reports.review import Review
    from pdd_audit.services.send_report import VARIABLE, Attachment, channels_of, newest_signed, send_report, written

    channels = [] if options.dry_run else channels_of(os.environ)
    words = Words(options.lang)
    with opened(options, temporary=False) as workspace:
        shop = known_shop(workspace, options.shop)
        review = newest_signed(workspace, shop.id, options.round)
        if not channels:
            title, body = written(shop.name, review, options.lang, attached=True)
            sys.stdout.write(f"{title}\n{body}\n")
            if not options.dry_run:
                say(words("remind.no_channels", name=VARIABLE))
            return 0
        pdf = render_signed(review.result, review.checklists, Review(review.round, review.asked, options.lang))
        report = Attachment(f"pdd-audit-{review.round.signatures[-1].at:%Y-%m-%d}.pdf", "application/pdf", pdf)
        return told_of(send_report(workspace, shop, review, report, channels, options.lang), words)
