"""``import``: files into a shop's ledger; and what every command that reads files says about them."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from pdd_audit.cli.options import Commands, add_usual
from pdd_audit.cli.passwords import add_password, asked, with_password
from pdd_audit.cli.shops import opened
from pdd_audit.cli.talk import REFUSED, complain, progress, say
from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.imports import ImportReport, Kind
from pdd_audit.services.home import Home
from pdd_audit.services.import_files import ImportOutcome, Upload, capabilities, import_files, list_imports
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count

NAMED = 20  # of what lay beside the tables of a ZIP


def add(commands: Commands) -> None:
    take = commands.add_parser("import", help="import files into a shop's ledger")
    add_usual(take)
    take.add_argument("--shop", required=True, metavar="NAME", help="name of the shop; created when new")
    take.add_argument("files", nargs="+", type=Path, metavar="FILE")
    take.add_argument("--mapping", type=Path, metavar="FILE.yaml", help="columns of files that are not recognised; see the command preview")
    add_password(take)
    take.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from pdd_audit.services.map_columns import with_known_mappings, with_mapping
    from pdd_audit.services.shops import create_shop, list_shops

    files = with_password(uploads(options.files, None), options.password_file)
    if options.mapping is not None:
        files = with_mapping(options.mapping, files)
    with opened(options, temporary=False) as workspace:
        shop = next((shop for shop in list_shops(workspace) if shop.name == options.shop), None) or create_shop(workspace, options.shop)
        files = with_known_mappings(workspace, shop.id, files)
        outcomes = asked(workspace, shop.id, files, read(workspace, shop.id, files), options)
        tell(outcomes, options)
        words = Words(options.lang)
        for missing in capabilities(list_imports(workspace, shop.id)).missing:
            names = words("cli.joiner").join(words(f"metric_names.{metric}.name") for metric in missing.metrics)
            say(words("cli.missing", kind=words(f"kinds.{missing.kind}.name"), metrics=names, where=words(f"kinds.{missing.kind}.where")))
    return REFUSED if any(outcome.error for outcome in outcomes) else 0


def uploads(files: Sequence[Path], kind: Kind | None) -> list[Upload]:
    """The files as they are handed in. Raises no_such_file."""
    for file in files:
        if not file.is_file():
            raise AuditError("no_such_file", Place(file=file.name), found=str(file.name))
    return [Upload(file.name, file, kind) for file in files]


def read(home: Home, shop_id: str, files: Sequence[Upload]) -> list[ImportOutcome]:
    """Import with a line of progress."""
    with progress() as tell_share:
        return import_files(home, shop_id, files, tell_share)


def tell(outcomes: Sequence[ImportOutcome], options: argparse.Namespace) -> None:
    """What was understood of each file, or why it was refused."""
    words = Words(options.lang)
    for outcome in outcomes:
        if outcome.error is not None:
            complain(outcome.error, options.lang)
        elif outcome.report is not None:
            say(_understood(outcome.report, outcome.already, words))
        if outcome.ignored:
            say(words("cli.ignored", names=words("cli.joiner").join(outcome.ignored[:NAMED]), count=count(len(outcome.ignored))))


def _understood(report: ImportReport, already: bool, words: Words) -> str:
    lines = [words("cli.understood", file=report.file, kind=words(f"kinds.{report.kind}.name"),
                   read=count(report.rows_read), kept=count(report.rows_kept), left=count(sum(report.left_out.values())))]
    if already:
        lines.append(words("cli.already"))
    if report.period_from and report.period_to:
        lines.append(words("cli.period", start=f"{report.period_from:%Y-%m-%d}", end=f"{report.period_to:%Y-%m-%d}"))
    lines += [words("cli.left_out", reason=words(f"left_out.{reason}"), rows=count(rows)) for reason, rows in report.left_out.items()]
    if report.dropped_personal:
        lines.append(words("cli.dropped_personal", columns=words("cli.joiner").join(report.dropped_personal)))
    lines += [words("cli.notice", text=words(f"warnings.{notice.code}", **notice.values)) for notice in report.notices
              if notice.code != "personal_dropped"]  # told above
    return "\n  ".join(lines)
