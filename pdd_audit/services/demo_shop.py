"""An invented shop to look around in: its files as a merchant would export them, and the answers its owner would give.

Nothing in it is real. The same ``as_of`` and ``seed`` give the same bytes, so that golden scores may rest on it: the only source of
chance is one ``random.Random``; no clock, no set order, no library whose stream may change with its version.
"""

import csv
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from hashlib import md5
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

DEMO_NAME = "拾光家居（演示 Demo）"
DEMO_AS_OF = datetime(2026, 11, 20, 18, 0)
DEMO_SEED = 20261120

DAYS = 30
ORDERS_PER_DAY = 198
PROMOTION_DAYS_AGO = 9  # with the default moment: 11 November
PROMOTION_FACTOR = 1.9
MISSED_VAN_DAYS_AGO = 6
MISSED_VAN_COURIER = "圆通速递"
OUT_OF_STOCK_RATIO = 0.012
UPLOADED_AFTER_SCAN_RATIO = 0.22  # of the day's uploads: the van was there first, as it should be
LEFT_FOR_AFTERNOON_RATIO = 0.7  # of the evening uploads: the morning van is full, the next one comes at five
SHOP_CUTOFF = time(15, 30)  # orders confirmed later are packed the next morning, unless the evening shift takes them
LAST_VAN = time(20, 15)
FIRST_VAN = time(8, 10)

ORDER_COLUMNS = (
    "商品", "订单号", "订单状态", "商品总价(元)", "邮费(元)", "店铺优惠折扣(元)", "平台优惠折扣(元)", "用户实付金额(元)",
    "商家实收金额(元)", "商品数量(件)", "收货人", "省", "订单成交时间", "支付时间", "承诺发货时间", "发货时间", "确认收货时间",
    "商品id", "商品规格", "样式ID", "商家编码-规格维度", "快递公司", "快递单号", "售后状态",
)
PICKUP_COLUMNS = ("运单号", "快递公司", "第一条揽收时间", "第一条揽收网点名称", "第一条分拨扫描时间", "最新状态")
SERVICE_COLUMNS = (
    "日期", "客服账号", "咨询人数", "人工接待人数", "需要人工回复的咨询人数", "3分钟未回复人数", "3分钟人工回复率(8-23点)",
    "平均人工响应时长（分钟）", "30秒应答率(8-23点)", "评分≤3订单数", "纠纷退款数",
)
BARE_COLUMNS = {"商品", "订单号", "订单状态", "收货人", "省", "快递公司", "售后状态"}  # the platform adds a TAB to every other cell

# Share of orders created in each hour of the day: a peak before lunch and a higher one in the evening.
HOUR_WEIGHTS = (22, 12, 7, 5, 4, 6, 12, 22, 38, 55, 68, 64, 52, 50, 52, 52, 50, 46, 46, 56, 74, 82, 76, 48)
PROVINCES = {
    "广东省": 16, "浙江省": 13, "江苏省": 12, "山东省": 9, "河南省": 8, "四川省": 7, "湖北省": 6, "安徽省": 6, "湖南省": 5, "河北省": 5,
    "福建省": 4, "江西省": 4, "北京": 3, "上海": 3, "陕西省": 3, "辽宁省": 3, "新疆维吾尔自治区": 1, "内蒙古自治区": 1,
}


@dataclass(frozen=True)
class Courier:
    """How one courier behaves: its share of the parcels, its pace (1 = usual lag) and how often a parcel stays behind."""

    name: str
    outlet: str
    share: float
    prefix: str
    digits: int
    pace: float
    missed_by_day: float
    missed_by_evening: float


@dataclass(frozen=True)
class Goods:
    """One product with its price and the days the listing promises."""

    title: str
    spec: str
    goods_id: str
    price: float
    promise_days: int
    share: float


@dataclass(frozen=True)
class Order:
    """One order with everything that happened to it, also after the moment of the export."""

    number: str
    goods: Goods
    quantity: int
    province: str
    receiver: str
    created: datetime
    paid: datetime | None
    refunded_unshipped: bool
    refunded_shipped: bool
    courier: Courier
    waybill: str
    uploaded: datetime | None
    picked_up: datetime | None
    first_hub: datetime | None
    received: datetime | None


COURIERS = (
    Courier("中通快递", "城东一部", 0.46, "7", 14, 1.0, 0.011, 0.08),
    Courier("圆通速递", "城南分部", 0.26, "YT", 15, 1.0, 0.012, 0.09),
    Courier("极兔速递", "新区网点", 0.16, "JT", 15, 1.1, 0.013, 0.09),
    Courier("韵达快递", "城北分部", 0.12, "4", 15, 2.0, 0.070, 0.20),
)
GOODS = (
    Goods("桌面收纳盒 抽屉分隔", "大号2个装", "613800000101", 19.9, 2, 0.30),
    Goods("加厚浴室地垫 吸水防滑", "灰色 40x60cm", "613800000102", 25.8, 2, 0.22),
    Goods("无痕衣架 成人防滑", "20只装", "613800000103", 16.5, 1, 0.20),
    Goods("保鲜盒 冰箱专用", "6件套", "613800000104", 32.0, 2, 0.16),
    Goods("记忆棉坐垫 办公室", "藏青色", "613800000105", 45.9, 2, 0.12),
)
AGENTS = (("客服早班", 46, 0.012), ("客服中班", 38, 0.022), ("客服晚班", 24, 0.060))


def write_demo_files(folder: Path, as_of: datetime = DEMO_AS_OF, seed: int = DEMO_SEED) -> list[Path]:
    """Write the order export, the courier's pickup sheet and the service export into ``folder``; the three paths in that order."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)  # noqa: S311 - invents a shop, guards nothing
    orders = _newest_first(_orders(rng, as_of))
    stamp = md5(f"{as_of.isoformat()} {seed}".encode(), usedforsecurity=False).hexdigest()
    return [
        _write_orders(folder / f"{stamp}orders_export{as_of:%Y-%m-%d-%H-%M-%S}.csv", orders, as_of),
        _write_pickups(folder / f"courier_first_pickup_{as_of:%Y%m%d}.csv", orders, as_of),
        _write_service(folder / f"service_team_{as_of:%Y%m%d}.xlsx", rng, as_of),
    ]


@lru_cache(maxsize=1)  # the bill and the notice of one shop ask one after the other
def demo_orders(as_of: datetime = DEMO_AS_OF, seed: int = DEMO_SEED) -> tuple[Order, ...]:
    """The orders behind those files, newest first, with what happens to them after ``as_of`` too."""
    return tuple(_newest_first(_orders(random.Random(seed), as_of)))  # noqa: S311 - invents a shop, guards nothing


def _newest_first(orders: Iterable[Order]) -> list[Order]:
    return sorted(orders, key=lambda order: order.created, reverse=True)


def demo_answers() -> dict[str, Any]:
    """Question id -> level code, or a mapping with the details; the same shape as a file for ``--answers``."""
    text = files("pdd_audit.services").joinpath("demo_answers.yaml").read_text("utf-8")
    answers: dict[str, Any] = yaml.safe_load(text)["answers"]
    return answers


# --- what happens in the shop -------------------------------------------------------------------------------------------------


def _orders(rng: random.Random, as_of: datetime) -> Iterator[Order]:
    """Every order created in the ``DAYS`` days up to ``as_of``."""
    missed_van_day = as_of.date() - timedelta(days=MISSED_VAN_DAYS_AGO)
    for days_ago in range(DAYS - 1, -1, -1):
        day = as_of.date() - timedelta(days=days_ago)
        for _ in range(_orders_on(day, days_ago, rng)):
            order = _order(rng, day)
            if order.created > as_of:
                continue
            if order.paid is not None and order.paid > as_of:
                order = replace(order, paid=None, uploaded=None, picked_up=None)
            if order.courier.name == MISSED_VAN_COURIER and _waits_for_missed_van(order, missed_van_day):
                order = _collected_the_evening_after(order, rng)
            yield order


def _orders_on(day: date, days_ago: int, rng: random.Random) -> int:
    factor = PROMOTION_FACTOR if days_ago == PROMOTION_DAYS_AGO else 1.0
    weekend = 1.08 if day.weekday() >= 5 else 1.0
    return round(ORDERS_PER_DAY * factor * weekend * rng.uniform(0.9, 1.1))


def _order(rng: random.Random, day: date) -> Order:
    created = _at(day, rng.choices(range(24), HOUR_WEIGHTS)[0], rng)
    goods = rng.choices(GOODS, [g.share for g in GOODS])[0]
    courier = rng.choices(COURIERS, [c.share for c in COURIERS])[0]
    paid = None if rng.random() < 0.03 else created + timedelta(seconds=rng.randint(4, 240))
    order = Order(
        number=f"{created:%y%m%d}-{rng.randrange(10**14, 10**15)}", goods=goods, quantity=rng.choices((1, 2, 3), (86, 11, 3))[0],
        province=rng.choices(list(PROVINCES), list(PROVINCES.values()))[0], receiver=rng.choice("王李张刘陈杨赵黄") + "**",
        created=created, paid=paid, refunded_unshipped=rng.random() < 0.045, refunded_shipped=rng.random() < 0.022, courier=courier,
        waybill=f"{courier.prefix}{rng.randrange(10 ** (courier.digits - len(courier.prefix))):0{courier.digits - len(courier.prefix)}d}",
        uploaded=None, picked_up=None, first_hub=None, received=None,
    )
    if paid is None or order.refunded_unshipped:
        return order
    uploaded = _uploaded(paid, rng)
    picked_up = _picked_up(uploaded, courier, rng)
    own = random.Random(order.number)  # noqa: S311 - no secret
    scanned_before = (uploaded - timedelta(minutes=own.randint(4, 70))).replace(microsecond=0)
    if picked_up is not None and uploaded.hour < 19 and scanned_before > paid and own.random() < UPLOADED_AFTER_SCAN_RATIO:
        picked_up = scanned_before
    return _on_its_way(replace(order, uploaded=uploaded), picked_up, rng)


def _uploaded(paid: datetime, rng: random.Random) -> datetime:
    """When the waybill is uploaded: the day shift in working hours, sometimes the evening shift after the last van; rarely days late."""
    if rng.random() < OUT_OF_STOCK_RATIO:
        return _at(paid.date() + timedelta(days=rng.randint(2, 3)), rng.randint(10, 16), rng)
    day = paid.date()
    if time(12) <= paid.time() < time(20) and rng.random() < 0.36:
        return _at(day, 20, rng) + timedelta(minutes=rng.randint(0, 110))
    if paid.time() < SHOP_CUTOFF:
        opening = datetime.combine(day, time(9))
        return max(paid + timedelta(minutes=25), opening) + timedelta(seconds=round(rng.expovariate(1 / 6600)))
    return datetime.combine(day + timedelta(days=1), time(8, 50)) + timedelta(seconds=rng.randint(0, 6 * 3600))


def _picked_up(uploaded: datetime, courier: Courier, rng: random.Random) -> datetime | None:
    """The courier's first scan; None for a parcel that nobody ever scans."""
    if rng.random() < 0.0022:
        return None
    evening = uploaded.hour >= 19
    if rng.random() < (courier.missed_by_evening if evening else courier.missed_by_day):
        return _in_van_hours(uploaded + timedelta(hours=rng.uniform(24.3, 54)), rng)
    if evening and rng.random() < LEFT_FOR_AFTERNOON_RATIO:
        return datetime.combine(uploaded.date() + timedelta(days=1), time(17)) + timedelta(seconds=rng.randint(0, 3 * 3600))
    lag = timedelta(hours=min(rng.lognormvariate(0.62, 0.72) * courier.pace, 20))
    return _in_van_hours(uploaded + lag, rng)


def _in_van_hours(moment: datetime, rng: random.Random) -> datetime:
    """The same moment if a van is on the road then, else the next morning."""
    if FIRST_VAN <= moment.time() <= LAST_VAN:
        return moment.replace(microsecond=0)
    day = moment.date() + timedelta(days=1 if moment.time() > LAST_VAN else 0)
    return datetime.combine(day, FIRST_VAN) + timedelta(seconds=round(rng.expovariate(1 / 4200)))


def _on_its_way(order: Order, picked_up: datetime | None, rng: random.Random) -> Order:
    if picked_up is None:
        return replace(order, picked_up=None, first_hub=None, received=None)
    hub = picked_up + timedelta(hours=min(rng.lognormvariate(2.1, 0.55) * order.courier.pace**0.5, 60))
    received = picked_up + timedelta(hours=rng.uniform(46, 150))
    return replace(order, picked_up=picked_up, first_hub=hub.replace(microsecond=0), received=received.replace(microsecond=0))


def _waits_for_missed_van(order: Order, day: date) -> bool:
    if order.uploaded is None or order.uploaded.date() != day or order.picked_up is None:
        return False
    return order.uploaded.hour >= 10 and order.picked_up - order.uploaded < timedelta(hours=24)


def _collected_the_evening_after(order: Order, rng: random.Random) -> Order:
    assert order.uploaded is not None, "only an uploaded parcel waits for a van"
    evening = datetime.combine(order.uploaded.date() + timedelta(days=1), time(18, 40))
    return _on_its_way(order, evening + timedelta(seconds=rng.randint(0, 5400)), rng)


def _at(day: date, hour: int, rng: random.Random) -> datetime:
    return datetime.combine(day, time(hour)) + timedelta(seconds=rng.randrange(3600))


# --- what the exports show at that moment -------------------------------------------------------------------------------------


def _write_orders(path: Path, orders: list[Order], as_of: datetime) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(ORDER_COLUMNS)
        for order in orders:
            cells = _order_cells(order, as_of)
            writer.writerow([cells[c] if c in BARE_COLUMNS else f"{cells[c]}\t" for c in ORDER_COLUMNS])
    return path


def _order_cells(order: Order, as_of: datetime) -> dict[str, str]:
    uploaded = order.uploaded if order.uploaded and order.uploaded <= as_of else None
    received = order.received if uploaded and order.received and order.received <= as_of and not order.refunded_shipped else None
    status, after_sale = _status(order, uploaded, received, as_of)
    total = order.goods.price * order.quantity
    discount = 2.0 if total > 30 else 0.0
    received_yuan = 0.0 if order.paid is None else total - discount
    return {
        "商品": order.goods.title, "订单号": order.number, "订单状态": status, "商品总价(元)": f"{total:.2f}", "邮费(元)": "0.00",
        "店铺优惠折扣(元)": f"{discount:.2f}", "平台优惠折扣(元)": "0.00", "用户实付金额(元)": f"{received_yuan:.2f}",
        "商家实收金额(元)": f"{received_yuan:.2f}", "商品数量(件)": str(order.quantity), "收货人": order.receiver, "省": order.province,
        "订单成交时间": _stamp(order.paid), "支付时间": _stamp(order.paid),
        "承诺发货时间": _stamp(order.paid + timedelta(days=order.goods.promise_days) if order.paid else None),
        "发货时间": _stamp(uploaded), "确认收货时间": _stamp(received), "商品id": order.goods.goods_id, "商品规格": order.goods.spec,
        "样式ID": f"15{order.goods.goods_id[-8:]}", "商家编码-规格维度": f"SG-{order.goods.goods_id[-3:]}",
        "快递公司": order.courier.name if uploaded else "", "快递单号": order.waybill if uploaded else "", "售后状态": after_sale,
    }


def _status(order: Order, uploaded: datetime | None, received: datetime | None, as_of: datetime) -> tuple[str, str]:
    """(订单状态, 售后状态) as the platform words them."""
    none, refunded = "无售后或售后取消", "退款成功"
    if order.paid is None:
        return ("待付款" if as_of - order.created < timedelta(hours=1) else "已取消"), none
    if order.refunded_unshipped:
        return "未发货，退款成功", refunded
    if uploaded is None:
        return "待发货", none
    if order.refunded_shipped:
        return "已发货，退款成功", refunded
    return ("已收货" if received else "已发货，待收货"), none


def _write_pickups(path: Path, orders: list[Order], as_of: datetime) -> Path:
    """A collected-only list in the encoding Chinese Excel saves, closed by a row of totals."""
    scanned = [o for o in orders if o.picked_up is not None and o.picked_up <= as_of]
    with path.open("w", encoding="gb18030", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(PICKUP_COLUMNS)
        for order in sorted(scanned, key=lambda o: (o.picked_up or as_of, o.waybill)):
            hub = order.first_hub if order.first_hub and order.first_hub <= as_of else None
            arrived = order.received is not None and order.received <= as_of
            state = "已签收" if arrived else "运输中" if hub else "已揽收"
            writer.writerow([order.waybill, order.courier.name, _stamp(order.picked_up), order.courier.outlet, _stamp(hub), state])
        writer.writerow(["合计", "", f"{len(scanned)}票", "", "", ""])
    return path


def _write_service(path: Path, rng: random.Random, as_of: datetime) -> Path:
    import xlsxwriter  # every command that knows shops loads this module

    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"created": as_of})  # otherwise the clock gets into the bytes
    sheet = book.add_worksheet("Sheet0")
    sheet.write_row(0, 0, SERVICE_COLUMNS)
    row = 1
    for days_ago in range(DAYS - 1, -1, -1):
        day = as_of.date() - timedelta(days=days_ago)
        for agent, usual, missed_ratio in AGENTS:
            sheet.write_row(row, 0, _service_cells(rng, day, agent, usual, missed_ratio, days_ago == PROMOTION_DAYS_AGO))
            row += 1
    book.close()
    return path


def _service_cells(rng: random.Random, day: date, agent: str, usual: int, missed_ratio: float, promotion: bool) -> list[Any]:
    inquiries = round(usual * (PROMOTION_FACTOR if promotion else 1.0) * rng.uniform(0.8, 1.2))
    need_human = round(inquiries * rng.uniform(0.78, 0.9))
    missed = sum(rng.random() < missed_ratio * (1.6 if promotion else 1.0) for _ in range(need_human))
    within_30_seconds = sum(rng.random() < 0.88 for _ in range(need_human))
    return [
        day.isoformat(), agent, inquiries, need_human, need_human, missed, f"{1 - missed / need_human:.2%}",
        f"{rng.uniform(0.35, 0.9):.2f}", f"{within_30_seconds / need_human:.2%}", rng.choice((0, 0, 0, 1)), rng.choice((0, 0, 0, 0, 1)),
    ]


def _stamp(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}"
