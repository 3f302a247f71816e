"""The Messages page: who is to be told, a text that is read before it can be sent, and a note that keeps it from being sent twice."""

import re
from datetime import timedelta

import pytest

from pdd_audit.services.shops import DEMO_AS_OF
from pdd_audit.texts import Words
from tests.ui.test_pages import shown

NOON = DEMO_AS_OF + timedelta(minutes=10)


@pytest.fixture
def clock(monkeypatch):
    def at(moment):
        for module in ("workspace", "incidents.tell_buyers", "deeds"):
            monkeypatch.setattr(f"pdd_audit.services.{module}.now", lambda: moment)

    return at


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_a_shop_the_page_says_what_is_missing(lang, empty_home, open_page):
    assert Words(lang)("messages.empty") in shown(open_page("messages", lang))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_buyers_are_told_once_with_a_text_that_was_read(lang, demo_home, open_page, clock):
    clock(NOON)
    words = Words(lang)
    app = open_page("messages", lang)
    assert not app.exception and not app.error and not app.warning, "fresh data, and an hour in which one may write"
    (chart,) = app.get("vega_lite_chart") + app.get("arrow_vega_lite_chart")
    assert chart.proto.alt.strip()
    app.selectbox(key="situation").select("about_to_exceed").run()
    assert not app.exception and words("messages.waits", names="")[:2] in app.info[0].value and not app.code, "a time is missing"
    app.text_input(key="value_action_zh").input("请网点加一趟车")
    app.datetime_input(key="value_report_time").set_value((NOON + timedelta(hours=2)).replace(minute=0)).run()
    assert not app.exception and "今天 20:00 前" in app.code[0].value and "{" not in app.code[0].value
    assert not re.search(r"\{[a-z_]+\}|None|nan", shown(app))
    text = app.text_area(key="text_about_to_exceed_zh")
    text.set_value(text.value + "加薇 信 详聊").run()
    assert "薇 信" in app.error[0].value.replace("\\", "") and not app.code, "nothing to copy while a word is refused"
    app.button(key="reset_text_about_to_exceed_zh").click().run()
    assert not app.error and app.code
    app.button(key="mark_told").click().run()
    assert len(app.error) == 1 and not app.success, "nobody is named who sent it"
    orders = len(app.code[-1].value.splitlines())
    app.text_input(key="told_by").input("小李")
    app.button(key="mark_told").click().run()
    assert words("messages.marked", n=orders) in app.success[0].value
    by_order = app.dataframe[-1].value
    assert len(by_order) == orders and set(by_order.iloc[:, 3]) == {"小李"}, "each order with who told it what, and when"
    app.selectbox(key="situation").select("about_to_exceed").run()
    assert not app.exception and not app.code and words("messages.nobody") in shown(app)
    app.button(key="undo_told").click().run()
    assert len(app.error) == 1
    app.text_input(key="undo_by").input("老板")
    app.button(key="undo_told").click().run()
    assert not app.exception and app.code, "taken back, they are to be told again"


def test_orders_of_ones_own_choice_and_a_late_hour_and_old_data(demo_home, open_page, clock):
    clock(DEMO_AS_OF.replace(hour=23, minute=30))
    app = open_page("messages", "zh")
    app.selectbox(key="situation").select("stock_out").run()
    said = " ".join(warning.value for warning in app.warning)
    assert "23:30" in said and "已经旧了" in said
    app.text_area(key="paste_stock_out").set_value("261120-000000000000099").run()
    assert not app.exception and "认出 1 个订单号，文件里有 0 个" in shown(app)
    app.text_area(key="text_stock_out_zh").set_value("抱歉，{nobody}").run()
    assert "nobody" in app.error[0].value.replace("\\", "")
