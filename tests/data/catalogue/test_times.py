"""Times of order files: every way of writing one, how fine it is, and what cannot have happened."""

from datetime import datetime, timedelta

import pytest

from pdd_audit.core.errors import AuditError
from tests.data.builders import EXPORT_NAME, START, as_csv, as_xlsx, import_here, orders
from tests.data.catalogue.expected import Case, Read, ask, case
from tests.data.catalogue.test_cells import said, table

SHIPPED = "发货时间"


def column(text, count=30, name=EXPORT_NAME, header=SHIPPED):
    rows = orders(count)
    for number, row in enumerate(rows[1:]):
        row[rows[0].index(header)] = text(number) if callable(text) else text
    return import_here(as_csv(rows), name)


@pytest.mark.parametrize(
    ("text", "moment", "code"),
    [
        pytest.param("46316.209028", datetime(2026, 10, 21, 5, 1), "time_serial", id="BF-109"),
        pytest.param("2026.10.21 5:01:07", datetime(2026, 10, 21, 5, 1, 7), "time_written", id="BF-110"),
        pytest.param("10-21 13:41", datetime(2026, 10, 21, 13, 41), "time_no_year", id="BF-112"),
        pytest.param("12-31 13:41", datetime(2025, 12, 31, 13, 41), "time_no_year", id="BF-112 last year"),
        pytest.param("2026年10月21日 13时41分09秒", datetime(2026, 10, 21, 13, 41, 9), "time_written", id="BF-113 Chinese"),
        pytest.param("2026-10-21 下午 1:41", datetime(2026, 10, 21, 13, 41), "time_written", id="BF-113 afternoon"),
        pytest.param("2026/10/21 上午 12:05", datetime(2026, 10, 21, 0, 5), "time_written", id="BF-113 after midnight"),
        pytest.param("2026/10/21 24:00:00", datetime(2026, 10, 22), "time_end_of_day", id="BF-113 24:00"),
        pytest.param("26-10-21 13:41", datetime(2026, 10, 21, 13, 41), "time_two_digit", id="BF-113 two digits"),
        pytest.param("946656000000", None, "sentinel_times", id="BF-115 unix"),
        pytest.param("2000-01-01 00:00:00", None, "sentinel_times", id="BF-115 millennium"),
        pytest.param("1900-01-00", None, "sentinel_times", id="BF-115 Excel"),
        pytest.param("0", None, "sentinel_times", id="BF-115 zero"),
        pytest.param("2026-10-20T21:01:00Z", datetime(2026, 10, 21, 5, 1), "time_zone", id="BF-116 Z"),
        pytest.param("2026-10-20 21:01:00+00:00", datetime(2026, 10, 21, 5, 1), "time_zone", id="BF-116 offset"),
        pytest.param("1792530060", datetime(2026, 10, 21, 5, 1), "time_unix", id="BF-116 seconds"),
        pytest.param("1792530060000", datetime(2026, 10, 21, 5, 1), "time_unix", id="BF-116 milliseconds"),
        pytest.param("2026-02-30 10:00:00", None, "unread_times", id="BF-114 no such day"),
        pytest.param("25:61", None, "unread_times", id="BF-114 no such hour"),
        pytest.param("2027-10-21 05:01:00", None, "later_than_export", id="BF-117"),
    ],
)
def test_an_odd_time_is_read_or_blank_and_said(text, moment, code):
    report, rows = import_here(as_csv(table(**{SHIPPED: text})))
    assert rows[0]["shipped_at"] == moment
    values = said(report, code)
    assert (values["rows"], values["row"], values["column"]) == (1, 2, SHIPPED)
    if code in {"unread_times", "later_than_export"}:
        assert values["found"] == text


@case("BF-115 most of a column")
def test_a_zero_in_most_of_a_column_is_a_warning():
    report, _ = column(lambda number: "0" if number % 3 else "2026-10-21 05:01:02")
    assert said(report, "mostly_no_time")["rows"] == 20


@case("BF-110 seven ways")
def test_several_ways_of_writing_in_one_column_are_counted():
    moment = datetime(2026, 10, 21, 5, 1)
    ways = ["2026-10-21 05:01:00", "2026/10/21 5:01", "2026年10月21日 5时1分", "2026.10.21 05:01", "46316.209028", "2026-10-20T21:01:00Z", "1792530060"]
    report, rows = column(lambda number: ways[number % len(ways)], count=28)
    assert {row["shipped_at"] for row in rows} == {moment}
    counts = {notice.code: notice.values["rows"] for notice in report.notices if notice.values.get("column") == SHIPPED and notice.code.startswith("time_")}
    assert counts == {"time_written": 8, "time_serial": 4, "time_zone": 4, "time_unix": 4}


def with_slashes(*rows, count=30):
    """Orders whose upload is written as Excel does in those rows of the file, and as the platform does in the others."""
    table = orders(count)
    for row in rows:
        at = table[0].index(SHIPPED)
        table[row - 1][at] = table[row - 1][at].replace("-", "/")
    return table


BOTH = {"mixed_dates": {"column": SHIPPED, "hyphens": 27, "slashes": 3, "row": 5}}
MIXED = {
    "BF-110 slashes among hyphens": Case(as_csv(with_slashes(5, 9, 10)), Read(30, notices=BOTH)),
    "BF-110 in GB18030": Case(as_csv(with_slashes(5, 9, 10), "gb18030"), Read(30, notices=BOTH)),
    "BF-110 hyphens among slashes": Case(
        as_csv(with_slashes(*range(2, 31))), Read(30, notices={"mixed_dates": {"column": SHIPPED, "hyphens": 1, "slashes": 29, "row": 31}})
    ),
    "BF-110 in texts of a workbook": Case(
        as_xlsx([[cell.strip() for cell in row] for row in with_slashes(5, 9, 10)]), Read(30, notices=BOTH), "a.xlsx"
    ),
    "BF-110 a column of slashes beside columns of hyphens": Case(as_csv(with_slashes(*range(2, 32))), Read(30, silent=("mixed_dates",))),
    "BF-110 slashes in other cells only": Case(as_csv(orders(30, 商品="2026/10/20 上新")), Read(30, silent=("mixed_dates",))),
}


@pytest.mark.parametrize("case", MIXED.values(), ids=MIXED)
def test_dates_with_slashes_and_with_hyphens_are_counted(case):
    ask(case)
    _, rows = import_here(case.content, case.name)
    assert [row["shipped_at"] for row in rows] == [START + timedelta(hours=20, minutes=number) for number in range(1, 31)]


@case("BF-107")
def test_minutes_only_are_noticed():
    def noticed(text):
        report, _ = column(text)
        return SHIPPED in [notice.values["column"] for notice in report.notices if notice.code == "minute_times"]

    assert noticed("2026/10/21 13:41")
    assert not noticed("2026-10-21 13:41:07")


@case("BF-108")
def test_days_without_hours_run_no_clock():
    report, rows = column("2026-10-21")
    assert said(report, "day_only_times") == {"column": SHIPPED}
    assert {row["excluded_kind"] for row in rows} == {"ship_day_only"}


def test_bf_108_single_days_among_uploads_run_no_clock():
    _, rows = column(lambda number: "2026/10/21" if number == 3 else "2026-10-21 05:01:02" if number else "2026-10-21 00:00:00")
    assert [row["source_row"] for row in rows if row["excluded_kind"] == "ship_day_only"] == [5]


@pytest.mark.parametrize(
    ("texts", "moment", "code"),
    [
        pytest.param(["21/10/2026 13:41", "3/10/2026 13:41"], datetime(2026, 10, 3, 13, 41), "dates_day_first", id="BF-111 day"),
        pytest.param(["10/21/2026 13:41", "10/3/2026 13:41"], datetime(2026, 10, 3, 13, 41), "dates_month_first", id="BF-111 month"),
    ],
)
def test_a_column_that_proves_its_order_is_read(texts, moment, code):
    report, rows = column(lambda number: texts[number % 2])
    assert rows[1]["shipped_at"] == moment
    assert said(report, code)["rows"] == 30


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        pytest.param("3/4/2026 13:41", EXPORT_NAME, "ambiguous_dates", id="BF-111 unproven"),
        pytest.param("06-06 13:41", "订单.csv", "no_year", id="BF-112 no snapshot"),
        pytest.param("2026-02-30 10:00:00", EXPORT_NAME, "bad_times", id="BF-114 many"),
        pytest.param("2027-10-21 05:01:00", EXPORT_NAME, "future_times", id="BF-117 many"),
    ],
)
def test_a_column_without_sense_is_refused(text, name, code):
    with pytest.raises(AuditError) as caught:
        column(text, name=name)
    error = caught.value
    assert (error.code, error.place.row, error.place.column) == (code, 2, SHIPPED)
    assert text in error.found


@case("BF-117 a promise")
def test_a_promise_may_lie_in_the_future():
    report, rows = import_here(as_csv(table(承诺发货时间="2026-11-30 12:00:01")))
    assert rows[0]["promised_ship_at"] == datetime(2026, 11, 30, 12, 0, 1)
    assert said(report, "later_than_export") is None
