"""``shop``: a whole shop into one archive, out of one, or away for good."""

import argparse
import sys
from pathlib import Path

from pdd_audit.cli.options import Commands, add_usual
from pdd_audit.cli.shops import known_shop, opened
from pdd_audit.cli.talk import say
from pdd_audit.core.errors import AuditError
from pdd_audit.texts import Words


def add(commands: Commands) -> None:
    shop = commands.add_parser("shop", help="export, import or delete a whole shop")
    actions = shop.add_subparsers(required=True, metavar="ACTION")

    export = actions.add_parser("export", help="files, answers with their history, readings and saved audits in one archive")
    add_usual(export)
    export.add_argument("name", metavar="NAME")
    export.add_argument("--out", required=True, type=Path, metavar="FILE")
    export.set_defaults(run=_export)

    take = actions.add_parser("import", help="the shop of an archive, as a new shop")
    add_usual(take)
    take.add_argument("file", type=Path, metavar="FILE")
    take.add_argument("--name", metavar="NAME", help="another name than it had")
    take.set_defaults(run=_import)

    delete = actions.add_parser("delete", help="a shop and everything of it, without a trace in the data folder")
    add_usual(delete)
    delete.add_argument("name", metavar="NAME")
    delete.add_argument("--yes", action="store_true", help="do not ask for the name again")
    delete.set_defaults(run=_delete)


def _export(options: argparse.Namespace) -> int:
    from pdd_audit.services.shop_archive import export_shop

    with opened(options, temporary=False) as workspace:
        export_shop(workspace, known_shop(workspace, options.name), options.out)
    say(Words(options.lang)("ledger.shop_exported", shop=options.name, file=options.out.name))
    return 0


def _import(options: argparse.Namespace) -> int:
    from pdd_audit.services.shop_archive import import_shop

    with opened(options, temporary=False) as workspace:
        shop = import_shop(workspace, options.file, options.name)
    say(Words(options.lang)("ledger.shop_imported", shop=shop.name))
    return 0


def _delete(options: argparse.Namespace) -> int:
    from pdd_audit.services.shop_archive import delete_shop

    words = Words(options.lang)
    with opened(options, temporary=False) as workspace:
        shop = known_shop(workspace, options.name)
        if not options.yes:
            say(words("ledger.delete_sure", shop=shop.name))
            if sys.stdin.readline().strip() != shop.name:
                raise AuditError("not_confirmed", shop=shop.name)
        delete_shop(workspace, shop.id)
    say(words("ledger.shop_deleted", shop=shop.name))
    return 0
