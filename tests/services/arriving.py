"""A small shop whose files arrive one after the other: an order export and pickup sheets, all invented."""

from datetime import datetime, timedelta

from tests.data.builders import an_order, as_csv, stamp

DAY = datetime(2026, 11, 20)
OLD = 40  # parcels of the week before, all collected, so that the files are those of a shop that works
HEADERS = ["运单号", "快递公司", "第一条揽收时间"]


def waybill(number):
    return f"78{number:013d}"


def parcel(number, hours_before_noon, courier="中通快递"):
    """(number, upload, courier): uploaded so long before noon of DAY."""
    return number, DAY + timedelta(hours=12 - hours_before_noon), courier


def _old():
    return [(100 + number, DAY - timedelta(days=7, hours=number % 5), "中通快递" if number % 2 else "圆通速递") for number in range(OLD)]


def export(parcels, at):
    """The order export as of a moment, under the platform's own name for it."""
    rows = []
    for number, uploaded, courier in [*_old(), *parcels]:
        confirmed = uploaded - timedelta(hours=5)
        changed = {name: stamp(confirmed) for name in ("支付时间", "拼单成功时间", "订单确认时间", "订单成交时间")}
        changed |= {"订单号": f"{confirmed:%y%m%d}-{number:015d}", "承诺发货时间": stamp(uploaded + timedelta(hours=43)), "快递公司": courier}
        changed |= {"发货时间": stamp(uploaded), "快递单号": waybill(number), "订单状态": "已收货" if number >= 100 else "已发货，待收货"}
        rows.append(an_order(number, **changed))
    newest = stamp(at - timedelta(minutes=10))  # every export knows an order that the one before did not
    waiting = dict.fromkeys(("支付时间", "拼单成功时间", "订单确认时间", "订单成交时间"), newest) | {"订单号": f"{at:%y%m%d}-{at:%d%H%M%S}0000000"}
    waiting |= {"承诺发货时间": stamp(at + timedelta(days=2)), "发货时间": "\t", "快递单号": "\t", "快递公司": "", "订单状态": "待发货"}
    rows.append(an_order(900, **waiting))
    return f"{at:%d%H%M}{'0' * 26}orders_export{at:%Y-%m-%d-%H-%M-%S}.csv", as_csv([list(rows[0]), *([*row.values()] for row in rows)])


def sheet(collected, at):
    """The pickup sheet: ``collected``: (number, moment, courier). Its newest scan lies just before ``at``."""
    rows = [(number, uploaded + timedelta(hours=3), courier) for number, uploaded, courier in _old()] + list(collected)
    return f"揽收{at:%Y-%m-%d-%H-%M-%S}.csv", as_csv([HEADERS, *([waybill(number), courier, stamp(when)] for number, when, courier in rows)])
