"""The order list that the merchant's page itself loads as JSON (``pageItems``): orders in the columns of ``pdd_page_orders``.

Times are Unix seconds, 0 for what has not happened; money is in fen.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

_DEEPEST = 6
_TIMES = {"confirmed_at": ("confirm_time", "group_time"), "paid_at": ("pay_time",), "promised_ship_at": ("promise_shipping_time",),
          "shipped_at": ("shipping_time",)}
_STATES = {0: "待支付", 2: "已取消"}  # where the page gives no words


def orders_in(value: Any, depth: int = 0) -> Iterator[dict[str, str]]:
    """Every order of a value: a saved answer of the page, a list of them, or the bare list of orders."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for one in value:
            yield from orders_in(one, depth + 1)
    elif isinstance(value, dict):
        if "order_sn" in value and "order_status" in value:
            yield _order(value)
            return
        for name in ("result", "data", "pageItems"):
            if isinstance(value.get(name), dict | list):
                yield from orders_in(value[name], depth + 1)


def _order(node: Mapping[str, Any]) -> dict[str, str]:
    state = node.get("order_status")
    parcels = node.get("waybillDTOList")
    parcel = next((one for one in parcels if isinstance(one, dict)), {}) if isinstance(parcels, list) else {}
    times = {name: next((found for field in fields if (found := _moment(node.get(field)))), "") for name, fields in _TIMES.items()}
    return {
        "order_no": _text(node.get("order_sn")),
        "status": _text(node.get("order_status_str")) or _state(state),
        "waybill": _text(node.get("tracking_number")),
        "courier": _text(parcel.get("shippingName")),
        "goods_id": _text(node.get("goods_id")),
        "goods_name": _text(node.get("goods_name")),
        "quantity": _text(node.get("goods_number")),
        "received_yuan": _yuan(node.get("order_amount")),
        **times,
    }


def _state(value: Any) -> str:
    return _STATES.get(value, "") if isinstance(value, int) else ""


def _moment(value: Any) -> str:
    found = _text(value)
    return "" if found.strip("0") == "" else found


def _yuan(value: Any) -> str:
    return str(Decimal(value) / 100) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**12 else ""


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()[:200]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18 else ""
