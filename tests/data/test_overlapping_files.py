"""Exports that overlap, re-saved in Excel or of another layout: whatever two files say twice counts once, and nothing of it is lost."""

from datetime import datetime, timedelta
from functools import partial
from itertools import count

import pytest

from pdd_audit.data.relations.lines import OrderFile, lines_of
from pdd_audit.services.import_files import Upload, import_files, list_imports
from pdd_audit.services.run_audit import run_audit
from tests.data.builders import EXPORT_NAME, LAYOUTS, START, as_csv, orders, pickups, service, stamp
from tests.data.catalogue.expected import case
from tests.data.test_neighbour_files import BILL_HEADER, a_booking
from tests.data.test_parcels import order_rows, put

SHEET = "courier2026-10-28-18-00-00.csv"
EARLIER = EXPORT_NAME.replace("10-28-18", "10-21-12")


@pytest.fixture
def audited(installation, new_shop):
    """The result of a new shop with these files, imported in this order."""

    def audit(*files):
        shop = new_shop()
        outcomes = import_files(installation, shop.id, [Upload(name, as_csv(rows)) for name, rows in files])
        assert not [outcome.error for outcome in outcomes if outcome.error]
        return run_audit(installation, shop.id, lang="zh").result

    return audit


def changed(rows, numbers, **cells):
    """The rows of these orders with other cells, by header."""
    at = {name: place for place, name in enumerate(rows[0])}
    for number in numbers:
        for name, text in cells.items():
            rows[number][at[name]] = text
    return rows


WAITING = {"订单状态": "待发货", "发货时间": "\t", "快递单号": "\t"}


def an_older_and_a_newer():
    """Forty orders of which half wait, one under a waybill it has no more; and the same with twenty more, one waiting still and three of a
    later day. And their sheet."""
    older = changed(changed(orders(40), range(1, 20), 订单状态="已收货"), range(20, 41), **WAITING)
    changed(older, [1], 快递单号="\t789999999999999")
    newer = changed(changed(orders(60), range(1, 20), 订单状态="已收货"), [60], **WAITING)
    later = ("2026-10-24 09:00:00", "2026-10-25 09:00:00", "2026-10-26 09:00:00")
    changed(newer, (57, 58, 59), 订单成交时间=later[0], 支付时间=later[0], 发货时间=later[1], 承诺发货时间=later[2])
    sheet = changed(pickups(60, total=False), (57, 58, 59), 第一条揽收时间="2026-10-25 12:00:00", 第一条分拨扫描时间="2026-10-25 18:00:00")
    return older, newer, (SHEET, sheet)


def told(result):
    return {warning.code: warning.text for warning in result.warnings if warning.file is None}


@case("BF-070, BF-072 without export times")
@pytest.mark.parametrize("files", [("一.csv", "二.csv"), ("二.csv", "一.csv")], ids=["older first", "newer first"])
def test_of_two_exports_without_a_time_the_one_that_has_seen_more_speaks(audited, files):
    older, newer, sheet = an_older_and_a_newer()
    found = audited(*sorted(((files[0], older), (files[1], newer)), key=lambda file: file[0]), sheet)
    kept = found.metrics["promise_kept_ratio"]
    assert (kept.n, kept.value) == (60, pytest.approx(59 / 60)), "an order that waited then was shipped since"
    assert (found.parcels["shipped"], found.metrics["pickup_24h_ratio"].n) == (59, 59), "and of the replaced waybill nothing is left"
    assert "一.csv、二.csv" in told(found)["snapshot_lower_bound"]


@case("BF-137 beside a stamped export")
def test_a_later_export_saved_under_another_name_moves_the_moment_and_says_so(audited, installation):
    older, newer, sheet = an_older_and_a_newer()
    found = audited((EARLIER, older), ("订单.csv", newer), sheet)
    assert found.as_of == datetime(2026, 10, 25, 9)  # its last upload, later than the older one's stamp
    assert (found.parcels["shipped"], found.metrics["pickup_24h_ratio"].n) == (59, 56)
    assert found.metrics["promise_kept_ratio"].value == pytest.approx(56 / 57)
    assert "订单.csv" in (text := told(found)["snapshot_lower_bound"]) and "2026-10-25 09:00" in text
    (shop,) = installation.state.shops()
    unstamped = next(one for one in list_imports(installation, shop.id) if one.file == "订单.csv")
    assert unstamped.seen_until == unstamped.newest_event == datetime(2026, 10, 25, 9)
    assert unstamped.model_copy(update={"newest_event": None}).seen_until == datetime(2026, 10, 25, 9)  # an import of before it was kept


def test_a_mistyped_year_proves_no_moment(audited):
    older, newer, sheet = an_older_and_a_newer()
    changed(newer, [5], 发货时间="2126-10-21 06:00:00")
    assert audited((EARLIER, older), ("订单.csv", newer), sheet).as_of == datetime(2026, 10, 25, 9)


def test_a_column_that_the_newer_export_lacks_is_filled_and_one_left_blank_is_not(audited):
    older = changed(orders(40), range(1, 20), 订单状态="已收货")
    lacking = changed(orders(40, LAYOUTS["L3"]), range(1, 20), 订单状态="已收货")
    blank = changed(changed(orders(40), range(1, 20), 订单状态="已收货"), range(1, 11), 承诺发货时间="\t")
    sheet = (SHEET, pickups(40, total=False))
    due = {name: audited((EARLIER, older), (EXPORT_NAME, newer), sheet).metrics["promise_kept_ratio"] for name, newer in (("lacking", lacking), ("blank", blank))}
    assert (due["lacking"].n, due["lacking"].value, due["blank"].n) == (40, 1.0, 30)


def test_a_bill_and_its_copy_without_seconds_are_one_bill(audited):
    numbers = range(1, 31)
    bill = [BILL_HEADER, *(a_booking(f"261020-{n:015d}", at=f"2026-10-21 09:{n:02d}:07") for n in numbers)]
    bill.append(a_booking(f"261020-{30:015d}", at="2026-10-21 09:30:41"))  # within the minute of another: two bookings
    copy = [BILL_HEADER, *(a_booking(f"261020-{n:015d}", at=f"2026/10/21 9:{n:02d}", expense="-3") for n in (*numbers, 30))]
    found = audited((EXPORT_NAME, orders(40)), ("pdd-mall-bill-detail_2026-10-28-10-09-55_1.csv", bill), ("货款.csv", copy))
    assert [(fine.bookings, fine.yuan) for fine in found.fines] == [(31, 93.0)]


def test_totals_of_a_team_add_nothing_to_its_agents(audited):
    days = service(5)
    agents = [days[0], *days[1:], *([row[0], "客服乙", *row[2:]] for row in days[1:])]
    total = dict(zip(days[0], days[1], strict=True)) | {"咨询人数": "84", "需要人工回复的咨询人数": "72", "3分钟未回复人数": "2"}
    header = [name for name in days[0] if name != "客服账号"]
    team = [header, *([{**total, "日期": f"2026-10-{day:02d}"}[name] for name in header] for day in range(1, 7))]
    found = audited(("s2026-10-28-18-00-00.csv", agents), ("t2026-10-28-18-01-00.csv", team)).metrics["reply_3min_ratio"]
    assert found.n == 5 * 72 + 72, "the sixth day has totals only"


def cut_by_day(blank):
    """Orders of which twenty were uploaded the day before the sheet's first scan, and the sheet with this many open rows."""
    rows = changed(orders(220), range(1, 100), 订单状态="已收货")
    changed(rows, range(1, 21), 订单成交时间=stamp(START - timedelta(days=3)), 支付时间=stamp(START - timedelta(days=3)), 发货时间=stamp(START - timedelta(days=1)))
    changed(rows, [220], **WAITING)
    return (EXPORT_NAME, rows), (SHEET, changed(pickups(219, total=False), range(200, 200 + blank), 第一条揽收时间="", 第一条分拨扫描时间="", 最新状态=""))


@pytest.mark.parametrize(("blank", "cut"), [(1, True), (10, False)])
def test_one_open_row_hides_no_cut_by_pickup_day_and_a_list_of_open_ones_is_none(audited, blank, cut):
    found = audited(*cut_by_day(blank))
    assert ("cut_by_pickup_day" in told(found), "money_withheld" in told(found)) == (cut, cut)
    assert (found.metrics["pickup_24h_ratio"].verdict == "not_trusted") == cut


# --- the same on both engines, row by row ---


@pytest.fixture
def lines(engine, tmp_path):
    asked = count()

    def read(*files):
        """``files``: (OrderFile's further facts, rows as ``order_rows`` gives them)."""
        found = [OrderFile(put(tmp_path, rows["import_id"].iloc[0], rows), 2, **facts) for facts, rows in files]
        table = lines_of(engine, found, [], partial(engine.kept, tmp_path / "kept" / f"{next(asked)}")).table.execute()
        return table.sort_values(["order_no", "waybill"]).set_index("order_no", drop=False)

    return read


P = [("P01", "08 10:00:00", None), ("P02", "08 16:00:00", None), ("P03", "08 17:00:00", None)]


def test_exports_of_one_moment_keep_the_parcel_and_the_further_status(lines):
    shipped, waiting = order_rows(P, "a"), order_rows(P, "b")
    shipped.loc[1, "status"], waiting.loc[1, "status"] = "refunded_shipped", "received"
    waiting.loc[[0, 2], ["waybill", "shipped_at"]] = None
    waiting.loc[0, "status"] = "to_ship"
    table = lines(({}, shipped), ({}, waiting.astype({"shipped_at": "datetime64[us]"})))
    assert table[["waybill", "status", "import_id"]].values.tolist() == [
        ["P01", "shipped", "a"], ["P02", "refunded_shipped", "a"], ["P03", "shipped", "a"],
    ]


def test_what_fills_a_gap_is_the_newest_value_and_only_where_the_file_could_not_say(lines):
    have = {"columns": ["promised_ship_at", "province", "community_group"]}
    oldest = order_rows(P, "a", snapshot=datetime(2026, 3, 8, 20), province="浙江省", excluded_kind="community", promised_ship_at=datetime(2026, 3, 9))
    older = order_rows(P[:2], "b", snapshot=datetime(2026, 3, 9), promised_ship_at=[datetime(2026, 3, 11), None])
    newest = order_rows(P, "c", snapshot=None)
    table = lines((have, oldest), ({"columns": ["promised_ship_at", "province"]}, older), ({"columns": [], "seen_until": datetime(2026, 3, 10)}, newest))
    assert set(table["import_id"]) == {"c"} and set(table["province"]) == {"浙江省"} and set(table["kind"]) == {"community"}
    assert table["promised_ship_at"].to_list() == [datetime(2026, 3, 11), datetime(2026, 3, 9), datetime(2026, 3, 9)]
    could = lines((have, oldest), ({"columns": ["promised_ship_at"], "seen_until": datetime(2026, 3, 10)}, newest))
    assert could["promised_ship_at"].isna().all() and set(could["province"]) == {"浙江省"}
    between = lines((have, oldest), ({"columns": []}, older), ({"columns": ["promised_ship_at"], "seen_until": datetime(2026, 3, 10)}, newest))
    assert between["promised_ship_at"].isna().all(), "whichever file between them could not say"
