"""What will happen tonight, and what would change it: everything the Tonight page draws."""

from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
import pandas as pd

from pdd_audit.core.filters import Filters
from pdd_audit.core.people import Right
from pdd_audit.metrics.bias import bias_of
from pdd_audit.metrics.calibration import Calibration, calibrate, held_against
from pdd_audit.metrics.cut_off import MIN_HOUR, CutOff, cut_offs
from pdd_audit.metrics.hold_back import HoldBack, hold_back, next_morning
from pdd_audit.metrics.live_risk import Curves, Floats, Forecast, Hourly, by_hour, chances
from pdd_audit.metrics.rehearsal import STEPS, Rehearsal, rehearse
from pdd_audit.services.access import needs
from pdd_audit.services.details import detail_tables, filtered
from pdd_audit.services.kept_forecasts import keep_forecast, kept_forecasts
from pdd_audit.services.measure import Ask, ask_about
from pdd_audit.services.overlay import target_of
from pdd_audit.services.rules import rules_of
from pdd_audit.services.workspace import Workspace

__all__ = [  # what a look is made of, for those who draw it
    "MIN_HOUR", "STEPS", "Batch", "CutOff", "Forecast", "Hourly", "Rehearsal", "TonightLook", "look_at_tonight", "tonight_of",
]

LEARNT = ("waits", "past_open", "past_waits", "missed_deadlines", "cutoff", "vans")  # of the whole shop, whatever is chosen
SHOWN = ("open_now", "waiting")
WORTH_A_CALL = 0.5  # late parcels expected
GROUP = ["courier", "outlet", "day", "band"]
COMPENSATION = ("false_shipment_ratio", "false_shipment_min_yuan", "false_shipment_max_yuan")


@dataclass(frozen=True)
class Batch:
    """Open parcels before their deadline of one courier, outlet of the label (None: not known), day and band of upload: one thing to call
    about. ``left_minute``: of the first; ``expected`` late ones and their ``yuan``, None without a valid curve."""

    courier: str | None
    outlet: str | None
    day: date
    band: str
    parcels: int
    left_minute: int
    expected: float | None
    yuan: float | None

    @property
    def chance(self) -> float | None:
        return None if self.expected is None else self.expected / self.parcels

    @property
    def worth_a_call(self) -> bool:
        """Where nobody knows the chances, every call may be worth it."""
        return self.expected is None or self.expected >= WORTH_A_CALL


@dataclass(frozen=True)
class TonightLook:
    """``as_of`` None: no files. ``covered``: parcels with pickup data; ``ahead``: open ones before their deadline; ``over``: open ones past
    it, with what they are expected to cost. ``batches``: in the order of calls, see ``batches_of``. ``first``: courier, outlet and
    parcels due before midnight where a call saves most. ``waiting``: orders to be uploaded; ``holds``: those that better wait. ``kept``:
    forecasts that were given, held against what came; ``replayed``: past evenings forecast again; ``calibration``: the former once there
    are enough.
    ``fine_known``: the rules name an amount, else every yuan here is 0 and means nothing; ``fine_verified``: see ``_compensation``."""

    as_of: datetime | None
    limit_minutes: int
    trusted: bool
    covered: int
    ahead: int
    over: int
    over_yuan: float
    hourly: Hourly | None
    batches: tuple[Batch, ...]
    first: tuple[str | None, str | None, int] | None
    kept: Calibration
    replayed: Calibration
    waiting: int
    morning: datetime | None
    holds: list[HoldBack]
    cut_offs: list[CutOff]
    rehearsal: Rehearsal
    line: float
    fine_known: bool
    fine_verified: bool

    @property
    def calibration(self) -> Calibration:
        return self.kept if self.kept.missing == 0 else self.replayed

    @property
    def midnight(self) -> tuple[datetime, Forecast] | None:
        """The forecast by the end of the day, if there is any."""
        if self.hourly is None:
            return None
        return next((at, found) for at, found in self.hourly.named.items() if at.hour == 0)

    @property
    def held(self) -> HoldBack | None:
        """All orders that better wait, as one; the courier says nothing."""
        if not self.holds:
            return None
        orders = sum(one.orders for one in self.holds)
        now, later = (sum(one.orders * value for one, value in zip(self.holds, values, strict=True)) / orders for values in (
            [one.now for one in self.holds], [one.morning for one in self.holds]
        ))
        saved = sum(one.saved_yuan for one in self.holds)
        return HoldBack(None, orders, now, later, saved, min(one.promised_from for one in self.holds))


@needs(Right.LOOK)
def look_at_tonight(workspace: Workspace, shop_id: str, filters: Filters) -> TonightLook:
    """As the newest files know it; the forecast of the whole shop is kept. Raises AuditError when the engine cannot run."""
    look = tonight_of(workspace, shop_id, ask_about(workspace, shop_id, None), filters)
    if look.as_of is not None and not replace(filters, start=None, end=None):
        keep_forecast(workspace, shop_id, look.as_of, look.hourly)
    return look


@needs(Right.LOOK)
def tonight_of(workspace: Workspace, shop_id: str, ask: Ask | None, filters: Filters) -> TonightLook:
    """As of the moment ``ask`` names. Open parcels and orders are those chosen, by anything but the day; curves, past evenings, cut-off and
    rehearsal always learn from the whole shop, because an outlet is known of collected parcels only."""
    chosen = replace(filters, start=None, end=None)
    tables = filtered(workspace, shop_id, ask)[1]
    learnt = detail_tables(workspace, shop_id, ask, LEARNT)
    shown = detail_tables(workspace, shop_id, ask, SHOWN, chosen)
    limit, as_of, cut = tables.limit_minutes, tables.as_of, tables.cut
    curves = Curves(learnt["waits"], limit)
    target = target_of(workspace, shop_id, "pickup_24h_ratio")
    assert target is not None, "the pickup rate has one"
    moment = cut or datetime.min  # noqa: DTZ901 - stored times carry no offset; without a cut every table is empty
    kept = held_against(kept_forecasts(workspace, shop_id), learnt["missed_deadlines"], moment)
    replayed = calibrate(learnt["past_open"], learnt["past_waits"], limit, moment)
    calibration = kept if kept.missing == 0 else replayed
    parcels = shown["open_now"]
    ahead = parcels[parcels["left_minute"] > 0].reset_index(drop=True)
    over = parcels[parcels["left_minute"] <= 0]
    q = chances(ahead, curves)
    known, verified = _compensation(workspace, shop_id, as_of)
    until = 0 if as_of is None else 24 * 60 - (as_of.hour * 60 + as_of.minute)
    batches = batches_of(ahead, q, until)
    wanted = set(chosen.courier)
    dispersion = calibration.dispersion if calibration.missing == 0 else 1.0
    return TonightLook(
        as_of=as_of, limit_minutes=limit, trusted=bias_of(tables) is None, covered=tables.counts.get("covered", 0),
        ahead=int(ahead["parcels"].sum()), over=int(over["parcels"].sum()), over_yuan=float(over["yuan"].sum()),
        hourly=by_hour(ahead, q, as_of, dispersion) if as_of is not None and not np.isnan(q).all() else None,
        batches=batches, first=first_call(batches, until), kept=kept, replayed=replayed,
        waiting=int(shown["waiting"]["orders"].sum()), morning=next_morning(as_of) if as_of else None,
        holds=hold_back(shown["waiting"], curves, as_of, limit) if as_of else [],
        cut_offs=[one for one in cut_offs(learnt["cutoff"], curves, 1 - target, limit) if not wanted or one.courier in wanted],
        rehearsal=rehearse(_of(learnt["vans"], wanted), 1 - target, limit, moment), line=1 - target,
        fine_known=known, fine_verified=verified,
    )


@needs(Right.LOOK)
def _compensation(workspace: Workspace, shop_id: str, as_of: datetime | None) -> tuple[bool, bool]:
    """Whether the rules of the day name what a missed pickup costs, and whether every figure of it was read in the platform's own text."""
    if as_of is None:
        return False, False
    figures = rules_of(workspace, shop_id).pack_for(as_of.date()).figures
    named = [figures[name] for name in COMPENSATION]
    return all(figure.value is not None for figure in named), all(figure.verified for figure in named)


def _of(table: pd.DataFrame, couriers: set[str]) -> pd.DataFrame:
    return table[table["courier"].isin(couriers)] if couriers else table


def batches_of(ahead: pd.DataFrame, q: Floats, until: int) -> tuple[Batch, ...]:
    """``ahead``: the detail ``open_now`` before the deadline; ``q``: the chances of its rows; ``until``: minutes to midnight. What is worth
    a call first, of it what falls due before midnight, then the courier and outlet whose batches cost most together."""
    rows = ahead.assign(expected=q * ahead["parcels"].to_numpy(dtype=np.float64), yuan=q * ahead["yuan"].to_numpy(dtype=np.float64))
    groups = rows.groupby(GROUP, dropna=False)
    sums = groups[["parcels", "expected", "yuan"]].sum(min_count=1).join(groups["left_minute"].min()).reset_index()
    sums["worth"] = sums["expected"].fillna(WORTH_A_CALL) >= WORTH_A_CALL
    sums["tonight"] = sums["left_minute"] <= until
    for name in ("yuan", "expected"):
        sums[f"call_{name}"] = sums.groupby(["courier", "outlet", "worth", "tonight"], dropna=False)[name].transform("sum")
    falling = ["worth", "tonight", "call_yuan", "call_expected", "yuan", "expected"]
    sums = sums.sort_values([*falling, "left_minute"], ascending=[*[False] * len(falling), True], na_position="last")
    return tuple(
        Batch(
            courier=_known(row.courier), outlet=_known(row.outlet), day=pd.Timestamp(row.day).date(), band=str(row.band),
            parcels=int(row.parcels), left_minute=int(row.left_minute), expected=None if pd.isna(row.expected) else float(row.expected),
            yuan=None if pd.isna(row.yuan) else float(row.yuan),
        )
        for row in sums.itertuples()
    )


def _known(value: object) -> str | None:
    return value if isinstance(value, str) else None


def first_call(batches: tuple[Batch, ...], until: int) -> tuple[str | None, str | None, int] | None:
    """Courier, outlet and parcels of the first call, all its batches that fall due before midnight; None if nothing is worth one."""
    due = [batch for batch in batches if batch.expected is not None and batch.worth_a_call and batch.left_minute <= until]
    if not due:
        return None
    who = due[0].courier, due[0].outlet
    return *who, sum(batch.parcels for batch in due if (batch.courier, batch.outlet) == who)
