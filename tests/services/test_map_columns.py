"""Use cases of mapping by hand: nothing is kept by looking or trying, a table of a ZIP is mapped like any other."""

import io
import zipfile
from datetime import datetime

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.core.mapping import Mapping
from pdd_audit.services.import_files import Upload, import_files, list_imports
from pdd_audit.services.map_columns import (
    CURABLE,
    first_look,
    import_by_hand,
    known_mappings,
    mapped_by,
    problem_with,
    remember_mapping,
    try_mapping,
    with_known_mappings,
)
from pdd_audit.services.shops import create_shop
from tests.data.builders import as_csv
from tests.data.test_mapping import BY_HAND, ROWS, strange_rows

NOW = datetime(2026, 11, 20, 18)
MAPPING = Mapping(kind="courier_pickups", columns=BY_HAND)


@pytest.fixture
def shop(home):
    return create_shop(home, "拾光").id


def zipped(**files):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(f"{name}.csv", content)
    return sink.getvalue()


def test_a_table_of_a_zip_is_mapped_under_the_name_of_its_refusal(home, shop):
    upload = Upload("网点.zip", zipped(a=as_csv([["甲", "乙"], ["1", "2"]]), b=as_csv(strange_rows())))
    refused = next(one for one in import_files(home, shop, [upload]) if one.file.endswith("b.csv"))
    assert refused.error.code in CURABLE
    preview = first_look(upload, entry=refused.file)
    assert preview.names[0] == "运单" and problem_with(preview, MAPPING) is None
    trial = try_mapping(upload, MAPPING, NOW, refused.file)
    assert trial.report.rows_kept == ROWS and list(trial.rows[0]) == ["waybill", "courier", "outlet", "picked_up_at"]
    assert list_imports(home, shop) == [] and known_mappings(home, shop) == []
    told = import_by_hand(home, shop, mapped_by(MAPPING, NOW, upload), refused.file)
    assert told.error is None and list_imports(home, shop)[0].file.endswith("b.csv")


def test_a_file_that_is_there_is_read_again_under_another_mapping_and_not_under_the_same(home, shop):
    upload = Upload("网点.csv", as_csv(strange_rows()))
    another = Mapping(kind="courier_pickups", columns={"waybill": "运单", "picked_up_at": "首次扫描"}, constants={"courier": "圆通"})
    for mapping, courier in ((MAPPING, "中通"), (another, "圆通")):
        told = import_by_hand(home, shop, mapped_by(mapping, NOW, upload))
        assert told.error is None and not told.already and [report.couriers for report in list_imports(home, shop)] == [[courier]]
        assert import_by_hand(home, shop, mapped_by(mapping, NOW, upload)).already
    assert home.ledger(shop).removed() == []


def test_what_is_remembered_holds_for_one_shop_and_survives_a_new_month(home, shop):
    preview = first_look(Upload("十月.csv", as_csv([["标题"], *strange_rows()])))
    assert remember_mapping(home, shop, preview, MAPPING.model_copy(update={"header_row": 2}), "十月.csv", NOW)
    month = Upload("十一月.csv", as_csv([["标题"], ["又一行"], *strange_rows(9)]))
    assert import_files(home, shop, with_known_mappings(home, shop, [month]))[0].report.rows_kept == 9
    other = create_shop(home, "别家").id
    assert import_files(home, other, with_known_mappings(home, other, [month]))[0].error.code == "unknown_layout"


def test_a_trial_that_fails_says_why_and_leaves_nothing(home, shop, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    rows = strange_rows()
    for row in rows[1:]:
        row[2] = "昨天"
    with pytest.raises(AuditError) as caught:
        try_mapping(Upload("x.csv", as_csv(rows)), MAPPING, NOW)
    assert (caught.value.code, caught.value.place.file, caught.value.place.column) == ("bad_times", "x.csv", "首次扫描")
    assert {path.name for path in tmp_path.iterdir()} == {"home"}
