"""Take in files: each is imported or refused on its own; what was stored before stays."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pdd_audit.core.errors import AuditError
from pdd_audit.core.imports import ImportReport, Kind, Reading
from pdd_audit.core.lineage import METRICS_FROM
from pdd_audit.core.log_chain import FILES, Said
from pdd_audit.core.mapping import ByHand
from pdd_audit.core.people import Right
from pdd_audit.data.reading.circumstances import Circumstances
from pdd_audit.data.reading.packages import unpacked
from pdd_audit.services.access import needs
from pdd_audit.services.home import Home
from pdd_audit.services.other_shops import InOtherShop, in_other_shops, refuse_orders_of_others

if TYPE_CHECKING:
    from pdd_audit.data.storage.ledger import Ledger
    from pdd_audit.services.workspace import Workspace  # the database takes a moment to load; reading files need not wait for it

Progress = Callable[[str, float], None]
AT_ONCE = 2  # parser processes side by side, whoever reads in this process
_TURNS = threading.BoundedSemaphore(AT_ONCE)
_LOOK_SECONDS = 0.25  # how often whoever waits looks whether it is stopped
STOPPED = "import_stopped"
PASSWORD_WANTED = frozenset({"encrypted_workbook", "encrypted_zip", "wrong_password"})


@dataclass(frozen=True)
class Upload:
    """A file handed in: its name, and its bytes or where they are. ``password``: for this one reading; shown and kept nowhere.

    ``by_hand``: the columns as a person has named them, for a file nobody recognises. ``exported_at``: when it was exported, as a person
    says: a file that holds something later is refused; over what the file tells itself it counts once it is said of the import, see
    ``export_times.state_export_time``.
    """

    name: str
    data: bytes | Path = field(repr=False)
    expected: Kind | None = None
    password: str | None = field(default=None, repr=False)
    by_hand: ByHand | None = None
    exported_at: datetime | None = None


@dataclass(frozen=True)
class ImportOutcome:
    """What became of one file or one table of a ZIP: a report, or the reason for refusing it.

    ``already``: the same bytes had been imported before. ``upload``: position of the upload it came from. ``ignored``: what else lay in
    the ZIP and is no table, told with its first table. ``elsewhere``: what another shop has already.
    """

    file: str
    report: ImportReport | None = None
    error: AuditError | None = None
    already: bool = False
    upload: int = 0
    ignored: tuple[str, ...] = ()
    elsewhere: tuple[InOtherShop, ...] = ()

    @property
    def stopped(self) -> bool:
        """Whether it was not read, or not to its end, because somebody stopped the import."""
        return self.error is not None and self.error.code == STOPPED

    @property
    def wants_password(self) -> bool:
        """Whether the same upload may be read with the right password."""
        return self.error is not None and self.error.code in PASSWORD_WANTED


@dataclass(frozen=True)
class MissingFile:
    """A kind of file nobody has imported yet, and the metrics that wait for it."""

    kind: Kind
    metrics: list[str]


@dataclass(frozen=True)
class Capabilities:
    possible: list[str]
    missing: list[MissingFile]


@needs(Right.IMPORT_FILES)
def import_files(
    home: Home,
    shop_id: str,
    uploads: Sequence[Upload],
    on_progress: Progress | None = None,
    who: str | None = None,
    stop: threading.Event | None = None,
) -> list[ImportOutcome]:
    """Import several files, at most two at a time in this process; the outcomes come in the order of the uploads, one for each table of
    a ZIP. ``on_progress``: told a share of 0 while a file waits for its turn.

    ``who``: the user as the app knows them, noted in report and log; without it the name under which this process runs.
    ``stop``: once set, from any thread, what is not imported yet is not (``import_stopped``); what is, stays. An exception in this thread,
    Ctrl-C say, stops it too.

    A ZIP may hold several kinds: ``expected`` is asked of single files only.
    """
    stopping, accept = threading.Event() if stop is None else stop, partial(refuse_orders_of_others, home, shop_id)
    how = Circumstances(imported_by=user_here() if who is None else who, shop=home.shop_name(shop_id), accept=accept, stop=stopping)
    taking = _Taking(home, shop_id, home.ledger(shop_id), how, stopping, on_progress)
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool, _stopping_with(stopping):
        each = pool.map(taking.upload, uploads)
        return [replace(outcome, upload=at) for at, outcomes in enumerate(each) for outcome in outcomes]


@dataclass(frozen=True)
class _Taking:
    """Files that are taken in together: into which shop, under which circumstances, and who watches."""

    home: Home
    shop_id: str
    ledger: "Ledger"
    how: Circumstances
    stop: threading.Event
    on_progress: Progress | None

    def upload(self, upload: Upload) -> list[ImportOutcome]:
        """The table it is, or those of the ZIP it is."""
        try:
            with unpacked(upload.data, upload.name, self.ledger.folder, password=upload.password, stop=self.stop) as package:
                if package is None:
                    return [self._table(upload)]
                parts = [replace(upload, name=entry.name, data=entry.path, expected=None) for entry in package.entries]
                with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
                    outcomes = list(pool.map(self._table, parts))
                return [replace(outcomes[0], ignored=package.ignored), *outcomes[1:]]
        except AuditError as error:
            return [ImportOutcome(upload.name, error=error)]

    def _table(self, upload: Upload) -> ImportOutcome:
        def tell(share: float) -> None:
            if self.on_progress is not None:
                self.on_progress(upload.name, share)

        how = replace(
            self.how, expected=upload.expected, snapshot_at=upload.exported_at, password=upload.password, by_hand=upload.by_hand,
            on_progress=tell,
        )
        try:
            with _my_turn(tell, self.stop):
                report, new = self.ledger.add(upload.data, upload.name, how)
            if new:
                _log_import(self.home, self.shop_id, report, self.how.imported_by)
        except AuditError as error:
            return ImportOutcome(upload.name, error=error)
        elsewhere = tuple(in_other_shops(self.home, self.shop_id, report))
        return ImportOutcome(upload.name, report=report, already=not new, elsewhere=elsewhere)


@contextmanager
def _my_turn(tell: Callable[[float], None], stop: threading.Event) -> Iterator[None]:
    """Each reader may take gigabytes: with ten people who import at once the others wait, and see it."""
    if stop.is_set():
        raise AuditError("import_stopped")
    if not _TURNS.acquire(blocking=False):
        tell(0.0)
        while not _TURNS.acquire(timeout=_LOOK_SECONDS):
            if stop.is_set():
                raise AuditError("import_stopped")
    try:
        yield
    finally:
        _TURNS.release()


@contextmanager
def _stopping_with(stop: threading.Event) -> Iterator[None]:
    """Whatever leaves the block before its time ends the children, for which leaving the pool would wait otherwise."""
    try:
        yield
    except BaseException:
        stop.set()
        raise


def _log_import(home: Home, shop_id: str, report: ImportReport, by: str) -> None:
    """Reading takes too long for one transaction: the row follows the file. A file that cannot be logged is put aside again, and gone with
    a shop that was deleted meanwhile."""
    try:
        with home.logged(shop_id, Said(by, "file_imported", f"{FILES}{report.kind}", after=report.sha256)):
            pass
    except AuditError as error:
        if error.code == "no_such_shop":
            _forget_folder(cast("Workspace", home), shop_id)  # a mere folder knows no shops and refuses none
        else:
            home.ledger(shop_id).remove(report.sha256)
        raise


def _forget_folder(workspace: "Workspace", shop_id: str) -> None:
    from pdd_audit.data.storage.shop_folders import mark, sweep

    mark(workspace.shops, shop_id)
    sweep(workspace.shops, lambda: {shop.id for shop in workspace.state.shops()})


@needs(Right.IMPORT_FILES)
def read_again(
    home: Home,
    shop_id: str,
    upload: Upload,
    before: Sequence[ImportOutcome],
    on_progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> list[ImportOutcome]:
    """One upload once more, with a password; what was understood of it ``before`` stays as it was told."""
    understood = {outcome.file: outcome for outcome in before if outcome.report is not None}
    return [understood.get(outcome.file, outcome) for outcome in import_files(home, shop_id, [upload], on_progress, stop=stop)]


def user_here() -> str:
    """The user's name as the system says it, empty if it does not."""
    return os.environ.get("USER") or os.environ.get("USERNAME") or ""


@needs(Right.LOOK)
def list_imports(home: Home, shop_id: str) -> list[ImportReport]:
    """What the shop's ledger holds, oldest snapshot first."""
    return home.ledger(shop_id).reports()


@needs(Right.IMPORT_FILES)
def remove_import(home: Home, shop_id: str, sha256: str) -> None:
    """Take one file out of the ledger."""
    ledger = home.ledger(shop_id)
    kind = ledger.kind_of(sha256)
    if kind is not None:
        with home.logged(shop_id, Said(user_here(), "file_removed", f"{FILES}{kind}", before=sha256)):
            ledger.remove(sha256)


@needs(Right.IMPORT_FILES)
def set_reading(workspace: "Workspace", shop_id: str, sha256: str, reading: Reading) -> None:
    """Say how a pickup sheet is to be read, against what was recognised."""
    workspace.state.set_reading(shop_id, sha256, reading, user_here())


@needs(Right.LOOK)
def readings_of(workspace: "Workspace", shop_id: str) -> dict[str, Reading]:
    """The user's own readings: sha256 -> reading."""
    return workspace.state.readings(shop_id)


def capabilities(reports: Sequence[ImportReport]) -> Capabilities:
    """Which metrics the files make possible, and which kinds of file the others wait for."""
    present = {report.kind for report in reports}
    possible = [metric for metric, kinds in METRICS_FROM.items() if set(kinds) <= present]
    waiting: dict[Kind, list[str]] = {}
    for metric, kinds in METRICS_FROM.items():
        for kind in kinds:
            if kind not in present:
                waiting.setdefault(kind, []).append(metric)
    return Capabilities(possible, [MissingFile(kind, metrics) for kind, metrics in waiting.items()])
