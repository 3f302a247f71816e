"""The Trends page: the sentence comes first, what is noted is marked and judged, and nothing is promised without data."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from pdd_audit.core.filters import Filters
from pdd_audit.services.changes import add_change, list_changes
from pdd_audit.services.demo_shop import write_demo_files
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.shops import DEMO_AS_OF, create_shop, list_shops
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import Words
from pdd_audit.ui import cache
from tests.ui.test_pages import shown

WORSE_FROM = pd.Timestamp(2026, 10, 26)


def title(app):
    return next(element.value for element in app.markdown if element.value.startswith("# "))


def alts(app):
    return [chart.proto.alt for chart in app.get("vega_lite_chart")]


@pytest.fixture
def worse(demo_home, monkeypatch):
    """The demo shop with 70 days of other counts: from one day on twice as many parcels are late. Few of them for one courier."""
    from pdd_audit.services import look_at_trends as service

    real = service.filtered

    def filtered(workspace, shop_id, ask, filters):
        key, tables = real(workspace, shop_id, ask, filters)
        rng, rows = np.random.default_rng(5), []
        for day in pd.date_range("2026-09-12", "2026-11-20"):
            for hour in (9, 11, 14, 16, 19, 21):
                parcels = int(rng.integers(5, 12) if filters.courier else rng.integers(50, 110))
                mature = 0 if day > pd.Timestamp(2026, 11, 18) else parcels
                late = rng.binomial(mature, 0.05 if day >= WORSE_FROM else 0.02)
                rows.append({"courier": "中通", "day": day, "hour": hour, "shipped": parcels, "mature": mature, "late": late})
        return key, replace(tables, cells=pd.DataFrame(rows).reindex(columns=tables.cells.columns, fill_value=0))

    monkeypatch.setattr(service, "filtered", filtered)
    cache.forget_audits()
    yield open_workspace(demo_home)
    cache.forget_audits()


def demo_shop(workspace):
    return list_shops(workspace)[0].id


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_bad_day_of_the_demo_shop_is_the_first_sentence(lang, demo_home, open_page):
    app = open_page("trends", lang)
    assert not app.exception
    assert {"zh": "11 月 14 日明显异常：揽收超时率 23.6%（195 里 46），平时 3.2%", "en": "14 Nov stands out: the late pickup rate was 23.6% (46 of 195), usually 3.2%"}[lang] in title(app)
    assert {"zh": "几乎肯定越过 3.0%", "en": "3.0% line will almost surely"}[lang] in shown(app)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("series", ["promise", "reply", "reply_seconds"])
def test_every_figure_can_be_watched(series, lang, demo_home, open_page):
    app = open_page("trends", lang, trends_series=series)
    assert not app.exception and not app.error
    words = Words(lang)
    assert title(app).startswith("# ")
    if series == "reply":
        assert title(app) == "# " + words("trends.reading.none", what=words("trends.what.reply"))
        assert "2.1" in shown(app), "too few misses a day for limits, and the page says so"
    else:
        assert len(alts(app)) >= 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_new_level_leads_and_the_change_noted_beside_it_is_named(lang, worse, open_page):
    add_change(worse, demo_shop(worse), date(2026, 10, 26), "换成 *极兔* <b>一班</b>", "courier")
    app = open_page("trends", lang)
    assert not app.exception and not app.error
    assert {"zh": "变差：1.9% → 4.", "en": "is worse: 1.9% → 4."}[lang] in title(app)
    effect = Words(lang)("charts.trends.effect_alt", verdict=Words(lang)("trends.verdict.worse"))
    assert any(alt.startswith(effect) for alt in alts(app))
    table = app.table[0].value.to_dict("records")[0]
    assert any("极兔" in str(cell) for cell in table.values())
    assert not any("<b>" in str(cell) for cell in table.values()), "foreign words are escaped"
    assert "NaN" not in "".join(chart.proto.spec for chart in app.get("vega_lite_chart"))


def test_an_accepted_level_sets_the_limits_anew(worse, open_page):
    app = open_page("trends", "en")
    since = app.selectbox(key="trends_since")
    assert "New level since" in since.options[1]
    before = alts(app)[0]
    since.set_value("2026-10-26").run()
    assert not app.exception and alts(app)[0] != before
    assert "ordinary days, 26 Oct" in shown(app)


def test_biased_files_show_a_picture_and_no_verdict(worse, open_page, monkeypatch):
    monkeypatch.setattr("pdd_audit.services.look_at_trends.bias_of", lambda _: "not_trusted")
    app = open_page("trends", "zh")
    assert not app.exception and title(app) == f"# {Words('zh')('trends.untrusted')}"
    assert len(alts(app)) == 1 and not app.number_input


def test_too_early_says_how_many_days_there_are(worse, open_page):
    add_change(worse, demo_shop(worse), date(2026, 11, 12), "加一班车", "courier")
    app = open_page("trends", "en")
    assert "Too early: " in shown(app) and "7 after; 14 are needed" in shown(app)


def test_few_late_parcels_are_read_from_one_to_the_next(worse, open_page):
    app = open_page("trends", "en", filters=Filters(courier=("中通快递",)))
    assert not app.exception
    assert "g-chart" in shown(app)


def test_a_change_is_saved_marked_and_taken_back(demo_home, open_page):
    app = open_page("trends", "zh")
    app.text_input(key="change_what").set_value("韵达改为 18:30 第二班车")
    app.date_input(key="change_day").set_value(date(2026, 11, 5))
    app.selectbox(key="change_kind").set_value("courier")
    app.button(key="add_change").click().run()
    assert not app.exception
    workspace = open_workspace(demo_home)
    (change,) = list_changes(workspace, demo_shop(workspace))
    assert (change.day, change.kind, change.what) == (date(2026, 11, 5), "courier", "韵达改为 18:30 第二班车")
    assert app.selectbox(key="judged_change").value == change.id
    assert any("18:30" in chart.proto.spec or "18:30" in str(chart.proto) for chart in app.get("vega_lite_chart"))
    app.button(key=f"forget_{change.id}").click().run()
    assert not app.exception and list_changes(workspace, demo_shop(workspace)) == []


def test_a_change_without_words_is_refused_and_nothing_else_is_lost(demo_home, open_page):
    app = open_page("trends", "zh")
    app.date_input(key="change_day").set_value(date(2026, 11, 5))
    app.button(key="add_change").click().run()
    assert not app.exception and len(app.error) == 1
    assert app.date_input(key="change_day").value == date(2026, 11, 5)


def test_another_line_or_window_gives_another_chance(demo_home, open_page):
    app = open_page("trends", "zh")
    app.number_input(key="trends_line").set_value(8.0).run()
    assert "几乎不会越过 8.0%" in shown(app)
    next(group for group in app.segmented_control if group.key == "trends_window").set_value("rolling").run()
    assert not app.exception and "11 月 27 日" in shown(app)


def test_a_filter_on_the_period_and_one_that_leaves_nothing(demo_home, open_page):
    app = open_page("trends", "zh", filters=Filters(start=date(2026, 11, 15)))
    assert not app.exception
    assert "看不出走势" in title(app) and "23.6%" not in shown(app)
    nothing = open_page("trends", "zh", filters=Filters(start=date(2030, 1, 1)))
    assert not nothing.exception


def test_a_shop_without_pickups_is_told_what_is_missing(empty_home, open_page, tmp_path):
    workspace = open_workspace(empty_home)
    shop = create_shop(workspace, "只有订单").id
    orders = next(file for file in write_demo_files(tmp_path, DEMO_AS_OF) if "orders" in file.name)
    assert import_files(workspace, shop, [Upload(orders.name, orders.read_bytes())])[0].error is None
    app = open_page("trends", "zh", shop=shop)
    assert not app.exception and not app.error
    assert Words("zh")("trends.series.pickup") not in shown(app)


def test_nothing_is_said_of_a_shop_without_files(empty_home, open_page):
    create_shop(open_workspace(empty_home), "空店")
    app = open_page("trends", "en")
    assert not app.exception and title(app) == f"# {Words('en')('trends.empty')}"
