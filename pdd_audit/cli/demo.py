"""``demo``: the invented shop."""

import argparse
from pathlib import Path

from pdd_audit.cli.options import Commands, add_output, add_usual
from pdd_audit.cli.score import written
from pdd_audit.cli.shops import opened
from pdd_audit.cli.talk import progress, put


def add(commands: Commands) -> None:
    demo = commands.add_parser("demo", help="score the invented demo shop, kept only with --home, or write its files with --files")
    add_usual(demo)
    demo.add_argument("--files", type=Path, metavar="DIR", help="write the demo shop's files here instead")
    demo.add_argument("--scope", choices=["full", "quick"], default="full")
    add_output(demo)
    demo.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if options.files:
        from pdd_audit.services.demo_bill import write_demo_bill
        from pdd_audit.services.demo_shop import DEMO_AS_OF, write_demo_files

        options.files.mkdir(parents=True, exist_ok=True)
        for file in [*write_demo_files(options.files, DEMO_AS_OF), write_demo_bill(options.files, DEMO_AS_OF)]:
            print(file)
        return 0
    from pdd_audit.services.run_audit import run_audit
    from pdd_audit.services.shops import open_demo_shop

    with opened(options, temporary=options.home is None) as workspace, progress() as tell:
        shop = open_demo_shop(workspace, tell)
        result = run_audit(workspace, shop.id, scope=options.scope, lang=options.lang).result
        put(options, written(result, workspace.checklists, options))
    return 0
