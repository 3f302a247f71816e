"""Courier stops and exemptions on the Data page, and the line that tells them on pages of numbers."""

import json
from datetime import date, timedelta

import pytest

from pdd_audit.core.filters import ALL
from pdd_audit.services.calendars import days_noted
from pdd_audit.services.look_at_days import look_at_days
from pdd_audit.services.note_days import note_exemption, note_stop, take_back
from pdd_audit.services.shops import list_shops
from pdd_audit.services.workspace import open_workspace


def shop_of(home):
    ws = open_workspace(home)
    return ws, list_shops(ws)[0].id


@pytest.fixture
def demo_home(demo_home):
    """The demo shop without the notice it was sent."""
    ws, shop_id = shop_of(demo_home)
    for entry in days_noted(ws, shop_id).noted:
        take_back(ws, shop_id, entry, "甲")
    ws.state.close()
    return demo_home


def told_by(app):
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def fill(app, form, first, last, **more):
    app.date_input(key=f"{form}_from").set_value(first)
    app.date_input(key=f"{form}_to").set_value(last)
    for name, value in {"reason": "台风", "source": "网点 *通知*", "by": "老板", **more}.items():
        app.text_input(key=f"{form}_{name}").set_value(value)


def middle(home):
    ws, shop_id = shop_of(home)
    days = look_at_days(ws, shop_id, ALL)
    return days.first + (days.last - days.first) // 2


@pytest.mark.parametrize(("lang", "title"), [("zh", "停运和豁免"), ("en", "Courier stops and exemptions")])
def test_the_data_page_tells_which_days_are_not_ordinary(demo_home, open_page, lang, title):
    app = open_page("data", lang)
    assert not app.exception
    assert title in told_by(app)
    assert ":material/event:" in told_by(app)


def test_stops_and_windows_are_bands_behind_the_days(demo_home, open_page):
    stop, window = "圆通（城南分部）停运（11 月 3 日", "豁免「暴雨」，按上传单号时间（11 月 7 日）"
    ws, shop_id = shop_of(demo_home)
    told = {"reason": "暴雨", "source": "群通知"}
    note_stop(ws, shop_id, {"courier": "圆通", "outlet": "城南分部", "from": "2026-11-03", "to": "2026-11-04", **told}, "老板")
    window_day = {"counted_by": "shipped", "waives": ("pickup",), "from": "2026-11-07", "to": "2026-11-07", **told}
    note_exemption(ws, shop_id, window_day, "老板")
    ws.state.close()
    for page in ("pickup", "trends"):
        app = open_page(page)
        assert not app.exception
        alts = [chart.proto.alt for chart in app.get("vega_lite_chart") if stop in chart.proto.alt]
        assert alts and all(window in alt for alt in alts)
        assert "灰色竖带：圆通" in told_by(app)
        chart = next(chart for chart in app.get("vega_lite_chart") if stop in chart.proto.alt)
        rects = [layer for layer in json.loads(chart.proto.spec)["layer"] if layer["mark"]["type"] == "rect"]
        assert len(rects) == 1 and rects[0]["encoding"]["x2"] == {"field": "until"}
    assert "快递停运 2 天" in told_by(app)
    figure = app.segmented_control(key="trends_series")
    figure.set_value("promise").run()
    alts = [chart.proto.alt for chart in app.get("vega_lite_chart") if stop in chart.proto.alt]
    assert alts and not any(window in alt for alt in alts), "a window that waives the pickup changes no promise"


def test_without_a_shop_there_is_nothing_to_note(empty_home, open_page):
    app = open_page("data")
    assert not app.exception and "停运和豁免" not in told_by(app)


def test_a_shop_without_files_may_note_a_stop(empty_home, open_page):
    from pdd_audit.services.shops import create_shop

    create_shop(open_workspace(empty_home), "新店")
    app = open_page("data")
    assert not app.exception and "还没有记录" in told_by(app)


def test_a_stop_is_noted_and_taken_back(demo_home, open_page):
    ws, shop_id = shop_of(demo_home)
    day = middle(demo_home)
    app = open_page("data")
    app.selectbox(key="stop_courier").set_value("极兔")
    fill(app, "stop", day, day + timedelta(days=1), outlet="一号网点")
    app.button(key="stop_save").click().run()
    assert not app.exception and not app.error
    (entry, noted), = days_noted(ws, shop_id).noted.items()
    assert (noted.said.courier, noted.said.outlet, noted.said.first, noted.by) == ("极兔", "一号网点", day.isoformat(), "老板")
    assert "极兔（一号网点）" in told_by(app) and "个别网点停运 1 段" in told_by(app)
    assert "*通知*" not in told_by(app)  # escaped
    assert app.text_input(key="stop_reason").value == ""
    app.button(key=f"take_back_{entry}").click().run()
    assert days_noted(ws, shop_id).noted == {} and "极兔（一号网点）" not in told_by(app)


def test_an_exemption_changes_the_numbers_at_once(demo_home, open_page):
    day = middle(demo_home)
    app = open_page("data")
    assert "没有豁免时段" in told_by(app)
    fill(app, "exemption", day, day, provinces="浙江、广东，江苏")
    app.button(key="exemption_save").click().run()
    assert not app.exception and not app.error
    ws, shop_id = shop_of(demo_home)
    (window,) = [noted.said for noted in days_noted(ws, shop_id).noted.values()]
    assert (window.provinces, window.waives) == (("浙江", "广东", "江苏"), ("pickup",))
    days = look_at_days(ws, shop_id, ALL)
    assert f"豁免 1 段：{days.exempt_parcels} 个包裹不计揽收" in told_by(app) and days.exempt_parcels > 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_form_that_is_not_complete_says_what_is_missing_and_keeps_the_rest(demo_home, open_page, lang):
    ws, shop_id = shop_of(demo_home)
    app = open_page("data", lang)
    fill(app, "stop", date(2026, 10, 17), None)
    app.button(key="stop_save").click().run()
    assert not app.exception
    assert len(app.error) == 1
    assert app.text_input(key="stop_reason").value == "台风"
    assert days_noted(ws, shop_id).noted == {}


def test_a_window_of_the_rules_is_confirmed_or_found_wrong(demo_home, open_page):
    ws, shop_id = shop_of(demo_home)
    app = open_page("data")
    app.text_input(key="decision_why").set_value("规则中心没有这一条")
    app.text_input(key="decision_by").set_value("老板")
    app.button(key="decision_rejected").click().run()
    assert not app.exception and not app.error
    assert [noted.said.holds for noted in days_noted(ws, shop_id).noted.values()] == [False]
    assert "核实不成立" in told_by(app) and "规则中心没有这一条" in told_by(app)


def test_a_year_without_holidays_is_a_warning_in_both_languages(demo_home, open_page, monkeypatch):
    from pdd_audit.core.working_days import Calendar

    monkeypatch.setattr("pdd_audit.services.workspace.load_calendar", lambda *_: Calendar(frozenset({2020})))
    for lang, words in (("zh", "不知道 2026 年哪天放假"), ("en", "The holidays of 2026 are not known")):
        app = open_page("data", lang)
        assert any(words in warning.value for warning in app.warning)
