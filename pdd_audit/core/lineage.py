"""Which rows stand behind which number, and which files it needs."""

from pdd_audit.core.imports import Kind

ROWS_BEHIND = {
    "pickup_24h_ratio": "late",
    "pickup_hours_p50": "late",
    "pickup_hours_p90": "late",
    "pickup_hours_p95": "late",
    "wave_kept_ratio": "late",
    "open_over_limit_count": "open_over_limit",
    "promise_kept_ratio": "promise_missed",
    "first_move_24h_ratio": "slow_first_move",
    "upload_after_pickup_ratio": "uploaded_before_pickup",
    "other_courier_ratio": "other_courier",
    "waybill_reuse_count": "reused",
    "reply_3min_ratio": "late_replies",
    "reply_30s_ratio": "late_replies",
    "reply_seconds_mean": "late_replies",
}
REPLIES = "late_replies"
# rows of the service files and turns of the chat logs; all other kinds are those of ``data.relations.rows``
REPLY_KINDS = (REPLIES, "slow_turns", "quick_turns", "turns_left_out")

METRICS_FROM: dict[str, tuple[Kind, ...]] = {
    "pickup_24h_ratio": ("pdd_orders", "courier_pickups"),
    "open_over_limit_count": ("pdd_orders", "courier_pickups"),
    "promise_kept_ratio": ("pdd_orders", "courier_pickups"),
    "pickup_hours_p50": ("pdd_orders", "courier_pickups"),
    "pickup_hours_p90": ("pdd_orders", "courier_pickups"),
    "pickup_hours_p95": ("pdd_orders", "courier_pickups"),
    "wave_kept_ratio": ("pdd_orders", "courier_pickups"),
    "first_move_24h_ratio": ("pdd_orders", "courier_pickups"),
    "upload_after_pickup_ratio": ("pdd_orders", "courier_pickups"),
    "same_day_pickup_ratio": ("pdd_orders", "courier_pickups"),
    "uploads_after_cutoff_ratio": ("pdd_orders", "courier_pickups"),
    "refund_before_pickup_ratio": ("pdd_orders", "courier_pickups", "pdd_after_sales"),
    "ship_hours_p50": ("pdd_orders",),
    "courier_share_max": ("pdd_orders",),
    "other_courier_ratio": ("pdd_orders",),
    "waybill_reuse_count": ("pdd_orders",),
    "reply_3min_ratio": ("pdd_service",),
    "reply_30s_ratio": ("pdd_service",),
    "reply_seconds_mean": ("pdd_service",),
}
