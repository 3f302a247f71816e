"""``score``: a shop from files, or from its ledger."""

import argparse
import json
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import TYPE_CHECKING

from pdd_audit.cli.options import Commands, add_mapping, add_output, add_usual, moment
from pdd_audit.cli.passwords import add_password, asked, with_password
from pdd_audit.cli.shops import known_shop, opened
from pdd_audit.cli.talk import REFUSED, put
from pdd_audit.core.errors import BETWEEN, AuditError, Place
from pdd_audit.texts import LANGS, Words

if TYPE_CHECKING:
    from pdd_audit.core.imports import Kind
    from pdd_audit.core.questions import Checklists
    from pdd_audit.core.result import AuditResult
    from pdd_audit.services.import_files import ImportOutcome, Upload
    from pdd_audit.services.workspace import Workspace


FILES = ("pdf", "xlsx")  # forms that are no text


def add(commands: Commands) -> None:
    score = commands.add_parser("score", help="score a shop from files, or from its ledger with --shop alone")
    add_usual(score)
    score.add_argument("--orders", nargs="+", type=Path, default=[], metavar="FILE", help="order exports")
    score.add_argument("--pickups", nargs="+", type=Path, default=[], metavar="FILE", help="courier pickup sheets")
    score.add_argument("--service", nargs="+", type=Path, default=[], metavar="FILE", help="service team exports")
    add_mapping(score)
    add_password(score)
    score.add_argument("--answers", type=Path, metavar="FILE", help="answers as YAML")
    score.add_argument(
        "--overlay", type=Path, metavar="FILE", help="a shop's own checklist and targets (YAML or XLSX) for this score, nothing is stored",
    )
    score.add_argument("--as-of", type=moment, metavar="TIME", help='the snapshot, e.g. "2026-11-20 18:00" (Asia/Shanghai)')
    score.add_argument("--shop", metavar="NAME", help="name of the shop; without files: the shop of the ledger")
    score.add_argument("--scope", choices=["full", "quick"], default="full", help="ask all questions or those of the quick audit")
    score.add_argument("--engine", choices=["duckdb", "spark"], help="what counts (default: $PDD_AUDIT_ENGINE or duckdb)")
    add_output(score, *FILES)
    score.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if options.format in FILES and options.out is None:
        raise AuditError("out_needed", found=f"--format {options.format}", ending=options.format)
    given: list[tuple[list[Path], Kind]] = [
        (options.orders, "pdd_orders"), (options.pickups, "courier_pickups"), (options.service, "pdd_service"),
    ]
    if not any(paths for paths, _ in given):
        put(options, _ledger_text(options))
        return 0
    from pdd_audit.cli.import_files import uploads

    files = with_password([upload for paths, kind in given for upload in uploads(paths, kind)], options.password_file)
    if options.mapping:
        from pdd_audit.services.map_columns import in_units

        files = in_units(options.mapping, files)
    return _score_files(files, options)


def _ledger_text(options: argparse.Namespace) -> str | bytes:
    """As it was written last time when nothing has changed since. What stands in a file is read, and an engine is tried, every time."""
    from pdd_audit.services.kept_reports import Wanted, entry_for

    wanted = Wanted(options.shop, options.scope, options.lang, options.format, options.as_of)
    again = not options.answers and not options.engine and not options.overlay and options.format not in FILES
    entry = entry_for(options.home, options.checklists, wanted) if again else None
    kept = entry.text() if entry is not None else None
    if kept is not None:
        return kept
    with opened(options, temporary=False) as workspace:
        text = _told(_counting(workspace, options), known_shop(workspace, options.shop).id, options)
    same = entry is not None and entry_for(options.home, options.checklists, wanted) == entry  # else something changed meanwhile
    if entry is not None and same and isinstance(text, str):
        entry.keep(text)
    return text


def _score_files(files: "list[Upload]", options: argparse.Namespace) -> int:
    """In an installation that vanishes afterwards. The files are read in processes of their own while the rest of us loads."""
    from pdd_audit.cli.import_files import mapped, read, tell
    from pdd_audit.services.home import Home

    with TemporaryDirectory(prefix="pdd-audit-") as name, ThreadPoolExecutor(1) as beside, ExitStack() as leaving:
        home, shop_id = Home(Path(name)), uuid.uuid4().hex
        stop = Event()
        leaving.callback(stop.set)  # whatever ends this, a refusal or Ctrl-C: nobody waits for the reading
        reading = beside.submit(read, home, shop_id, files, stop)
        with opened(options, temporary=True) as workspace:  # in a folder of its own: beside files its database would not be new
            from pdd_audit.services.measure import load_engine
            from pdd_audit.services.shops import create_shop

            workspace = replace(_counting(workspace, options), home=home.home, passing=True)
            load_engine()
            create_shop(workspace, options.shop or Words(options.lang)("cli.unnamed_shop"), shop_id)
            outcomes = asked(home, shop_id, files, reading.result(), options)
            if options.mapping:
                outcomes = mapped(home, shop_id, files, outcomes, options)
            tell(outcomes, options)
            if any(outcome.error for outcome in outcomes):
                return REFUSED
            kinds = {outcome.report.kind for outcome in outcomes if outcome.report is not None}
            if "pdd_orders" not in kinds:  # files are read as what they are, whatever option they came with
                raise _no_orders(outcomes, options)
            put(options, _told(workspace, shop_id, options))
    return 0


def _no_orders(outcomes: "Sequence[ImportOutcome]", options: argparse.Namespace) -> AuditError:
    """Names the files that came as orders and are none."""
    reports = [(one.upload, one.report) for one in outcomes if one.report is not None]
    wrong = [report for upload, report in reports if upload < len(options.orders)]
    kinds = sorted({report.kind for _, report in reports if not wrong or report in wrong})
    named = {lang: BETWEEN.join(Words(lang)(f"kinds.{kind}.name") for kind in kinds) for lang in LANGS}
    if not wrong:
        return AuditError("no_orders", found=named[options.lang])
    wanted = {f"wanted_{lang}": Words(lang)("kinds.pdd_orders.name") for lang in LANGS}
    files = Words(options.lang)("cli.joiner").join(one.file for one in wrong)
    return AuditError("other_kind", Place(file=files), found=named["zh"], title_zh=named["zh"], title_en=named["en"], **wanted)


def _counting(workspace: "Workspace", options: argparse.Namespace) -> "Workspace":
    from pdd_audit.services.workspace import with_engine

    counting = with_engine(workspace, options.engine)
    if options.overlay is None:
        return counting
    from pdd_audit.services.overlay import overlay_at, prover_of

    return replace(counting, lent=overlay_at(prover_of(counting), options.overlay)[0])


def _score(workspace: "Workspace", shop_id: str, options: argparse.Namespace) -> "AuditResult":
    from pdd_audit.services.content import read_answers
    from pdd_audit.services.run_audit import run_audit

    said = read_answers(workspace, shop_id, options.answers) if options.answers else None
    return run_audit(
        workspace, shop_id, scope=options.scope, lang=options.lang, as_of=options.as_of,
        answers=said.answers if said else None, profile=said.profile if said else None,
    ).result


def _told(workspace: "Workspace", shop_id: str, options: argparse.Namespace) -> str | bytes:
    from pdd_audit.services.overlay import checklists_of

    result, checklists = _score(workspace, shop_id, options), checklists_of(workspace, shop_id)
    if options.format == "pdf":
        from pdd_audit.reports.pdf import render_pdf

        return render_pdf(result, checklists, options.lang)
    if options.format == "xlsx":
        from pdd_audit.reports.xlsx import render_xlsx
        from pdd_audit.services.figure_rows import figure_rows

        return render_xlsx(result, checklists, options.lang, figure_rows(workspace, shop_id, result, Words(options.lang)))
    return written(result, checklists, options)


def written(result: "AuditResult", checklists: "Checklists", options: argparse.Namespace) -> str:
    """The result in the form that was asked for, in the words of the checklists it was scored by."""
    if options.format == "json":
        return json.dumps(result.model_dump(mode="json"), ensure_ascii=False, indent=1)
    if options.format == "html":
        from pdd_audit.reports.html import render_report

        return render_report(result, checklists, options.lang)
    from pdd_audit.reports.terminal import render_text

    return render_text(result, checklists, options.lang)
