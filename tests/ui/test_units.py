"""The card of a file asks for the unit it does not tell, and the mapping page for that of a column mapped by hand."""

from pdd_audit.services.import_files import Upload, list_imports
from pdd_audit.services.map_columns import known_mappings
from pdd_audit.services.shops import list_shops
from pdd_audit.services.workspace import open_workspace
from pdd_audit.ui.to_map import CHOSEN, ToMap
from tests.data.builders import EXPORT_NAME, as_csv
from tests.data.catalogue.test_money import YUAN
from tests.services.test_units import in_fen
from tests.ui.test_mapping_page import box, kind_of, texts, upload


def test_the_unit_is_said_on_the_card_and_the_same_file_is_read_by_it(empty_home, open_page):
    file = (EXPORT_NAME, as_csv(in_fen()), "text/csv")
    app = upload(open_page("data"), file)
    [choice] = [one for one in app.radio if one.key and one.key.endswith("_received_yuan")]
    assert [option for option in choice.options if "1,780.00" in option.replace("\\", "") and "178000" in option]
    choice.set_value("fen").run()
    app.button(key=f"save_{choice.key}").click().run()
    assert not app.exception and not app.error
    assert "再放进来一次" in texts(app)
    ws = open_workspace(empty_home)
    shop = list_shops(ws)[0].id
    assert list_imports(ws, shop)[0].units == {}
    app = upload(app, file)
    assert list_imports(ws, shop)[0].units == {"received_yuan": "fen"} and not app.error
    assert "按分读取" in texts(app) and "再放进来" not in texts(app)
    app.switch_page("pdd_audit/ui/pages/mapping.py").run()
    assert not app.exception and "按分" in texts(app)
    ws.state.close()


def test_a_column_mapped_by_hand_is_read_in_the_unit_chosen_for_it(empty_home, open_page):
    rows = [[{"订单号": "单子号码", YUAN: "到手"}.get(header, header) for header in in_fen()[0]], *in_fen()[1:]]
    app = open_page("mapping", "zh", **{CHOSEN: ToMap("x.csv", Upload("x.csv", as_csv(rows)))})
    kind_of(app).set_value("pdd_orders").run()
    box(app, "order_no").set_value("单子号码").run()
    box(app, "received_yuan").set_value("到手").run()
    [unit] = [one for one in app.selectbox if one.key and one.key.startswith("unit_") and one.key.endswith("_received_yuan")]
    assert unit.value == "yuan"
    unit.set_value("fen").run()
    app.button(key="try").click().run()
    assert not app.exception and not app.error and "1780.00" in app.dataframe[-1].value.to_string()
    app.button(key="import").click().run()
    ws = open_workspace(empty_home)
    shop = list_shops(ws)[0].id
    assert list_imports(ws, shop)[0].units == {"received_yuan": "fen"} == known_mappings(ws, shop)[0].mapping.units
    ws.state.close()
