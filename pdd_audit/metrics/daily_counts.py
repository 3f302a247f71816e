"""One row a day of what a chart over time watches: how many cases, how many went wrong, whether the day is settled."""

import pandas as pd

from pdd_audit.core.tables import CompactTables

DAY_COLUMNS = ["day", "total", "missed", "settled"]


def pickup_days(tables: CompactTables) -> pd.DataFrame:
    """Per day of upload: mature parcels not refunded in time, those late, and whether the whole day is mature at ``cut``."""
    cells = tables.cells
    if cells.empty or tables.cut is None:
        return _nothing()
    grouped = cells.groupby("day", as_index=False, sort=True)[["mature", "refunded", "late"]].sum()
    settled_until = pd.Timestamp(tables.cut) - pd.Timedelta(minutes=tables.limit_minutes)
    return _days(grouped["day"], grouped["mature"] - grouped["refunded"], grouped["late"], settled_until)


def promise_days(tables: CompactTables) -> pd.DataFrame:
    """Per promised day: orders whose promise has passed, and those broken."""
    if tables.promises.empty or tables.cut is None:
        return _nothing()
    grouped = tables.promises.groupby("day", as_index=False, sort=True)[["due", "kept"]].sum()
    return _days(grouped["day"], grouped["due"], grouped["due"] - grouped["kept"], pd.Timestamp(tables.cut))


def reply_days(tables: CompactTables) -> pd.DataFrame:
    """Per day: buyers who needed a human answer, and those who waited over 3 minutes (halfway between the counts rounding allows)."""
    rows = tables.replies
    rows = rows[rows["day"].notna() & rows["inquiries"].notna() & rows["missed_3min_low"].notna()]
    if rows.empty or tables.as_of is None:
        return _nothing()
    missed = (rows["missed_3min_low"] + rows["missed_3min_high"]) / 2
    grouped = rows.assign(missed=missed).groupby("day", as_index=False, sort=True)[["inquiries", "missed"]].sum()
    return _days(grouped["day"], grouped["inquiries"], grouped["missed"], pd.Timestamp(tables.as_of))


def reply_seconds_days(tables: CompactTables) -> pd.DataFrame:
    """Per day: mean seconds to a human answer, weighted by replies. Columns day, value, settled."""
    rows = tables.replies
    rows = rows[rows["day"].notna() & rows["mean_seconds"].notna() & (rows["replies"] > 0)]
    if rows.empty or tables.as_of is None:
        return pd.DataFrame(columns=["day", "value", "settled"])
    seconds = rows["mean_seconds"] * rows["replies"]
    summed = rows.assign(seconds=seconds).groupby("day", as_index=False, sort=True)[["seconds", "replies"]].sum()
    day = pd.to_datetime(summed["day"])
    return pd.DataFrame({"day": day, "value": summed["seconds"] / summed["replies"], "settled": _over(day, pd.Timestamp(tables.as_of))})


def pickup_steps(tables: CompactTables) -> pd.DataFrame:
    """The same parcels by day and hour of upload, in order: day, total, missed. For charts that count from one late parcel to the next."""
    days = pickup_days(tables)
    settled = days.loc[days["settled"].astype(bool), "day"]
    cells = tables.cells.assign(day=pd.to_datetime(tables.cells["day"]), total=tables.cells["mature"] - tables.cells["refunded"])
    cells = cells[cells["day"].isin(settled) & (cells["total"] > 0)]
    grouped = cells.groupby(["day", "hour"], as_index=False, sort=True)[["total", "late"]].sum()
    return grouped.rename(columns={"late": "missed"})[["day", "total", "missed"]]


def _days(day: pd.Series, total: pd.Series, missed: pd.Series, settled_until: pd.Timestamp) -> pd.DataFrame:
    moments = pd.to_datetime(day)
    frame = pd.DataFrame(
        {"day": moments, "total": total.astype(float), "missed": missed.astype(float), "settled": _over(moments, settled_until)}
    )
    return frame[frame["total"] > 0].reset_index(drop=True)


def _over(day: pd.Series, moment: pd.Timestamp) -> pd.Series:
    return day + pd.Timedelta(days=1) <= moment


def _nothing() -> pd.DataFrame:
    return pd.DataFrame(columns=DAY_COLUMNS)
