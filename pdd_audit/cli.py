"""The command line: thin, library underneath.

Results on stdout, messages on stderr; exit 0, 2 for a refused input, 1 for a fault of ours.
"""

import argparse
import io
import json
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.imports import ImportReport, Kind
from pdd_audit.core.result import AuditResult
from pdd_audit.services.content import prove_checklists, read_answers
from pdd_audit.services.import_files import ImportOutcome, Progress, Upload, capabilities, import_files, list_imports
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shops import Shop, create_shop, list_shops, open_demo_shop
from pdd_audit.services.workspace import Workspace, default_home, open_workspace
from pdd_audit.texts import Lang, Words, error_text
from pdd_audit.texts.numbers import count

REFUSED = 2
BAR = 30


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # a pipe on a Chinese Windows would be GBK and could not carry every sign
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except AuditError as error:
        _complain(error, options.lang)
        return REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pdd-audit", description="Scores a Pinduoduo shop against prevention of 24小时未揽收.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    score = commands.add_parser("score", help="score a shop from files, or from its ledger with --shop alone")
    _common(score)
    score.add_argument("--orders", nargs="+", type=Path, default=[], metavar="FILE", help="order exports")
    score.add_argument("--pickups", nargs="+", type=Path, default=[], metavar="FILE", help="courier pickup sheets")
    score.add_argument("--service", nargs="+", type=Path, default=[], metavar="FILE", help="service team exports")
    score.add_argument("--answers", type=Path, metavar="FILE", help="answers as YAML")
    score.add_argument("--as-of", type=_moment, metavar="TIME", help='the snapshot, e.g. "2026-11-20 18:00" (Asia/Shanghai)')
    score.add_argument("--shop", metavar="NAME", help="name of the shop; without files: the shop of the ledger")
    score.add_argument("--scope", choices=["full", "quick"], default="full", help="ask all questions or those of the quick audit")
    score.add_argument("--engine", choices=["duckdb"], default="duckdb", help="query engine")
    _output(score)
    score.set_defaults(run=_score)

    take = commands.add_parser("import", help="import files into a shop's ledger")
    _common(take)
    take.add_argument("--shop", required=True, metavar="NAME", help="name of the shop; created when new")
    take.add_argument("files", nargs="+", type=Path, metavar="FILE")
    take.set_defaults(run=_import)

    check = commands.add_parser("check-checklists", help="prove that the checklists are sound")
    _common(check)
    check.add_argument("folder", nargs="?", type=Path, metavar="DIR")
    check.set_defaults(run=_check)

    demo = commands.add_parser("demo", help="score the invented demo shop, or write its files with --files")
    _common(demo)
    demo.add_argument("--files", type=Path, metavar="DIR", help="write the demo shop's files here instead")
    demo.add_argument("--scope", choices=["full", "quick"], default="full")
    _output(demo)
    demo.set_defaults(run=_demo)
    return parser


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lang", choices=["zh", "en"], default="zh", help="language of messages and reports")
    home = "folder of ledgers and answers (default: $PDD_AUDIT_HOME or the user's data folder)"
    parser.add_argument("--home", type=Path, metavar="DIR", help=home)
    parser.add_argument("--checklists", type=Path, metavar="DIR", help="folder of the checklists")


def _output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=["json", "text", "html"], default="text")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the result here instead of stdout")


def _moment(text: str) -> datetime:
    """A moment in Asia/Shanghai; one with an offset is converted."""
    from pdd_audit.services.workspace import SHANGHAI

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}" is no time; needed e.g. "2026-11-20 18:00"') from None
    return found if found.tzinfo is None else found.astimezone(SHANGHAI).replace(tzinfo=None)


# --- commands ----------------------------------------------------------------------------------------------------------------


def _score(options: argparse.Namespace) -> int:
    given: list[tuple[list[Path], Kind]] = [
        (options.orders, "pdd_orders"), (options.pickups, "courier_pickups"), (options.service, "pdd_service"),
    ]
    files = [upload for paths, kind in given for upload in _uploads(paths, kind)]
    if files and not options.orders:
        raise AuditError("no_orders", found="--pickups / --service")
    with _workspace(options, temporary=bool(files)) as workspace:
        if files:
            # loading the engine takes a second: do it while the files are being read
            threading.Thread(target=import_module, args=("pdd_audit.data.compact",), daemon=True).start()
            shop = create_shop(workspace, options.shop or Words(options.lang)("cli.unnamed_shop"))
            if _imported(workspace, shop, files, options) is None:
                return REFUSED
        else:
            shop = _known_shop(workspace, options.shop)
        answers = read_answers(workspace, options.answers) if options.answers else None
        audit = run_audit(workspace, shop.id, scope=options.scope, lang=options.lang, as_of=options.as_of, answers=answers)
        _write(options, audit.result, workspace)
    return 0


def _import(options: argparse.Namespace) -> int:
    with _workspace(options, temporary=False) as workspace:
        shop = next((shop for shop in list_shops(workspace) if shop.name == options.shop), None) or create_shop(workspace, options.shop)
        outcomes = _imported(workspace, shop, _uploads(options.files, None), options)
        words = Words(options.lang)
        able = capabilities(list_imports(workspace, shop.id))
        for missing in able.missing:
            names = words("cli.joiner").join(words(f"metric_names.{metric}.name") for metric in missing.metrics)
            _say(words("cli.missing", kind=words(f"kinds.{missing.kind}.name"), metrics=names, where=words(f"kinds.{missing.kind}.where")))
    return REFUSED if outcomes is None else 0


def _check(options: argparse.Namespace) -> int:
    folder, problems = prove_checklists(options.folder or options.checklists)
    for problem in problems:
        _complain(problem, options.lang)
    if not problems:
        print(Words(options.lang)("cli.checklists_sound", folder=folder))
    return REFUSED if problems else 0


def _demo(options: argparse.Namespace) -> int:
    if options.files:
        from pdd_audit.services.demo_shop import DEMO_AS_OF, write_demo_files

        options.files.mkdir(parents=True, exist_ok=True)
        for file in write_demo_files(options.files, DEMO_AS_OF):
            print(file)
        return 0
    with _workspace(options, temporary=options.home is None) as workspace, _progress() as tell:
        shop = open_demo_shop(workspace, tell)
        audit = run_audit(workspace, shop.id, scope=options.scope, lang=options.lang)
        _write(options, audit.result, workspace)
    return 0


# --- parts -------------------------------------------------------------------------------------------------------------------


@contextmanager
def _workspace(options: argparse.Namespace, temporary: bool) -> Iterator[Workspace]:
    """The installation, or one that vanishes afterwards when files are scored without keeping them."""
    if not temporary:
        workspace = open_workspace(options.home or default_home(), options.checklists)
        try:
            yield workspace
        finally:
            workspace.state.close()
        return
    with TemporaryDirectory(prefix="pdd-audit-") as folder:
        workspace = open_workspace(Path(folder), options.checklists)
        try:
            yield workspace
        finally:
            workspace.state.close()


def _uploads(files: Sequence[Path], kind: Kind | None) -> list[Upload]:
    for file in files:
        if not file.is_file():
            raise AuditError("no_such_file", Place(file=file.name), found=str(file.name))
    return [Upload(file.name, file, kind) for file in files]


def _known_shop(workspace: Workspace, name: str | None) -> Shop:
    shops = list_shops(workspace)
    if name is None and len(shops) == 1:
        return shops[0]
    found = next((shop for shop in shops if shop.name == name), None)
    if found is None:
        raise AuditError("no_such_shop", found=name or "", shops="、".join(shop.name for shop in shops) or "—")
    return found


def _imported(workspace: Workspace, shop: Shop, files: Sequence[Upload], options: argparse.Namespace) -> list[ImportOutcome] | None:
    """Import and tell what was understood; None when any file was refused."""
    with _progress() as tell:
        outcomes = import_files(workspace, shop.id, files, tell)
    words = Words(options.lang)
    for outcome in outcomes:
        if outcome.error is not None:
            _complain(outcome.error, options.lang)
        elif outcome.report is not None:
            _say(_understood(outcome.report, outcome.already, words))
    return None if any(outcome.error for outcome in outcomes) else outcomes


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


def _write(options: argparse.Namespace, result: AuditResult, workspace: Workspace) -> None:
    if options.format == "json":
        text = json.dumps(result.model_dump(mode="json"), ensure_ascii=False, indent=1)
    elif options.format == "html":
        from pdd_audit.reports.html import render_report

        text = render_report(result, workspace.checklists, options.lang)
    else:
        from pdd_audit.reports.terminal import render_text

        text = render_text(result, workspace.checklists, options.lang)
    if options.out is None:
        sys.stdout.write(text + "\n")
        return
    part = options.out.with_name(options.out.name + ".part")
    part.write_text(text + "\n", "utf-8")
    part.replace(options.out)


def _complain(error: AuditError, lang: Lang) -> None:
    title, body = error_text(error, lang)
    words = Words(lang)
    named = error.place.file is not None and error.place.file not in title
    _say(words("cli.refused", title=words("cli.of_file", file=error.place.file, title=title) if named else title, body=body))


def _say(text: str) -> None:
    print(text, file=sys.stderr)


@contextmanager
def _progress() -> Iterator[Progress]:
    """A line on the terminal that counts; silence when nobody watches."""
    watched = sys.stderr.isatty()
    shares: dict[str, float] = {}
    lock = threading.Lock()

    def tell(file: str, share: float) -> None:
        if not watched:
            return
        with lock:  # two files are read side by side
            shares[file] = share
            done = sum(shares.values()) / len(shares)
            filled = round(done * BAR)
            sys.stderr.write(f"\r\033[K[{'#' * filled}{'.' * (BAR - filled)}] {done:4.0%}  {file[-48:]}")
            sys.stderr.flush()

    yield tell
    if watched and shares:
        sys.stderr.write("\r\033[K")
