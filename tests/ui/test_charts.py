import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pdd_audit.texts import Words
from pdd_audit.texts.numbers import points, whole_percents
from pdd_audit.ui.charts.compare import busiest, outside
from pdd_audit.ui.charts.hours import stands_out, worst_hours
from pdd_audit.ui.charts.practices import belief, widest_gap
from pdd_audit.ui.phrases import lateness_sentence, tell
from tests.ui.sample_audit import sample_answers, sample_checklists, sample_pictures, sample_result


def drawn(function):
    app = AppTest.from_function(function, default_timeout=60).run()
    assert not app.exception, app.exception
    return app.get("vega_lite_chart")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_chart_of_a_full_audit_draws(lang):
    def page():
        import streamlit as st

        from pdd_audit.texts import Words
        from pdd_audit.ui.charts.compare import compare_chart
        from pdd_audit.ui.charts.days import days_chart
        from pdd_audit.ui.charts.hours import hours_chart
        from pdd_audit.ui.charts.limit import Mark, limit_chart
        from pdd_audit.ui.charts.pickup import pickup_chart
        from pdd_audit.ui.charts.practices import belief, beliefs_chart, contributions_chart
        from pdd_audit.ui.charts.score import coverage_chart, scale_chart
        from tests.ui.sample_audit import sample_pictures, sample_result

        words = Words(st.session_state["lang"])
        result, pictures = sample_result(), sample_pictures()
        scale_chart(result.score, words, "1")
        coverage_chart(result.score.coverage, words, "2")
        beliefs_chart([belief(id, practice) for id, practice in result.practices.items()], words, "3")
        contributions_chart({id: id for id in result.practices}, result.practices, words, "4")
        limit_chart(0.028, 0.026, 0.031, "2.8%", [Mark(0.02, "a"), Mark(0.04, "b")], True, words, "5")
        pickup_chart(pictures.pickup_curve, 24, words, "6")
        days_chart(pictures.daily, "late", "parcels", words, "7", "charts.daily_alt")
        hours_chart(pictures.hour_weekday, words, "8")
        compare_chart(pictures.couriers, "courier", "late", "parcels", 0.028, words, "9", "charts.agents_alt")

    app = AppTest.from_function(page, default_timeout=60)
    app.session_state["lang"] = lang
    app.run()
    assert not app.exception, app.exception
    charts = app.get("vega_lite_chart")
    assert len(charts) == 9
    assert all(chart.proto.alt for chart in charts)


def test_the_scale_of_an_audit_without_any_answer_draws():
    def page():
        from pdd_audit.texts import Words
        from pdd_audit.ui.charts.practices import belief, beliefs_chart, contributions_chart
        from pdd_audit.ui.charts.score import coverage_chart, scale_chart
        from tests.ui.sample_audit import sample_result

        result = sample_result(answers={})
        words = Words("zh")
        scale_chart(result.score, words, "1")
        coverage_chart(result.score.coverage, words, "2")
        beliefs_chart([belief(id, practice) for id, practice in result.practices.items()], words, "3")
        contributions_chart({id: id for id in result.practices}, result.practices, words, "4")

    assert len(drawn(page)) == 4


def test_a_bar_is_the_score_of_its_practice_and_the_gap_is_the_difference_of_the_two_numbers_beside_it():
    practices = sample_result().practices
    for practice in practices.values():
        drawn_as = belief("x", practice)
        assert (drawn_as.score, drawn_as.share) == (practice.value, practice.verified_share)
        if drawn_as.checked is not None:
            shown = float(points(drawn_as.checked, 1)) - float(points(drawn_as.said, 1))
            assert float(drawn_as.gap.replace("−", "-")) == pytest.approx(shown)
    assert belief("x", practices["courier_coordination"]).checked is not None
    assert belief("x", practices["courier_choice"]).gap == "—", "nothing was checked, so nothing was found wanting"


def test_the_widest_gap_is_the_practice_that_thinks_too_well_of_itself():
    result = sample_result()
    worst = widest_gap([belief(id, practice) for id, practice in result.practices.items()])
    assert worst is not None and worst.name == "shipping_process"
    assert widest_gap([belief("courier_choice", result.practices["courier_choice"])]) is None


def test_a_cell_of_many_is_above_the_others_only_if_its_interval_is():
    far, near = ({"late": 45, "parcels": 150, "share": 0.3, "low": low, "high": 0.4} for low in (0.23, 0.1))
    rest = [{"late": 15, "parcels": 150, "share": 0.1, "low": 0.06, "high": 0.16} for _ in range(5)]
    said = []
    for worst in (far, near):
        table = pd.DataFrame([{"weekday": day, "band": "16–18"} | cell for day, cell in enumerate([worst, *rest])])
        assert worst_hours(table, Words("zh")).startswith("周一 16–18 点上传的 150 件里 45 件超时（30.0%")
        said.append(stands_out(table))
    assert said == [True, False]


def test_only_a_courier_whose_whole_interval_is_above_the_shop_is_named():
    couriers = sample_pictures().couriers
    assert outside(couriers, "courier", "parcels", 0.028) == ["极兔速递"]
    assert outside(couriers, "courier", "parcels", None) == []


def test_outlets_of_one_name_are_told_apart_by_their_courier():
    outlets = sample_pictures().outlets
    outlets.loc[0, "outlet"] = outlets.loc[1, "outlet"]
    assert busiest(outlets, "outlet", "parcels").label.is_unique


def test_a_contradiction_is_told_by_what_failed():
    result = sample_result()
    finding = next(f for f in result.findings if f.question == "courier_coordination.fixed_pickup")
    told = tell(sample_checklists(), finding, "ratio", Words("zh"))
    assert told.sentence == "15,957 件里 448 件超过 24 小时没揽收"
    assert (told.number, told.limit) == ("2.8%", "「全部」最多 2%")
    assert told.low is not None and told.value is not None and told.high is not None and told.low < told.value < told.high


def test_the_headline_names_the_missed_van():
    assert lateness_sentence(sample_result(), "24", Words("zh")) == (
        "15,957 件里 448 件超过 24 小时没揽收，其中 62 件是极兔速递 10 月 17 日 16–18 点漏的一班"
    )


@pytest.mark.parametrize("shares", [[0.3, 0.23, 0.37, 0.1], [1 / 3, 1 / 3, 1 / 3], [0.005, 0.995], [0.0, 0.0]])
def test_shown_percents_add_up(shares):
    assert sum(whole_percents(shares)) == (100 if sum(shares) else 0)


def test_the_sample_has_an_answer_of_every_kind():
    assert {type(answer.answer) for answer in sample_answers().values()} == {str, tuple}
