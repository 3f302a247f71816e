"""What a rule change would cost the demo shop: it agrees with the audit, its rows are as many as it says, and nothing is kept."""

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.core.filters import ALL, Filters
from pdd_audit.services.rows import list_rows
from pdd_audit.services.rule_change import cost_of_change, supposed, versions_of
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shops import create_shop


@pytest.fixture(scope="module")
def versions(demo):
    workspace, shop = demo
    return {version.pack: version for version in versions_of(workspace, shop.id, run_audit(workspace, shop.id).result.as_of)}


def test_the_current_version_comes_first_then_its_platform_then_the_others(versions):
    assert next(iter(versions.values())).current
    assert sum(version.current for version in versions.values()) == 1
    assert list(versions)[:2] == ["pdd_from_2025_05_15", "pdd_until_2025_05_14"]
    assert {version.platform for version in versions.values()} == {"pdd", "tmall", "douyin"}


def test_todays_figures_take_what_the_audit_counts_and_a_longer_limit_less(demo, versions):
    workspace, shop = demo
    cells = run_audit(workspace, shop.id).tables.cells
    today = versions["pdd_from_2025_05_15"].terms
    same = cost_of_change(workspace, shop.id, ALL, today, today)
    assert same.a == same.b
    assert (same.a.parcels, same.both) == (cells["late"].sum(), cells["late"].sum())
    assert same.a.no_pickup == pytest.approx((cells["cost_yuan"].sum(),) * 2)
    other = supposed(today, limit_hours=36, ratio=0.1, least=8, most=50, late=5)
    found = cost_of_change(workspace, shop.id, ALL, today, other)
    at = {"limit": "24", "other": "36"}
    assert 0 < found.b.parcels < found.a.parcels and found.only["b"] == 0
    assert len(list_rows(workspace, shop.id, "past_limit", None, ALL, at)) == found.only["a"]
    worst = Filters(courier=(cells.groupby("courier")["late"].sum().idxmax(),))
    part = cost_of_change(workspace, shop.id, worst, today, today)
    assert part.a.parcels == cells.loc[cells["courier"] == worst.courier[0], "late"].sum()


def test_a_promise_that_asks_for_less_is_broken_by_fewer(demo, versions):
    workspace, shop = demo
    now, before = versions["pdd_from_2025_05_15"].terms, versions["pdd_until_2025_05_14"].terms
    found = cost_of_change(workspace, shop.id, ALL, now, before)
    only = {"asks": "1", "grace": "0", "other_asks": "0", "other_grace": "0"}
    assert len(list_rows(workspace, shop.id, "past_promise", None, ALL, only)) == found.orders_only["a"] > 0


@pytest.mark.parametrize(("change", "code"), [
    ({"limit_hours": 0}, "supposed_range"), ({"ratio": 1.5}, "supposed_range"), ({"least": 20, "most": 10}, "supposed_ends"),
])
def test_figures_that_cannot_be_are_refused(versions, change, code):
    figures = {"limit_hours": 24, "ratio": 0.05, "least": 5, "most": 100, "late": 3} | change
    with pytest.raises(AuditError) as refused:
        supposed(versions["pdd_from_2025_05_15"].terms, **figures)
    assert refused.value.code == code


def test_a_shop_without_orders_has_nothing_to_compare(workspace, versions):
    terms = versions["pdd_from_2025_05_15"].terms
    assert cost_of_change(workspace, create_shop(workspace, "甲").id, ALL, terms, terms) is None
