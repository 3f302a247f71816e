"""BF-133 to BF-137, BF-142 and BF-144: what the files of a shop tell together, and what they cannot tell."""

from datetime import datetime, timedelta

import pytest

from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.rows import list_rows
from pdd_audit.services.run_audit import run_audit
from pdd_audit.texts import LANGS
from tests.data.builders import EXPORT_NAME, PICKUP_HEADERS, START, as_csv, orders, pickups, stamp
from tests.data.catalogue.expected import case
from tests.data.test_neighbour_files import CASES_HEADER, PENALISED_HEADER, a_case, a_penalty

SHEET = "courier2026-10-28-18-00-00.csv"


@pytest.fixture
def audited(installation, new_shop):
    """(shop, result in Chinese, result in English) of a new shop with these files."""

    def audit(as_of=None, **files):
        shop = new_shop()
        outcomes = import_files(installation, shop.id, [Upload(name, content) for name, content in files.values()])
        assert not [outcome.error for outcome in outcomes if outcome.error]
        return shop, *(run_audit(installation, shop.id, as_of=as_of, lang=lang).result for lang in LANGS)

    return audit


def mixed(number=40):
    """Orders of several states, so that nothing looks cut out of a longer list."""
    rows = orders(number)
    at = rows[0].index("订单状态")
    for row in rows[1:number // 2]:
        row[at] = "已收货"
    rows[-1][at], rows[-1][rows[0].index("发货时间")], rows[-1][rows[0].index("快递单号")] = "待发货", "\t", "\t"
    return rows


def warned(result):
    return {warning.code: warning.text for warning in result.warnings if warning.file is None}


@case("BF-133")
def test_orders_alone_say_nothing_of_pickups_and_what_to_add(audited):
    rows = mixed()
    due = rows[0].index("承诺发货时间")
    for row in rows[1:]:
        row[due] = stamp(START + timedelta(hours=40))
    _, zh, en = audited(orders=(EXPORT_NAME, as_csv(rows)))
    for metric in ("pickup_24h_ratio", "promise_kept_ratio"):  # the one order never uploaded is no 0 % of kept promises
        assert zh.metrics[metric].value is None and zh.metrics[metric].verdict == "no_data", metric
    assert zh.parcels["pickup_unknown"] == 39 and zh.parcels["covered"] == 0
    assert "首条揽收时间" in warned(zh)["no_pickups"] and "first pickup scan" in warned(en)["no_pickups"]


def collected(text, number=39):
    """A sheet whose every parcel was collected then."""
    return as_csv(pickups(number, total=False, 第一条揽收时间=text, 第一条分拨扫描时间=""))


@case("BF-108 pickups")
@pytest.mark.parametrize(
    ("sheets", "kept", "unknown", "trusted"),
    [(["2026-10-22 07:01:07"], 0.0, 0, True), (["2026-10-22"], None, 39, False), (["2026-10-22 07:01:07", "2026-10-22"], 0.0, 0, True)],
    ids=["with times", "to the day", "with times, and a copy to the day"],
)
def test_days_of_pickup_prove_nothing_within_24_hours_and_take_nothing_from_times(audited, sheets, kept, unknown, trusted):
    files = {f"sheet{at}": (f"courier2026-10-28-18-0{at}-00.csv", collected(text)) for at, text in enumerate(sheets)}
    _, zh, en = audited(orders=(EXPORT_NAME, as_csv(mixed())), **files)
    ratio = zh.metrics["pickup_24h_ratio"]
    assert (ratio.value, zh.parcels["pickup_unknown"]) == (kept, unknown) and ratio.verdict != "pass"
    assert ("pickup_day_resolution" in warned(zh)) is not trusted and "no_pickups" not in warned(zh)
    if not trusted:
        assert ratio.verdict == "not_trusted" and zh.excluded == {"pickup_time_unknown": 39}
        assert "时分秒" in warned(zh)["pickup_day_resolution"] and "hours and minutes" in warned(en)["pickup_day_resolution"]


@case("BF-134")
def test_a_sheet_of_other_parcels_is_not_joined(audited):
    rows = pickups(40, total=False)
    for row in rows[1:]:
        row[0] = "9" + row[0]
    _, zh, en = audited(orders=(EXPORT_NAME, as_csv(mixed())), sheet=(SHEET, as_csv(rows)))
    assert zh.metrics["pickup_24h_ratio"].value is None and zh.parcels["covered"] == 0
    assert zh.excluded == {"pickup_unknown": 39}  # and not 39 parcels that nobody collected
    for result in (zh, en):
        text = warned(result)["no_overlap"]
        for found in ("780000000000001", "780000000000002", "9780000000000001", "9780000000000002", "2026-10-21", "2026-10-21"):
            assert found in text
    assert "780000000000001、780000000000002" in warned(zh)["no_overlap"] and "780000000000001, 780000000000002" in warned(en)["no_overlap"]


@case("BF-135")
def test_a_thin_overlap_is_said_in_percent_and_never_on_target(audited, installation):
    listed = [*pickups(25, total=False), *(["88" + f"{number:013d}", "中通快递", "", "", "", ""] for number in range(3))]
    shop, zh, en = audited(orders=(EXPORT_NAME, as_csv(mixed())), sheet=(SHEET, as_csv(listed)))
    assert (zh.parcels["covered"], zh.parcels["pickup_unknown"]) == (25, 14)
    assert "64%" in warned(zh)["partial_coverage"] and "64%" in warned(en)["partial_coverage"] and "14" in warned(zh)["partial_coverage"]
    assert zh.metrics["pickup_24h_ratio"].verdict != "pass"
    unmatched = list_rows(installation, shop.id, "excluded")
    assert len(unmatched) == 14 and set(unmatched["excluded"]) == {"pickup_unknown"}


@case("BF-136")
def test_a_sheet_older_than_the_last_uploads_makes_nobody_late(audited):
    early = START + timedelta(hours=10)
    rows = [[*PICKUP_HEADERS, "数据时间"], *([*row, stamp(early)] for row in pickups(5, total=False)[1:])]
    for row in rows[1:]:
        row[2] = stamp(early - timedelta(hours=1))
        row[4] = ""
    _, zh, en = audited(orders=(EXPORT_NAME, as_csv(mixed())), sheet=("courier.csv", as_csv(rows)))
    assert zh.parcels["open_over_limit"] == 0 and zh.as_of == early
    assert "2026-10-20 19:00" in warned(zh)["sheet_older_than_orders"] and "2026-10-20 19:00" in warned(en)["sheet_older_than_orders"]
    _, same, _ = audited(orders=(EXPORT_NAME, as_csv(mixed(60))), sheet=(SHEET, as_csv(pickups(40, total=False))))
    assert "sheet_older_than_orders" not in warned(same)


@case("BF-093 in the whole")
def test_an_order_without_a_courier_stands_in_no_rate_and_says_why(audited, installation):
    rows, at = mixed(), {name: mixed()[0].index(name) for name in ("快递单号", "承诺发货时间")}
    for row in rows[1:]:
        row[at["承诺发货时间"]] = stamp(START + timedelta(hours=40))
    files = {"sheet": (SHEET, as_csv(pickups(40, total=False)))}
    _, before, _ = audited(orders=(EXPORT_NAME, as_csv(rows)), **files)
    rows[3][at["快递单号"]], rows[5][at["快递单号"]] = "无需物流", "自提"
    shop, after, _ = audited(orders=(EXPORT_NAME, as_csv(rows)), **files)
    for metric in ("pickup_24h_ratio", "promise_kept_ratio"):
        assert after.metrics[metric].n == before.metrics[metric].n - 2 > 0, metric
        missed = [round(result.metrics[metric].n * (1 - result.metrics[metric].value)) for result in (before, after)]
        assert missed[0] == missed[1], metric
    left_out, order_no = list_rows(installation, shop.id, "not_uploaded", at={"why": "no_waybill"}), rows[0].index("订单号")
    assert set(left_out["order_no"]) == {rows[3][order_no], rows[5][order_no]}


@case("BF-137")
def test_without_an_export_time_the_newest_event_is_a_lower_bound(audited):
    _, zh, en = audited(orders=("订单.csv", as_csv(mixed())))
    assert zh.as_of == datetime(2026, 10, 21, 5, 39)
    assert "2026-10-21 05:39" in warned(zh)["snapshot_lower_bound"] and "2026-10-21 05:39" in warned(en)["snapshot_lower_bound"]
    _, told, _ = audited(as_of=datetime(2026, 10, 28, 18), orders=("订单2.csv", as_csv(mixed(41))))
    assert "snapshot_lower_bound" not in warned(told)
    _, named, _ = audited(orders=(EXPORT_NAME, as_csv(mixed(42))))
    assert "snapshot_lower_bound" not in warned(named)


def refunded_ones(number=5):
    """Orders refunded after shipping whose parcels nobody ever scanned."""
    rows = mixed()
    at = rows[0].index("订单状态")
    for row in rows[1:number + 1]:
        row[at] = "已发货，退款成功"
    return rows, pickups(40, total=False)[:1] + pickups(40, total=False)[number + 1:40]


@case("BF-142")
def test_refunds_without_a_time_are_counted_apart_until_the_cases_come(audited):
    rows, sheet = refunded_ones()
    files = {"orders": (EXPORT_NAME, as_csv(rows)), "sheet": (SHEET, as_csv(sheet))}
    _, before, _ = audited(**files)
    assert before.excluded == {"refund_time_unknown": 5}
    cases = [a_case(str(n), rows[n][1], agreed=stamp(START + timedelta(hours=30 if n < 4 else 60))) for n in range(1, 6)]
    _, after, _ = audited(**files, cases=("售后2026-10-28-18-00-00.csv", as_csv([CASES_HEADER, *cases])))
    assert after.excluded == {"refunded_before_limit": 3}
    assert after.parcels["shipped"] == after.parcels["covered"] + 3
    ratio = after.metrics["pickup_24h_ratio"]
    assert (ratio.n, ratio.value) == (36, pytest.approx(34 / 36))  # two were refunded only after their limit: they were late


@case("BF-144")
def test_one_bad_file_of_a_batch_leaves_the_others_in(installation, new_shop):
    shop = new_shop()
    uploads = [
        Upload(EXPORT_NAME, as_csv(mixed())), Upload("坏.csv", as_csv([["甲", "乙", "丙"], ["1", "2", "3"]])),
        Upload(SHEET, as_csv(pickups(40))), Upload("空.csv", b""),
    ]
    outcomes = import_files(installation, shop.id, uploads)
    assert [(outcome.file, outcome.error.code if outcome.error else outcome.report.kind) for outcome in outcomes] == [
        (EXPORT_NAME, "pdd_orders"), ("坏.csv", "unknown_layout"), (SHEET, "courier_pickups"), ("空.csv", "empty_file"),
    ]
    assert run_audit(installation, shop.id).result.parcels["covered"] == 39


@pytest.mark.parametrize(
    ("file", "flag"),
    [
        ((SHEET, as_csv(pickups(40))), "collected_without_orders"),
        (("违规.csv", as_csv([PENALISED_HEADER, *(a_penalty(row[1]) for row in mixed()[1:])])), "penalised_without_orders"),
    ],
    ids=["collected", "penalised"],
)
def test_a_list_of_collected_or_penalised_parcels_alone_gives_no_rate(audited, file, flag):
    _, zh, en = audited(only=file)
    assert flag in warned(zh) and flag in warned(en)
    assert all(metric.value is None for metric in zh.metrics.values())


def test_orders_picked_by_a_list_of_penalised_ones_are_not_trusted(audited):
    rows = mixed()
    listed = as_csv([PENALISED_HEADER, *(a_penalty(row[1], waybill=row[rows[0].index("快递单号")].strip()) for row in rows[1:])])
    _, zh, _ = audited(orders=(EXPORT_NAME, as_csv(rows)), sheet=(SHEET, as_csv(pickups(39, total=False))), listed=("违规.csv", listed))
    assert "export_only_penalised" in warned(zh)
    assert zh.metrics["pickup_24h_ratio"].verdict == zh.metrics["promise_kept_ratio"].verdict == "not_trusted"
