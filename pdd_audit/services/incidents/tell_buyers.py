"""Whom to write to and what: the orders in each situation, the texts filled from the files, who was told, and the note that they were."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pandas as pd

from pdd_audit.core.deeds import Deed
from pdd_audit.core.errors import AuditError
from pdd_audit.core.filters import ALL, Filters
from pdd_audit.core.incidents.message_linter import OWN, Objection
from pdd_audit.core.incidents.messages import (
    LONGEST,
    NEAR_MINUTES,
    Buyer,
    Filled,
    Lang,
    Message,
    Situation,
    fill,
    length,
    names_in,
    short_goods,
    situation_of,
    unsaid,
)
from pdd_audit.core.people import Right
from pdd_audit.core.spreadsheet import safe_cell
from pdd_audit.data.content.responses import Responses, load_responses
from pdd_audit.services.access import needs
from pdd_audit.services.calendars import calendar_of
from pdd_audit.services.deeds import deeds, do, undo
from pdd_audit.services.details import kept_rows
from pdd_audit.services.measure import Ask, ask_about, ground_of, pickup_moment
from pdd_audit.services.workspace import Workspace, now
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import moment

__all__ = ["LONGEST", "NEAR_MINUTES", "Lang", "Message", "Situation"]  # what a look is made of, for those who draw it

REMEMBERED = timedelta(days=14)  # how long an earlier message asks for another one
WARNED = ("about_to_exceed", "exceeded", "second_delay", "scan_missing", "courier_suspended", "promise_at_risk")
PASTED = 2_000  # order numbers looked up at once


@dataclass(frozen=True)
class BuyerRow:
    """One order as the files know it; see ``data.relations.buyers``. ``state`` None: the files do not hold this order."""

    order_no: str
    waybill: str | None = None
    courier: str | None = None
    outlet: str | None = None
    goods: str | None = None
    state: str | None = None
    left_minutes: int | None = None
    picked_up_at: datetime | None = None
    asked: bool = False
    refunded: bool = False
    received_yuan: float | None = None
    cost_yuan: float = 0.0


@dataclass(frozen=True)
class Concerned:
    """Orders that may concern somebody now, as the newest files know them (``as_of``; None: there are none)."""

    as_of: datetime | None
    rows: tuple[BuyerRow, ...] = ()


@dataclass(frozen=True)
class Told:
    """One message that went to one order. ``deed``: what noted it; taking it back concerns the whole batch."""

    order_no: str
    situation: str
    at: datetime
    by: str
    version: str
    deed: str


@dataclass(frozen=True)
class Group:
    """One situation: the orders still to be told, and those that were."""

    situation: Situation
    to_tell: tuple[BuyerRow, ...]
    told: tuple[Told, ...]


@dataclass(frozen=True)
class TellLook:
    """``groups``: in the order of ``messages.yaml``, those found first; a situation nobody is in has an empty one."""

    as_of: datetime | None
    groups: tuple[Group, ...]

    @property
    def found(self) -> tuple[Group, ...]:
        return tuple(group for group in self.groups if group.to_tell or group.told)

    @property
    def waiting(self) -> int:
        return sum(len(group.to_tell) for group in self.groups)

    def group(self, situation: str) -> Group:
        return next(group for group in self.groups if group.situation.id == situation)


@dataclass(frozen=True)
class Written:
    """The message to one order."""

    row: BuyerRow
    filled: Filled


@dataclass(frozen=True)
class Batch:
    """The messages of one situation. ``objections``: why none of them may be sent, each once; ``unsaid``: parts the text does not say;
    ``missing``: values nobody has given yet; ``longest``: signs of the longest text."""

    written: tuple[Written, ...]
    objections: tuple[Objection, ...] = ()
    unsaid: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    longest: int = 0

    @property
    def ready(self) -> tuple[Written, ...]:
        """What may be sent: nothing while a word is refused; never a text with a blank."""
        return () if self.objections or self.unknown else tuple(one for one in self.written if not one.filled.missing)


@dataclass(frozen=True)
class Draft:
    """What is to be written: a template with its ``{placeholders}``, the shop's own values, and the language of the buyer."""

    template: str
    lang: Lang
    values: Mapping[str, str] = field(default_factory=dict)


def responses_of(workspace: Workspace) -> Responses:
    """Texts, linter and menu. Raises AuditError when a file of theirs is wrong."""
    return load_responses(workspace.content)


# --- what the files know ----------------------------------------------------------------------------------------------------


@needs(Right.LOOK)
def concerned(workspace: Workspace, shop_id: str, filters: Filters = ALL) -> Concerned:
    """Orders pressing now. Raises AuditError when the engine cannot run."""
    return concerned_at(workspace, shop_id, ask_about(workspace, shop_id, None), filters)


@needs(Right.LOOK)
def concerned_at(workspace: Workspace, shop_id: str, ask: Ask | None, filters: Filters = ALL) -> Concerned:
    """The same at the moment ``ask`` names."""
    if ask is None:
        return Concerned(None)
    if not workspace.ledger(shop_id).paths("pdd_orders"):
        return Concerned(pickup_moment(ask))
    return Concerned(pickup_moment(ask), _rows(workspace, shop_id, ask, None, filters))


@needs(Right.LOOK)
def looked_up(workspace: Workspace, shop_id: str, orders: Sequence[str]) -> tuple[BuyerRow, ...]:
    """These orders, in their order; one the files do not hold has no ``state``. Raises AuditError when the engine cannot run."""
    wanted = list(dict.fromkeys(orders))[:PASTED]
    ask = ask_about(workspace, shop_id, None)
    if not wanted or ask is None or not workspace.ledger(shop_id).paths("pdd_orders"):
        return tuple(BuyerRow(order) for order in wanted)
    found = {row.order_no: row for row in _rows(workspace, shop_id, ask, wanted, ALL)}
    return tuple(found.get(order, BuyerRow(order)) for order in wanted)


def _rows(workspace: Workspace, shop_id: str, ask: Ask, orders: Sequence[str] | None, filters: Filters) -> tuple[BuyerRow, ...]:
    from pdd_audit.data.relations.buyers import buyers  # the engine loads only when something is counted

    if orders is None:
        frame = kept_rows(workspace, shop_id, ask, filters, {"buyers": lambda ground: buyers(ground, None)})["buyers"]
    else:
        with ground_of(workspace, shop_id, ask) as ground:
            frame = buyers(ground.only(filters), orders)
    return tuple(
        BuyerRow(
            order_no=str(row.order_no), waybill=_text(row.waybill), courier=_text(row.courier), outlet=_text(row.outlet),
            goods=_text(row.goods_name), state=str(row.state), left_minutes=None if pd.isna(row.left_minutes) else int(row.left_minutes),
            picked_up_at=None if pd.isna(row.picked_up_at) else pd.Timestamp(row.picked_up_at).to_pydatetime(),
            asked=bool(row.asked), refunded=bool(row.refunded),
            received_yuan=None if pd.isna(row.received_yuan) else float(row.received_yuan),
            cost_yuan=0.0 if pd.isna(row.cost_yuan) else float(row.cost_yuan),
        )
        for row in frame.itertuples()
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def pasted_orders(text: str) -> tuple[str, ...]:
    """Order numbers as somebody pastes them: one a line, or with any signs between; what is no number is left out."""
    signs = "".join(sign if sign.isalnum() or sign == "-" else " " for sign in text)
    return tuple(dict.fromkeys(part for part in signs.split() if 6 <= len(part) <= 64 and any(sign.isdigit() for sign in part)))[:PASTED]


# --- whose turn it is -------------------------------------------------------------------------------------------------------


@needs(Right.LOOK)
def follow_ups(workspace: Workspace, shop_id: str) -> tuple[str, ...]:
    """Orders of whom an earlier message still speaks: warned of a delay, and not yet told that it is over."""
    told = _told(workspace, shop_id)
    done = {one.order_no for one in told if one.situation == "collected_now"}
    recent = now() - REMEMBERED
    return tuple(sorted({
        one.order_no for one in told if one.situation in WARNED and one.at >= recent and one.order_no not in done
    }))


@needs(Right.LOOK)
def tell_look(
    workspace: Workspace, shop_id: str, seen: Concerned, followed: Sequence[BuyerRow] = (), near_minutes: int = NEAR_MINUTES
) -> TellLook:
    """The orders of each situation, found by files and deeds. ``followed``: the rows of ``follow_ups``."""
    told = _told(workspace, shop_id)
    situations = responses_of(workspace).messages.situations
    by_situation: dict[str, list[BuyerRow]] = {situation.id: [] for situation in situations}
    if seen.as_of is not None:
        memory = _Memory.of(workspace, shop_id, told)
        calendar = calendar_of(workspace, shop_id)
        rows = {row.order_no: row for row in (*followed, *seen.rows)}
        for row in rows.values():
            stopped = calendar.is_stopped(row.courier, row.outlet, seen.as_of.date())
            name = _situation(row, memory, stopped, seen.as_of, near_minutes)
            if name is not None and (row.order_no, name) not in memory.said:
                by_situation[name].append(row)
    return TellLook(seen.as_of, tuple(
        Group(
            situation, tuple(sorted(by_situation[situation.id], key=_pressing)),
            tuple(one for one in reversed(told) if one.situation == situation.id),
        )
        for situation in situations
    ))


def _pressing(row: BuyerRow) -> tuple[int, str]:
    """Fewest minutes left first; of those past it the newest, whom a message still helps most."""
    left = row.left_minutes
    return (10**9 if left is None else abs(left), row.order_no)


@dataclass(frozen=True)
class _Memory:
    """What deeds say: ``said``: (order, situation); ``named``: the last time named to an order; ``collected``: numbers the outlet called
    collected, with when it did."""

    said: frozenset[tuple[str, str]]
    warned: frozenset[str]
    named: Mapping[str, datetime]
    collected: Mapping[str, datetime]

    @classmethod
    def of(cls, workspace: Workspace, shop_id: str, told: Sequence[Told]) -> "_Memory":
        recent = now() - REMEMBERED
        named, collected = {}, {}
        for deed in deeds(workspace, shop_id, ("told", "collected")):
            for subject in deed.subjects:
                if deed.kind == "collected":
                    collected[subject] = deed.at
                elif (by := _when(deed.what.get("report_by"))) is not None and deed.at >= recent:
                    named[subject] = by
        return cls(
            frozenset((one.order_no, one.situation) for one in told),
            frozenset(one.order_no for one in told if one.situation in WARNED and one.at >= recent), named, collected,
        )


def _when(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _situation(row: BuyerRow, memory: _Memory, stopped: bool, as_of: datetime, near_minutes: int) -> str | None:
    if row.state not in ("not_uploaded", "open", "collected"):
        return None
    said = memory.collected.get(row.waybill or "")
    buyer = Buyer(
        state=row.state,  # type: ignore[arg-type]  # looked at the line above
        left_minutes=row.left_minutes, asked=row.asked, refunded=row.refunded, stopped=stopped,
        said_collected=said is not None and said < as_of, promised_by=memory.named.get(row.order_no), warned=row.order_no in memory.warned,
    )
    return situation_of(buyer, as_of, near_minutes)


def _told(workspace: Workspace, shop_id: str) -> list[Told]:
    """Every message that counts, oldest first."""
    return [
        Told(order, str(deed.what.get("situation", "")), deed.at, deed.by, str(deed.what.get("version", "")), deed.id)
        for deed in deeds(workspace, shop_id, ("told",)) for order in deed.subjects
    ]


# --- writing ----------------------------------------------------------------------------------------------------------------


def write_batch(workspace: Workspace, situation: Situation, rows: Sequence[BuyerRow], draft: Draft) -> Batch:
    """The messages to these orders; nothing of them is kept. A template with unpaired braces or a blank nobody knows is ``unknown``."""
    known = responses_of(workspace)
    try:
        names = names_in(draft.template)
    except ValueError as wrong:
        return Batch((), unknown=(str(wrong) or "{",))
    strange = tuple(name for name in names if name not in known.messages.placeholders)
    if strange:
        return Batch((), unknown=strange)
    words = Words(draft.lang)
    written = tuple(
        Written(row, fill(draft.template, {**_from_files(row, words), **draft.values}, known.messages.placeholders, draft.lang))
        for row in rows
    )
    missing = tuple(name for name in names if any(name in one.filled.missing for one in written))
    return Batch(
        written, tuple(_objections(workspace, rows, draft, words)), tuple(unsaid(draft.template, situation, known.messages, draft.lang)),
        missing, longest=max((length(one.filled.text, draft.lang) for one in written), default=0),
    )


def _from_files(row: BuyerRow, words: Words) -> dict[str, str | None]:
    return {
        "product": short_goods(row.goods), "courier": row.courier, "waybill": row.waybill, "status": _status(row, words),
    }


def _status(row: BuyerRow, words: Words) -> str | None:
    if row.state == "collected" and row.picked_up_at is not None:
        return words("buyer_status.collected", moment=moment(row.picked_up_at, words.lang))
    return words(f"buyer_status.{row.state}") if row.state in ("open", "not_uploaded") else None


def _objections(workspace: Workspace, rows: Sequence[BuyerRow], draft: Draft, words: Words) -> Iterable[Objection]:
    """Each text is read once, however many orders it goes to: their own numbers and goods stand as one sign."""
    known = responses_of(workspace)
    numbers = {name for name, one in known.messages.placeholders.items() if one.kind == "number"}
    values = {name: OWN if name in numbers else value for name, value in draft.values.items() if value}
    seen: set[tuple[str | None, ...]] = set()
    found: dict[tuple[str, str], Objection] = {}
    for row in rows or (BuyerRow(""),):
        status, collected = _status(row, words), None if row.state is None else row.state == "collected"
        if (row.courier, status, row.state) in seen:
            continue
        seen.add((row.courier, status, row.state))
        own = {"product": OWN, "waybill": OWN, "courier": row.courier, "status": status}
        text = fill(draft.template, {**own, **values}, known.messages.placeholders, draft.lang).text
        for one in known.linter.objections(text, (), collected):
            if one.rule != "not_filled":  # a blank is told apart: it waits for a value
                clean = Objection(one.rule, one.words.replace(OWN, "…"), one.start, one.end)
                found.setdefault((one.rule, clean.words), clean)
    return found.values()


def batch_csv(batch: Batch, words: Words) -> bytes:
    """Order, waybill and text of what may be sent, as CSV with BOM; no cell starts a formula."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([words("app.columns.order_no"), words("app.columns.waybill"), words("messages.csv_text")])
    for one in batch.ready:
        writer.writerow([safe_cell(one.row.order_no), safe_cell(one.row.waybill), safe_cell(one.filled.text)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


# --- noting -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Note:
    """What is noted of a batch. ``edited``: whether the text was changed by hand; ``report_by``: the time it names, if it does."""

    situation: str
    message: Message
    lang: Lang
    edited: bool = False
    report_by: datetime | None = None


@needs(Right.ANSWER)
def mark_told(workspace: Workspace, shop_id: str, note: Note, orders: Iterable[str], by: str) -> tuple[int, int]:
    """(noted now, told before): whoever was told of this situation is not noted twice, whoever else notes it at the same moment. Raises
    AuditError without a name or an order."""
    wanted = list(dict.fromkeys(orders))
    version = f"{note.message.id}.{note.message.version}.{note.lang}" + ("+" if note.edited else "")
    what: dict[str, str | float] = {"situation": note.situation, "version": version}
    if note.report_by is not None:
        what["report_by"] = note.report_by.isoformat(timespec="minutes")
    while True:
        before = {one.order_no for one in _told(workspace, shop_id) if one.situation == note.situation}
        new = [order for order in wanted if order not in before]
        if wanted and not new:
            return 0, len(wanted)
        try:
            do(workspace, shop_id, "told", new, by, what, _nobody_told(new, note.situation))
        except _ToldMeanwhile:
            continue  # whoever was first has noted some of them: the rest is tried again, and grows no larger
        return len(new), len(wanted) - len(new)


class _ToldMeanwhile(Exception):  # noqa: N818 - no error: the answer of one moment to a question asked in another
    """Between looking and noting somebody else noted some of the orders."""


def _nobody_told(orders: Sequence[str], situation: str) -> Callable[[list[Deed]], None]:
    wanted = set(orders)

    def fits(done: list[Deed]) -> None:
        if any(deed.kind == "told" and deed.what.get("situation") == situation and wanted & set(deed.subjects) for deed in done):
            raise _ToldMeanwhile

    return fits


@needs(Right.ANSWER)
def take_back(workspace: Workspace, shop_id: str, deed: str, by: str) -> None:
    """The batch counts as not told. Raises AuditError without a name."""
    if not by.strip():
        raise AuditError("deed_who", found="")
    undo(workspace, shop_id, deed, by)


@needs(Right.LOOK)
def told_orders(workspace: Workspace, shop_id: str, most: int = 1_000) -> list[Told]:
    """Every order with what it was told, newest first."""
    return list(reversed(_told(workspace, shop_id)))[:most]


@needs(Right.LOOK)
def told_batches(workspace: Workspace, shop_id: str, most: int = 20) -> list[Deed]:
    """What was noted, newest first."""
    return list(reversed(deeds(workspace, shop_id, ("told",))))[:most]
