"""Whom to call before what time: everything the Today page draws, from the newest files or as an earlier moment knew them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pdd_audit.core.deeds import Deed
from pdd_audit.core.filters import Filters
from pdd_audit.core.incidents.calls import CallRules, Program
from pdd_audit.core.incidents.outlet_message import Wording, outlet_message
from pdd_audit.core.incidents.promises import Promise, Record, judged, records
from pdd_audit.core.incidents.urgency import CALLING, Call, Clock, OpenParcel, calls_of, due_by_hour
from pdd_audit.core.people import Right
from pdd_audit.data.content.call_rules import load_call_rules
from pdd_audit.data.content.folder import default_folder
from pdd_audit.metrics.bias import bias_of
from pdd_audit.metrics.live_risk import Curves, chances
from pdd_audit.services.access import needs
from pdd_audit.services.deeds import deeds
from pdd_audit.services.details import detail_tables, filtered, kept_rows
from pdd_audit.services.kept_forecasts import keep_forecast
from pdd_audit.services.look_at_tonight import TonightLook, tonight_of
from pdd_audit.services.measure import SCANS_ARRIVE_WITHIN, Ask, ask_about, ground_of
from pdd_audit.services.workspace import Workspace

if TYPE_CHECKING:
    from pdd_audit.data.relations.compact import Ground

__all__ = [  # what a look is made of, for those who draw it
    "Call", "CallRules", "Deed", "OpenNow", "OpenParcel", "Program", "Promise", "Record", "Refunded", "TodayLook", "Wording", "call_rules",
    "calls_now", "deeds_until", "due_by_hour", "look_at_today", "message_parts", "open_now", "promised_waybills", "promises_of",
    "records", "scans_of", "with_steps",
]
HELD, CASE_CLOSED = "held", "case_closed"  # the two things a refund before pickup asks for: ``what["step"]`` of the deed ``intercepted``


@dataclass(frozen=True)
class Refunded:
    """A parcel refunded before anybody scanned it, and which of the two steps are done."""

    waybill: str
    order_no: str
    courier: str | None
    shipped_at: datetime
    held: bool = False
    case_closed: bool = False


@dataclass(frozen=True)
class TodayLook:
    """``as_of`` None: no files. ``orders_until``, ``pickups_until``: how far the newest file of each kind reaches (None: it does not say).
    ``parcels``: open ones, also those past their deadline; ``uncovered``: uploaded lately and in no pickup file. ``tonight``: forecast,
    what better is not uploaded, and whether an amount is known."""

    as_of: datetime | None
    orders_until: datetime | None
    pickups_until: datetime | None
    parcels: tuple[OpenParcel, ...]
    refunded: tuple[Refunded, ...]
    uncovered: int
    tonight: TonightLook

    @property
    def ahead(self) -> int:
        return sum(not parcel.late for parcel in self.parcels)


def call_rules(workspace: Workspace) -> CallRules:
    """The conventions of calls and notices. Raises AuditError for a file that is wrong."""
    return _call_rules(workspace.content or default_folder())


@cache
def _call_rules(folder: Path) -> CallRules:
    return load_call_rules(folder)


@needs(Right.LOOK)
def look_at_today(workspace: Workspace, shop_id: str, filters: Filters, as_of: datetime | None = None) -> TodayLook:
    """As the newest files know it, or as they would have at ``as_of``: nothing later counts. The day of a choice does not count, as on
    the Tonight page. Raises AuditError when the engine cannot run."""
    ask = ask_about(workspace, shop_id, as_of)
    chosen = replace(filters, start=None, end=None)
    tonight = tonight_of(workspace, shop_id, ask, chosen)
    if as_of is None and not chosen and tonight.as_of is not None:
        keep_forecast(workspace, shop_id, tonight.as_of, tonight.hourly)
    rules = call_rules(workspace)
    wanted = {
        "to_call": {}, "refunded_open": {"days": str(rules.refunds_for_days)}, "not_covered": {"hours": str(rules.late_for_hours)},
    }
    rows = _rows(workspace, shop_id, ask, chosen, wanted)
    limit = tonight.limit_minutes
    return TodayLook(
        as_of=tonight.as_of, orders_until=_until(ask, "pdd_orders"), pickups_until=_until(ask, "courier_pickups"),
        parcels=_parcels(workspace, shop_id, ask, rows["to_call"], tonight.fine_known, limit) if ask else (),
        refunded=tuple(
            Refunded(str(row.waybill), str(row.order_no), _name(row.courier), pd.Timestamp(row.shipped_at).to_pydatetime())
            for row in rows["refunded_open"].itertuples()
        ),
        uncovered=len(rows["not_covered"]), tonight=tonight,
    )


@dataclass(frozen=True)
class OpenNow:
    """Open parcels of the newest files, without chances. ``covered``: parcels with pickup data; ``trusted``: the files show no bias."""

    as_of: datetime | None
    covered: int
    trusted: bool
    parcels: tuple[OpenParcel, ...]


@needs(Right.LOOK)
def open_now(workspace: Workspace, shop_id: str) -> OpenNow:
    """What is open, and how far the files can be relied on. Raises AuditError when the engine cannot run."""
    ask = ask_about(workspace, shop_id, None)
    tables = filtered(workspace, shop_id, ask)[1]
    parcels: tuple[OpenParcel, ...] = ()
    if ask is not None:
        rows = _rows(workspace, shop_id, ask, Filters(), {"to_call": {}})
        parcels = _parcels(workspace, shop_id, ask, rows["to_call"], fine_known=False)
    return OpenNow(tables.as_of, tables.counts.get("covered", 0), bias_of(tables) is None, parcels)


def _rows(
    workspace: Workspace, shop_id: str, ask: Ask | None, filters: Filters, wanted: Mapping[str, Mapping[str, str]]
) -> dict[str, pd.DataFrame]:
    """Kind of rows -> the rows; ``wanted``: the place each kind asks for."""
    if ask is None or not workspace.ledger(shop_id).paths("pdd_orders"):
        return {name: pd.DataFrame() for name in wanted}
    from pdd_audit.data.relations.rows import rows_behind  # the engine loads only when something is counted

    def behind(ground: "Ground", name: str) -> pd.DataFrame:
        return rows_behind(ground, name, wanted[name]).execute()

    whole = {name: f"{name} {sorted(at.items())}" for name, at in wanted.items()}
    found = kept_rows(workspace, shop_id, ask, filters, {whole[name]: partial(behind, name=name) for name in wanted})
    return {name: found[whole[name]] for name in wanted}


def _parcels(
    workspace: Workspace, shop_id: str, ask: Ask, rows: pd.DataFrame, fine_known: bool, limit: int | None = None
) -> tuple[OpenParcel, ...]:
    """``limit``: minutes of the pickup limit, by which the chances are reckoned; None: nobody asks for them."""
    if rows.empty:
        return ()
    as_of = filtered(workspace, shop_id, ask)[1].as_of
    assert as_of is not None, "there are parcels"
    q = np.full(len(rows), np.nan)
    if limit is not None:
        q = chances(rows, Curves(detail_tables(workspace, shop_id, ask, ["waits"])["waits"], limit))
    found = []
    for row, chance in zip(rows.itertuples(), q, strict=True):
        clock: Clock = "promise" if row.by_promise else "pickup"
        cost = float(row.cost_yuan)
        found.append(OpenParcel(
            waybill=str(row.waybill), order_no=str(row.order_no), courier=_name(row.courier), outlet=_name(row.outlet),
            shipped_at=pd.Timestamp(row.shipped_at).to_pydatetime(), due_at=as_of + timedelta(minutes=int(row.left_minute)),
            left_minute=int(row.left_minute), clock=clock, chance=None if np.isnan(chance) else float(chance),
            yuan=cost if fine_known and cost > 0 else None,
        ))
    return tuple(found)


def _until(ask: Ask | None, kind: str) -> datetime | None:
    if ask is None:
        return None
    stamps = [report.snapshot_at or report.period_to for report in ask.reports if report.kind == kind]
    known = [min(stamp, ask.as_of) for stamp in stamps if stamp]
    return max(known, default=None)


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


# --- what was done ---------------------------------------------------------------------------------------------------------


@needs(Right.LOOK)
def deeds_until(workspace: Workspace, shop_id: str, as_of: datetime | None) -> list[Deed]:
    """What was done about open parcels, oldest first; in a replay only what had been done by then."""
    done = deeds(workspace, shop_id, (*CALLING, "intercepted"))
    return [deed for deed in done if as_of is None or deed.at <= as_of]


def calls_now(look: TodayLook, done: Sequence[Deed], rules: CallRules, at: datetime) -> list[Call]:
    """The calls in their order, at this moment."""
    return calls_of(look.parcels, done, rules, at)


def with_steps(refunded: Sequence[Refunded], done: Sequence[Deed]) -> list[Refunded]:
    """Refunded parcels with what was done about each."""
    steps: dict[str, set[object]] = {}
    for deed in done:
        if deed.kind == "intercepted":
            for subject in deed.subjects:
                steps.setdefault(subject, set()).add(deed.what.get("step", HELD))
    return [
        replace(one, held=HELD in steps.get(one.waybill, ()), case_closed=CASE_CLOSED in steps.get(one.waybill, ())) for one in refunded
    ]


@needs(Right.LOOK)
def scans_of(
    workspace: Workspace, shop_id: str, _filters: Filters, waybills: tuple[str, ...], as_of: datetime | None = None
) -> tuple[dict[str, datetime | None], datetime | None]:
    """waybill -> first scan (None: none yet) of those the files speak of, and until when scans are in the files for sure."""
    ask = ask_about(workspace, shop_id, as_of)
    if ask is None or not waybills or not workspace.ledger(shop_id).paths("pdd_orders"):
        return {}, None
    from pdd_audit.data.relations.rows.today import pickups_of

    with ground_of(workspace, shop_id, ask) as ground:
        frame = pickups_of(ground, waybills).execute()
        until = ground.moment.as_of - SCANS_ARRIVE_WITHIN
    found = {
        str(row.waybill): None if pd.isna(row.picked_up_at) else pd.Timestamp(row.picked_up_at).to_pydatetime()
        for row in frame.itertuples()
    }
    return found, until


def promises_of(
    done: Sequence[Deed], scans: tuple[dict[str, datetime | None], datetime | None], rules: CallRules
) -> list[Promise]:
    """Every promise that stands, judged by the scans."""
    picked_up, until = scans
    return judged(done, picked_up, until or datetime.min, rules.kept_from_share)  # noqa: DTZ901 - stored times carry no offset


def promised_waybills(done: Sequence[Deed]) -> tuple[str, ...]:
    return tuple(sorted({subject for deed in done if deed.kind == "promised" for subject in deed.subjects}))


def message_parts(call: Call, rules: CallRules, wording: Wording, program: Program) -> list[str]:
    """What to send the outlet, in as many messages as the program needs."""
    return outlet_message(call, rules, wording, rules.longest_bytes.of(program))
