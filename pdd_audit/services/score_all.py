"""Many shops, one after another: each is scored on its own, and what goes wrong in one stays in its row."""

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import TypeVar

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.people import Right
from pdd_audit.core.plan import DAYS_A_MONTH
from pdd_audit.core.result import Scope
from pdd_audit.core.shop_row import ShopRow
from pdd_audit.core.tables import CompactTables
from pdd_audit.data.content.checklists import AnswersFile
from pdd_audit.data.storage.connecting import sqlite_url
from pdd_audit.data.storage.state import Shop, State
from pdd_audit.metrics.bias import bias_of
from pdd_audit.metrics.causes import causes_of, days_covered
from pdd_audit.services.access import needs
from pdd_audit.services.content import read_answers
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.measure import ruled_by
from pdd_audit.services.overlay import overlay_version
from pdd_audit.services.run_audit import Audit, run_audit
from pdd_audit.services.shops import create_shop
from pdd_audit.services.waivers import waivers_version
from pdd_audit.services.workspace import Workspace, digest_of

T = TypeVar("T")
Rows = Generator[ShopRow, None, None]  # to be closed by whoever asks for no more of them
LONGEST_NAME = 100
NOT_EXPORTS = {"thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Asked:
    """How all shops are scored. ``jobs``: shops at the same time; ``answers_name``: the answers file in a shop's folder. ``stop``: set once
    nobody waits for the rows any more; what is being read ends then."""

    scope: Scope = "full"
    as_of: datetime | None = None
    answers_name: str = "answers.yaml"
    jobs: int = 1
    stop: Event = field(default_factory=Event, compare=False)


def shop_folders(folder: Path) -> list[Path]:
    """The shops of a folder: its subfolders by name, hidden ones left out. Raises AuditError when there is none."""
    if not folder.is_dir():
        raise AuditError("no_such_folder", found=folder.name)
    found = sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    if not found:
        raise AuditError("no_shop_folders", found=folder.name)
    return found


def score_folders(base: Workspace, folders: Sequence[Path], asked: Asked) -> Rows:
    """A row as each folder is done. ``base`` lends its checklists and rules; every shop gets an installation of its own that vanishes."""
    return _one_by_one(lambda folder: _apart(folder.name, None, lambda: _score_folder(base, folder, asked)), folders, asked)


def score_shops(workspace: Workspace, shops: Sequence[Shop], asked: Asked) -> Rows:
    """A row as each shop of the installation is done."""
    return _one_by_one(lambda shop: score_shop(workspace, shop, asked), shops, asked)


@needs(Right.LOOK)
def score_shop(workspace: Workspace, shop: Shop, asked: Asked) -> ShopRow:
    """One shop of the installation; a damaged ledger or a fault becomes the row's problem."""

    def work() -> ShopRow:
        return _row(shop.name, shop.id, run_audit(workspace, shop.id, scope=asked.scope, as_of=asked.as_of))

    return _apart(shop.name, shop.id, work)


@needs(Right.LOOK)
def version_of(workspace: Workspace, shop: Shop) -> str:
    """Changes with everything a shop's row depends on: its name, files, readings, answers, profile, waivers that hold today, and what it
    is measured by. Opens no stored file."""
    answers = sorted((id, answer.model_dump_json()) for id, answer in workspace.state.answers(shop.id).items())
    return digest_of(shop.name, workspace.ledger(shop.id).digest(), sorted(workspace.state.readings(shop.id).items()), answers,
                     sorted(workspace.state.profile(shop.id)), overlay_version(workspace, shop.id), waivers_version(workspace, shop.id),
                     ruled_by(workspace, shop.id))


# --- one shop ----------------------------------------------------------------------------------------------------------------


def _score_folder(base: Workspace, folder: Path, asked: Asked) -> ShopRow:
    files = [entry for entry in sorted(folder.iterdir()) if entry.is_file() and _may_be_an_export(entry.name, asked.answers_name)]
    told = folder / asked.answers_name
    if not files and not told.is_file():
        raise AuditError("no_files_of_shop", found=folder.name)
    problems: list[AuditError] = []
    with _room(base) as workspace:
        shop = create_shop(workspace, folder.name[:LONGEST_NAME])
        said = AnswersFile({}, None)
        if told.is_file():
            try:
                said = read_answers(workspace, shop.id, told)
            except AuditError as error:  # the data still have something to say
                problems.append(_plain(error, asked.answers_name))
        outcomes = import_files(workspace, shop.id, [Upload(file.name, file) for file in files], stop=asked.stop)
        if asked.stop.is_set():
            raise AuditError("import_stopped")
        problems += [_plain(outcome.error, outcome.file) for outcome in outcomes if outcome.error is not None]
        if files and all(outcome.error is not None for outcome in outcomes):
            return ShopRow(folder.name, problems=tuple(problems))
        audit = run_audit(workspace, shop.id, scope=asked.scope, as_of=asked.as_of, answers=said.answers, profile=said.profile)
        return _row(folder.name, None, audit, tuple(problems))


def _may_be_an_export(name: str, answers_name: str) -> bool:
    """Whatever lies there is looked at, except what systems and open spreadsheets leave behind."""
    return name != answers_name and not name.startswith((".", "~$")) and name.lower() not in NOT_EXPORTS


@contextmanager
def _room(base: Workspace) -> Iterator[Workspace]:
    """An empty installation under the same checklists and rules, gone afterwards."""
    with TemporaryDirectory(prefix="pdd-audit-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        state = State(sqlite_url(home / "state.db"))
        workspace = replace(base, home=home, state=state, measured={}, passing=True)
        try:
            yield workspace
        finally:
            workspace.state.close()


def _row(name: str, shop_id: str | None, audit: Audit, problems: tuple[AuditError, ...] = ()) -> ShopRow:
    result, cells = audit.result, audit.tables.cells
    mature = int(cells["mature"].sum())
    over_limit = result.metrics["open_over_limit_count"]
    return ShopRow(
        shop=name, shop_id=shop_id, as_of=result.as_of, score=result.score,
        pickup=result.metrics["pickup_24h_ratio"], reply=result.metrics["reply_3min_ratio"],
        late=int(cells["late"].sum()) if mature else None, mature=mature or None,
        open_over_limit=None if over_limit.value is None else round(over_limit.value),
        loss_yuan=_loss_yuan(audit.tables), step_yuan=result.plan[0].yuan if result.plan else None,
        files=len(result.inputs), problems=problems,
    )


def _loss_yuan(tables: CompactTables) -> float | None:
    """What the late parcels are expected to cost a month; None where no amount is known, or the files mislead about them."""
    if bias_of(tables) is not None:
        return None
    yuan = sum(cause.yuan for cause in causes_of(tables))
    return yuan * DAYS_A_MONTH / days_covered(tables) if yuan else None


# --- keeping shops apart -----------------------------------------------------------------------------------------------------


def _apart(name: str, shop_id: str | None, work: Callable[[], ShopRow]) -> ShopRow:
    try:
        return work()
    except AuditError as error:
        problem = _plain(error, None)
    except Exception as fault:  # whatever one shop's files do to us, the others still get their rows; the fault is named in this one
        problem = AuditError("shop_fault", found=type(fault).__name__)
    return ShopRow(name, shop_id, problems=(problem,))


def _plain(error: AuditError, file: str | None) -> AuditError:
    """The same refusal without the frames it came from, which would keep a shop's tables alive; it names its file."""
    place = error.place
    return AuditError(error.code, Place(place.file or file, place.sheet, place.row, place.column), error.found, **error.values)


def _one_by_one(work: Callable[[T], ShopRow], things: Sequence[T], asked: Asked) -> Rows:
    if asked.jobs == 1:
        yield from map(work, things)
        return
    pool = ThreadPoolExecutor(max_workers=asked.jobs)  # threads: parsing runs in child processes, counting in an engine per shop
    try:
        for done in as_completed([pool.submit(work, thing) for thing in things]):
            yield done.result()
    except BaseException:  # Ctrl-C: leaving the pool would wait for whole shops
        asked.stop.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
