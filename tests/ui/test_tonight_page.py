"""The Tonight page: in both languages, with everything, with part of it and with nothing; its choices answer at once."""

import re
from datetime import date, timedelta

import pytest

from pdd_audit.core.filters import Filters
from pdd_audit.services.demo_shop import write_demo_files
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.rules import choose_platform
from pdd_audit.services.shops import DEMO_AS_OF, create_shop, list_shops
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import Words
from tests.ui.test_pages import shown


def said(app):
    """All words of the page, without the signs of Markdown."""
    return shown(app).replace("\\", "").replace("\u2060", "")


@pytest.fixture
def clock(monkeypatch):
    """Sets what time it is for the page."""

    def at(moment):
        monkeypatch.setattr("pdd_audit.services.workspace.now", lambda: moment)

    return at


@pytest.mark.parametrize(("lang", "tonight", "call"), [("zh", "到今晚 24 点", "先催"), ("en", "By midnight tonight", "first")])
def test_the_demo_shop_tonight(lang, tonight, call, shown_demo, open_page, clock):
    clock(DEMO_AS_OF + timedelta(minutes=8))
    app = open_page("tonight", lang)
    assert not app.exception and not app.error and not app.warning
    text = said(app)
    assert tonight in text and call in text
    assert not re.search(r"\{[a-z_]+\}|nan|None", text)
    charts = app.get("vega_lite_chart") + app.get("arrow_vega_lite_chart")
    assert len(charts) == 5
    assert all(chart.proto.alt.strip() for chart in charts)


def test_where_the_rules_name_no_compensation_no_amount_is_shown(demo_home, open_page, clock):
    clock(DEMO_AS_OF + timedelta(minutes=8))
    workspace = open_workspace(demo_home)
    choose_platform(workspace, list_shops(workspace)[0].id, "douyin", "店主", "也在抖音卖")
    workspace.state.close()
    app = open_page("tonight", "zh")
    assert not app.exception and not app.error
    text = said(app) + "".join(table.value.to_string() for table in app.table)
    above = Words("zh")("rules.header_unpriced", platform="抖音电商")  # it says what a ¥0 on other pages does not mean
    assert "¥" not in text.replace(above, "") and text.count("金额未知") >= 4 and Words("zh")("today.no_amount") in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_old_data_say_so_and_hide_the_minutes(lang, shown_demo, open_page, clock):
    clock(DEMO_AS_OF + timedelta(days=3, hours=5))
    app = open_page("tonight", lang)
    words = Words(lang)
    (warning,) = app.warning
    assert words("tonight.age.days", n=3) in warning.value
    assert words("tonight.tonight").strip() not in said(app).splitlines()[0]
    assert ("剩" if lang == "zh" else "left:") not in said(app)


def test_data_from_the_future_are_not_tonight(shown_demo, open_page, clock):
    clock(DEMO_AS_OF - timedelta(days=1))
    (warning,) = open_page("tonight", "zh").warning
    assert "比现在还晚" in warning.value


def test_the_last_hour_and_the_volume_answer_at_once(shown_demo, open_page):
    app = open_page("tonight", "zh")
    before = said(app)
    slider = next(slider for slider in app.select_slider if slider.key.startswith("cut_hour"))
    slider.set_value(23).run()
    assert not app.exception
    assert "这就是现在的做法" in said(app) and "这就是现在的做法" not in before
    app.select_slider(key="peak_times").set_value(4.0).run()
    assert not app.exception
    courier = app.selectbox(key="cut_courier")
    title = next(text for text in said(app).splitlines() if text.startswith("### 中通："))
    courier.select("极兔").run()
    assert not app.exception
    assert title not in said(app) and "### 极兔：" in said(app)


def test_a_chosen_courier_stands_alone(shown_demo, open_page):
    app = open_page("tonight", "zh", filters=Filters(date(2026, 11, 1), None, courier=("极兔",)))
    assert not app.exception and not app.error
    assert Words("zh")("tonight.filters_note") in shown(app)
    assert app.selectbox(key="cut_courier").options == ["极兔"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_a_shop_or_pickups_the_page_says_what_is_missing(lang, empty_home, open_page, tmp_path):
    words = Words(lang)
    assert words("tonight.empty") in shown(open_page("tonight", lang))
    workspace = open_workspace(empty_home)
    shop = create_shop(workspace, "没有揽收表")
    files = write_demo_files(tmp_path)
    orders = next(path for path in files if "orders" in path.name)
    import_files(workspace, shop.id, [Upload(orders.name, orders.read_bytes())])
    workspace.state.close()
    app = open_page("tonight", lang)
    assert not app.exception and not app.error
    assert words("tonight.no_pickup") in shown(app)


def test_the_rows_behind_a_batch_open(shown_demo, open_page):
    app = open_page("tonight", "zh")
    app.button(key="wave_0").click().run()
    assert not app.exception and not app.error
    (frame,) = app.dataframe
    assert len(frame.value)
