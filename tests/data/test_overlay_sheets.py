"""A shop's own checklist as a workbook: back into the very same, nothing in it ever runs, and every error names sheet, row and column."""

import io
from copy import deepcopy
from pathlib import Path

import openpyxl
import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.core.overlay import Adjustment, Overlay, OwnQuestion
from pdd_audit.core.questions import Criterion, Curve, Limit, Remedy, Text, Title, Verify
from pdd_audit.core.targets import OwnTarget
from pdd_audit.data.content.checklists import load_checklists, load_sources
from pdd_audit.data.content.overlay_file import Prover
from pdd_audit.data.reading.overlay_sheets import SHEETS, Shown, overlay_document, overlay_workbook
from pdd_audit.data.reading.sheet_cells import LIMITS, read_sheets
from pdd_audit.metrics import registry
from tests.data.catalogue import containers as box

FOLDER = Path(__file__).resolve().parents[2] / "checklists"
PROVER = Prover(load_checklists(FOLDER), {name: one.info.better for name, one in registry.items()}, load_sources(FOLDER))
SHOWN = Shown(lambda key: key.split(".")[-1].title(), lambda item: item.title.ok.zh, ["=1+1", "说明"], "是")
LEFT_OUT = "courier_coordination.volume_notice"
HOURS = "courier_coordination.fixed_pickup_time"
HOSTILE = '=cmd|\'/c calc\'!A1\n@SUM(A1) "引号" <b>'
OWN = OwnQuestion(
    id="shipping_process.local_1", weight=3, weight_why=Text(zh="要紧", en="it matters"), scale="coverage_4", freshness_days=60, quick=True,
    when=("presale", "night_shift"), title=Title(ok=Text(zh="拍了照", en="photographed"), fail=Text(zh="没拍照", en="+no photos")),
    ask=Text(zh="拍了吗？", en="=1+1 photographed?"), why=Text(zh="申诉要用", en="-appeals need it"), criteria=(Criterion(zh="一条", en="one"),),
    verify=Verify(metric="pickup_24h_ratio", min_n=200, curve=Curve(p10=0.99, median=0.95, worst=0.0), claim={
        "met": Limit(at_least=0.98), "mostly": Limit(at_least=0.96), "partly": Limit(at_least=0.9),
    }),
    remedies=(
        Remedy(levels=("unmet", "partly"), do=Text(zh="装摄像头", en="fit a camera"), effort_hours=2.5, addresses=("empty_scan",)),
        Remedy(levels=("mostly",), do=Text(zh="补拍", en="photograph the rest"), effort_hours=1, effort_hours_per_month=0.5),
    ),
)
EVERYTHING = Overlay(
    questions={
        LEFT_OUT: Adjustment(ignore=True, reason=HOSTILE),
        HOURS: Adjustment(weight=2, claim={"met": Limit(at_most=12.5)}),
        "courier_coordination.scan_at_handover": Adjustment(weight=0, claim={"met": Limit(at_least=0.985)}, reason="@ 0.1"),
    },
    targets={"pickup_24h_ratio": OwnTarget(value=0.965, reason="＝新店")}, add=(OWN,),
)


@pytest.fixture(scope="module")
def book():
    return overlay_workbook(PROVER.shipped, EVERYTHING, SHOWN)


@pytest.fixture(scope="module")
def cells(book):
    """What the child has read of it, once."""
    return read_sheets(book, "own.xlsx")


def meant(cells):
    return PROVER.of_document(overlay_document(cells, "own.xlsx", PROVER))[0]


def changed(cells, change):
    """A copy, with its sheets under their keys for whoever changes them."""
    copied = deepcopy(cells)
    change({name.split()[-1]: rows for name, rows in copied.items()})
    return copied


def put(sheet, key, column, value):
    """Writes one cell, in the row whose first cell is ``key``."""

    def change(sheets):
        rows = sheets[sheet]
        at = next(number for number, text in enumerate(rows[0]) if f"[{column}]" in str(text))
        next(row for row in rows[1:] if row[0] == key)[at] = value

    return change


def header(sheet, text):
    return lambda sheets: sheets[sheet][0].__setitem__(0, text)


def test_everything_reads_back_as_the_same_and_an_empty_one_too(cells):
    assert PROVER.said(EVERYTHING)[0] == []
    assert meant(cells) == EVERYTHING
    assert meant(read_sheets(overlay_workbook(PROVER.shipped, Overlay(), SHOWN), "own.xlsx")) == Overlay()


def test_no_cell_is_a_formula_or_a_link(book):
    for sheet in openpyxl.load_workbook(io.BytesIO(book)).worksheets:
        for row in sheet.iter_rows():
            assert {one.data_type for one in row} <= {"s", "n"}
            assert all(one.hyperlink is None for one in row)
            assert all(one.quotePrefix for one in row if isinstance(one.value, str) and one.value[:1] in "=+-@＝" and one.row > 1)


def test_people_may_move_columns_and_write_numbers_as_text_and_percent(cells):
    def change(sheets):
        put("questions", HOURS, "weight", " 4 ")(sheets)
        put("targets", "pickup_24h_ratio", "value", "96.6%")(sheets)
        for sheet in ("questions", "own"):
            for row in sheets[sheet]:
                row.reverse()

    found = meant(changed(cells, change))
    assert (found.questions[HOURS].weight, found.targets["pickup_24h_ratio"].value) == (4, 0.966)
    assert found.add == EVERYTHING.add


@pytest.mark.parametrize(("change", "code", "sheet", "column"), [
    (put("questions", HOURS, "weight", "很多"), "checklist_needs_number", "questions", "weight"),
    (put("questions", HOURS, "weight", 9), "checklist_out_of_range", "questions", "weight"),
    (put("questions", HOURS, "met", 60), "checklist_limit_not_looser", "questions", "met"),
    (put("questions", LEFT_OUT, "reason", None), "overlay_reason", "questions", "id"),
    (put("questions", LEFT_OUT, "ignore", "也许"), "checklist_needs_truth", "questions", "ignore"),
    (put("questions", LEFT_OUT, "id", "no.such"), "overlay_unknown_question", "questions", "id"),
    (put("targets", "pickup_24h_ratio", "value", 0.5), "overlay_target_range", "targets", "value"),
    (put("targets", "pickup_24h_ratio", "reason", None), "overlay_target_reason", "targets", "metric"),
    (put("own", OWN.id, "weight", None), "checklist_missing_key", "own", "id"),
    (put("own", OWN.id, "ask_en", None), "checklist_missing_key", "own", "ask_zh"),
    (put("own", OWN.id, "id", "shipping_process.photo"), "sheet_no_question", "criteria", "question"),
    (put("own", OWN.id, "scale", "如何"), "checklist_not_in_list", "own", "scale"),
    (put("remedies", OWN.id, "effort_hours", 0), "checklist_remedy_free", "remedies", "effort_hours"),
    (put("remedies", OWN.id, "question", None), "sheet_no_id", "remedies", "question"),
    (header("questions", "编号"), "sheet_column", "questions", "编号"),
    (header("targets", None), "sheet_header", "targets", None),
])
def test_every_error_names_sheet_row_and_column(cells, change, code, sheet, column):
    with pytest.raises(AuditError) as refused:
        meant(changed(cells, change))
    place = refused.value.place
    assert refused.value.code == code
    assert place.file == "own.xlsx" and place.sheet.split()[-1] == sheet and place.row >= 1
    assert column is None or column in place.column


def test_a_sheet_nobody_knows_and_a_second_row_are_refused(cells):
    noted = deepcopy(cells) | {"备注": [["hello"]]}
    twice = changed(cells, put("questions", HOURS, "id", LEFT_OUT))
    for faulty, code in ((noted, "sheet_unknown"), (twice, "sheet_twice"), ({"Sheet1": [["订单号"]]}, "sheet_unknown"), ({}, "sheet_none")):
        with pytest.raises(AuditError) as refused:
            meant(faulty)
        assert refused.value.code == code


def test_a_formula_without_a_result_and_a_broken_file_are_refused(book):
    changing = openpyxl.load_workbook(io.BytesIO(book))
    changing.worksheets[1]["E2"] = "=1+1"
    sink = io.BytesIO()
    changing.save(sink)
    in_ods = box.ods([["id", "a", "b", "c", "d"], ["x", "", "", "", box.Formula(None)]])
    for content, code in (
        (sink.getvalue(), "sheet_formula"), (in_ods, "sheet_formula"), (book[:2000], "damaged_workbook"), (b"a,b", "sheet_not_workbook"),
        (b"PK\x03\x04" + bytes(LIMITS.file_bytes), "sheet_file_too_large"),
    ):
        with pytest.raises(AuditError) as refused:
            read_sheets(content, "own.xlsx")
        assert (refused.value.code, refused.value.place.file) == (code, "own.xlsx")
        assert code != "sheet_formula" or (refused.value.place.row, refused.value.place.column) == (2, "E")


def test_every_column_of_every_sheet_has_its_word_in_both_languages():
    from pdd_audit.texts import all_texts

    columns = {column for names in SHEETS.values() for column in names}
    assert [name for name in columns if f"overlay_sheet.column.{name}" not in all_texts()] == []
    assert [name for name in ("how", *SHEETS) if f"overlay_sheet.sheet.{name}" not in all_texts()] == []
