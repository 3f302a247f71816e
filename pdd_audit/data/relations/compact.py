"""From the ledger to the compact tables, in one grouped pass per table."""

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from pdd_audit.core.coverage import Window
from pdd_audit.core.filters import Filters
from pdd_audit.core.lineage import ROWS_BEHIND
from pdd_audit.core.tables import (
    CELL_COLUMNS,
    LAG_COLUMNS,
    OUTLET_COLUMNS,
    PROMISE_COLUMNS,
    SCAN_HOUR_COLUMNS,
    CompactTables,
    Sample,
    empty_tables,
)
from pdd_audit.core.working_days import days_between
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
from pdd_audit.data.relations.rows import ROWS
from pdd_audit.data.relations.rows.orders import promised_orders, reused_waybill
from pdd_audit.data.relations.snapshots import reshipped_flag

SAMPLE_ROWS = 200


class Ground:
    """The relations of one shop at one moment, computed once and asked several times: ``parcels``, ``orders`` and the ``lines``; ``known``:
    the lines before any rule judged them; and, as no moment has seen them, the ``rows`` of the order exports (None: not asked of a
    ledger) and the ``newest`` of them.

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
        self.rows = lines.rows
        self.newest = lines.table if lines.rows is None or lines.several else lines.rows  # of one file all rows are, without joining it
        self.known = known = lines_at(lines.table, moment)
        self._import_id = lines.import_id
        self._judge(known, lines.distinct, kept, "")
        self.apart: dict[str, str] | None = None
        pickups = self.beside.pickups
        if pickups is not None and not self.parcels.filter(_.picked_up_at.notnull()).limit(1).count().execute():
            self.apart = without_overlap(known, pickups)
        if self.apart is not None and windows:  # a sheet of other parcels covers none of these
            self.windows = ()
            self._judge(known, lines.distinct, kept, "_apart")
        self.every_parcel = self.parcels

    def only(self, filters: Filters) -> "Ground":
        """The same ground with those parcels and orders only; ``lines`` and ``every_parcel`` stay whole. An order not uploaded counts by
        its confirmation."""
        chosen = copy(self)
        chosen.parcels = chosen_rows(self.parcels, self.parcels.shipped_at, filters)
        chosen.orders = chosen_rows(self.orders, self.orders.shipped_at.coalesce(self.orders.confirmed_at), filters)
        return chosen

    def _judge(self, known: ir.Table, distinct: bool, kept: Kept, ending: str) -> None:
        if distinct:
            judged = judged_lines(known, self.windows, self.moment)
            if self._import_id:  # the same 64 signs in every row would be a fifth of the table
                judged = kept(f"judged{ending}", judged.drop("import_id")).mutate(import_id=ibis.literal(self._import_id))
            else:
                judged = kept(f"judged{ending}", judged)
            self.lines = self.orders = judged
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
    flags = biases(ground.lines, ground.parcels, ground.beside.pickups, moment, counts, penalised(ground.beside))
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
        replies=replies, samples=samples(ground, replies), scan_hours=_frame(scan_hours(ground))[SCAN_HOUR_COLUMNS],
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
        pickup_untimed=(_.excluded == "pickup_time_unknown").sum(),
        refund_time_unknown=(_.excluded == "refund_time_unknown").sum(),
        refunded_before_limit=(_.excluded == REFUNDED_IN_TIME).sum(),
        outlets_by_label=_.outlet_by_label.sum(),
        reused_waybills=reused_waybill(ground.parcels).sum(),
    ).execute().iloc[0]
    orders = ground.orders.aggregate(
        orders=_.count(), not_shipped=_.shipped_at.isnull().sum(), promise_exempt=_.exempt.sum(),
        promise_unseen=(_.day.notnull() & _.blind).sum(),
    ).execute().iloc[0]
    newest = row["newest_shipped"]
    found = {name: 0 if pd.isna(value) else int(value) for name, value in {**row.drop("newest_shipped"), **whole, **orders}.items()}
    return found, None if pd.isna(newest) else newest.to_pydatetime()


def _excluded(ground: Ground) -> dict[str, int]:
    frame = ground.parcels.filter(_.excluded.notnull()).group_by("excluded").aggregate(parcels=_.count()).execute()
    fresh = ground.parcels.filter(_.excluded.isnull() & _.fresh).count().execute()
    found = {str(row.excluded): int(row.parcels) for row in frame.itertuples()}
    return {**found, **({"too_fresh": int(fresh)} if fresh else {})}


def _pickup_lags(watched: ir.Table) -> ir.Table:
    """A refund before the pickup competes with it: an event of its own kind."""
    # grouped by what is so and named afterwards: a text for each of a million rows takes longer than counting them
    counted = watched.filter(~watched.fresh).group_by("courier", "closed", "seen", "mature", "minute").aggregate(parcels=_.count())
    kind = ibis.cases((counted.closed, "refund"), (counted.seen, "event"), else_="open")
    return counted.mutate(kind=kind, clock=ibis.literal("pickup"))


def _move_lags(inside: ir.Table, moment: Moment) -> ir.Table:
    """Pickup -> first move, for parcels collected by ``cut``; a move before the pickup says nothing of how long it took."""
    collected = inside.filter(inside.seen & ~(inside.first_move_at < inside.picked_up_at).fill_null(False))
    moved = (collected.first_move_at <= moment.cut).fill_null(False)
    lag = seconds_between(collected.picked_up_at, collected.first_move_at)
    age = seconds_between(collected.picked_up_at, ibis.literal(moment.cut))
    counted = collected.group_by(
        courier=collected.courier, moved=moved, mature=collected.picked_up_at <= moment.cut - timedelta(minutes=moment.limit_minutes),
        minute=ibis.ifelse(moved, event_minute(lag), open_minute(age)),
    ).aggregate(parcels=_.count())
    return counted.mutate(kind=ibis.ifelse(counted.moved, "event", "open"), clock=ibis.literal("first_move"))


def _ship_lags(ground: Ground) -> ir.Table:
    """Confirmation -> upload, one row an order; orders that were cancelled or refunded unshipped are out, unshipped ones wait."""
    cut = ground.moment.cut
    orders = ground.orders.filter((_.confirmed_at <= cut) & (_.shipped_at.notnull() | _.waiting))
    shipped = (orders.shipped_at <= cut).fill_null(False)
    lag = seconds_between(orders.confirmed_at, orders.shipped_at)
    age = seconds_between(orders.confirmed_at, ibis.literal(cut))
    minute = ibis.ifelse(shipped, event_minute(lag), open_minute(age))
    counted = orders.group_by(shipped=shipped, minute=minute).aggregate(parcels=_.count())
    kind = ibis.ifelse(counted.shipped, "event", "open")
    return counted.mutate(kind=kind, clock=ibis.literal("ship"), courier=ibis.null("string"), mature=ibis.literal(True))


def _cells(ground: Ground) -> pd.DataFrame:
    table = ground.parcels
    counted = watched(table) & ~table.fresh
    late = counted & table.late
    in_time = counted & table.mature & (table.excluded == REFUNDED_IN_TIME).fill_null(False)
    cells = _frame(table.group_by(courier=table.courier, day=table.shipped_at.date(), hour=table.shipped_at.hour()).aggregate(
        shipped=_.count(), mature=(counted & table.mature).sum(), late=late.sum(),
        late_open=(late & ~table.seen).sum(), cost_yuan=ibis.ifelse(late, table.cost_yuan, 0.0).sum(),
        cost_open_yuan=ibis.ifelse(late & ~table.seen, table.cost_yuan, 0.0).sum(),
        refunded=in_time.sum(), same_day=(counted & table.mature & ~in_time & _same_day(table)).sum(),
    ).order_by("courier", "day", "hour"))
    stopped = {(stop.courier, day) for stop in ground.moment.stops if stop.outlet is None for day in days_between(stop.first, stop.last)}
    return cells.assign(stopped=[(at[0], pd.Timestamp(at[1]).date()) in stopped for at in zip(cells["courier"], cells["day"], strict=True)])


def _same_day(table: ir.Table) -> ir.BooleanValue:
    return (table.seen & (table.picked_up_at.date() <= table.shipped_at.date())).fill_null(False)


def scan_hours(ground: Ground) -> ir.Table:
    """courier, day and hour of the first scan, parcels."""
    table = ground.parcels.filter(ground.parcels.excluded.isnull() & ground.parcels.seen)
    return table.group_by(
        courier=table.courier, day=table.picked_up_at.date(), hour=table.picked_up_at.hour().cast("int64"),
    ).aggregate(parcels=_.count()).order_by("courier", "day", "hour")


def _outlets(inside: ir.Table) -> pd.DataFrame:
    mature = inside.filter(inside.mature & ~inside.fresh)
    return _frame(mature.group_by("courier", "outlet").aggregate(mature=_.count(), late=_.late.sum()).order_by("courier", "outlet"))


def _promises(ground: Ground) -> pd.DataFrame:
    """Orders whose promise has passed ``cut``, by promised day."""
    return _frame(promised_orders(ground).group_by("day").aggregate(due=_.count(), kept=_.kept.sum()).order_by("day"))


def samples(ground: Ground, replies: pd.DataFrame) -> dict[str, Sample]:
    """The first rows behind each number that a finding may point at; two questions for all of them."""
    rows = {}
    for kind in sorted(set(ROWS_BEHIND.values()) - {"late_replies"}):
        rows[kind] = ROWS[kind].find(ground).select("waybill", kind=ibis.literal(kind))
    totals = _frame(ibis.union(*(table.group_by("kind").aggregate(rows=_.count()) for table in rows.values())))
    total = dict(zip(totals["kind"], totals["rows"], strict=True))
    known = [rows[kind].filter(_.waybill.notnull()).order_by("waybill").limit(SAMPLE_ROWS) for kind in sorted(total)]
    named = _frame(ibis.union(*known).order_by("kind", "waybill")) if known else pd.DataFrame(columns=["waybill", "kind"])
    names = {str(kind): tuple(group) for kind, group in named.groupby("kind")["waybill"]}
    found = {kind: Sample(int(total.get(kind, 0)), names.get(kind, ())) for kind in rows}
    return {**found, "late_replies": _late_replies(replies)}


def _late_replies(replies: pd.DataFrame) -> Sample:
    missed = replies[replies["missed_3min_high"] > 0]
    first = missed.head(SAMPLE_ROWS)
    labels = (pd.to_datetime(first["day"]).dt.strftime("%Y-%m-%d").fillna("") + " " + first["agent"].fillna("").astype(str)).str.strip()
    return Sample(len(missed), tuple(labels))
