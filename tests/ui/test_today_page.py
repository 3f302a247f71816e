"""The Today page: whom to call, in both languages; what is marked is kept, shown and taken back; old data say so and claim less."""

import re
from datetime import time, timedelta

import pytest

from pdd_audit.services.deeds import deeds
from pdd_audit.services.shops import DEMO_AS_OF, list_shops
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import Words
from tests.ui.test_pages import shown

WHO = "call_圆通_"


def said(app):
    """All words of the page, without the signs of Markdown."""
    return shown(app).replace("\\", "").replace("\u2060", "")


@pytest.fixture
def clock(monkeypatch):
    """Sets what time it is for the page, and for what is noted on it."""

    def at(moment):
        for module in ("workspace", "deeds"):
            monkeypatch.setattr(f"pdd_audit.services.{module}.now", lambda: moment)
        monkeypatch.setattr("pdd_audit.ui.incidents.call_card.now", lambda: moment)

    at(DEMO_AS_OF + timedelta(minutes=8))
    return at


def kept(home):
    workspace = open_workspace(home)
    shop = list_shops(workspace)[0]
    found = deeds(workspace, shop.id)
    workspace.state.close()
    return found


@pytest.mark.parametrize(("lang", "first"), [("zh", "# 先打圆通：7 件"), ("en", "# Call 圆通 YTO first: 7 parcels")])
def test_the_demo_shop_today(lang, first, demo_home, open_page, clock):
    app = open_page("today", lang)
    assert not app.exception and not app.error and not app.warning
    text = said(app)
    assert first in text and Words(lang)("tonight.age.minutes", n=8) in text
    assert not re.search(r"\{[a-z_]+\}|nan|None", text)
    (chart,) = app.get("vega_lite_chart") + app.get("arrow_vega_lite_chart")
    assert chart.proto.alt.strip()
    parts = [block.value for block in app.code]
    assert len(parts) == 3 and not any("***" in part for part in parts) and all(len(part.encode()) <= 2048 for part in parts)
    waybills = list(app.dataframe[0].value.iloc[:, 0])
    assert waybills and all(name in parts[0] for name in waybills), "an outlet finds a parcel by its whole number"
    assert Words(lang)("today.message.why_whole") in text
    assert [Words(lang)("today.refunds.held") in text, Words(lang)("today.mark.called") in text] == [True, True]


def test_what_is_marked_is_kept_shown_and_taken_back(demo_home, open_page, clock):
    app = open_page("today", "zh")
    app.text_input(key="today_by").set_value("").run()
    app.button(key=f"{WHO}_called").click().run()
    assert "没写是谁做的" in app.error[0].title if hasattr(app.error[0], "title") else app.error and kept(demo_home) == []
    app.text_input(key="today_by").set_value("小李").run()
    app.button(key=f"{WHO}_called").click().run()
    assert not app.error and "小李 打了电话，7 件" in said(app)
    assert "# 先打圆通" not in said(app), "the next call leads now"
    app.time_input(key=f"{WHO}_until").set_value(time(9, 30)).run()
    app.button(key=f"{WHO}_promised").click().run()
    called, promised = kept(demo_home)
    assert (promised.what["until"], promised.what["courier"], len(promised.subjects)) == ("2026-11-21T09:30", "圆通", 7)
    assert set(called.subjects) == set(promised.subjects) and "答应 11 月 21 日 09:30 前来收" in said(app)
    app.multiselect(key=f"{WHO}_only").set_value([promised.subjects[0]]).run()
    app.button(key=f"{WHO}_collected").click().run()
    assert kept(demo_home)[-1].subjects == promised.subjects[:1] and "网点说已收、还没有扫描" in said(app)
    app.button(key="refunds_held").click().run()
    assert kept(demo_home)[-1].what == {"step": "held"} and app.button(key="refunds_held").disabled
    for deed in kept(demo_home):
        key = f"refunds_undo_{deed.id}" if deed.kind == "intercepted" else f"{WHO}_undo_{deed.id}"
        app.button(key=key).click().run()
    assert kept(demo_home) == [] and "# 先打圆通：7 件" in said(app) and not app.exception


def test_a_promise_that_was_not_kept_is_shown_here_and_on_the_couriers_page(demo_home, open_page, clock):
    clock(DEMO_AS_OF - timedelta(hours=5))
    app = open_page("today", "zh")
    app.text_input(key="today_by").set_value("小李").run()
    app.time_input(key=f"{WHO}_until").set_value(time(14, 0)).run()
    app.button(key=f"{WHO}_promised").click().run()
    clock(DEMO_AS_OF + timedelta(minutes=8))
    app = open_page("today", "zh")
    text = said(app)
    assert "答应了没来：圆通 1/1 次" in text and "上次答应 11 月 20 日 14:00，没有来（0/7 件按时收走）" in text
    app.switch_page("pdd_audit/ui/pages/couriers.py").run()
    assert "电话里答应的：1 次，没来 1 次" in said(app)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_old_data_claim_less_and_ask_for_new_files(lang, demo_home, open_page, clock):
    clock(DEMO_AS_OF + timedelta(days=3))
    app, words = open_page("today", lang), Words(lang)
    text = said(app)
    assert words("tonight.age.days", n=3) in text and len(app.warning) == 1
    assert app.button(key="import_first")
    title = next(line for line in text.splitlines() if line.startswith("# "))
    assert title.startswith("# 11 月 20 日 18:00 那时" if lang == "zh" else "# At 20 Nov 18:00 the first call was")
    assert words("today.gone_since", n=34) in text, "every deadline has passed since, and nobody knows what became of them"
    assert ("剩" if lang == "zh" else "min left") not in text.replace("剩余", "")


def test_looking_back_knows_nothing_later_and_lets_nothing_be_noted(demo_home, open_page, clock):
    app = open_page("today", "zh", today_as_of=DEMO_AS_OF - timedelta(days=5, hours=9))
    assert not app.exception and not app.error and app.info
    assert not [button.key for button in app.button if button.key and button.key.endswith("_called")]
    before = said(app)
    app.button(key="replay_back").click().run()
    assert not app.exception and "# 先打圆通：7 件" in said(app) and "# 先打圆通：7 件" not in before
