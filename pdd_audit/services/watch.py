"""One look at a folder: take in what has arrived whole, then tell of parcels that run late, each once an hour of the rules and channel."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from pdd_audit.core.errors import AuditError
from pdd_audit.core.imports import ImportReport
from pdd_audit.core.incidents.notices import Heading, Lang, Notice, Step, by_outlet, in_messages, steps_due, written
from pdd_audit.core.people import Right
from pdd_audit.data.live.notifiers import VARIABLE, Channel, channels_of
from pdd_audit.data.storage.notices import Notices
from pdd_audit.services.access import needs
from pdd_audit.services.details import count_ahead
from pdd_audit.services.import_files import ImportOutcome, Upload, import_files
from pdd_audit.services.look_at_today import OpenNow, call_rules, open_now
from pdd_audit.services.map_columns import with_known_mappings
from pdd_audit.services.shops import Shop
from pdd_audit.services.workspace import Workspace, digest_of
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import moment

__all__ = ["VARIABLE", "Channel", "Seen", "Told", "channels_of", "files_in", "look_twice", "take_in", "tell"]

UNFINISHED = (".part", ".crdownload", ".tmp", ".partial", ".download", ".!ut", ".td", ".xltd")
NOT_EXPORTS = {"thumbs.db", "desktop.ini"}
REMEMBERED = "watched.json"
Stamp = tuple[int, int]  # bytes, nanoseconds of the last change
Seen = dict[str, Stamp]


@dataclass
class Told:
    """What became of the notices of one run, counted in parcels per channel and message. ``silent``: why nothing may be told (a key of
    ``texts/watch.yaml``), "" when it may. ``interrupted``: notices of an earlier run that nobody knows the end of."""

    sent: int = 0
    messages: int = 0
    refused: int = 0
    unknown: int = 0
    interrupted: int = 0
    silent: str = ""
    failed: set[str] = field(default_factory=set)  # programs that refused or broke off


def files_in(folder: Path) -> Seen:
    """The files of a folder that may be exports, with size and time. Raises AuditError for what is no folder, or cannot be read."""
    found: Seen = {}
    try:
        for entry in folder.iterdir():
            name = entry.name
            if name.startswith((".", "~$")) or name.lower() in NOT_EXPORTS or name.lower().endswith(UNFINISHED):
                continue
            with suppress(FileNotFoundError):  # renamed meanwhile
                stat = entry.stat()
                if entry.is_file():
                    found[name] = (stat.st_size, stat.st_mtime_ns)
    except OSError as error:
        raise AuditError("watch_folder", found=folder.name) from error
    return found


def whole(before: Seen, after: Seen, now: float, settle_seconds: float) -> list[str]:
    """Names of the files that stand still: the same at both looks, of some size, and not changed for a while."""
    return sorted(
        name for name, stamp in after.items()
        if before.get(name) == stamp and stamp[0] > 0 and now - stamp[1] / 1e9 >= settle_seconds
    )


@needs(Right.IMPORT_FILES)
def take_in(workspace: Workspace, shop: Shop, folder: Path, names: Sequence[str]) -> list[ImportOutcome]:
    """Import those that are new or have changed since they were last read, taken or refused; then count what pages show."""
    memory = workspace.cache(shop.id) / REMEMBERED
    known = _remembered(memory)
    place = digest_of(folder.resolve())
    stamps = files_in(folder)
    fresh = [name for name in names if name in stamps and known.get(f"{place}/{name}") != list(stamps[name])]
    if not fresh:
        return []
    uploads = with_known_mappings(workspace, shop.id, [Upload(name, folder / name) for name in fresh])
    outcomes = import_files(workspace, shop.id, uploads)
    still = files_in(folder)
    # A file that changed while it was read is read again next time.
    known |= {f"{place}/{name}": list(stamps[name]) for name in fresh if still.get(name) == stamps[name]}
    _remember(memory, known)
    if any(outcome.report is not None and not outcome.already for outcome in outcomes):
        count_ahead(workspace, shop.id)
    return outcomes


def _remembered(memory: Path) -> dict[str, list[int]]:
    """A lost or damaged note only means that files are read once more; the ledger knows their bytes."""
    try:
        found = json.loads(memory.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _remember(memory: Path, known: dict[str, list[int]]) -> None:
    with suppress(OSError):
        memory.parent.mkdir(parents=True, exist_ok=True)
        part = memory.with_name(f"{memory.name}.part")
        part.write_text(json.dumps(known), "utf-8")
        part.replace(memory)


# --- telling ---------------------------------------------------------------------------------------------------------------


@needs(Right.DECIDE)
def tell(workspace: Workspace, shop: Shop, channels: Sequence[Channel], now: datetime, lang: Lang) -> Told:
    """Tell every channel of what it has not been told of. A channel that fails does not keep another from being told."""
    told = Told()
    notices = Notices(workspace.state, shop.id)
    told.interrupted = notices.interrupted(now)
    look = open_now(workspace, shop.id)
    told.silent = _why_silent(look, now, timedelta(minutes=call_rules(workspace).stale_after_minutes))
    if told.silent:
        return told
    steps = steps_due(look.parcels, call_rules(workspace), now, known_until(workspace.ledger(shop.id).reports(), look))
    writer = _Writer(workspace, shop, look, lang)
    for channel in channels:
        done = notices.told(channel.id)
        for notice in by_outlet(step for step in steps if step.key not in done):
            _send(notices, channel, notice, writer, now, told)
    return told


def _why_silent(look: OpenNow, now: datetime, stale_after: timedelta) -> str:
    if look.as_of is None or not look.covered:
        return "watch.silent.no_data"
    if not look.trusted:
        return "watch.silent.untrusted"
    if look.as_of > now:
        return "watch.silent.ahead"
    return "watch.silent.stale" if now - look.as_of > stale_after else ""


def known_until(reports: Sequence[ImportReport], look: OpenNow) -> dict[str | None, datetime]:
    """Courier -> until when its pickups are in the files: the sheet's own time, else its newest scan. An empty sheet says nothing."""
    found: dict[str | None, datetime] = {}
    couriers = {parcel.courier for parcel in look.parcels}
    for report in reports:
        until = report.snapshot_at or report.period_to
        if report.kind != "courier_pickups" or until is None or not report.rows_kept or report.first_scan is None:
            continue
        for courier in report.couriers or couriers:
            found[courier] = max(found.get(courier, until), until)
    return found


@dataclass(frozen=True)
class _Writer:
    """Writes a notice as a channel can take it."""

    workspace: Workspace
    shop: Shop
    look: OpenNow
    lang: Lang

    def text(self, notice: Notice) -> tuple[str, str]:
        words, (courier, outlet) = Words(self.lang), notice.who
        name = courier or words("today.card.unknown_courier")
        called = words("today.card.who", courier=name, outlet=outlet) if outlet else name
        heading = Heading(self.lang, self.shop.name, called, moment(self.look.as_of, self.lang))
        return written(notice.steps, call_rules(self.workspace), heading)

    def parts(self, notice: Notice, channel: Channel) -> list[Notice]:
        longest = call_rules(self.workspace).longest_bytes.of(channel.program)

        def fits(steps: Sequence[Step]) -> bool:
            return len("\n".join(self.text(Notice(notice.who, tuple(steps)))).encode()) <= longest

        return in_messages(notice, fits)


def _send(notices: Notices, channel: Channel, notice: Notice, writer: _Writer, now: datetime, told: Told) -> None:
    """Claimed first, then sent: a crash between the two loses a notice, never doubles it."""
    for part in writer.parts(notice, channel):
        batch, claimed = notices.claim(channel.id, [step.key for step in part.steps], now)
        mine = Notice(part.who, tuple(step for step in part.steps if step.key in set(claimed)))
        if not mine.steps:
            continue  # another run was quicker
        outcome = channel.send(*writer.text(mine))
        if outcome == "refused":
            notices.release(batch)
            told.refused += len(mine.steps)
            told.failed.add(channel.program)
            return  # what did not take this one will not take the next; the next run asks again
        notices.settle(batch, outcome)
        told.messages += 1
        if outcome == "sent":
            told.sent += len(mine.steps)
        else:
            told.unknown += len(mine.steps)
            told.failed.add(channel.program)


Pause = Callable[[float], None]


def look_twice(folder: Path, settle_seconds: float, pause: Pause, clock: Callable[[], float]) -> list[str]:
    """The files that arrived whole: seen twice, with a pause between."""
    before = files_in(folder)
    pause(settle_seconds)
    return whole(before, files_in(folder), clock(), settle_seconds)
