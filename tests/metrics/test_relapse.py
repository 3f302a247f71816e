"""Whether what an action had won was lost again."""

import numpy as np
import pytest

from pdd_audit.metrics.relapse import AFTER, BEFORE, LATELY, relapse_of


def days(before, after, lately, parcels=60):
    """So many misses a day (around it) in 40, 28 and 28 days."""
    steps = np.array([-2, 1, 0, 2, -1])
    parts = [(BEFORE, before, 40), (AFTER, after, 28), (LATELY, lately, 28)]
    stretch = np.concatenate([np.full(many, part) for part, _, many in parts])
    missed = np.concatenate([np.clip(level + np.resize(steps, many), 0, parcels) for _, level, many in parts]).astype(float)
    return stretch, missed, np.full(len(stretch), float(parcels))


@pytest.mark.parametrize(("lately", "back"), [(6, True), (5.5, True), (1.2, False), (3, False)])
def test_it_went_back_when_it_is_worse_than_right_after_and_no_better_than_before(lately, back):
    found = relapse_of(*days(6, 1.2, lately))
    assert found.back is back
    assert found.to_after.low < found.to_after.value < found.to_after.high
    if lately == 3:  # lost some of it, still clearly better than before
        assert found.to_after.low > 1 > found.to_before.high


def test_its_ratios_are_those_of_the_pooled_shares():
    stretch, missed, total = days(6, 1.2, 3)
    odds = [missed[stretch == part].sum() / (total - missed)[stretch == part].sum() for part in (BEFORE, AFTER, LATELY)]
    found = relapse_of(stretch, missed, total)
    assert (found.to_before.value, found.to_after.value) == pytest.approx((odds[2] / odds[0], odds[2] / odds[1]))


def test_too_few_days_or_no_miss_at_all_say_nothing():
    stretch, missed, total = days(6, 1.2, 6)
    assert relapse_of(stretch[:-15], missed[:-15], total[:-15]) is None  # 13 days lately
    assert relapse_of(stretch, np.where(stretch == AFTER, 0.0, missed), total) is None
