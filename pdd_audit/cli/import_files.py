"""``import``: files into a shop's ledger; and what every command that reads files says about them."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from pdd_audit.cli.options import Commands, add_mapping, add_usual, moment
from pdd_audit.cli.passwords import add_password, asked, with_password
from pdd_audit.cli.shops import opened
from pdd_audit.cli.talk import REFUSED, complain, progress, say
from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.imports import ImportReport, Kind
from pdd_audit.services.home import Home
from pdd_audit.services.import_files import ImportOutcome, Upload, capabilities, import_files, list_imports, user_here
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count

if TYPE_CHECKING:
    from pdd_audit.services.workspace import Workspace

NAMED = 20  # of what lay beside the tables of a ZIP


def add(commands: Commands) -> None:
    take = commands.add_parser("import", help="import files into a shop's ledger")
    add_usual(take)
    take.add_argument("--shop", required=True, metavar="NAME", help="name of the shop; created when new")
    take.add_argument("files", nargs="+", type=Path, metavar="FILE")
    exported = 'when the files were exported, e.g. "2026-11-20 18:00" (Asia/Shanghai); for all files given, whatever their names say'
    take.add_argument("--exported-at", type=moment, metavar="TIME", help=exported)
    add_mapping(take)
    add_password(take)
    take.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from pdd_audit.services.export_times import refuse_future
    from pdd_audit.services.map_columns import with_known_mappings, with_mapping
    from pdd_audit.services.shops import create_shop, list_shops

    if options.exported_at is not None:
        refuse_future(options.exported_at)
    files = [replace(upload, exported_at=options.exported_at) for upload in uploads(options.files, None)]
    files = with_password(files, options.password_file)
    if options.mapping is not None:
        files = with_mapping(options.mapping, files)
    with opened(options, temporary=False) as workspace:
        shop = next((shop for shop in list_shops(workspace) if shop.name == options.shop), None) or create_shop(workspace, options.shop)
        files = with_known_mappings(workspace, shop.id, files)
        outcomes = asked(workspace, shop.id, files, read(workspace, shop.id, files), options)
        if options.exported_at is not None:
            outcomes = [_stated(workspace, shop.id, outcome, options.exported_at) for outcome in outcomes]
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


def read(home: Home, shop_id: str, files: Sequence[Upload], stop: Event | None = None) -> list[ImportOutcome]:
    """Import with a line of progress. ``stop``: see ``import_files``."""
    with progress() as tell_share:
        return import_files(home, shop_id, files, tell_share, stop=stop)


def _stated(workspace: "Workspace", shop_id: str, outcome: ImportOutcome, exported_at: datetime) -> ImportOutcome:
    """The outcome with the export time said of its file; a file that was there already may hold what happened later."""
    from pdd_audit.services.export_times import state_export_time

    if outcome.report is None:
        return outcome
    try:
        state_export_time(workspace, shop_id, outcome.report.sha256, exported_at, user_here() or "-")
    except AuditError as error:
        return replace(outcome, error=error)
    return replace(outcome, report=outcome.report.model_copy(update={"snapshot_at": exported_at, "snapshot_from": "stated"}))


def mapped(
    home: Home, shop_id: str, files: Sequence[Upload], outcomes: Sequence[ImportOutcome], options: argparse.Namespace
) -> list[ImportOutcome]:
    """The outcomes after what was not recognised has been read once more, by the mapping of the options. Raises AuditError for a mapping
    that is none."""
    from pdd_audit.services.map_columns import CURABLE, import_by_hand, with_mapping

    by_mapping = with_mapping(options.mapping, files)
    result = []
    for outcome in outcomes:
        if outcome.error is None or outcome.error.code not in CURABLE:
            result.append(outcome)
            continue
        upload = by_mapping[outcome.upload]
        with progress() as tell_share:
            again = [import_by_hand(home, shop_id, upload, outcome.file, tell_share)]
        if outcome.file == upload.name:  # else it is a table of a ZIP: its password comes from a file
            again = asked(home, shop_id, [upload], again, options)
        result += [replace(one, upload=outcome.upload, ignored=outcome.ignored) for one in again]
    return result


def tell(outcomes: Sequence[ImportOutcome], options: argparse.Namespace) -> None:
    """What was understood of each file, or why it was refused."""
    words = Words(options.lang)
    for outcome in outcomes:
        if outcome.error is not None:
            complain(outcome.error, options.lang)
        elif outcome.report is not None:
            say(_understood(outcome.report, outcome.already, words))
        for one in outcome.elsewhere:
            say("  " + words("cli.notice", text=words(f"warnings.{one.code}", **one.values())))
        if outcome.ignored:
            say(words("cli.ignored", names=words("cli.joiner").join(outcome.ignored[:NAMED]), count=count(len(outcome.ignored))))


def _understood(report: ImportReport, already: bool, words: Words) -> str:
    lines = [words("cli.understood", file=report.file, kind=words(f"kinds.{report.kind}.name"),
                   read=count(report.rows_read), kept=count(report.rows_kept), left=count(sum(report.left_out.values())))]
    if already:
        lines.append(words("cli.already"))
    if report.period_from and report.period_to:
        lines.append(words("cli.period", start=f"{report.period_from:%Y-%m-%d}", end=f"{report.period_to:%Y-%m-%d}"))
    if report.snapshot_from == "stated" and report.snapshot_at is not None:
        lines.append(words("cli.exported_at", moment=f"{report.snapshot_at:%Y-%m-%d %H:%M}"))
    lines += [words("cli.left_out", reason=words(f"left_out.{reason}"), rows=count(rows)) for reason, rows in report.left_out.items()]
    if report.dropped_personal:
        lines.append(words("cli.dropped_personal", columns=words("cli.joiner").join(report.dropped_personal)))
    lines += [words("cli.notice", text=words.notice(notice.code, notice.values)) for notice in report.notices
              if notice.code != "personal_dropped"]  # told above
    return "\n  ".join(lines)
