"""The demo shop's result as a whole: whoever changes a score, on purpose or not, sees it here. ``python -m tests.golden`` renews the file;
a change of it belongs into the CHANGELOG as "Scores change: ..."."""

import json

import pytest

from tests.golden import GOLDEN, summary


@pytest.fixture(scope="module")
def now(tmp_path_factory):
    return summary(tmp_path_factory.mktemp("golden"))


def test_the_demo_shop_scores_what_it_scored(now):
    kept = json.loads(GOLDEN.read_text("utf-8"))
    assert now.keys() == kept.keys()
    for part, value in kept.items():
        numbers = isinstance(value, dict) and all(isinstance(number, int | float) for number in value.values())
        assert now[part] == (pytest.approx(value, rel=1e-9) if numbers else value), part
