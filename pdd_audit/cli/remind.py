"""``remind``: tell people of actions and review rounds that are due or overdue, and write their due dates as a calendar."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pdd_audit.cli.options import Commands, add_usual
from pdd_audit.cli.shops import known_shop, opened
from pdd_audit.cli.talk import say
from pdd_audit.core.errors import AuditError
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count

if TYPE_CHECKING:
    from pdd_audit.services.look_at_actions import ActionsLook
    from pdd_audit.services.remind import Sent
    from pdd_audit.services.round_duties import RoundDay

UNTOLD = 3
USUAL_DAYS, MOST_DAYS = 3, 365


def add(commands: Commands) -> None:
    remind = commands.add_parser("remind", help="tell people of actions and review rounds that are due or overdue; see docs/watch.md")
    add_usual(remind)
    remind.add_argument("--shop", metavar="NAME", help="whose they are; not needed where there is one shop")
    remind.add_argument("--owner", metavar="NAME", help="only this person's")
    ahead = f"how many days before the due date to begin (default {USUAL_DAYS})"
    remind.add_argument("--days", type=_days, default=USUAL_DAYS, metavar="DAYS", help=ahead)
    remind.add_argument("--dry-run", action="store_true", help="print what would be sent, and send nothing")
    remind.add_argument("--ics", type=Path, metavar="FILE", help="also write the due dates of everything still to be done as iCalendar")
    remind.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from pdd_audit.services.remind import VARIABLE, all_actions, channels_of, duties, reminders, send, titles_of, written
    from pdd_audit.services.round_duties import round_days

    channels = [] if options.dry_run else channels_of(os.environ)
    words = Words(options.lang)
    with opened(options, temporary=False) as workspace:
        shop = known_shop(workspace, options.shop)
        look = all_actions(workspace, shop.id)
        titles = titles_of(workspace, shop.id, look, options.lang)
        told = reminders(look, titles, duties(workspace, shop.id), words, options.days, options.owner)
        if options.ics is not None:
            _write(options, shop.name, look, titles, round_days(workspace, shop.id))
        if not told:
            say(words("remind.nothing", days=count(options.days)))
            return 0
        if options.dry_run or not channels:
            for title, body in written(shop.name, told, options.lang):
                sys.stdout.write(f"{title}\n{body}\n")
            if not options.dry_run:
                say(words("remind.no_channels", name=VARIABLE))
            return 0
        return told_of(send(workspace, shop, told, channels, options.lang), words)


def _write(options: argparse.Namespace, shop: str, look: "ActionsLook", titles: dict[str, str], rounds: "list[RoundDay]") -> None:
    from pdd_audit.core.actions import OPEN
    from pdd_audit.reports.action_calendar import action_calendar

    still = [(row.action, titles[row.action.id]) for row in look.of(*OPEN) if options.owner in (None, row.action.owner)]
    part = options.ics.with_name(options.ics.name + ".part")
    try:
        part.write_bytes(action_calendar(shop, still, rounds, options.lang))
        part.replace(options.ics)
    except OSError as error:
        raise AuditError("calendar_not_written", found=options.ics.name) from error
    say(Words(options.lang)("remind.written", n=count(len(still) + len(rounds)), file=options.ics.name))


def told_of(sent: "Sent", words: Words) -> int:
    """Says what became of the messages; the exit code."""
    say(words("remind.sent", n=count(sent.sent)))
    programs = words("cli.joiner").join(words(f"today.message.{program}") for program in sorted(sent.failed))
    if sent.refused:
        say(words("remind.refused", n=count(sent.refused), programs=programs))
    if sent.unknown:
        say(words("remind.unknown", n=count(sent.unknown), programs=programs))
    return UNTOLD if sent.failed else 0


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > MOST_DAYS:
        raise argparse.ArgumentTypeError(f'"{text}" is no number of days; needed 0 to {MOST_DAYS}')
    return int(text)
