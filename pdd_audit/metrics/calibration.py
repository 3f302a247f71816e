"""How far tonight's forecast can be believed: forecasts that were kept held against what came, and, until there are enough of them, past
evenings forecast again with what was known then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pdd_audit.core.kept_forecasts import SETTLED_DAYS, KeptForecast
from pdd_audit.core.replay import DAYS, REFERENCE_DAYS, SLOT
from pdd_audit.metrics.live_risk import LADDER, MIN_STRATUM, forecast
from pdd_audit.metrics.survival import MIN_AT_RISK

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Counts = NDArray[np.int64]

MIN_EVENINGS = 7
SETTLED_AFTER = 2  # days: whoever was uploaded two days before an evening had passed the limit by 18:00, so its wait was known then


@dataclass(frozen=True)
class Calibration:
    """``evenings``: day, due, expected, low, high (5-95 %, widened by the evenings before it), late, inside. ``dispersion``: Pearson's, of
    all of them, at least 1. ``missing``: evenings still needed before any of this may be shown."""

    evenings: pd.DataFrame
    dispersion: float
    missing: int

    @property
    def inside(self) -> int:
        """Evenings whose outcome lay within its band."""
        return int(self.evenings["inside"].sum())


def calibrate(past_open: pd.DataFrame, past_waits: pd.DataFrame, limit_minutes: int, cut: datetime) -> Calibration:
    """``past_open`` and ``past_waits`` as ``core.details`` describes them; evenings that ended after ``cut`` are not over yet."""
    evening = pd.to_datetime(past_open["day"]) + pd.to_timedelta(past_open["days_later"].astype("int64"), unit="D")
    rows = past_open.assign(evening=evening)[evening + pd.Timedelta(days=1) <= cut].reset_index(drop=True)
    rows = rows.assign(q=_chances(rows, past_waits, limit_minutes)).dropna(subset=["q"])
    found: list[tuple[object, int, float, float, float, int]] = []
    surprises: list[float] = []
    for day, due in rows.groupby("evening", sort=True):
        q, parcels = due["q"].to_numpy(dtype=np.float64), due["parcels"].to_numpy(dtype=np.int64)
        guess = forecast(q, parcels, np.zeros(len(q)), dispersion_of(surprises) if len(surprises) >= MIN_EVENINGS else 1.0)
        late = int(due["late"].sum())
        if guess.sd > 0:
            surprises.append(((late - guess.expected) / guess.sd) ** 2)
            found.append((day, guess.parcels, guess.expected, guess.low, guess.high, late))
    return _calibration(found, surprises)


def held_against(kept: Sequence[KeptForecast], missed: pd.DataFrame, cut: datetime) -> Calibration:
    """Kept forecasts of evenings that were over by ``cut``, the first of each evening. ``missed``: as ``core.details`` describes it.

    Counted are the deadlines missed between the snapshot and midnight, of parcels uploaded by then.
    """
    first = {one.evening: one for one in sorted(kept, key=lambda one: one.made_at, reverse=True)}
    over = [one for day, one in sorted(first.items()) if (cut - timedelta(days=SETTLED_DAYS)).date() <= day < cut.date()]
    evening = pd.to_datetime(missed["day"]) + pd.to_timedelta(missed["days_later"].astype("int64"), unit="D")
    rows: list[tuple[object, int, float, float, float, int]] = []
    surprises: list[float] = []
    for one in over[-DAYS:]:
        minute = one.as_of.hour * 60 + one.as_of.minute
        inside = (evening == pd.Timestamp(one.evening)) & (missed["due_minute"] >= minute) & (missed["from_minute"] <= minute)
        late = int(missed.loc[inside, "parcels"].sum())
        surprises.append(((late - one.expected) / one.sd) ** 2)
        rows.append((pd.Timestamp(one.evening), one.due, one.expected, one.low, one.high, late))
    return _calibration(rows, surprises)


def _calibration(rows: list[tuple[object, int, float, float, float, int]], surprises: list[float]) -> Calibration:
    evenings = pd.DataFrame(rows[-DAYS:], columns=["day", "due", "expected", "low", "high", "late"])
    evenings["inside"] = (evenings["late"] >= np.floor(evenings["low"] + 1e-9)) & (evenings["late"] <= np.ceil(evenings["high"] - 1e-9))
    return Calibration(evenings, dispersion_of(surprises), max(0, MIN_EVENINGS - len(evenings)))


def dispersion_of(surprises: list[float]) -> float:
    """Mean squared standardised error of the last forecasts, at least 1; 1 before there is any."""
    return max(1.0, float(np.mean(surprises[-DAYS:]))) if surprises else 1.0


def _chances(rows: pd.DataFrame, waits: pd.DataFrame, limit_minutes: int) -> Floats:
    """The chance of each row on its evening, from the narrowest stratum that was large enough then; nan without one."""
    q = np.full(len(rows), np.nan)
    if rows.empty or waits.empty:
        return q
    learnt, asked, sizes = _coded(waits, rows)
    last_slot = -(-limit_minutes // SLOT)
    days = pd.to_datetime(waits["day"]).to_numpy(dtype="datetime64[D]")
    first = days.min()
    day = (days - first).astype(np.int64) + 1
    slot = waits["slot"].fillna(last_slot + 1).to_numpy(dtype=np.int64).clip(0, last_slot + 1)
    parcels = waits["parcels"].to_numpy(dtype=np.float64)
    evening = (rows["evening"].to_numpy(dtype="datetime64[D]") - first).astype(np.int64)
    age, due = (rows[name].to_numpy(dtype=np.int64) for name in ("age_slot", "due_slot"))
    for level in LADDER:
        todo = np.isnan(q)
        for name in level:
            todo &= asked[name] > 0  # what is not known belongs to no stratum
        if not todo.any():
            continue
        shape = (int(np.prod([sizes[name] for name in level], dtype=np.int64)), int(day.max()) + 1, last_slot + 2)
        place = np.ravel_multi_index((_stratum(learnt, level, sizes), day, slot), shape)
        gone = np.bincount(place, weights=parcels, minlength=int(np.prod(shape))).reshape(shape).cumsum(axis=1)
        q[todo] = _of_window(gone, _stratum(asked, level, sizes)[todo], evening[todo], age[todo], due[todo])
    return q


def _coded(waits: pd.DataFrame, rows: pd.DataFrame) -> tuple[dict[str, Places], dict[str, Places], dict[str, int]]:
    """Each column of the widest stratum as numbers that mean the same in both tables, 0 for what is not known; and how many there are."""
    learnt, asked, sizes = {}, {}, {}
    for name in LADDER[0]:
        codes, values = pd.factorize(pd.concat([waits[name], rows[name]], ignore_index=True))
        learnt[name], asked[name], sizes[name] = codes[: len(waits)] + 1, codes[len(waits) :] + 1, len(values) + 1
    return learnt, asked, sizes


def _stratum(codes: dict[str, Places], level: tuple[str, ...], sizes: dict[str, int]) -> Places:
    """One number a row for what the columns of a level say together."""
    found = np.zeros(len(next(iter(codes.values()))), dtype=np.intp)
    for name in level:
        found = found * sizes[name] + codes[name]
    return found


def _of_window(gone: Floats, stratum: Places, evening: Counts, age: Counts, due: Counts) -> Floats:
    """``gone``: running sums over the days, shape (strata, days + 1, steps), the last step but one that of the limit. The chance of rows
    of a stratum on an evening, from the days before it."""
    last = gone.shape[1] - 1
    end = (evening - SETTLED_AFTER + 1).clip(0, last)
    start = (evening - SETTLED_AFTER + 1 - REFERENCE_DAYS).clip(0, last)
    key = np.ravel_multi_index((stratum, start, end), (gone.shape[0], last + 1, last + 1))
    pairs, which = np.unique(key, return_inverse=True)
    of, since, until = np.unravel_index(pairs, (gone.shape[0], last + 1, last + 1))
    window = gone[of, until] - gone[of, since]
    total = window.sum(axis=1)
    still = total[:, None] - window.cumsum(axis=1)
    limit = gone.shape[2] - 2
    enough = (total >= MIN_STRATUM) & (window[:, limit:].sum(axis=1) >= MIN_AT_RISK)
    at_age, at_due = _between(still, which, age, limit, exact=False), _between(still, which, due, limit, exact=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        q: Floats = np.where(enough[which] & (at_age > 0), np.minimum(at_due / at_age, 1.0), np.nan)
    return q


def _between(still: Floats, which: Places, slot: Counts, last_slot: int, *, exact: bool) -> Floats:
    """Parcels still waiting within a step: the mean of its two ends. ``exact``: the last step's end is the limit itself."""
    at = np.minimum(slot, last_slot)
    after = np.minimum(at + 1, last_slot)
    values: Floats = (still[which, at] + still[which, after]) / 2
    return np.where(at == last_slot, still[which, last_slot], values) if exact else values
