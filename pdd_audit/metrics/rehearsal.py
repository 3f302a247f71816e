"""A peak rehearsed: last month's uploads, several times as many, taken away by the vans that came last month.

Parcels of a courier queue in the order of their upload. In every hour in which the courier came, it takes up to what it takes in a full
hour: the 90th percentile of its pickups in that hour of the day, on days of that type with pickups in it. Nothing is left to chance.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FULL_HOUR = 0.90
STEPS = tuple(round(1 + step / 10, 1) for step in range(41))  # 1.0, 1.1, ... 5.0 times the volume
MIN_PARCELS = 100  # of a courier; fewer say nothing about its vans


@dataclass(frozen=True)
class Rehearsal:
    """``table``: courier, times, parcels, late, share. ``check``: courier, parcels, late (what really happened), modelled (at the same
    volume), busiest (most parcels taken in one hour). ``breaks``: courier -> the smallest volume at which it passes the line."""

    table: pd.DataFrame
    check: pd.DataFrame
    breaks: dict[str, float]

    @property
    def first(self) -> tuple[str, ...]:
        """The couriers that pass the line first; several if they do so at the same volume."""
        least = min(self.breaks.values(), default=None)
        return tuple(sorted(courier for courier, times in self.breaks.items() if times == least))


def rehearse(vans: pd.DataFrame, line: float, limit_minutes: int, cut: datetime) -> Rehearsal:
    """``vans``: the detail of that name. ``line``: the share of late parcels that is still accepted. Uploads too young to have been late
    by ``cut`` load the queue and are not counted."""
    found, checks = [], []
    breaks: dict[str, float] = {}
    times = np.array(STEPS)
    for courier, rows in vans.dropna(subset=["courier"]).groupby("courier"):
        uploads = rows[rows["what"] != "pickup"]
        if int(uploads["parcels"].sum()) < MIN_PARCELS:
            continue
        first, arrivals, room = hourly(rows)
        young = (first + timedelta(minutes=limit_minutes) + pd.to_timedelta(np.arange(arrivals.size) + 1, unit="h")) > cut
        settled = ~np.asarray(young, dtype=bool)
        at_once = rows[(rows["what"] == "at_once") & _settled(rows, limit_minutes, cut)]["parcels"].sum()
        base = float(arrivals[settled].sum() + at_once)
        if not base:
            continue
        late = late_parcels(arrivals * times[:, None], room, limit_minutes)[:, settled].sum(axis=1)
        share = late / (base * times)
        found.append(pd.DataFrame({"courier": str(courier), "times": times, "parcels": base * times, "late": late, "share": share}))
        really = int(uploads.loc[_settled(uploads, limit_minutes, cut), "late"].sum())
        checks.append((str(courier), round(base), really, float(late[0]), float(room.max())))
        over = np.flatnonzero(share > max(line, float(share[0])))
        if len(over):
            breaks[str(courier)] = STEPS[int(over[0])]
    table = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["courier", "times", "parcels", "late", "share"])
    check = pd.DataFrame(checks, columns=["courier", "parcels", "late", "modelled", "busiest"])
    return Rehearsal(table, check.sort_values("parcels", ascending=False, ignore_index=True), breaks)


def _settled(rows: pd.DataFrame, limit_minutes: int, cut: datetime) -> NDArray[np.bool_]:
    late_from = _moments(rows) + pd.Timedelta(hours=1) + pd.Timedelta(minutes=limit_minutes)
    return np.asarray(late_from <= cut, dtype=bool)


def _moments(rows: pd.DataFrame) -> "pd.Series[pd.Timestamp]":
    return pd.to_datetime(rows["day"]) + pd.to_timedelta(rows["hour"].astype("int64"), unit="h")


def hourly(rows: pd.DataFrame) -> tuple[pd.Timestamp, Floats, Floats]:
    """The first hour, and from it on for each hour the parcels uploaded and the room in the vans that came. ``rows``: one courier."""
    moments = _moments(rows)
    first = moments.min()
    place = ((moments - first) // pd.Timedelta(hours=1)).to_numpy(dtype=np.int64)
    parcels = rows["parcels"].to_numpy(dtype=np.float64)
    length = int(place.max()) + 1
    what = rows["what"].to_numpy()
    arrivals = np.bincount(place, weights=np.where(what == "upload", parcels, 0.0), minlength=length).astype(np.float64)
    came = rows[what == "pickup"]
    hours = came[["day_type", "hour"]]
    full = hours.join(came.groupby(["day_type", "hour"])["parcels"].quantile(FULL_HOUR).rename("room"), on=["day_type", "hour"])["room"]
    room = np.bincount(place[what == "pickup"], weights=full.to_numpy(dtype=np.float64), minlength=length).astype(np.float64)
    return first, arrivals, room


def late_parcels(arrivals: Floats, room: Floats, limit_minutes: int) -> Floats:
    """Parcels of each hour of upload that wait past the limit. ``arrivals``: shape (..., hours), ``room``: shape (hours,). A queue in which
    the first come are the first taken: what is left of it is the running sum of arrivals less room, held at zero. Within an hour uploads
    and pickups are spread evenly, so of those taken exactly the limit later one half is late."""
    hours = limit_minutes // 60
    balance = (arrivals - room).cumsum(axis=-1)
    queue = balance - np.minimum(np.minimum.accumulate(balance, axis=-1), 0.0)
    came = arrivals.cumsum(axis=-1)
    taken = came - queue
    length = arrivals.shape[-1]

    def still_there(after: int) -> Floats:
        until = np.minimum(np.arange(length) + after, length - 1)
        left: Floats = np.clip(came - np.maximum(taken[..., until], came - arrivals), 0.0, None)
        return left

    late: Floats = (still_there(hours) + still_there(hours - 1)) / 2
    return late
