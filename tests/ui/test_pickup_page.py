"""Pickup answers "is it bad?" in one sentence, and every number opens its rows, those counted and those left out."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from pdd_audit.services.look_at_pickup import look_at_pickup
from pdd_audit.services.rows import in_words, list_rows
from pdd_audit.services.shops import create_shop, list_shops
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count
from tests.ui.test_pages import shown


@pytest.fixture
def look(shown_demo):
    workspace = open_workspace(shown_demo)
    return workspace, list_shops(workspace)[0].id


def title(app):
    return next(element.value for element in app.markdown if element.value.startswith("# ")).replace("\\", "")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_opens_with_the_numbers_the_period_and_the_van(lang, look, open_page):
    workspace, shop = look
    found = look_at_pickup(workspace, shop)
    app = open_page("pickup", lang)
    assert not app.exception
    assert {count(found.late), count(found.total), str(found.van.late)} <= set(re.findall(r"[\d,]*\d", title(app)))
    text = shown(app)
    for key in ("pickup.record.title", "pickup.process.title", "pickup.estimates_title", "pickup.no_refunds"):
        assert Words(lang)(key) in text
    methods = " ".join(app.table[0].value.iloc[:, 0])
    assert Words(lang)("pickup.so_far.name") in methods and methods.count("~~") == 6, "three figures are struck through"


def test_a_chosen_period_is_named_below_the_sentence_and_its_rows_are_those_of_the_period(look, open_page):
    workspace, shop = look
    from datetime import date

    from pdd_audit.core.filters import Filters

    chosen = Filters(start=date(2026, 11, 1), end=date(2026, 11, 7))
    found = look_at_pickup(workspace, shop, chosen)
    app = open_page("pickup", filters=chosen)
    assert "11 月 1 日到 11 月 7 日" in shown(app)
    assert count(found.total) in title(app)
    app.button(key="late").click().run()
    assert not app.exception
    assert len(app.dataframe[-1].value) == found.late == len(list_rows(workspace, shop, "late", None, chosen))
    assert Words("zh")("app.rows.chosen") in shown(app)


def test_the_drawer_of_the_headline_shows_those_counted_and_those_left_out_with_their_reason(look, open_page):
    app = open_page("pickup")
    app.button(key="late").click().run()
    lists = app.radio[-1]
    workspace, shop = look
    found = look_at_pickup(workspace, shop)
    words = Words("zh")
    totals = {"late": found.late, "included": found.total, "on_time": found.total - found.late, "excluded": 1}
    assert {words("app.rows.of", title=words(f"app.rows.title.{kind}"), n=count(n)) for kind, n in totals.items()} <= set(lists.options)
    assert {words("app.columns.file"), words("app.columns.source_row")} <= set(app.dataframe[-1].value.columns)
    excluded = in_words(list_rows(workspace, shop, "excluded"), words)
    assert excluded[words("app.columns.excluded")].tolist() == [words("report.excluded.refund_time_unknown")]


@pytest.mark.parametrize("key", ["van", "open_over", "imperfect", "imperfect_pickup", "way_orders_not_uploaded_waiting", "way_orders_not_yet_not_yet"])
def test_a_number_opens_its_rows(key, look, open_page):
    app = open_page("pickup")
    app.button(key=key).click().run()
    assert not app.exception and not app.error
    rows = len(app.dataframe[-1].value)
    assert rows and str(min(rows, 500)) in {*re.findall(r"\d+", app.button(key=key).label.replace(",", "")), "500"}


def test_a_choice_without_parcels_says_so(look, open_page):
    from datetime import date

    from pdd_audit.core.filters import Filters

    app = open_page("pickup", filters=Filters(end=date(2020, 1, 1)))
    assert not app.exception
    assert Words("zh")("pickup.none_chosen") in shown(app)
    assert not app.metric


def test_a_shop_without_order_files_is_sent_to_the_data_page(empty_home, open_page):
    shop = create_shop(open_workspace(empty_home), "空店")
    app = open_page("pickup", shop=shop.id)
    assert Words("zh")("metrics.empty") in shown(app)
    assert "go_data" in {button.key for button in app.button}


def test_all_metrics_stand_at_the_end_of_the_results(look, open_page):
    app = open_page("results")
    assert not app.exception
    assert Words("zh")("results.metrics_title") in shown(app)
    assert len(app.dataframe[-1].value) > 10
    assert not any(button.key.startswith("rows_metric_") for button in app.button), "nothing is open before a line is tapped"
    places = list(app.dataframe[-1].value["name"])
    for id, rows in (("pickup_24h_ratio", True), ("ship_hours_p50", False)):
        tapped = open_page("results", metrics_table={"selection": {"rows": [], "columns": [], "cells": [
            (places.index(Words("zh")(f"metric_names.{id}.name")), "value")]}})
        assert not tapped.exception and Words("zh")(f"metric_names.{id}.definition") in shown(tapped)
        assert (f"rows_metric_{id}" in {button.key for button in tapped.button}) == rows


def test_refunds_before_pickup_are_drawn_as_an_end_of_their_own():
    def page():
        from pdd_audit.services.look_at_pickup import _ends
        from pdd_audit.texts import Words
        from pdd_audit.ui.charts.ends import at_limit, ends_chart
        from tests.metrics.builders import d2_lags, some_tables

        ends = _ends(some_tables(lags=d2_lags()))
        there = at_limit(ends, 24)
        assert there is not None and abs(sum(there.values()) - 1) < 1e-9
        ends_chart(ends, 24, Words("en"), "ends")

    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    (chart,) = app.get("vega_lite_chart")
    assert chart.proto.alt == "24 h after the upload: 95.4% collected, 0.9% refunded first, 3.7% still waiting"
