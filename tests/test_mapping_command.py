"""``preview`` and ``import --mapping``: from an unknown file to the ledger without a screen."""

import pytest

from pdd_audit.cli import main
from pdd_audit.data.reading.mapping_file import read_mapping
from pdd_audit.services.import_files import list_imports
from pdd_audit.services.map_columns import known_mappings
from pdd_audit.services.shops import list_shops
from pdd_audit.services.workspace import open_workspace
from tests.data.builders import as_csv, as_xlsx
from tests.data.test_mapping import BY_HAND, ROWS, strange_rows


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "网点明细.csv"
    path.write_bytes(as_csv([["十月"], *strange_rows()]))
    return path


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_first_look_finished_by_hand_imports_the_file(sheet, tmp_path, capsys, lang):
    home, mapping = tmp_path / "home", tmp_path / "m.yaml"
    assert main(["import", "--home", str(home), "--shop", "甲", str(sheet)]) == 2
    assert main(["preview", str(sheet), "--write-mapping", str(mapping), "--lang", lang]) == 0
    out, err = capsys.readouterr()
    assert out == mapping.read_text("utf-8") and "--mapping m.yaml" in err
    assert "王小明" not in out + err and "1380000" not in out + err
    mapping.write_text(mapping.read_text("utf-8").replace("  # picked_up_at: ...", '  picked_up_at: "首次扫描"'), "utf-8")
    assert dict(read_mapping(mapping).columns) == BY_HAND
    assert main(["import", "--home", str(home), "--shop", "甲", "--mapping", str(mapping), str(sheet)]) == 0
    workspace = open_workspace(home)
    shop = list_shops(workspace)[0].id
    report = list_imports(workspace, shop)[0]
    assert (report.rows_kept, report.header_row) == (ROWS, 2)
    assert known_mappings(workspace, shop) == []
    workspace.state.close()


def test_a_written_mapping_is_never_overwritten(sheet, tmp_path, capsys):
    mapping = tmp_path / "m.yaml"
    mapping.write_text("mine", "utf-8")
    assert main(["preview", str(sheet), "--write-mapping", str(mapping)]) == 2
    assert mapping.read_text("utf-8") == "mine" and "m.yaml" in capsys.readouterr().err


def test_a_choice_of_kind_and_header_row_is_followed(sheet, tmp_path, capsys):
    book = tmp_path / "x.xlsx"
    book.write_bytes(as_xlsx(strange_rows()[1:]))
    assert main(["preview", str(book), "--header-row", "0", "--kind", "pdd_orders"]) == 0
    out = capsys.readouterr().out
    assert "kind: pdd_orders" in out and "header_row: 0" in out and 'waybill: "[A]"' in out
    with pytest.raises(SystemExit) as wrong:
        main(["preview", str(book), "--header-row", "1000"])
    assert wrong.value.code == 2


def test_a_wrong_mapping_is_refused_with_its_line_before_anything_is_read(sheet, tmp_path, capsys):
    mapping = tmp_path / "m.yaml"
    mapping.write_text("kind: courier_pickups\ncolumns:\n  waybill: 运单\n  picked_up_at: 打单时间\ncolor: red\n", "utf-8")
    assert main(["import", "--home", str(tmp_path / "home"), "--shop", "甲", "--mapping", str(mapping), str(sheet)]) == 2
    assert "color" in capsys.readouterr().err
    mapping.write_text("kind: courier_pickups\ncolumns:\n  waybill: 运单\n  picked_up_at: 打单时间\n", "utf-8")
    assert main(["import", "--home", str(tmp_path / "home"), "--shop", "甲", "--mapping", str(mapping), str(sheet), "--lang", "en"]) == 2
    told = capsys.readouterr().err
    assert "打单时间" in told and "网点明细.csv" in told and "only makes the label" in told
