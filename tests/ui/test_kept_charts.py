"""A chart drawn from the same things is not built again, draws the same, and is gone when it is to be forgotten."""

import altair as alt
import pandas as pd
import pytest

from pdd_audit.ui.charts import ink, kept


@pytest.fixture
def drawn(monkeypatch):
    """What reached the screen."""
    seen = []
    kept.forget()
    monkeypatch.setattr(kept, "_put", seen.append)
    yield seen
    kept.forget()


@pytest.fixture
def bars():
    """A chart that counts how often it is built, and tells its highest bar."""
    built = []

    @kept.kept
    def bars(frame: pd.DataFrame, title: str, key: str) -> float:
        built.append(title)
        ink.show(alt.Chart(frame).mark_bar().encode(x="day:T", y="n:Q"), title, key)
        return float(frame.n.max())

    return bars, built


def days(*counts):
    return pd.DataFrame({"day": pd.date_range("2026-11-01", periods=len(counts)), "n": counts})


def test_the_same_things_are_built_once_and_drawn_each_time(drawn, bars):
    chart, built = bars
    assert [chart(days(1, 2), "甲", "a"), chart(days(1, 2), "甲", "a")] == [2.0, 2.0]
    assert built == ["甲"] and len(drawn) == 2 and drawn[0] == drawn[1]


@pytest.mark.parametrize("other", [(days(1, 3), "甲", "a"), (days(1, 2), "乙", "a"), (days(1, 2), "甲", "b")])
def test_anything_else_is_built_anew(drawn, bars, other):
    chart, built = bars
    chart(days(1, 2), "甲", "a")
    chart(*other)
    assert len(built) == 2 == len(drawn)


def test_frames_keep_their_types_beside_the_specification(drawn, bars):
    bars[0](days(1, 2), "甲", "a")
    specification, words, key = drawn[0]
    (frame,) = specification["datasets"].values()
    assert str(frame.day.dtype).startswith("datetime64") and (words, key) == ("甲", "a")


def test_nothing_stays_when_it_is_to_be_forgotten(drawn, bars):
    chart, built = bars
    chart(days(1, 2), "甲", "a")
    kept.forget()
    chart(days(1, 2), "甲", "a")
    assert len(built) == 2


def test_no_more_is_kept_than_the_most(drawn, bars, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 2)
    chart, built = bars
    for key in ("a", "b", "c", "a"):
        chart(days(1, 2), "甲", key)
    assert len(built) == 4 and len(kept._drawn) == 2


def test_a_chart_that_breaks_its_schema_is_found_here_not_by_a_reader(drawn):
    wrong = alt.Chart(days(1, 2)).mark_bar().encode(x=alt.X("day:T", scale="wide"))
    with pytest.raises(alt.utils.schemapi.SchemaValidationError):
        ink.show(wrong, "甲", "a")


def test_a_chart_of_rows_is_as_high_as_its_rows(drawn):
    bars = alt.Chart(pd.DataFrame({"name": ["甲", "乙", "甲"], "n": [1, 2, 3]})).mark_bar().encode(x="n:Q", y="name:N")
    more = alt.Chart(pd.DataFrame({"name": ["乙", "丙"], "n": [1, 2]})).mark_point().encode(x="n:Q", y="name:N")
    line = alt.Chart(pd.DataFrame({"n": [2]})).mark_rule().encode(x="n:Q")
    ink.show(ink.layer(bars, more, line, height=alt.Step(30)), "甲", "a")
    ink.show(ink.layer(line, height=200), "乙", "b")
    (rows, _, _), (plain, _, _) = drawn
    assert (rows["height"], rows["autosize"]["type"]) == (90, "fit-x"), "fitted to a height it counts itself, Vega warns"
    assert plain["height"] == 200 and "autosize" not in plain
