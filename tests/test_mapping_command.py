"""``preview`` and ``import --mapping``: from an unknown file to the ledger without a screen."""

import pytest

from pdd_audit.cli import main
from pdd_audit.data.reading.mapping_file import read_mapping
from pdd_audit.services.import_files import list_imports
from pdd_audit.services.map_columns import known_mappings
from pdd_audit.services.shops import list_shops
from pdd_audit.services.workspace import open_workspace
from tests.data.builders import as_csv, as_xlsx, orders, pickups
from tests.data.test_mapping import BY_HAND, NEIGHBOURS, ROWS, STRANGER, strange_rows, stranger_rows


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


@pytest.fixture
def files(tmp_path):
    """An order export, a courier's sheet in words of its own, and a mapping of that sheet."""
    mapping = "kind: courier_pickups\ncolumns:\n" + "".join(f'  {column}: "{header}"\n' for column, header in BY_HAND.items())
    for name, content in (("orders.csv", as_csv(orders(30))), ("网点.csv", as_csv(strange_rows())), ("m.yaml", mapping.encode())):
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_score_reads_what_it_would_not_recognise_by_a_mapping(files, capsys):
    asked = ["score", "--orders", str(files / "orders.csv"), "--pickups", str(files / "网点.csv"), "--lang", "en", "--format", "json"]
    assert main(asked) == 2
    assert "网点.csv" in capsys.readouterr().err
    assert main([*asked, "--mapping", str(files / "m.yaml")]) == 0
    out, err = capsys.readouterr()
    assert "mapped by hand" in err and '"pickup_24h_ratio"' in out
    (files / "m.yaml").write_text((files / "m.yaml").read_text("utf-8") + "colour: red\n", "utf-8")
    assert main([*asked, "--mapping", str(files / "m.yaml")]) == 2
    assert "colour" in capsys.readouterr().err


def test_a_file_behind_the_wrong_option_is_read_as_what_it_is_and_said_so(files, capsys):
    (files / "p.csv").write_bytes(as_csv(pickups(30)))
    assert main(["score", "--orders", str(files / "p.csv"), "--pickups", str(files / "orders.csv"), "--lang", "en", "--format", "json"]) == 0
    told = capsys.readouterr().err
    assert told.count("it was read as what it is") == 2
    assert main(["score", "--orders", str(files / "p.csv"), "--lang", "en"]) == 2
    refused = capsys.readouterr().err
    assert "p.csv: In the wrong place: Courier first-pickup sheet" in refused and "it was read as what it is" in refused


@pytest.mark.parametrize("kind", NEIGHBOURS)
def test_every_kind_is_mapped_on_the_command_line(kind, tmp_path, capsys):
    (tmp_path / "x.csv").write_bytes(as_csv(stranger_rows(kind)))
    mapping = tmp_path / "m.yaml"
    assert main(["preview", str(tmp_path / "x.csv"), "--kind", kind, "--write-mapping", str(mapping), "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert f"kind: {kind}" in out and "王小明" not in out and "13800001234" not in out
    rest = {column: header for column, header in STRANGER[kind][2].items() if f'{column}: "{header}"' not in out}
    for column, header in rest.items():
        mapping.write_text(mapping.read_text("utf-8").replace(f"  # {column}: ...", f'  {column}: "{header}"'), "utf-8")
    assert main(["import", "--home", str(tmp_path / "home"), "--shop", "甲", "--mapping", str(mapping), str(tmp_path / "x.csv")]) == 0


def test_units_alone_are_for_files_that_are_recognised_by_themselves(tmp_path, capsys):
    rows = orders(30)
    for row in rows[1:]:
        row[rows[0].index("商家实收金额(元)")] = "178000"
    (tmp_path / "orders.csv").write_bytes(as_csv(rows))
    (tmp_path / "p.csv").write_bytes(as_csv(pickups(30)))
    asked = ["score", "--orders", str(tmp_path / "orders.csv"), "--pickups", str(tmp_path / "p.csv"), "--lang", "en", "--format", "json"]
    assert main(asked) == 0
    assert "units of --mapping" in capsys.readouterr().err
    units = tmp_path / "units.yaml"
    units.write_text("kind: pdd_orders\nunits:\n  received_yuan: fen\n", "utf-8")
    assert main([*asked, "--mapping", str(units)]) == 0
    told = capsys.readouterr().err
    assert "read in fen" in told and "units of --mapping" not in told
    take = ["import", "--home", str(tmp_path / "home"), "--shop", "甲", "--lang", "en", "--mapping", str(units), str(tmp_path / "orders.csv")]
    assert main(take) == 0 and main(take) == 0
    assert capsys.readouterr().err.count("read in fen") == 2
    for wrong, found in (("units: {received_yuan: minutes}", "received_yuan: minutes"), ("sheet: a", "columns")):
        units.write_text(f"kind: pdd_orders\n{wrong}\n", "utf-8")
        assert main(take) == 2
        assert found in capsys.readouterr().err
