"""A target of a shop's own moves every limit and curve of its metric by the share of misses it allows, and nothing else."""

from pathlib import Path

import pytest

from pdd_audit.core.items import Finding, curve_value
from pdd_audit.core.measurement import Measurement
from pdd_audit.core.overlay import Adjustment, Overlay, apply, faults
from pdd_audit.core.questions import Limit
from pdd_audit.core.targets import STANDARD_TARGETS, OwnTarget, drawn_to, lines_of
from pdd_audit.data.content.checklists import load_checklists, load_sources
from pdd_audit.metrics import registry

FOLDER = Path(__file__).resolve().parents[2] / "checklists"
SHIPPED = load_checklists(FOLDER)
BETTER = {name: metric.info.better for name, metric in registry.items()}
LINES = lines_of(SHIPPED)
PICKUP = "pickup_24h_ratio"
SCANNED = "courier_coordination.scan_at_handover"


def target(value, metric=PICKUP, reason="合同"):
    return Overlay(targets={metric: OwnTarget(value=value, reason=reason)})


def test_the_standard_targets_are_those_of_the_metrics_and_no_others():
    assert {name: metric.info.target for name, metric in registry.items() if metric.info.target is not None} == dict(STANDARD_TARGETS)


def test_half_the_misses_allowed_halve_every_limit_and_keep_the_worth_of_the_target():
    shipped = SHIPPED.question(SCANNED).verify
    drawn = drawn_to(shipped, 0.985, LINES[PICKUP])  # 1.5 % instead of 3 %
    assert [drawn.claim[level].at_least for level in ("met", "mostly", "partly")] == [0.99, 0.98, 0.95]
    assert (drawn.curve.p10, drawn.curve.median, drawn.curve.worst) == (0.995, 0.975, shipped.curve.worst)
    finding = Finding(registry[PICKUP].info, Measurement(0.97, 1000))
    assert curve_value(drawn.curve, 0.985, finding) == pytest.approx(curve_value(shipped.curve, 0.97, finding))
    assert drawn.min_n == 381, "z² · 0.99 / 0.01: fewer parcels without a miss could never confirm the strictest claim"


def test_every_metric_a_question_looks_at_can_have_a_target():
    looked_at = {item.verify.metric for practice in SHIPPED.practices for item in practice.items if item.verify is not None}
    assert looked_at <= set(LINES) and set(LINES) <= set(registry) and len(LINES) > len(STANDARD_TARGETS)
    assert {name: line.better for name, line in LINES.items()} == {name: BETTER[name] for name in LINES}
    assert {name: LINES[name].value for name in STANDARD_TARGETS} == dict(STANDARD_TARGETS)


def test_hours_and_bad_shares_move_by_their_factor_and_zero_moves_by_what_is_allowed():
    hours = drawn_to(SHIPPED.question("courier_coordination.fixed_pickup_time").verify, 7, LINES["pickup_hours_p90"])  # ours: 14
    assert [hours.claim[level].at_most for level in ("met", "mostly", "partly")] == [7, 10, 12]
    assert (hours.curve.p10, hours.curve.median, hours.curve.worst) == (5, 10, 30)
    bad = drawn_to(SHIPPED.question("shipping_process.after_cutoff_upload").verify, 0.01, LINES["uploads_after_cutoff_ratio"])
    assert bad.claim["met"].at_most == 0.01 and bad.min_n == 381
    none = [drawn_to(SHIPPED.question(name).verify, 3, LINES["open_over_limit_count"]).claim["met"].at_most
            for name in ("shipping_process.near_limit_recheck", "incident_response.stop_loss")]
    assert none == [3, 13]


@pytest.mark.parametrize("metric", LINES)
def test_both_ends_of_what_is_allowed_pass_the_prover_and_a_step_beyond_is_refused(metric):
    line, sources = LINES[metric], load_sources(FOLDER)
    for value in (line.loosest, line.strictest):
        assert faults(SHIPPED, target(value, metric), BETTER, sources) == []
    low, high = sorted((line.loosest, line.strictest))
    for value in ([low - 0.001] if low else []) + [high + 0.0005]:
        found = faults(SHIPPED, target(value, metric), BETTER, sources)
        assert [(one.code, one.path) for one in found] == [("overlay_target_range", ("targets", metric, "value"))]


def test_what_has_no_standard_target_or_no_reason_is_refused():
    assert [one.code for one in faults(SHIPPED, target(0.9, "no_such_metric"), BETTER)] == ["overlay_target_metric"]
    assert [one.code for one in faults(SHIPPED, target(0.98, reason=" "), BETTER)] == ["overlay_target_reason"]


def test_the_standard_itself_is_no_change_and_a_limit_set_by_hand_stays():
    assert target(0.97).changes == 0
    assert apply(SHIPPED, target(0.97)) is SHIPPED
    both = target(0.985).model_copy(update={"questions": {SCANNED: Adjustment(claim={"met": Limit(at_least=0.994)})}})
    claim = apply(SHIPPED, both).question(SCANNED).verify.claim
    assert (claim["met"].at_least, claim["mostly"].at_least) == (0.994, 0.98)
    reply = "customer_service.reply_staffing"
    assert apply(SHIPPED, both).question(reply) == SHIPPED.question(reply), "another metric stays as it was"
