"""The invented shop's settlement bill, and the notice it was sent: three fines, of which one is just, one is contradicted by the shop's own
files, and one is for a late order whose promise a notice had put off. As invented, and as repeatable, as the shop's other files."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from pdd_audit.services.demo_shop import DEMO_AS_OF, DEMO_SEED, MISSED_VAN_COURIER, MISSED_VAN_DAYS_AGO, Order, demo_orders
from pdd_audit.services.note_days import courier_names

BILL_COLUMNS = ("商户订单号", "发生时间", "收入金额（+元）", "支出金额（-元）", "账务类型", "备注", "业务描述")
LIMIT = timedelta(hours=24)
CLEARLY = timedelta(hours=1)  # nobody argues about a fine over minutes
LONGEST_WAIT = timedelta(hours=23)
BOOKED_AFTER = timedelta(days=2)
BILLED_DAYS = timedelta(days=12)
FINE_RATIO, LEAST_FINE, HIGHEST_FINE, LATE_FINE = 0.05, 5, 100, 3
SERVICE_FEE_RATIO = 0.006


@dataclass(frozen=True)
class Fined:
    """One order of each sort."""

    in_time: Order
    late: Order
    exempt: Order


def write_demo_bill(folder: Path, as_of: datetime = DEMO_AS_OF, seed: int = DEMO_SEED) -> Path:
    """Write the bill of the shop that ``write_demo_files`` invents for the same moment and seed; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    orders = demo_orders(as_of, seed)
    found = fined(orders, as_of)
    rows: list[tuple[str, ...]] = [_no_pickup(found.in_time), _no_pickup(found.late), _too_late(found.exempt)]
    rows += [row for order in _paid_out(orders, as_of) for row in _income(order)]
    newest_first = sorted(rows, key=lambda row: (row[1], row[0]), reverse=True)
    path = folder / f"pdd-mall-bill-detail({as_of:%Y%m})_{as_of:%Y-%m-%d-%H-%M-%S}.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(BILL_COLUMNS)
        writer.writerows(newest_first)
    return path


def demo_notice(as_of: datetime = DEMO_AS_OF, seed: int = DEMO_SEED) -> dict[str, Any]:
    """The exemption window the shop would enter from the notice, with the keys of ``OwnExemption``."""
    exempt = fined(demo_orders(as_of, seed), as_of).exempt
    day = promised(exempt).date().isoformat()
    return {
        "from": day, "to": day, "counted_by": "promised", "waives": ("promise",), "provinces": (exempt.province,),
        "couriers": tuple(name for name in courier_names() if exempt.courier.name.startswith(name)),
        "reason": "高速封路，线路停收（演示）", "source": "站内信（演示）",
    }


def fined(orders: Sequence[Order], as_of: datetime) -> Fined:
    """Which orders the bill fines: a parcel of the van that never came; the one that waited longest and was still in time on both clocks;
    and of those past their promise the one that shares its courier, province and promised day with the fewest others, so that the window
    of its notice is as narrow."""
    settled = [order for order in orders if _settled(order, as_of)]
    van_day = as_of.date() - timedelta(days=MISSED_VAN_DAYS_AGO)
    of_van = [
        order for order in settled
        if order.courier.name == MISSED_VAN_COURIER and _uploaded_on(order) == van_day and waited(order) > LIMIT + CLEARLY
    ]
    kept = [order for order in settled if waited(order) <= LONGEST_WAIT and not _past_promise(order)]
    missed = [order for order in settled if waited(order) < LIMIT and _past_promise(order)]
    crowd = Counter(_place(order) for order in orders if order.paid is not None)
    return Fined(
        in_time=max(kept, key=lambda order: (waited(order), order.number)),
        late=max(of_van, key=lambda order: (waited(order), order.number)),
        exempt=min(missed, key=lambda order: (crowd[_place(order)], order.number)),
    )


def waited(order: Order) -> timedelta:
    assert order.uploaded is not None and order.picked_up is not None, "asked of collected parcels only"
    return order.picked_up - order.uploaded


def _settled(order: Order, as_of: datetime) -> bool:
    """Collected, kept by the buyer, and long enough ago for a fine to be in the bill."""
    if order.uploaded is None or order.picked_up is None or order.refunded_shipped:
        return False
    return as_of - BILLED_DAYS < order.uploaded and max(_booked_at(order), order.picked_up) <= as_of


def _uploaded_on(order: Order) -> date | None:
    return None if order.uploaded is None else order.uploaded.date()


def promised(order: Order) -> datetime:
    assert order.paid is not None, "what is promised is paid for"
    return order.paid + timedelta(days=order.goods.promise_days)


def _past_promise(order: Order) -> bool:
    return order.picked_up is not None and order.picked_up > promised(order)


def _place(order: Order) -> tuple[str, str, date]:
    return order.courier.name, order.province, promised(order).date()


def _booked_at(order: Order) -> datetime:
    """At night, some days after both of its clocks ran out."""
    assert order.uploaded is not None, "a fine is for a parcel"
    return datetime.combine((max(order.uploaded + LIMIT, promised(order)) + BOOKED_AFTER).date(), time(3, 0, 7))


def _received_yuan(order: Order) -> float:
    total = order.goods.price * order.quantity
    return total - 2.0 if total > 30 else total


def _too_late(order: Order) -> tuple[str, ...]:
    return _row(order, _booked_at(order), 0.0, LATE_FINE, "其他支出", "0040004|售后费用-延迟发货")


def _no_pickup(order: Order) -> tuple[str, ...]:
    yuan = min(HIGHEST_FINE, max(LEAST_FINE, int(_received_yuan(order) * FINE_RATIO)))
    return _row(order, _booked_at(order), 0.0, yuan, "其他支出", "0040005|售后费用-虚假发货")


def _paid_out(orders: Iterable[Order], as_of: datetime) -> list[Order]:
    """One order of each day whose buyer had confirmed: the ordinary bookings that stand between fines in any bill."""
    of_day: dict[date, Order] = {}
    for order in orders:
        if order.received is not None and as_of - BILLED_DAYS < order.received <= as_of and not order.refunded_shipped:
            of_day.setdefault(order.received.date(), order)
    return list(of_day.values())


def _income(order: Order) -> list[tuple[str, ...]]:
    assert order.received is not None, "chosen by it"
    yuan = _received_yuan(order)
    return [
        _row(order, order.received, yuan, 0.0, "交易收入", "0010002|订单收入"),
        _row(order, order.received, 0.0, yuan * SERVICE_FEE_RATIO, "技术服务费", "0030002|技术服务费-基础技术服务费"),
    ]


def _row(order: Order, at: datetime, income: float, expense: float, kind: str, business: str) -> tuple[str, ...]:
    return (order.number, f"{at:%Y-%m-%d %H:%M:%S}", f"{income:.2f}", f"{-expense:.2f}" if expense else "0.00", kind, "", business)
