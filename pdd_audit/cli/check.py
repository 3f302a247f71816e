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
    check.add_argument("--overlay", type=Path, metavar="FILE", help="prove a shop's own checklist together with them")
    check.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from pdd_audit.services.content import prove_checklists, prove_overlay

    folder, problems = prove_checklists(options.folder or options.checklists)
    sound = not problems
    if options.overlay is not None and sound:  # on unsound checklists no overlay can be judged
        problems = prove_overlay(folder, options.overlay)
    for problem in problems:
        complain(problem, options.lang)
    if not problems:
        words = Words(options.lang)
        print(words("cli.checklists_sound", folder=folder))
        if options.overlay is not None:
            print(words("cli.overlay_sound", file=options.overlay))
    return REFUSED if problems else 0
