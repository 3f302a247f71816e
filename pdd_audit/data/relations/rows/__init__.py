"""The single rows behind a number. A kind of rows is one function and one line of ``ROWS``; its title is ``app.rows.title.<kind>``.

A function takes the ground (already that of the chosen parcels) and, if it is about one place only, that place by keyword: texts,
as an address or a key would hold them. It gives rows of one shape:

* "parcels", rows of ``ground.parcels``: each parcel gets its order, promise, file and source row;
* "orders", rows of ``ground.orders``: each order gets its file and source row;
* "rows" of the order exports, or "scans" of the pickup sheets, which know their file and row.

Columns named in ``more`` are shown too; their words are ``app.columns.<column>``. What only a metric can tell from many rows (which
wave was missed) comes in as a place; what cannot be said of a single row at all has no kind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis.expr.types as ir

from pdd_audit.data.relations import rule_change
from pdd_audit.data.relations.rows import couriers, fined, orders, pickup, today, tonight
from pdd_audit.data.relations.rows.detail import Shape, with_place, with_trouble

if TYPE_CHECKING:  # the ground counts some of these rows itself
    from pdd_audit.data.relations.compact import Ground


@dataclass(frozen=True)
class Kind:
    """``find``: the rows, oldest first when they are shown. ``more``: columns of theirs beyond those of every row."""

    find: Callable[..., ir.Table]
    shape: Shape = "parcels"
    more: tuple[str, ...] = ()


ROWS: dict[str, Kind] = {
    "included": Kind(pickup.included),
    "on_time": Kind(pickup.on_time),
    "late": Kind(pickup.late),
    "not_yet": Kind(pickup.not_yet),
    "too_fresh": Kind(pickup.too_fresh),
    "excluded": Kind(pickup.excluded),
    "open_over_limit": Kind(pickup.open_over_limit),
    "open_at_risk": Kind(pickup.open_at_risk),
    "slow_first_move": Kind(pickup.slow_first_move),
    "uploaded_before_pickup": Kind(pickup.uploaded_before_pickup),
    "other_courier": Kind(orders.other_courier),
    "reused": Kind(orders.reused),
    "promise_missed": Kind(orders.promise_missed, "orders"),
    "perfect": Kind(orders.perfect, "orders"),
    "imperfect": Kind(orders.imperfect, "orders", orders.STATES),
    "undecided": Kind(orders.undecided, "orders", orders.STATES),
    "not_uploaded": Kind(orders.not_uploaded, "rows"),
    "merged": Kind(orders.merged, "rows"),
    "after_moment": Kind(orders.after_moment, "rows"),
    "superseded": Kind(orders.superseded, "rows"),
    "not_ours": Kind(pickup.not_ours, "scans"),
    "without_time": Kind(pickup.without_time, "scans"),
    "van": Kind(couriers.van),
    "late_van": Kind(couriers.late_van),
    "of_outlet": Kind(couriers.of_outlet),
    "breaches": Kind(couriers.breaches, more=("label", "exempt", "seen")),
    "same_second": Kind(couriers.same_second),
    "before_label": Kind(couriers.before_label, more=("labelled_at",)),
    "stood_still": Kind(couriers.stood_still),
    "open_late": Kind(tonight.open_late),
    "open_ahead": Kind(tonight.open_ahead),
    "open_wave": Kind(tonight.open_wave),
    "can_wait": Kind(tonight.can_wait, "orders"),
    "to_call": Kind(today.to_call, more=today.CALL_COLUMNS),
    "refunded_open": Kind(today.refunded_open),
    "not_covered": Kind(today.not_covered),
    "past_limit": Kind(rule_change.past_limit),
    "past_promise": Kind(rule_change.past_promise, "orders"),
    "fined": Kind(fined.fined, "orders", ("booked_at", "fined_yuan")),
    "not_fined": Kind(fined.not_fined, "orders", ("cost_yuan",)),
    "refunded": Kind(fined.refunded, "orders", ("pickup", "refunded_yuan")),
}


def rows_behind(ground: "Ground", kind: str, at: Mapping[str, str] | None = None, limit: int | None = None) -> ir.Table:
    """Rows of one kind, oldest first, with their file and, where a cell was read with a doubt, with it (``trouble``, ``scan_trouble``:
    codes, see ``texts/trouble.yaml``). ``at``: the place a kind asks for. ``limit``: not more than these."""
    found = ROWS[kind]
    placed = with_place(ground, found.find(ground, **(at or {})), found.shape, found.more, limit)
    return with_trouble(ground, placed)


def all_parcels(ground: "Ground") -> ir.Table:
    """Every parcel, counted or not, with its order, promise, file and source row, oldest first."""
    return with_place(ground, ground.parcels, "parcels")
