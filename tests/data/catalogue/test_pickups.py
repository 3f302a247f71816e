"""BF-061, 062, 079, 124, 125, 128, 131, 132 and 139 to 141: pickup sheets and scan logs that say too little, too much, or two things."""

from datetime import datetime, timedelta

import ibis
import pandas as pd
import pytest

from pdd_audit.data.reading.canonical import orders as orders_kind
from pdd_audit.data.reading.canonical import pickups as pickups_kind
from pdd_audit.data.relations.lines import build_lines, with_neighbours
from pdd_audit.data.relations.neighbours import Neighbours
from pdd_audit.data.relations.parcels import Moment, judged_lines, lines_at
from pdd_audit.data.relations.pickup_sources import far_apart
from pdd_audit.texts import LANGS, Words
from tests.data.builders import PICKUP_HEADERS, START, as_csv, as_xlsx, import_here, orders, pickups, stamp
from tests.data.catalogue.expected import Case, Read, Refused, ask

SHEET = "courier.csv"
SHEETS = {"expected": "courier_pickups"}
WAYBILL = "780000000000001"
COLLECTED = START + timedelta(hours=26, minutes=1)  # of WAYBILL, as ``pickups`` writes it
SCAN_HEADERS = ["运单号", "快递公司", "扫描类型", "扫描时间", "扫描网点", "扫描员"]


def scans(*told, headers=SCAN_HEADERS):
    """``told``: (waybill number, kind of scan, hours after START)."""
    rows = [{"运单号": f"78{number:013d}", "快递公司": "中通快递", "扫描类型": kind, "扫描时间": stamp(START + timedelta(hours=hours)),
             "扫描网点": "义乌江东网点", "扫描员": "甲某", "扫描内容": kind} for number, kind, hours in told]
    return [list(headers), *([row.get(header, "") for header in headers] for row in rows)]


def _with(rows, row, header, text):
    rows[row - 1][rows[0].index(header)] = text
    return rows


def _signed(*hours):
    """Two pickups 26 hours after START, and when each was signed for."""
    return [[*row, more] for row, more in zip(
        pickups(len(hours), total=False), ["签收时间", *(hour if isinstance(hour, str) else stamp(START + timedelta(hours=hour)) for hour in hours)], strict=True)]


def _renamed(rows, old, new):
    return [[new if cell == old else cell for cell in rows[0]], *rows[1:]]


def _twice(apart):
    again = [WAYBILL, "中通快递", stamp(COLLECTED + apart), "别处网点", "", ""]
    return [*pickups(2, total=False), again]


CASES = {
    "BF-061": Case(as_csv([["电子面单号", "快递公司", "取号时间"], [WAYBILL, "中通快递", "2026-10-21 09:00:00"]]), Refused("label_list", 1, found=("面单",)), SHEET, SHEETS),
    "BF-062 weighing": Case(as_csv([["运单号", "首条称重时间", "最新状态"], [WAYBILL, "2026-10-21 09:00:00", ""]]), Refused("no_pickup_column", 1, found=("首条称重时间",)), SHEET),
    "BF-062 hub": Case(as_csv([["运单号", "首次分拨扫描时间"], [WAYBILL, "2026-10-21 09:00:00"]]), Refused("no_pickup_column", 1, found=("首次分拨扫描时间",)), SHEET),
    "BF-062 yes or no": Case(as_csv([["物流单号", "是否已揽收"], [WAYBILL, "是"]]), Refused("no_pickup_column", 1), SHEET),
    "BF-079": Case(
        as_csv(_twice(timedelta(hours=5))),
        Read(2, [2, 3], {"repeated_waybill": 1}, {"several_pickup_times": {"rows": 1, "row": 2, "other": 4, "hours": 5}}, kind="courier_pickups"), SHEET),
    "BF-079 the later row is the earlier time": Case(
        as_csv(_twice(-timedelta(hours=2))),
        Read(2, [3, 4], {"repeated_waybill": 1}, {"several_pickup_times": {"rows": 1, "row": 4, "other": 2}}, kind="courier_pickups"), SHEET),
    "BF-079 the same time": Case(
        as_csv(_twice(timedelta())), Read(2, None, {"repeated_waybill": 1}, silent=("several_pickup_times",), kind="courier_pickups"), SHEET),
    "BF-128 signed before the pickup": Case(
        as_csv(_signed(50, 12)),
        Read(2, [2, 3], notices={"signed_before_pickup": {
            "rows": 1, "row": 3, "column": "签收时间", "found": "2026-10-20 21:00:00 < 2026-10-21 11:02:00"}}, silent=("move_before_pickup",), kind="courier_pickups"), SHEET),
    "BF-128 signed after the pickup": Case(as_csv(_signed(50, "")), Read(2, silent=("signed_before_pickup",), kind="courier_pickups"), SHEET),
    "BF-128 a log in which a signature comes first": Case(
        as_csv(scans((1, "签收", 20), (1, "揽收", 26), (2, "揽收", 26), (2, "发件", 30), (2, "签收", 60), (3, "待揽收", 10), (3, "揽收", 27))),
        Read(7, [3, 4, 8], notices={"scan_before_pickup": {"rows": 1, "row": 3, "found": "2026-10-21 05:00:00 < 2026-10-21 11:00:00"}}, kind="courier_pickups"), SHEET),
    "BF-128 a log in which a move comes first": Case(
        as_csv(scans((1, "到件", 25), (1, "揽收", 26), (1, "发件", 28))), Read(3, [3], notices={"scan_before_pickup": {"rows": 1}}, kind="courier_pickups"), SHEET),
    "BF-131": Case(as_csv(pickups(3)), Read(3, None, {"footer": 1}, {"collected_only": {}}, kind="courier_pickups"), SHEET),
    "BF-131 uncollected ones are listed": Case(
        as_csv(_with(pickups(3), 3, "第一条揽收时间", "") and [*pickups(2, total=False), ["780000000000003", "中通快递", "", "", "", "等待揽收"]]),
        Read(3, None, silent=("collected_only",), kind="courier_pickups"), SHEET),
    "BF-132": Case(as_csv(pickups(5, 第一条揽收时间="")), Refused("blank_pickup_column", 1, "第一条揽收时间", ("0 / 5",)), SHEET),
    "BF-139": Case(
        as_csv([*pickups(2, total=False), ["780000000000003", "中通快递", "", "", "", "已签收"], ["780000000000004", "中通快递", "", "", "", "已到驿站，待取件"]]),
        Read(4, None, {}, {"collected_time_unknown": {"rows": 2}}, ("collected_only",), "courier_pickups"), SHEET),
    "BF-139 yes without a time": Case(
        as_csv([[*row, more] for row, more in zip([*pickups(2, total=False), ["780000000000003", "中通快递", "", "", "", ""]], ["是否已揽收", "是", "是", "是"], strict=True)]),
        Read(3, None, {}, {"collected_time_unknown": {"rows": 1}}, kind="courier_pickups"), SHEET),
    "BF-140": Case(
        as_csv(scans((1, "揽收", 20), (1, "发件", 22), (2, "发件", 30), (2, "到件", 40))),
        Read(4, [2, 4], {}, {"later_scans_only": {"rows": 1, "row": 4}}, ("collected_only",), "courier_pickups"), SHEET),
    "order numbers in the place of waybills": Case(
        as_csv(_renamed(pickups(30, total=False, 运单号="261020-000000000000001"), "运单号", "订单号")), Refused("pickups_by_order", 2, "订单号", ("30 / 30",)), SHEET),
    "waybills under the name 订单号": Case(as_csv(_renamed(pickups(3, total=False), "运单号", "订单号")), Read(3, [2, 3, 4], kind="courier_pickups"), SHEET),
    "a few order numbers among the waybills": Case(
        as_csv([*pickups(30, total=False), ["261020-000000000000001", "中通快递", "2026-10-21 11:00:00", "", "", ""]]),
        Read(30, None, {"order_number": 1}, kind="courier_pickups"), SHEET),
    "scans in words nobody knows": Case(as_csv(scans((1, "甲类", 20), (2, "乙类", 30))), Refused("no_known_scan", 1, "扫描类型", ("0 / 2",)), SHEET),
    "a log of collected ones only": Case(
        as_csv(scans((1, "揽收", 20), (2, "收件", 21), (2, "到件", 30))), Read(3, [2, 3], {}, {"collected_only": {}}, kind="courier_pickups"), SHEET),
    "a time without a year": Case(
        as_csv(pickups(1, [*PICKUP_HEADERS], total=False, 第一条揽收时间="10-21 11:01")), Read(1, [2], kind="courier_pickups"), "courier_2026-10-28-18-00-00.csv"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_pickup_sheet_of_the_catalogue_gets_its_answer(case):
    ask(CASES[case])


def test_a_signature_proves_the_pickup_and_is_never_its_time():
    table = _signed(50, 12, 60)
    table[3][2] = ""  # the third has no pickup time, and was signed for
    _, rows = import_here(as_csv(table), SHEET)
    assert [row["collected_time_unknown"] for row in rows] == [False, False, True] and rows[2]["picked_up_at"] is None
    assert rows[1]["picked_up_at"] == COLLECTED + timedelta(minutes=1)


def test_the_first_of_two_pickups_counts():
    for apart, first in ((timedelta(hours=5), COLLECTED), (-timedelta(hours=2), COLLECTED - timedelta(hours=2))):
        _, rows = import_here(as_csv(_twice(apart)), SHEET)
        assert {row["waybill"]: row["picked_up_at"] for row in rows}[WAYBILL] == first


def test_a_year_that_is_not_written_is_the_last_one_before_the_export():
    _, rows = import_here(CASES["a time without a year"].content, CASES["a time without a year"].name)
    assert rows[0]["picked_up_at"] == datetime(2026, 10, 21, 11, 1)


def _log(rows, headers=SCAN_HEADERS):
    report, found = import_here(as_csv(scans(*rows, headers=headers)), SHEET)
    return report, {row["waybill"][-1]: row for row in found}


def test_a_scan_log_becomes_one_row_a_waybill():
    report, rows = _log([(1, "到件", 30), (1, "揽收", 26), (1, "揽收", 50), (1, "发件", 25), (2, "待揽收", 20), (3, "称重", 21)])
    one = rows["1"]
    assert (one["picked_up_at"], one["first_move_at"], one["outlet"], one["source_row"]) == (
        START + timedelta(hours=26), START + timedelta(hours=30), "义乌江东网点", 3)
    assert [rows[number]["collected_time_unknown"] for number in "123"] == [False, False, True]
    assert (report.rows_read, report.rows_kept, report.reading, report.couriers) == (6, 6, "lists_open", ["中通"])
    assert {notice.code: notice.values for notice in report.notices}["several_collections"] == {"rows": 1, "row": 3}
    assert (report.dropped_personal, report.ignored_columns) == (["扫描员"], [])


def test_a_log_of_collections_alone_says_nothing_of_moves():
    without, _ = _log([(1, "揽收", 26), (2, "揽收", 27)])
    moves, _ = _log([(1, "揽收", 26), (2, "揽收", 27), (2, "发件", 28)])
    assert ("first_move_at" in without.columns, moves.columns["first_move_at"]) == (False, "扫描类型")
    assert (without.period_from, without.period_to) == (START + timedelta(hours=26), START + timedelta(hours=27))


def test_a_scan_log_may_tell_in_sentences():
    _, rows = _log([(1, "【义乌江东网点】的 甲某 已揽收", 26), (1, "【郑州某某公司】 已收入", 30), (2, "商家已发货，等待揽收", 20)],
                   ["运单号", "快递公司", "扫描内容", "扫描时间"])
    assert (rows["1"]["picked_up_at"], rows["1"]["first_move_at"]) == (START + timedelta(hours=26), START + timedelta(hours=30))
    assert (rows["2"]["picked_up_at"], rows["2"]["collected_time_unknown"]) == (None, False)


@pytest.mark.parametrize(("courier", "code", "collected"), [("顺丰速运", "50", True), ("中通快递", "50", False), ("EMS", "00", True), ("顺丰速运", "80", False)])
def test_an_op_code_counts_for_its_own_courier(courier, code, collected):
    table = [["运单号", "快递公司", "opCode", "操作类型", "操作时间"], [WAYBILL, courier, code, "盘点", "2026-10-21 11:00:00"], ["780000000000002", courier, "", "揽收", "2026-10-21 12:00:00"]]
    _, rows = import_here(as_csv(table), SHEET)
    assert (rows[0]["picked_up_at"] is not None) == collected


def test_the_order_of_the_scans_and_the_way_of_reading_change_nothing():
    told = [(number % 40, kind, 10 + number % 7 + hours) for number in range(200) for kind, hours in (("揽收", 0), ("发件", 3), ("到件", 9))]
    table = scans(*told)
    content = as_csv(table)

    def facts(found):
        return [{name: value for name, value in row.items() if name not in {"source_row", "trouble"}} for row in sorted(found[1], key=lambda row: row["waybill"])]

    expected = facts(import_here(content, SHEET))
    assert len(expected) == 40
    assert facts(import_here(content, SHEET, strict=True)) == expected
    assert facts(import_here(as_csv([table[0], *table[:0:-1]]), SHEET)) == expected
    assert facts(import_here(as_xlsx(table), "scans.xlsx")) == expected


def test_a_collection_whose_time_cannot_be_read_leaves_the_parcel_collected():
    table = scans((1, "待揽收", 20), (1, "揽收", 26), *((number, "揽收", 26) for number in range(2, 60)))
    report, rows = import_here(as_csv(_with(table, 3, "扫描时间", "昨天")), SHEET)
    assert report.left_out == {"bad_time": 1}
    assert {row["waybill"]: (row["picked_up_at"], row["collected_time_unknown"]) for row in rows}[WAYBILL] == (None, True)


def test_no_sentence_and_no_name_of_a_scan_log_is_stored():
    _, rows = _log([(1, "【义乌江东网点】的 甲某（13800000000） 已揽收", 26)], ["运单号", "扫描内容", "扫描时间", "扫描员"])
    assert not any("甲某" in str(value) or "已揽收" in str(value) for row in rows.values() for value in row.values())


# --- what the sheets say together with orders, and with each other ---


@pytest.fixture
def judged():
    """The single parcel of one order and some pickup sheets, as of 28 October; and what the sheets say against each other."""

    def judge(*sheets):
        paid = stamp(START - timedelta(days=3))  # a scan before the payment would be another parcel's
        bought = _table(import_here(as_csv(orders(1, 支付时间=paid, 订单成交时间=paid)))[1], orders_kind.COLUMNS, "orders")
        tables = [_table(import_here(content, SHEET)[1], pickups_kind.COLUMNS, str(number)) for number, content in enumerate(sheets, 1)]
        told = ibis.union(*tables) if len(tables) > 1 else tables[0]
        as_of = datetime(2026, 10, 28, 18)
        moment = Moment(as_of, as_of - timedelta(hours=2), 1440, None)
        lines = with_neighbours(build_lines(bought, told, len(sheets) > 1), Neighbours())
        return judged_lines(lines_at(lines, moment), [], moment).execute().to_dict("records")[0], far_apart(told)

    return judge


def _table(rows, columns, import_id):
    """Rows as the ledger gives them back."""
    frame = pd.DataFrame(rows, columns=list(columns)).drop(columns="trouble")
    texts = {"waybill", "outlet", "courier", "province", "goods_id", "goods_name", "excluded_kind", "order_no", "status"} & set(frame)
    times = {name for name in frame if name.endswith("_at")}
    return ibis.memtable(frame.astype(dict.fromkeys(times, "datetime64[us]") | dict.fromkeys(texts, "str")).assign(import_id=import_id))


SHIPPED = START + timedelta(hours=20, minutes=1)


@pytest.mark.parametrize(
    ("before", "minute", "excluded"),
    [(timedelta(hours=1), 0, None), (timedelta(hours=24), 0, None), (timedelta(hours=24, seconds=1), 0, "time_invalid")],
    ids=["BF-124", "BF-124 exactly a day", "BF-125"],
)
def test_a_pickup_before_the_upload_is_no_wait_unless_it_is_another_parcels(judged, before, minute, excluded):
    parcel, _ = judged(as_csv(pickups(1, total=False, 第一条揽收时间=stamp(SHIPPED - before))))
    assert (None if pd.isna(parcel["excluded"]) else parcel["excluded"], parcel["minute"]) == (excluded, minute)


@pytest.mark.parametrize(
    ("days", "minute", "excluded"),
    [(["2026-10-21"], 18 * 60 + 59, None), (["2026-10-22"], None, "pickup_time_unknown"), (["2026/10/23 0:00"], 42 * 60 + 59, None),
     (["2026-10-21", "2026-10-21 09:01:00"], 4 * 60, None),
     (["2026-10-22 13:01:00", "2026-10-22"], 32 * 60, None), (["2026-10-22 13:01:00", "2026-10-21"], 18 * 60 + 59, None)],
    ids=["in time at both ends", "either", "late at both ends", "beside a time", "beside a late time", "a day before"],
)
def test_bf_108_a_scan_known_to_the_day_counts_where_both_ends_of_its_day_agree(judged, days, minute, excluded):
    parcel, _ = judged(*(as_csv(pickups(1, total=False, 第一条揽收时间=day)) for day in days))
    assert (None if pd.isna(parcel["excluded"]) else parcel["excluded"]) == excluded
    assert minute is None or (parcel["minute"] == minute and parcel["late"] == (minute > 1440))


def test_bf_108_a_log_of_scans_to_the_day_says_so():
    log = scans(*((number, "揽收", 26) for number in range(1, 7)))
    days = [log[0], *([cell[:10] if at == log[0].index("扫描时间") else cell for at, cell in enumerate(row)] for row in log[1:])]
    for table, codes in ((log, []), (days, [{"column": "扫描时间"}])):
        report, _ = import_here(as_csv(table), SHEET)
        assert [notice.values for notice in report.notices if notice.code == "day_only_times"] == codes


def test_bf_108_single_days_among_times_are_named():
    rows = pickups(30, total=False)
    rows[4][rows[0].index("第一条揽收时间")] = "2026/10/21"
    report, _ = import_here(as_csv(rows), SHEET)
    said = {notice.code: notice.values for notice in report.notices}
    assert said["time_day"] == {"column": "第一条揽收时间", "rows": 1, "row": 5} and "day_only_times" not in said


def test_an_uncollected_parcel_with_a_later_scan_is_outside_the_clock(judged):
    parcel, _ = judged(as_csv(pickups(1, total=False, 第一条揽收时间="", 最新状态="已签收") + pickups(2, total=False)[2:]))
    assert parcel["excluded"] == "pickup_time_unknown"


@pytest.mark.parametrize(("apart", "told"), [(timedelta(hours=24), False), (timedelta(hours=24, seconds=1), True)], ids=["BF-141 a day", "BF-141"])
def test_two_sheets_more_than_a_day_apart_are_named(judged, apart, told):
    sheets = [as_csv(pickups(1, total=False, 第一条揽收时间=stamp(COLLECTED + more))) for more in (timedelta(), apart)]
    parcel, flags = judged(*sheets)
    assert parcel["picked_up_at"] == COLLECTED
    assert bool(flags) == told
    if told:
        values = flags["pickup_sources_apart"]
        assert (values["waybills"], values["waybill"], values["first_file"], values["other_file"]) == ("1", WAYBILL, "1", "2")
        for lang in LANGS:
            assert WAYBILL in Words(lang).told("flags.pickup_sources_apart", values)


def test_one_sheet_never_contradicts_itself_across_files(judged):
    assert judged(as_csv(pickups(1, total=False)))[1] == {}


def test_bf_128_a_move_before_the_pickup_is_named_with_both_cells_and_runs_on_no_clock(judged):
    early = stamp(COLLECTED - timedelta(hours=3))
    rows = pickups(3, total=False)
    rows[1][rows[0].index("第一条分拨扫描时间")] = early
    for content, name in ((as_csv(rows), SHEET), (as_xlsx(rows), "courier.xlsx")):
        report, read = import_here(content, name)
        assert (read[0]["picked_up_at"], read[0]["first_move_at"]) == (COLLECTED, COLLECTED - timedelta(hours=3))
        said = {notice.code: notice.values for notice in report.notices}["move_before_pickup"]
        assert said == {"rows": 1, "row": 2, "column": "第一条分拨扫描时间", "found": f"{early} < {stamp(COLLECTED)}"}
        for lang in LANGS:
            assert early in Words(lang).notice("move_before_pickup", said)
    parcel, _ = judged(as_csv(rows))
    assert parcel["picked_up_at"] == COLLECTED and pd.isna(parcel["excluded"])


def test_bf_128_an_ordinary_sheet_says_nothing_of_it():
    report, _ = import_here(as_csv(pickups(3)), SHEET)
    assert "move_before_pickup" not in {notice.code for notice in report.notices}
