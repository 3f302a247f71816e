"""``check-checklists``: prove that the checklists are sound."""

import argparse
from pathlib import Path

from pdd_audit.cli.options import Commands, add_usual
from pdd_audit.cli.talk import REFUSED, complain
from pdd_audit.texts import Words


def add(commands: Commands) -> None:
    check = commands.add_parser("check-checklists", help="prove that the checklists are sound")
    add_usual(check)
    check.add_argument("folder", nargs="?", type=Path, metavar="DIR")
    check.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from pdd_audit.services.content import prove_checklists

    folder, problems = prove_checklists(options.folder or options.checklists)
    for problem in problems:
        complain(problem, options.lang)
    if not problems:
        print(Words(options.lang)("cli.checklists_sound", folder=folder))
    return REFUSED if problems else 0
