"""Orders whose upload should wait for the morning: now they would more likely be late, and their promise leaves room."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pdd_audit.metrics.cut_off import MORNING_HOUR, at_limit, band_at, moved_chances
from pdd_audit.metrics.live_risk import Curves

Floats = NDArray[np.float64]

LONGEST = 10**6  # minutes; no promise lies that far away
MIN_CHANCE = 0.10  # below it an order is simply uploaded
AT_MOST = 0.5  # of that chance may remain in the morning; holding goods back must be worth it
SPARE_MINUTES = 60  # a promise must lie at least this long after the morning upload


@dataclass(frozen=True)
class HoldBack:
    """Orders of one courier (None: not chosen yet). ``now``, ``morning``: their mean chance to break either clock when uploaded now or
    in the morning;
    ``saved_yuan``: the difference that is expected to make. ``promised_from``: their promises lie there or later."""

    courier: str | None
    orders: int
    now: float
    morning: float
    saved_yuan: float
    promised_from: datetime


def next_morning(as_of: datetime) -> datetime:
    """The next 09:00."""
    morning = datetime.combine(as_of.date(), time(MORNING_HOUR))
    return morning if morning > as_of else morning + timedelta(days=1)


def hold_back(waiting: pd.DataFrame, curves: Curves, as_of: datetime, limit_minutes: int) -> list[HoldBack]:
    """``waiting``: courier, left_minute (nan: no promise), asks, orders, yuan. Only couriers whose uploads of this hour are late more often
    than morning uploads beyond chance (the 95 % intervals do not touch), and of their orders those with at least ``MIN_CHANCE`` to be
    late now, of which at most the share ``AT_MOST`` remains in the morning."""
    wait = (next_morning(as_of) - as_of) // timedelta(minutes=1)
    found = []
    for courier, rows in waiting.groupby("courier", dropna=False):
        name = None if pd.isna(courier) else str(courier)
        now, morning = (curves.narrowest(courier=name, band=band_at(hour)) for hour in (as_of.hour, MORNING_HOUR))
        if now is None or morning is None or at_limit(now, limit_minutes)[1] <= at_limit(morning, limit_minutes)[2]:
            continue
        left, asks = rows["left_minute"].to_numpy(dtype=np.float64), rows["asks"].to_numpy(dtype=bool)
        at_once, later = (moved_chances(curve, slack, asks, limit_minutes)[1] for curve, slack in ((now, left), (morning, left - wait)))
        better = (at_once >= MIN_CHANCE) & (later <= AT_MOST * at_once)
        least = _least_room(left, better, wait + SPARE_MINUTES)
        gains = better & (np.isnan(left) | (left >= least)) & (least < LONGEST)
        orders = rows["orders"].to_numpy(dtype=np.float64) * gains
        if orders.sum():
            saved = float(((at_once - later) * rows["yuan"].to_numpy(dtype=np.float64))[gains].sum())
            share, since = orders / orders.sum(), as_of + timedelta(minutes=least)
            found.append(HoldBack(name, int(orders.sum()), float((share * at_once).sum()), float((share * later).sum()), saved, since))
    return sorted(found, key=lambda one: -one.orders)


def _least_room(left: Floats, gains: NDArray[np.bool_], least: int) -> int:
    """The shortest time to a promise from which on every order gains by waiting, at least ``least``; ``LONGEST`` where none is known."""
    losers = left[~gains & (np.isnan(left) | (left >= least))]
    if np.isnan(losers).any():
        return LONGEST
    return int(left[left > losers.max()].min(initial=LONGEST)) if len(losers) else least
