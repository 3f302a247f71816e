"""``log``: who changed what of a shop and when, and whether the log itself was changed."""

import argparse
import json
import sys
from dataclasses import asdict

from pdd_audit.cli.options import Commands, add_usual
from pdd_audit.cli.shops import known_shop, opened
from pdd_audit.cli.talk import REFUSED, say
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count

SHORT = 12


def add(commands: Commands) -> None:
    log = commands.add_parser("log", help="who changed what of a shop and when; whether the log itself was changed")
    actions = log.add_subparsers(required=True, metavar="ACTION")
    for name, run, said in (
        ("list", _list, "every change, oldest first"),
        ("verify", _verify, "follow the chain and hold it against noted heads and what is stored; exit 2 when something is wrong"),
    ):
        action = actions.add_parser(name, help=said)
        add_usual(action)
        action.add_argument("--shop", metavar="NAME", help="name of the shop; may be left out when there is only one")
        action.add_argument("--format", choices=["text", "json"], default="text")
        action.set_defaults(run=run)
    accept = actions.add_parser("accept-loss", help="acknowledge what restoring a backup took away; it stays told, and a new head is noted")
    add_usual(accept)
    accept.add_argument("--shop", metavar="NAME", help="name of the shop; may be left out when there is only one")
    accept.set_defaults(run=_accept)


def _list(options: argparse.Namespace) -> int:
    from pdd_audit.reports.columns import printable
    from pdd_audit.reports.log_list import COLUMNS, log_deed, log_moment, log_thing
    from pdd_audit.services.log import log_of

    with opened(options, temporary=False) as workspace:
        rows = log_of(workspace, known_shop(workspace, options.shop).id)
    if options.format == "json":
        _answer(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1))
        return 0
    words = Words(options.lang)
    _answer(words("log.line", **{name: words(f"log.column.{name}") for name in COLUMNS}))
    for row in rows:
        who = row.who or words("log.nobody")
        what, about = log_deed(row, words), log_thing(row, words, {})
        _answer(printable(words("log.line", seq=row.seq, at=log_moment(row), who=who, what=what, about=about).rstrip()))
    return 0


def _verify(options: argparse.Namespace) -> int:
    from pdd_audit.reports.columns import printable
    from pdd_audit.reports.log_list import put_back_told
    from pdd_audit.services.log import check_log

    with opened(options, temporary=False) as workspace:
        check = check_log(workspace, known_shop(workspace, options.shop).id)
    if options.format == "json":
        _answer(json.dumps(asdict(check), ensure_ascii=False, indent=1))
        return REFUSED if check.troubles else 0
    words = Words(options.lang)
    head = f"{check.head.seq} {check.head.hash[:SHORT]}" if check.head else "—"
    _answer(words("log.counted", n=count(check.rows), head=head, anchors=count(check.anchors)))
    if check.elsewhere:
        _answer(words("log.elsewhere", n=count(check.elsewhere)))
    if check.unsealed:
        _answer(words("log.unsealed", n=count(check.unsealed)))
    if check.untold:
        _answer(words("log.untold", n=count(len(check.untold))))
    for one in check.put_back:
        _answer(printable(put_back_told(one, words)))
    for trouble in check.troubles:
        _answer(words(f"log.trouble.{trouble.code}", seq=trouble.seq, about=trouble.about))
    if not check.troubles:
        _answer(words("log.whole"))
    return REFUSED if check.troubles else 0


def _accept(options: argparse.Namespace) -> int:
    from pdd_audit.reports.columns import printable
    from pdd_audit.reports.log_list import put_back_told
    from pdd_audit.services.import_files import user_here
    from pdd_audit.services.log import accept_loss

    words = Words(options.lang)
    with opened(options, temporary=False) as workspace:
        accepted = accept_loss(workspace, known_shop(workspace, options.shop).id, who=user_here())
    for one in accepted:
        say(printable(put_back_told(one, words)))
    say(words("log.accepted"))
    return 0


def _answer(text: str) -> None:
    sys.stdout.write(text + "\n")
