"""From the ledger to the compact tables, in one grouped pass per table."""

import math
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from pdd_audit.core.coverage import Window
from pdd_audit.core.filters import Filters
from pdd_audit.core.lineage import ROWS_BEHIND
from pdd_audit.core.tables import CELL_COLUMNS, LAG_COLUMNS, OUTLET_COLUMNS, PROMISE_COLUMNS, CompactTables, Sample, empty_tables
from pdd_audit.data.relations.biases import biases, without_overlap
from pdd_audit.data.relations.chosen import chosen_rows
from pdd_audit.data.relations.lines import Kept, Lines
from pdd_audit.data.relations.neighbours import Neighbours, fine_table, penalised
from pdd_audit.data.relations.parcels import (
    REFUNDED_IN_TIME,
    Moment,
    event_minute,
    judged_lines,
    judged_orders,
    judged_parcels,
    lines_at,
    open_minute,
    seconds_between,
)
from pdd_audit.data.relations.pickup_sources import far_apart
from pdd_audit.data.relations.snapshots import reshipped_flag

SAMPLE_ROWS = 200
ROW_COLUMNS = (
    "waybill", "order_no", "courier", "outlet", "shipped_at", "picked_up_at", "first_move_at", "promised_ship_at", "excluded",
    "import_id", "source_row",
)


class Ground:
    """The relations of one shop at one moment, computed once and asked several times: ``parcels``, ``orders`` and the ``lines``.

    ``kept``: computes an expression under a name and gives it back as a table. ``apart``: see ``biases.without_overlap``.
    """

    def __init__(
        self, lines: Lines, windows: Sequence[Window], moment: Moment, kept: Kept, beside: Neighbours | None = None
    ) -> None:
        self.moment = moment
        self.beside = beside or Neighbours()
        self.windows = windows
        self.reshipped = lines.reshipped
        self.goods = lines.goods
        known = lines_at(lines.table, moment)
        self._judge(known, lines.distinct, kept, "")
        self.apart: dict[str, str] | None = None
        pickups = self.beside.pickups
        if pickups is not None and not self.parcels.filter(_.picked_up_at.notnull()).limit(1).count().execute():
            self.apart = without_overlap(known, pickups)
        if self.apart is not None and windows:  # a sheet of other parcels covers none of these
            self.windows = ()
            self._judge(known, lines.distinct, kept, "_apart")

    def only(self, filters: Filters) -> "Ground":
        """The same ground with those parcels and orders only; ``lines`` stay whole. An order not uploaded counts by its confirmation."""
        chosen = copy(self)
        chosen.parcels = chosen_rows(self.parcels, self.parcels.shipped_at, filters)
        chosen.orders = chosen_rows(self.orders, self.orders.shipped_at.coalesce(self.orders.confirmed_at), filters)
        return chosen

    def _judge(self, known: ir.Table, distinct: bool, kept: Kept, ending: str) -> None:
        if distinct:
            self.lines = self.orders = kept(f"judged{ending}", judged_lines(known, self.windows, self.moment))
            self.parcels = self.lines.filter(_.shipped_at.notnull() & _.waybill.notnull())
        else:
            self.lines = known
            self.orders = kept(f"orders{ending}", judged_orders(known, self.windows, self.moment))
            self.parcels = kept(f"parcels{ending}", judged_parcels(known, self.windows, self.moment))


def compact_tables(ground: Ground, replies: pd.DataFrame, has_moves: bool) -> CompactTables:
    """Every table the metrics need. ``replies``: service rows as ``reply_rows`` gives them; ``has_moves``: whether any pickup
    sheet has a column for the first move at all (a missing column is no evidence of parcels standing still)."""
    moment = ground.moment
    inside = ground.parcels.filter(ground.parcels.excluded.isnull())
    counts, newest = _counts(ground, inside)
    flags = biases(ground.lines, ground.parcels, ground.windows, moment, counts, penalised(ground.beside))
    flags |= far_apart(ground.beside.pickups) | reshipped_flag(ground.reshipped)
    if ground.apart is not None:
        flags = {name: values for name, values in flags.items() if name != "no_pickups"} | {"no_overlap": ground.apart}
    return CompactTables(
        as_of=moment.as_of, cut=moment.cut, limit_minutes=moment.limit_minutes,
        mature_until=_mature_until(newest, moment),
        counts=counts,
        excluded=_excluded(ground), flags=frozenset(flags), flag_values=flags,
        lags=_lags(ground, inside, has_moves),
        cells=_cells(ground)[CELL_COLUMNS], outlets=_outlets(inside)[OUTLET_COLUMNS], promises=_promises(ground)[PROMISE_COLUMNS],
        replies=replies, samples=samples(ground, replies),
        fines=fine_table(ground.beside.bill, ground.lines, moment.as_of),
    )


def filtered_tables(ground: Ground, whole: CompactTables, has_moves: bool) -> CompactTables:
    """The tables of a part of the shop (``Ground.only``): its counts and lags beside what is true of the files as a ``whole``. Without
    samples; replies and bookings belong to the shop and stay as they are."""
    inside = ground.parcels.filter(ground.parcels.excluded.isnull())
    counts, newest = _counts(ground, inside)
    return replace(
        whole, mature_until=_mature_until(newest, ground.moment), counts=counts, excluded=_excluded(ground), samples={},
        lags=_lags(ground, inside, has_moves), cells=_cells(ground)[CELL_COLUMNS], outlets=_outlets(inside)[OUTLET_COLUMNS],
        promises=_promises(ground)[PROMISE_COLUMNS],
    )


def _lags(ground: Ground, inside: ir.Table, has_moves: bool) -> pd.DataFrame:
    lags = [_pickup_lags(ground.parcels.filter(watched(ground.parcels))), _ship_lags(ground)]
    lags += [_move_lags(inside, ground.moment)] if has_moves else []
    return pd.concat([_frame(table) for table in lags], ignore_index=True)[LAG_COLUMNS]


def watched(table: ir.Table) -> ir.BooleanValue:
    """Parcels on the pickup clock, those included whose clock a refund ended in time."""
    return table.excluded.isnull() | (table.excluded == REFUNDED_IN_TIME)


def _frame(table: ir.Table) -> pd.DataFrame:
    frame = table.execute()
    assert isinstance(frame, pd.DataFrame)
    return frame


def without_orders(as_of: datetime, replies: pd.DataFrame, beside: Neighbours) -> CompactTables:
    """The tables of a shop without an order export: replies and bookings, no parcel."""
    return replace(
        empty_tables(), as_of=as_of, cut=as_of, replies=replies, samples={"late_replies": _late_replies(replies)},
        fines=fine_table(beside.bill, None, as_of),
    )


def _mature_until(newest: datetime | None, moment: Moment) -> datetime | None:
    if newest is None:
        return None
    return newest + timedelta(minutes=moment.limit_minutes) + (moment.as_of - moment.cut)


def _counts(ground: Ground, inside: ir.Table) -> tuple[dict[str, int], datetime | None]:
    """Parcels at ``as_of`` (only ``mature`` belongs to ``cut``), and the newest upload."""
    limit = ground.moment.limit_minutes * 60
    picked = inside.picked_up_at.notnull()
    over = ~picked & (inside.age_seconds >= limit)
    row = inside.aggregate(
        covered=_.count(), collected=picked.sum(), open=(~picked).sum(), mature=(inside.mature & ~inside.fresh).sum(),
        open_over_limit=over.sum(), open_at_risk=(~picked & (inside.age_seconds < limit)).sum(),
        collected_late=(picked & (inside.lag_seconds > limit)).sum(), before_upload=(inside.lag_seconds <= 0).sum(),
        newest_shipped=inside.shipped_at.max(),
    ).execute().iloc[0]
    whole = ground.parcels.aggregate(
        shipped=_.count(),
        pickup_unknown=_.excluded.isin(["pickup_unknown", "pickup_time_unknown"]).sum(),
        refund_time_unknown=(_.excluded == "refund_time_unknown").sum(),
        refunded_before_limit=(_.excluded == REFUNDED_IN_TIME).sum(),
        outlets_by_label=_.outlet_by_label.sum(),
        reused_waybills=_reused(ground.parcels).sum(),
    ).execute().iloc[0]
    orders = ground.orders.aggregate(orders=_.count(), not_shipped=_.shipped_at.isnull().sum()).execute().iloc[0]
    newest = row["newest_shipped"]
    found = {name: 0 if pd.isna(value) else int(value) for name, value in {**row.drop("newest_shipped"), **whole, **orders}.items()}
    return found, None if pd.isna(newest) else newest.to_pydatetime()


def _reused(table: ir.Table) -> ir.BooleanValue:
    """Waybills of several orders uploaded more than a day apart: no parcel was merged that late."""
    return table.shared & (seconds_between(table.shipped_at, table.last_shipped_at) > 86400)


def _excluded(ground: Ground) -> dict[str, int]:
    frame = ground.parcels.filter(_.excluded.notnull()).group_by("excluded").aggregate(parcels=_.count()).execute()
    fresh = ground.parcels.filter(_.excluded.isnull() & _.fresh).count().execute()
    found = {str(row.excluded): int(row.parcels) for row in frame.itertuples()}
    return {**found, **({"too_fresh": int(fresh)} if fresh else {})}


def _pickup_lags(watched: ir.Table) -> ir.Table:
    """A refund before the pickup competes with it: an event of its own kind."""
    timely = watched.filter(~watched.fresh)
    kind = ibis.cases((timely.closed, "refund"), (timely.seen, "event"), else_="open")
    return (
        timely.group_by(courier=timely.courier, kind=kind, mature=timely.mature, minute=timely.minute)
        .aggregate(parcels=_.count()).mutate(clock=ibis.literal("pickup"))
    )


def _move_lags(inside: ir.Table, moment: Moment) -> ir.Table:
    """Pickup -> first move, for parcels collected by ``cut``."""
    collected = inside.filter(inside.seen)
    moved = (collected.first_move_at <= moment.cut).fill_null(False)
    lag = seconds_between(collected.picked_up_at, collected.first_move_at)
    age = seconds_between(collected.picked_up_at, ibis.literal(moment.cut))
    return (
        collected.group_by(
            courier=collected.courier, kind=ibis.ifelse(moved, "event", "open"),
            mature=collected.picked_up_at <= moment.cut - timedelta(minutes=moment.limit_minutes),
            minute=ibis.ifelse(moved, event_minute(lag), open_minute(age)),
        ).aggregate(parcels=_.count()).mutate(clock=ibis.literal("first_move"))
    )


def _ship_lags(ground: Ground) -> ir.Table:
    """Confirmation -> upload, one row an order; orders that were cancelled or refunded unshipped are out, unshipped ones wait."""
    cut = ground.moment.cut
    orders = ground.orders.filter((_.confirmed_at <= cut) & (_.shipped_at.notnull() | _.waiting))
    shipped = (orders.shipped_at <= cut).fill_null(False)
    lag = seconds_between(orders.confirmed_at, orders.shipped_at)
    age = seconds_between(orders.confirmed_at, ibis.literal(cut))
    return (
        orders.group_by(
            kind=ibis.ifelse(shipped, "event", "open"), minute=ibis.ifelse(shipped, event_minute(lag), open_minute(age)),
        ).aggregate(parcels=_.count()).mutate(clock=ibis.literal("ship"), courier=ibis.null("string"), mature=ibis.literal(True))
    )


def _cells(ground: Ground) -> pd.DataFrame:
    table = ground.parcels
    counted = watched(table) & ~table.fresh
    late = counted & table.late
    in_time = counted & table.mature & (table.excluded == REFUNDED_IN_TIME).fill_null(False)
    return _frame(table.group_by(courier=table.courier, day=table.shipped_at.date(), hour=table.shipped_at.hour()).aggregate(
        shipped=_.count(), mature=(counted & table.mature).sum(), late=late.sum(),
        late_open=(late & ~table.seen).sum(), cost_yuan=ibis.ifelse(late, table.cost_yuan, 0.0).sum(),
        cost_open_yuan=ibis.ifelse(late & ~table.seen, table.cost_yuan, 0.0).sum(),
        refunded=in_time.sum(),
    ).order_by("courier", "day", "hour"))


def _outlets(inside: ir.Table) -> pd.DataFrame:
    mature = inside.filter(inside.mature & ~inside.fresh)
    return _frame(mature.group_by("courier", "outlet").aggregate(mature=_.count(), late=_.late.sum()).order_by("courier", "outlet"))


def _promises(ground: Ground) -> pd.DataFrame:
    """Orders whose promise has passed ``cut``, by promised day."""
    return _frame(promised_orders(ground).group_by("day").aggregate(due=_.count(), kept=_.kept.sum()).order_by("day"))


def promised_orders(ground: Ground) -> ir.Table:
    """One row per order whose promise has passed ``cut``: waybill, day, kept."""
    return ground.orders.filter(_.day.notnull() & ~_.blind)


def rows_behind(ground: Ground, kind: str) -> ir.Table:
    """The parcels behind a number (``core.lineage``), with the columns ``ROW_COLUMNS``, oldest first."""
    return _detailed(ground, _rows(ground, kind))


def all_parcels(ground: Ground) -> ir.Table:
    """Every parcel, counted or not, in the same shape."""
    return _detailed(ground, ground.parcels)


def _rows(ground: Ground, kind: str) -> ir.Table:
    table = ground.parcels
    counted = table.filter(table.excluded.isnull())
    open_now = counted.filter(counted.picked_up_at.isnull())
    limit = ground.moment.limit_minutes * 60
    moved_late = seconds_between(counted.picked_up_at, counted.first_move_at) > limit
    a_limit_ago = ground.moment.cut - timedelta(minutes=ground.moment.limit_minutes)
    standing = counted.first_move_at.isnull() & (counted.picked_up_at <= a_limit_ago)
    if kind == "promise_missed":
        return table.semi_join(promised_orders(ground).filter(~_.kept), "waybill")
    rows = {
        "late": lambda: counted.filter(counted.late & ~counted.fresh),
        "open_over_limit": lambda: open_now.filter(open_now.age_seconds >= limit),
        "open_at_risk": lambda: open_now.filter(open_now.age_seconds < limit),
        "slow_first_move": lambda: counted.filter((moved_late | standing).fill_null(False)),
        "uploaded_before_pickup": lambda: counted.filter(counted.seen & (counted.lag_seconds > 0)),
        "other_courier": lambda: table.filter(table.courier == "其他"),
        "reused": lambda: table.filter(_reused(table)),
        "excluded": lambda: table.filter(table.excluded.notnull()),
    }
    return rows[kind]()


def _detailed(ground: Ground, rows: ir.Table) -> ir.Table:
    """The rows with what only the orders know: order number, promise, file and row."""
    orders = ground.lines.group_by("waybill").aggregate(
        order_no=_.order_no.min(), promised_ship_at=_.promised_ship_at.min(), import_id=_.import_id.max(), source_row=_.source_row.min(),
    )
    return rows.inner_join(orders, "waybill").select(*ROW_COLUMNS).order_by("shipped_at", "waybill")


def samples(ground: Ground, replies: pd.DataFrame) -> dict[str, Sample]:
    """The first rows behind each number that a finding may point at; two questions for all of them."""
    rows = {}
    for kind in sorted(set(ROWS_BEHIND.values()) - {"late_replies"}):
        table = promised_orders(ground).filter(~_.kept) if kind == "promise_missed" else _rows(ground, kind)
        rows[kind] = table.filter(_.waybill.notnull()).select("waybill", kind=ibis.literal(kind))
    named = _frame(ibis.union(*(table.order_by("waybill").limit(SAMPLE_ROWS) for table in rows.values())).order_by("kind", "waybill"))
    totals = _frame(ibis.union(*(table.group_by("kind").aggregate(rows=_.count()) for table in rows.values())))
    total = dict(zip(totals["kind"], totals["rows"], strict=True))
    names = {str(kind): tuple(group) for kind, group in named.groupby("kind")["waybill"]}
    found = {kind: Sample(int(total.get(kind, 0)), names.get(kind, ())) for kind in rows}
    return {**found, "late_replies": _late_replies(replies)}


def _late_replies(replies: pd.DataFrame) -> Sample:
    missed = replies[replies["missed_3min_high"] > 0]
    first = missed.head(SAMPLE_ROWS)
    labels = (pd.to_datetime(first["day"]).dt.strftime("%Y-%m-%d").fillna("") + " " + first["agent"].fillna("").astype(str)).str.strip()
    return Sample(len(missed), tuple(labels))


def reply_rows(files: Sequence[Path]) -> pd.DataFrame:
    """Service rows with the counts that the printed percentages allow; the newest file wins for a day and agent.

    A printed rate of d decimals over n inquiries fits every count k with |100 (1 - k/n) - printed| <= 0.5 / 10^d.
    """
    if not files:
        return pd.DataFrame(columns=["day", "agent", "inquiries", "missed_3min_low", "missed_3min_high", "missed_30s_low",
                                     "missed_30s_high", "mean_seconds", "replies"])
    frame = _settled(pd.concat([_service_file(file) for file in files], ignore_index=True))
    inquiries = frame["inquiries"].astype("float64").fillna(frame["received"].astype("float64"))
    counted = frame["missed_3min"].astype("float64")
    low3, high3 = _possible_counts(inquiries, frame["rate_3min"], frame["rate_3min_digits"])
    low30, high30 = _possible_counts(inquiries, frame["rate_30s"], frame["rate_30s_digits"])
    return pd.DataFrame({
        "day": pd.to_datetime(frame["day"]), "agent": frame["agent"], "inquiries": inquiries,
        "missed_3min_low": counted.fillna(low3), "missed_3min_high": counted.fillna(high3),
        "missed_30s_low": low30, "missed_30s_high": high30,
        "mean_seconds": frame["mean_seconds"].astype("float64"),
        "replies": frame["received"].astype("float64").fillna(inquiries),
    })


def _service_file(file: Path) -> pd.DataFrame:
    frame = pd.read_parquet(file, partitioning="hive").assign(import_id=file.parent.name)
    if "from_chat" not in frame:  # an older import
        frame["from_chat"] = False
    return frame.assign(from_chat=frame["from_chat"].fillna(False).astype(bool))


def _settled(rows: pd.DataFrame) -> pd.DataFrame:
    """Each buyer once: the newest file wins for a day and agent, the platform's own figures for a day win over counted messages, and
    totals without a day (of the newest file that gives them) speak only where no file gives days."""
    frame = rows.sort_values(["snapshot_at", "import_id", "source_row"], na_position="first")
    dated = frame.groupby("import_id")["day"].transform("count") > 0
    totals = frame[~dated]
    if dated.any():
        totals = totals.iloc[:0]
    elif not totals.empty:
        totals = totals[totals["import_id"] == totals["import_id"].iloc[-1]]
    daily = frame[dated]
    official = set(daily.loc[~daily["from_chat"], "day"].dropna())
    daily = daily[~(daily["from_chat"] & daily["day"].isin(official))]
    named = daily["day"].notna() | daily["agent"].notna()
    return pd.concat([daily[named].drop_duplicates(["day", "agent"], keep="last"), daily[~named], totals], ignore_index=True)


def _possible_counts(inquiries: pd.Series, rate: pd.Series, digits: pd.Series) -> tuple[pd.Series, pd.Series]:
    low, high = [], []
    for n, printed, decimals in zip(inquiries, rate.astype("float64"), digits.astype("float64"), strict=True):
        if math.isnan(n) or math.isnan(printed):
            low.append(math.nan)
            high.append(math.nan)
            continue
        half = 0.5 * 10 ** -(2 + (0 if math.isnan(decimals) else decimals)) + 1e-12
        fewest, most = math.ceil((1 - printed - half) * n - 1e-9), math.floor((1 - printed + half) * n + 1e-9)
        nearest = round((1 - printed) * n)  # a printed rate that fits no count (another denominator was used): the nearest one
        low.append(float(max(0, min(fewest, nearest))))
        high.append(float(min(n, max(most, nearest))))
    return pd.Series(low, index=inquiries.index), pd.Series(high, index=inquiries.index)
