"""``ledger``: what is stored of the imported files, and the care it needs."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pdd_audit.cli.options import Commands, add_usual
from pdd_audit.cli.shops import known_shop, opened
from pdd_audit.cli.talk import REFUSED, say
from pdd_audit.core.errors import AuditError
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count

if TYPE_CHECKING:
    from pdd_audit.services.workspace import Workspace


def add(commands: Commands) -> None:
    ledger = commands.add_parser("ledger", help="list, verify, remove, export, back up what was imported")
    actions = ledger.add_subparsers(required=True, metavar="ACTION")

    listing = actions.add_parser("list", help="every import with its date, kind, digest, period, rows and who")
    _of_a_shop(listing)
    listing.add_argument("--format", choices=["text", "json"], default="text")
    listing.set_defaults(run=_list)

    verify = actions.add_parser("verify", help="read everything stored and compare it with its digests; exit 2 when something is wrong")
    add_usual(verify)
    verify.add_argument("--shop", metavar="NAME", help="this shop only")
    verify.add_argument("--format", choices=["text", "json"], default="text")
    verify.set_defaults(run=_verify)

    for name, run, said in (
        ("remove", _remove, "put an import aside; undo-remove takes it back, and so does importing the file again"),
        ("undo-remove", _undo, "take a removed import back"),
        ("purge", _purge, "delete a removed import for good"),
    ):
        action = actions.add_parser(name, help=said)
        _of_a_shop(action)
        action.add_argument("digest", metavar="DIGEST", help="the import's fingerprint, at least its first 6 characters")
        action.set_defaults(run=run)

    export = actions.add_parser("export", help="all parcels of a shop as one table")
    _of_a_shop(export)
    export.add_argument("--out", required=True, type=Path, metavar="FILE", help="ending in .parquet, else it is CSV")
    export.set_defaults(run=_export)

    backup = actions.add_parser("backup", help="all shops, answers and files in one archive")
    add_usual(backup)
    backup.add_argument("--out", required=True, type=Path, metavar="FILE", help="in an existing folder it is named by its moment")
    backup.add_argument("--keep", type=int, metavar="N", help="with a folder: of the backups named so only the newest N stay")
    backup.set_defaults(run=_backup)

    restore = actions.add_parser("restore", help="everything of a backup, into an empty folder (--home) and the database that is set")
    add_usual(restore)
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument(
        "--log-from", type=Path, metavar="DIR", help="data folder that this one takes the place of: its log.key and noted heads come along",
    )
    restore.set_defaults(run=_restore)


def _of_a_shop(parser: argparse.ArgumentParser) -> None:
    add_usual(parser)
    parser.add_argument("--shop", metavar="NAME", help="name of the shop; may be left out when there is only one")


def _list(options: argparse.Namespace) -> int:
    from pdd_audit.reports.import_list import render_imports
    from pdd_audit.services.import_files import list_imports
    from pdd_audit.services.ledger_care import removed_imports

    with opened(options, temporary=False) as workspace:
        shop = known_shop(workspace, options.shop)
        here, aside = list_imports(workspace, shop.id), removed_imports(workspace, shop.id)
    if options.format == "json":
        rows = {"imports": [one.model_dump(mode="json") for one in here], "removed": [one.model_dump(mode="json") for one in aside]}
        _answer(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _answer(render_imports(here, aside, options.lang))
    return 0


def _verify(options: argparse.Namespace) -> int:
    from pdd_audit.services.ledger_care import verify_home, verify_shop
    from pdd_audit.services.shops import list_shops

    words = Words(options.lang)
    with opened(options, temporary=False) as workspace:
        shops = [known_shop(workspace, options.shop)] if options.shop else list_shops(workspace)
        found = [] if options.shop else verify_home(workspace)
        for shop in shops:
            found += [replace(one, where=f"{shop.name}: {one.where}") for one in verify_shop(workspace, shop.id)]
    grave = [one for one in found if one.grave]
    if options.format == "json":
        _answer(json.dumps({"sound": not grave, "shops": len(shops), "findings": [asdict(one) for one in found]}, ensure_ascii=False))
    else:
        for one in found:
            told = words(f"ledger.findings.{one.code}")
            _answer(words("ledger.finding" if one.grave else "ledger.remark", where=one.where, told=told, detail=one.detail).rstrip())
        _answer(words("ledger.unsound", n=len(grave)) if grave else words("ledger.sound", shops=count(len(shops))))
    return REFUSED if grave else 0


def _remove(options: argparse.Namespace) -> int:
    from pdd_audit.services.import_files import remove_import

    return _done_to(options, remove_import, "ledger.removed", removed=False)


def _undo(options: argparse.Namespace) -> int:
    from pdd_audit.services.ledger_care import restore_import

    return _done_to(options, restore_import, "ledger.undone", removed=True)


def _purge(options: argparse.Namespace) -> int:
    from pdd_audit.services.ledger_care import purge_import

    return _done_to(options, purge_import, "ledger.purged", removed=True)


def _done_to(options: argparse.Namespace, action: "Callable[[Workspace, str, str], object]", said: str, *, removed: bool) -> int:
    """One import of the shop, named by the start of its digest; ``removed``: looked for among those put aside."""
    from pdd_audit.services.ledger_care import digest_named

    with opened(options, temporary=False) as workspace:
        shop = known_shop(workspace, options.shop)
        digest = digest_named(workspace, shop.id, options.digest, removed=removed)
        action(workspace, shop.id, digest)
    say(Words(options.lang)(said, digest=digest[:12]))
    return 0


def _export(options: argparse.Namespace) -> int:
    from pdd_audit.services.ledger_care import export_parcels

    with opened(options, temporary=False) as workspace:
        shop = known_shop(workspace, options.shop)
        rows = export_parcels(workspace, shop.id, options.out)
    say(Words(options.lang)("ledger.exported", rows=count(rows), file=options.out.name))
    return 0


def _backup(options: argparse.Namespace) -> int:
    from pdd_audit.services.backup import back_up, backup_named, forget_older

    if options.keep is not None and (options.keep < 1 or not options.out.is_dir()):
        raise AuditError("backup_keep", found=f"{options.keep} {options.out.name}")
    out = options.out / backup_named() if options.out.is_dir() else options.out
    with opened(options, temporary=False) as workspace:
        files = back_up(workspace, out)
    words = Words(options.lang)
    say(words("ledger.backed_up", files=count(files), file=out.name))
    if options.keep is not None and (gone := forget_older(options.out, options.keep)):
        say(words("ledger.backups_deleted", n=count(gone), keep=count(options.keep)))
    return 0


def _restore(options: argparse.Namespace) -> int:
    from pdd_audit.services.backup import Restore, restore_backup
    from pdd_audit.services.home import database_url, default_home
    from pdd_audit.services.import_files import user_here

    words = Words(options.lang)
    files = restore_backup(options.file, options.home or default_home(), database_url(), Restore(user_here(), options.log_from))
    say(words("ledger.restored", files=count(files), file=options.file.name))
    say(words("ledger.restored_log" if options.log_from else "ledger.restored_alone"))
    return 0


def _answer(text: str) -> None:
    sys.stdout.write(text + "\n")
