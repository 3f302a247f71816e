"""The states of an order, from least to furthest: of two words on one order of one moment the further one counts."""

STATUSES = (
    "unknown", "unpaid", "to_ship", "shipped", "received", "cancelled", "refunded_unshipped", "refunded_shipped", "refunded_received",
)
