"""How numbers are written."""

import pytest

from pdd_audit.texts.numbers import points


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "—"), (60.4, "60"), (59.4, "59"), (59.6, "59.6"), (59.96, "59.9"), (60.0, "60"), (44.5, "45"), (89.5, "89.5"), (100, "100"), (-3.4, "−3")],
)
def test_a_score_never_looks_like_the_grade_above_its_own(value, text):
    assert points(value) == text
