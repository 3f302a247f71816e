"""The Couriers page: one sentence from the numbers, the van named, nothing shown where nothing is known, foreign names made safe."""

import json
import re
from types import SimpleNamespace

import pytest

from pdd_audit.services.demo_shop import write_demo_files
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.shops import DEMO_AS_OF, create_shop
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import Words, all_texts
from pdd_audit.ui.courier_words import headline, verdict_of
from tests.ui.test_pages import shown


def charts_of(app):
    return app.get("vega_lite_chart") + app.get("arrow_vega_lite_chart")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_opens_with_one_sentence_and_names_the_van(lang, shown_demo, open_page):
    app = open_page("couriers", lang)
    assert not app.exception and not app.error
    text = shown(app)
    assert not re.search(r"\{[a-z_]+\}", text), "a placeholder was left unfilled"
    title = next(element.value for element in app.markdown if element.value.startswith("# "))
    assert "韵达" in title
    assert any("圆通" in element.value and "城南分部" in element.value for element in app.markdown)
    assert any(button.key == "van_0" for button in app.button)
    told = {"zh": ("「取号时间」和「面单状态」两列", "整班没收的 36 件"), "en": ("columns 取号时间", "makes the 36 of missed vans the courier's")}
    assert all(part in text for part in told[lang]), "what no file of the shop tells, and which would"


def test_every_picture_says_its_conclusion_and_stays_small(shown_demo, open_page):
    charts = charts_of(open_page("couriers"))
    assert len(charts) == 4
    for chart in charts:
        assert chart.proto.alt.strip()
        assert "NaN" not in json.dumps(json.loads(chart.proto.spec))


@pytest.mark.parametrize("key", ["van_0", "outlet_0", "party_unknown", "cause_missed_van", "scan_0"])
def test_a_number_opens_its_rows(key, shown_demo, open_page):
    app = open_page("couriers")
    app.button(key=key).click().run()
    assert not app.exception and not app.error
    assert len(app.dataframe) > 3, "the drawer holds a table of its own"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_holds_under_a_choice_of_one_courier_and_of_none(lang, shown_demo, open_page):
    for courier in ("圆通", "没有这家"):
        app = open_page("couriers", lang)
        app.query_params["courier"] = courier
        app.run()
        assert not app.exception and not app.error


def test_without_a_shop_or_pickups_it_says_what_is_missing(empty_home, open_page, tmp_path):
    assert Words("zh")("couriers.empty") in shown(open_page("couriers"))
    ws = open_workspace(empty_home)
    shop = create_shop(ws, "只有订单").id
    orders = next(file for file in write_demo_files(tmp_path, DEMO_AS_OF) if "orders" in file.name)
    assert import_files(ws, shop, [Upload(orders.name, orders)])[0].error is None
    app = open_page("couriers", shop=shop)
    assert not app.exception and not app.dataframe and not charts_of(app)
    assert Words("zh")("couriers.nothing_mature") in shown(app)
    assert any(button.key == "go_data" for button in app.button)


def told(**more):
    plain = {
        "late": 10, "parcels": 500, "limit_hours": 24.0, "misleading": (), "worse_outlets": (), "worse_couriers": (), "ranking": None,
        "split": SimpleNamespace(in_vans=0, vans=()),
    }
    return SimpleNamespace(**{**plain, **more})


def a_unit(name, difference=0.02):
    return SimpleNamespace(name=name, against=SimpleNamespace(difference=difference, p=0.01))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sentence_says_what_stands_out_and_nothing_where_nothing_does(lang):
    words = Words(lang)
    outlet = SimpleNamespace(courier="韵达", unit=a_unit("佛堂"))
    sentences = [
        headline(told(**more), words)
        for more in (
            {"late": 0}, {"misleading": (a_unit("极兔"),), "worse_outlets": (outlet,)}, {"misleading": (a_unit("极兔"),)}, {"worse_outlets": (outlet,)},
            {"worse_couriers": (a_unit("韵达"),)}, {"split": SimpleNamespace(in_vans=4, vans=(1,))}, {},
        )
    ]
    assert len(set(sentences)) == len(sentences)
    assert "极兔" in sentences[1] and "佛堂" in sentences[1]
    assert "2.0" in sentences[3] and "2.0" in sentences[4]
    assert "4" in sentences[5]
    assert sentences[6] == words("couriers.title.alike")


def test_a_difference_that_is_not_the_same_everywhere_has_no_single_verdict():
    against = SimpleNamespace(high=0.1)
    plain = {"uneven": False, "worse": False, "simpson": False, "tells": False, "against": against}
    assert verdict_of(SimpleNamespace(**plain)) == "same"
    assert verdict_of(SimpleNamespace(**{**plain, "uneven": True, "worse": True})) == "uneven"
    assert verdict_of(SimpleNamespace(**{**plain, "worse": True, "simpson": True})) == "worse"
    assert verdict_of(SimpleNamespace(**{**plain, "simpson": True})) == "looks"
    assert verdict_of(SimpleNamespace(**{**plain, "tells": True, "against": SimpleNamespace(high=-0.01)})) == "better"


def test_association_is_never_called_a_cause():
    words = all_texts()
    assert "非因果" in words["couriers.adjusted.caption"]["zh"] and "not cause" in words["couriers.adjusted.caption"]["en"]
    assert "不是证据" in words["couriers.scans.caption"]["zh"] and "not proof" in words["couriers.scans.caption"]["en"]
