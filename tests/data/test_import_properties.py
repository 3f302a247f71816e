"""What holds for every file: nothing is lost between reading and keeping, and it does not matter how a shop cut or sorted its export."""

import hashlib
import tempfile
from datetime import timedelta
from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pdd_audit.data.reading.child import run
from pdd_audit.data.reading.hand_over import held
from pdd_audit.data.reading.header_rows import find_header
from pdd_audit.data.reading.limits import COMMAND_LINE
from pdd_audit.data.reading.read_file import REPORT, ROWS, checked, folder_of
from pdd_audit.data.reading.recognise import recognise
from pdd_audit.data.relations.engines import DEFAULT, opened
from pdd_audit.data.relations.lines import OrderFile, lines_of
from pdd_audit.data.storage.ledger import Ledger
from tests.data.builders import (
    EXPORT_NAME,
    LAYOUTS,
    PICKUP_HEADERS,
    SERVICE_HEADERS,
    START,
    an_order,
    as_csv,
    import_here,
    orders,
    pickups,
    stamp,
)

FEW = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
HEADERS = [*LAYOUTS["L3"], "承诺发货时间", "支付时间", "省", "收货人"]
INVISIBLE = [" ", "\t", "\u00a0", "\u3000", "\u200b", "\u200e", "\ufeff"]
PROVENANCE = ["import_id", "source_row", "file_row_number"]


def _put(ledger, content, name):
    """An import as ``Ledger.add`` leaves it, without a process of its own."""
    digest = hashlib.sha256(content).hexdigest()
    with tempfile.TemporaryDirectory() as part, held(content, Path(part)) as file:
        job = {
            "path": file.path, "size": file.size, "name": name, "expected": None, "snapshot_at": None, "imported_at": "2026-11-01T00:00:00",
        }
        answer = run(job, COMMAND_LINE, Path(part), sha256=lambda: digest, progress=lambda share: None)
        final = folder_of(ledger, checked(Path(part), digest, answer["rows"]))
        final.mkdir(parents=True)
        for entry in (ROWS, REPORT):
            (final / entry).write_bytes((Path(part) / entry).read_bytes())


def _lines(*files):
    """The shop's lines after importing (bytes, name) each, sorted, without where they came from."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for content, name in files:
            _put(home / "ledger", content, name)
        ledger = Ledger(home / "ledger")
        orders_of_ours = [OrderFile(path, report.first_row, report.distinct) for path, report in ledger.files("pdd_orders")]
        with opened(DEFAULT, home / "scratch", home) as engine:
            table = lines_of(engine, orders_of_ours, ledger.paths("courier_pickups"), partial(engine.kept, home / "kept")).table
            frame = table.execute()
    frame = frame.drop(columns=[column for column in PROVENANCE if column in frame])
    return frame.astype(object).where(frame.notna(), None).sort_values(["order_no", "waybill"], na_position="first").to_dict("records")


@st.composite
def exports(draw, least=2, most=12):
    """Rows of an export below its header: every order once, in every state, some with two parcels, some without any."""
    rows = []
    for number in range(1, draw(st.integers(least, most)) + 1):
        shipped = draw(st.integers(0, 3))
        cells = an_order(
            number,
            订单状态=draw(st.sampled_from(["已发货，待收货", "已收货", "已发货，退款成功"] if shipped else ["待发货", "未发货，退款成功", "已取消"])),
            快递公司=draw(st.sampled_from(["中通快递", "圆通速递", "\t"])),
            发货时间=stamp(START + timedelta(hours=draw(st.integers(1, 90)))) if shipped else "\t",
            快递单号=",".join(f"78{number:011d}{part}" for part in range(min(shipped, 2))) or "\t",
            **{"商家实收金额(元)": f"{draw(st.integers(1, 99_999)) / 100:.2f}\t"},
        )
        rows.append([cells.get(header, "\t") for header in HEADERS])
    return rows


@FEW
@given(exports(), st.data())
def test_two_halves_say_what_the_whole_says(rows, data):
    cut = data.draw(st.integers(1, len(rows) - 1))
    whole = _lines((as_csv([HEADERS, *rows]), EXPORT_NAME))
    halves = _lines((as_csv([HEADERS, *rows[:cut]]), EXPORT_NAME), (as_csv([HEADERS, *rows[cut:]]), EXPORT_NAME))
    assert halves == whole and len(whole) >= len(rows)


@FEW
@given(st.integers(2, 8), st.data())
def test_two_halves_of_a_pickup_sheet_say_what_the_whole_says(count, data):
    sheet = pickups(count, total=False)
    cut = data.draw(st.integers(1, count - 1))
    export = (as_csv(orders(count)), EXPORT_NAME)
    whole = _lines(export, (as_csv(sheet), "courier.csv"))
    halves = _lines(export, (as_csv([*sheet[: cut + 1]]), "courier.csv"), (as_csv([sheet[0], *sheet[cut + 1 :]]), "courier.csv"))
    assert halves == whole and any(line["picked_up_at"] for line in whole)


@FEW
@given(exports(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows, chance):
    rows = [*rows, rows[0]]  # one of them stands there twice
    mixed = chance.sample(rows, len(rows))
    assert _lines((as_csv([HEADERS, *mixed]), EXPORT_NAME)) == _lines((as_csv([HEADERS, *rows]), EXPORT_NAME))


def _unsound(row, sort):
    """A row that is no order, of each sort there is."""
    return {
        "blank": ["\t"] * len(row),
        "empty line": [],
        "footer": ["合计", *[""] * (len(row) - 1)],
        "header": HEADERS,
        "no order number": [*row[:1], "不是订单号", *row[2:]],
        "too many cells": [*row, "多余"],
        "too few cells": row[:3],
        "twice": row,
        "huge": ["长" * 33_000, *row[1:]],
    }[sort]


SORTS = ["blank", "empty line", "footer", "header", "no order number", "too many cells", "too few cells", "twice", "huge"]


@settings(FEW, max_examples=15)
@given(st.lists(st.tuples(st.sampled_from(SORTS), st.integers(0, 40)), max_size=6))
def test_kept_and_left_out_are_all_rows(unsound):
    assume(sum(sort == "no order number" for sort, _ in unsound) <= 3)  # a tenth of them and the file is refused
    sound = orders(40)[1:]
    rows = list(sound)
    for sort, place in unsound:
        rows.insert(place, _unsound(sound[0], sort))
    content = as_csv([HEADERS, *rows])
    report, kept = import_here(content)
    assert report.rows_read == len(rows) == report.rows_kept + sum(report.left_out.values())
    assert report.rows_kept == len(kept) == 40
    places = [at for at, row in enumerate(rows, 2) if row in sound]
    assert {row["source_row"] for row in kept} <= set(places)
    strict, same = import_here(content, strict=True)
    assert (strict.left_out, same) == (report.left_out, kept)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([HEADERS, LAYOUTS["L1"], PICKUP_HEADERS, SERVICE_HEADERS]), st.data())
def test_invisible_marks_in_headers_change_nothing(headers, data):
    def decorated(header):
        for mark in data.draw(st.lists(st.sampled_from(INVISIBLE), max_size=3)):
            place = data.draw(st.integers(0, len(header)))
            header = header[:place] + mark + header[place:]
        return header

    plain = recognise(headers, 1)
    found = recognise([decorated(header) for header in headers], 1)
    assert (found.source, found.columns) == (plain.source, plain.columns)
    assert len(found.personal) == len(plain.personal) and len(found.ignored) == len(plain.ignored)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([HEADERS, LAYOUTS["L1"], PICKUP_HEADERS]), st.data())
def test_headers_split_over_two_rows_are_put_together(headers, data):
    cuts = [data.draw(st.integers(1, len(header) - 1)) if len(header) > 1 else 0 for header in headers]
    upper = [header[:cut] for header, cut in zip(headers, cuts, strict=True)]
    lower = [header[cut:] for header, cut in zip(headers, cuts, strict=True)]
    found = find_header([["导出明细"], upper, lower, ["780000000000001"] * len(headers)])
    plain = recognise(headers, 1)
    assert (found.first, found.last) == (1, 2)
    joined = recognise(found.cells, 3, first_row=2)
    assert joined.source == plain.source
    assert {name: joined.header(name) for name in plain.columns} == {name: plain.header(name) for name in plain.columns}


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=8)


@settings(FEW, max_examples=30)
@given(st.lists(st.lists(CELLS, max_size=6), max_size=12))
def test_any_rows_above_a_header_leave_it_known(above):
    assume(all("订单" not in cell and "运单" not in cell for row in above for cell in row))
    header = find_header([*above[:11], HEADERS, orders(1)[1]])
    assert set(recognise(header.cells, header.last + 1).columns) == set(recognise(HEADERS, 1).columns)
    assert header.last == len(above[:11])


def test_a_moment_in_a_title_is_not_taken_for_a_header():
    header = find_header([["导出时间", "2026-10-28 18:00"], HEADERS, orders(1)[1]])
    assert (header.first, header.last) == (1, 1)
