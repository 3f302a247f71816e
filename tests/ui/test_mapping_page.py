"""The page on which a refused file is mapped: from the refusal to the ledger and back again."""

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.data.storage.ledger import Ledger
from pdd_audit.services.import_files import Upload, import_files, list_imports
from pdd_audit.services.map_columns import CURABLE, known_mappings, with_known_mappings
from pdd_audit.services.shops import list_shops
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import LANGS, all_texts
from pdd_audit.ui.to_map import CHOSEN, MOST_BYTES, WAITING, ToMap
from tests.data.builders import as_csv, as_xlsx
from tests.data.catalogue.containers import locked_xlsx
from tests.data.test_mapping import BY_HAND, NEIGHBOURS, ROWS, STRANGER, strange_rows, stranger_rows

SECRET = "Mì码-9911"

FILE = ("某网点 *十月*.csv", as_csv(strange_rows()), "text/csv")


def upload(app, *files):
    app.file_uploader[0].set_value(list(files)).run()
    assert not app.exception
    return app


def open_mapping(open_page, lang="zh", file=FILE):
    return open_page("mapping", lang, **{CHOSEN: ToMap(file[0], Upload(file[0], file[1]))})


def box(app, column):
    return next(one for one in app.selectbox if one.key and one.key.endswith(f"_{column}") and one.key.startswith("column_"))


def kind_of(app):
    return next(one for one in app.selectbox if one.key and one.key.startswith("kind_"))


def texts(app):
    return "\n".join(str(element.value) for kind in ("markdown", "caption") for element in app.get(kind))


def test_from_the_refusal_to_the_ledger_and_the_next_month_by_itself(empty_home, open_page):
    app = upload(open_page("data"), FILE)
    assert len(app.error) == 1
    app.button(key="map_0").click().run()
    assert not app.exception and "某网点" in app.markdown[0].value
    app.switch_page("pdd_audit/ui/pages/mapping.py").run()  # as the browser's address has been since the click
    assert box(app, "waybill").value == "运单"
    box(app, "picked_up_at").set_value("首次扫描").run()
    app.button(key="try").click().run()
    assert not app.exception and not app.error
    assert f"会读到 {ROWS} 行" in texts(app)
    ws = open_workspace(empty_home)
    shop = list_shops(ws)[0].id
    assert list_imports(ws, shop) == []
    app.button(key="import").click().run()
    assert not app.exception
    report = list_imports(ws, shop)[0]
    assert report.rows_kept == ROWS and report.columns["picked_up_at"] == "首次扫描"
    assert CHOSEN not in app.session_state and app.session_state[WAITING] == [] and not app.error
    november = Upload("十一月.csv", as_csv(strange_rows(7)))
    outcome = import_files(ws, shop, with_known_mappings(ws, shop, [november]))[0]
    assert outcome.report is not None and outcome.report.rows_kept == 7
    assert "mapped_by_hand" in {notice.code for notice in outcome.report.notices}


def test_a_mapping_can_be_forgotten(empty_home, open_page):
    app = open_mapping(open_page)
    box(app, "picked_up_at").set_value("首次扫描").run()
    app.button(key="try").click().run()
    app.button(key="import").click().run()
    ws = open_workspace(empty_home)
    shop = list_shops(ws)[0].id
    known = known_mappings(ws, shop)[0]
    app.switch_page("pdd_audit/ui/pages/mapping.py").run()
    app.button(key=f"forget_{known.fingerprint[:16]}").click().run()
    assert not app.exception and known_mappings(ws, shop) == []
    assert with_known_mappings(ws, shop, [Upload("x", b"")])[0].by_hand is None


def test_a_file_that_is_refused_after_all_waits_to_be_mapped_again(empty_home, open_page, monkeypatch):
    def refused(*_):
        raise AuditError("disk_full")

    app = open_mapping(open_page)
    box(app, "picked_up_at").set_value("首次扫描").run()
    app.button(key="try").click().run()
    monkeypatch.setattr(Ledger, "add", refused)
    app.button(key="import").click().run()
    assert not app.exception and CHOSEN not in app.session_state
    assert [one.file for one in app.session_state[WAITING]] == [name for name, _ in app.session_state["refused"]] == [FILE[0]]
    ws = open_workspace(empty_home)
    assert known_mappings(ws, list_shops(ws)[0].id) == []
    ws.state.close()


@pytest.mark.parametrize("lang", LANGS)
def test_nobody_can_be_chosen_and_a_wrong_column_is_named_at_once(lang, empty_home, open_page):
    app = open_mapping(open_page, lang)
    options = set(box(app, "waybill").options)
    assert not [option for option in options if "收件人" in option or "联系方式" in option or "1380" in option]
    box(app, "picked_up_at").set_value("打单时间").run()
    assert not app.exception and len(app.error) == 1
    assert not [button for button in app.button if button.key in ("try", "import")]
    assert "打单时间" in (app.error[0].proto.title if hasattr(app.error[0].proto, "title") else app.error[0].value) + app.error[0].value


def test_what_is_missing_may_be_said_for_the_whole_file(empty_home, open_page):
    headers = ["平台单号", "快递编号", "出库时间", "金额"]
    rows = [headers, *([f"261020-{n:015d}", f"78{n:013d}", "2026-10-20 18:00:00", "17.80"] for n in range(9))]
    app = open_mapping(open_page, file=("erp.csv", as_csv(rows)))
    assert len(app.error) == 1  # no status yet
    box(app, "status").set_value("=").run()
    assert not app.exception and not app.error
    app.button(key="try").click().run()
    assert "会读到 9 行" in texts(app)


def test_the_shops_own_words_of_a_status_are_asked_for(empty_home, open_page):
    headers = ["平台单号", "单据状态", "快递编号", "发货日期"]
    rows = [headers, *([f"261020-{n:015d}", "仓内已打包" if n % 2 else "已发货", f"78{n:013d}", "2026-10-20 18:00:00"] for n in range(9))]
    app = open_mapping(open_page, "en", file=("erp.csv", as_csv(rows)))
    asked = [one for one in app.selectbox if one.key.startswith("status_")]
    assert [one.label for one in asked] == ["仓内已打包"]
    asked[0].set_value("to_ship").run()
    app.button(key="try").click().run()
    assert not app.exception and not app.error and "to be shipped" in str(app.dataframe[-1].value.to_dict())


def test_a_file_without_a_header_is_imported_but_not_remembered(empty_home, open_page):
    app = open_mapping(open_page, file=("无表头.csv", as_csv(strange_rows()[1:])))
    kind_of(app).set_value("courier_pickups").run()
    box(app, "picked_up_at").set_value("[C]").run()
    assert not app.error
    app.button(key="try").click().run()
    assert "下次还要再对应一遍" in texts(app)
    app.button(key="import").click().run()
    ws = open_workspace(empty_home)
    shop = list_shops(ws)[0].id
    assert len(list_imports(ws, shop)) == 1 and known_mappings(ws, shop) == []


def test_another_header_row_gives_other_columns(empty_home, open_page):
    rows = [["甲", "乙", "丙"], ["运单", "承运商家", "首次扫描"], *[row[:3] for row in strange_rows()[1:]]]
    app = open_mapping(open_page, file=("x.csv", as_csv(rows)))
    chooser = next(one for one in app.selectbox if one.key.startswith("header_row_"))
    assert chooser.value == 1
    chooser.set_value(2).run()
    assert not app.exception and box(app, "waybill").value == "运单"


def test_only_files_that_can_be_mapped_are_kept_and_only_as_far_as_they_fit(empty_home, open_page, monkeypatch):
    monkeypatch.setattr("pdd_audit.ui.to_map.MOST_BYTES", len(FILE[1]) + 10)
    other = ("别的网点.csv", as_csv(strange_rows(30)), "text/csv")
    app = upload(open_page("data"), FILE, other, ("空.csv", b"", "text/csv"))
    assert [one.file for one in app.session_state[WAITING]] == [FILE[0]]
    assert MOST_BYTES <= 64 * 1024 * 1024


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_alone_asks_for_a_file_and_takes_it(lang, empty_home, open_page):
    app = open_page("mapping", lang)
    assert not app.exception and not app.error
    upload(app, FILE)
    assert box(app, "waybill").value == BY_HAND["waybill"]


def test_a_file_that_is_no_table_is_refused_in_words(empty_home, open_page):
    app = open_mapping(open_page, file=("x.csv", b"%PDF-1.7 ..."))
    assert not app.exception and len(app.error) == 1


@pytest.mark.parametrize("code", sorted(CURABLE))
def test_every_refusal_that_a_mapping_cures_exists(code):
    assert f"errors.{code}.title" in all_texts()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", NEIGHBOURS)
def test_every_other_kind_goes_the_whole_way(kind, lang, empty_home, open_page):
    app = open_mapping(open_page, lang, file=("某表.csv", as_csv(stranger_rows(kind))))
    assert kind_of(app).value == kind
    for column, header in (STRANGER[kind][1] | STRANGER[kind][2]).items():
        if box(app, column).value != header:
            box(app, column).set_value(header).run()
    assert not app.error
    app.button(key="try").click().run()
    assert not app.exception and not app.error
    shown = "".join(f"{frame.value.to_dict()}" for frame in app.dataframe) + texts(app)
    assert "王小明" not in shown and "13800001234" not in shown and "亲，在吗" not in shown
    assert not [code for code in ("late_pickup", "refund_only", "fine_late_shipping", "false_shipping") if code in shown]
    app.button(key="import").click().run()
    ws = open_workspace(empty_home)
    shop = list_shops(ws)[0].id
    (report,) = list_imports(ws, shop)
    assert report.rows_kept and known_mappings(ws, shop)[0].mapping.kind == kind
    ws.state.close()


def test_a_locked_file_is_asked_for_its_password_and_nobody_keeps_it(empty_home, open_page):
    content = locked_xlsx(as_xlsx(strange_rows()), SECRET)
    app = upload(open_page("data"), ("某网点.xlsx", content, "application/octet-stream"))
    next(field for field in app.text_input if field.key and field.key.startswith("password_")).set_value(SECRET)
    next(button for button in app.button if button.key and button.key.startswith("open_")).click().run()
    (waiting,) = app.session_state[WAITING]
    assert waiting.locked and waiting.upload.password is None and SECRET not in repr(waiting)
    app.button(key="map_0").click().run()
    app.switch_page("pdd_audit/ui/pages/mapping.py").run()
    assert not app.exception and not [one for one in app.selectbox if one.key and one.key.startswith("column_")]
    field = next(one for one in app.text_input if one.key.startswith("mapping_password_"))
    field.set_value("guess").run()
    assert len(app.error) == 1
    field.set_value(SECRET).run()
    box(app, "picked_up_at").set_value("首次扫描").run()
    app.button(key="try").click().run()
    app.button(key="import").click().run()
    assert not app.exception and not app.error
    ws = open_workspace(empty_home)
    (report,) = list_imports(ws, list_shops(ws)[0].id)
    assert report.rows_kept == ROWS
    assert not [path for path in empty_home.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    ws.state.close()


def test_a_file_put_into_the_page_itself_may_be_locked_too(empty_home, open_page):
    app = open_mapping(open_page, file=("某网点.xlsx", locked_xlsx(as_xlsx(strange_rows()), SECRET)))
    assert not app.exception and app.session_state[CHOSEN].locked
    next(one for one in app.text_input if one.key.startswith("mapping_password_")).set_value(SECRET).run()
    assert box(app, "waybill").value == "运单"


def test_every_column_has_its_words():
    from pdd_audit.core.mapping import MAPPED_KINDS
    from pdd_audit.data.reading.mapping import target

    columns = {column for kind in MAPPED_KINDS for column in target(kind).columns}
    assert [column for column in sorted(columns) if f"mapping.column.{column}.name" not in all_texts() or f"mapping.column.{column}.what" not in all_texts()] == []
