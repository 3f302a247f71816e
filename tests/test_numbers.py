"""How numbers are written."""

import pytest

from pdd_audit.texts.numbers import points, score_change, signed


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "—"), (60.4, "60"), (59.4, "59"), (59.6, "59.6"), (59.96, "59.9"), (60.0, "60"), (44.5, "45"), (89.5, "89.5"), (100, "100"), (-3.4, "−3")],
)
def test_a_score_never_looks_like_the_grade_above_its_own(value, text):
    assert points(value) == text


def test_two_scores_and_what_lies_between_them_subtract_as_they_are_shown():
    for before, after, text in ((60.44, 59.64, "−0.8"), (59.96, 60.0, "+0.1"), (72.04, 71.96, "0.0"), (70.04, 69.96, "−0.1"), (62.04, 62.06, "+0.1"), (None, 60.0, "—")):
        assert score_change(before, after) == text
        if before is not None:
            shown = float(points(after, 1)) - float(points(before, 1))
            assert float(text.replace("−", "-")) == pytest.approx(shown)


def test_what_rounds_to_nothing_has_no_sign():
    assert [signed(value) for value in (0.04, -0.04, 0.0, 0.06)] == ["0.0", "0.0", "0.0", "+0.1"]
