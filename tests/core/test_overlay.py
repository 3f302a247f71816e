"""A shop's own word on the checklists: it changes what it names, nothing else, and never a question that a good score must not lack."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdd_audit.core.overlay import OWN_POINT, Adjustment, Overlay, OverlayWord, OwnQuestion, apply, faults, in_force
from pdd_audit.core.questions import Checklists, Limit, Remedy, Text, Title
from pdd_audit.core.scoring import points_with, score
from pdd_audit.core.waterfall import AuditInputs, ruler_moved, waterfall
from pdd_audit.data.content.checklists import load_checklists, load_sources
from pdd_audit.data.content.folder import default_folder
from pdd_audit.metrics import registry
from tests.core.builders import said

SHIPPED = load_checklists(default_folder())
SOURCES = load_sources(default_folder())
METRICS = {name: metric.info.better for name, metric in registry.items()}
ITEMS = [item for practice in SHIPPED.practices for item in practice.items]
BLOCKER = next(item for item in ITEMS if item.blocker is not None)
PLAIN = next(item for item in ITEMS if item.blocker is None and item.verify is None and item.kind == "question" and not item.when)
CHECKED = next(item for item in ITEMS if item.kind == "question" and item.verify is not None and item.verify.curve is not None
               and item.verify.metric == "pickup_hours_p90")
ANSWERS = {item.id: said("partly" if number % 3 else "met") for number, item in enumerate(ITEMS) if item.scale == "coverage_4"}


def ignored(*names: str) -> Overlay:
    return Overlay(questions={name: Adjustment(ignore=True, reason="不适合本店") for name in names})


def an_own(id: str = "shipping_process.local_photo", **given):
    text = Text(zh="打包台拍照", en="Photos at the packing table")
    return OwnQuestion(**{
        "id": id, "weight": 2, "weight_why": text, "scale": "met_unmet", "ask": text, "why": text,
        "title": Title(ok=text, fail=Text(zh="没有拍照", en="No photos")),
        "remedies": (Remedy(levels=("unmet",), do=text, effort_hours=1),), **given,
    })


def codes(overlay: Overlay, severity: str = "error") -> list[str]:
    return [problem.code for problem in faults(SHIPPED, overlay, METRICS, SOURCES) if problem.severity == severity]


def ids(checklists: Checklists) -> list[str]:
    return [item.id for practice in checklists.practices for item in practice.items]


@pytest.mark.parametrize("overlay", [None, Overlay(), Overlay(questions={PLAIN.id: Adjustment(reason="只是备注")})])
def test_an_empty_overlay_changes_nothing(overlay):
    assert apply(SHIPPED, overlay) is SHIPPED
    assert overlay is None or faults(SHIPPED, overlay, METRICS, SOURCES) == []


@given(st.dictionaries(st.sampled_from([item.id for item in ITEMS]), st.tuples(st.booleans(), st.none() | st.integers(0, 5)), max_size=20))
def test_what_is_not_named_stays_and_no_blocker_ever_goes(said_of):
    overlay = Overlay(questions={name: Adjustment(ignore=ignore, weight=weight, reason="x") for name, (ignore, weight) in said_of.items()})
    merged = {item.id: item for practice in apply(SHIPPED, overlay).practices for item in practice.items}
    for item in ITEMS:
        ignore, weight = said_of.get(item.id, (False, None))
        if ignore and item.blocker is None:
            assert item.id not in merged
        else:
            assert merged[item.id] == (item if weight is None else item.model_copy(update={"weight": weight}))


def test_the_shipped_checklists_are_never_touched():
    before = SHIPPED.model_dump_json()
    apply(SHIPPED, Overlay(questions={PLAIN.id: Adjustment(weight=0), CHECKED.id: Adjustment(claim={"met": Limit(at_most=12)})}, add=(an_own(),)))
    assert SHIPPED.model_dump_json() == before


def test_leaving_a_question_out_is_the_same_as_marking_it_not_applicable():
    overlay = ignored(PLAIN.id)
    answers = ANSWERS | {PLAIN.id: said("na")}
    assert score(apply(SHIPPED, overlay), ANSWERS, {}).score.value == pytest.approx(score(SHIPPED, answers, {}).score.value)


def test_a_blocker_is_not_left_out_even_when_an_overlay_says_so():
    overlay = ignored(BLOCKER.id)
    assert codes(overlay) == ["overlay_blocker"]
    assert BLOCKER.id in ids(apply(SHIPPED, overlay))
    assert codes(Overlay(questions={BLOCKER.id: Adjustment(weight=0)})) == ["checklist_blocker"]


@pytest.mark.parametrize(("overlay", "code", "path"), [
    (Overlay(questions={PLAIN.id: Adjustment(ignore=True)}), "overlay_reason", ("questions", PLAIN.id)),
    (Overlay(questions={"shipping_process.nothing": Adjustment(weight=1)}), "overlay_unknown_question", ("questions", "shipping_process.nothing")),
    (Overlay(questions={PLAIN.id: Adjustment(claim={"met": Limit(at_least=0.9)})}), "overlay_no_limit", ("questions", PLAIN.id, "claim")),
    (Overlay(questions={CHECKED.id: Adjustment(claim={"met": Limit(at_most=23)})}), "checklist_limit_not_looser",
     ("questions", CHECKED.id, "claim", "mostly")),
    (Overlay(questions={CHECKED.id: Adjustment(claim={"met": Limit(at_least=3)})}), "checklist_limit_direction",
     ("questions", CHECKED.id, "claim", "met")),
    (Overlay(add=(an_own("shipping_process.photo"),)), "overlay_own_id", ("add", 0, "id")),
    (Overlay(add=(an_own("shiping_process.local_photo"),)), "overlay_own_practice", ("add", 0, "id")),
    (Overlay(add=(an_own(), an_own())), "checklist_id_twice", ("add", 0, "id")),
    (Overlay(add=(an_own(), an_own("shipping_process.local_b", remedies=()))), "checklist_remedy_missing", ("add", 1, "remedies")),
    (Overlay(add=(an_own(ask=Text(zh="only English", en="only English")),)), "checklist_text_not_chinese", ("add", 0, "ask", "zh")),
])
def test_a_fault_names_its_place_in_the_overlay(overlay, code, path):
    assert (code, path) in [(problem.code, problem.path) for problem in faults(SHIPPED, overlay, METRICS, SOURCES)]


def test_a_practice_cannot_be_emptied():
    courier = SHIPPED.practices[0]
    weights = Overlay(questions={item.id: Adjustment(weight=0) for item in courier.items if item.blocker is None})
    bare = Checklists(scales=SHIPPED.scales, practices=tuple(
        practice.model_copy(update={"items": tuple(item for item in practice.items if item.blocker is None)}) for practice in SHIPPED.practices
    ))
    assert "checklist_no_weight" in [problem.code for problem in faults(bare, weights, METRICS, SOURCES)]


def test_an_own_question_counts_and_is_sound():
    overlay = Overlay(add=(an_own(),))
    assert codes(overlay) == codes(overlay, "warning") == []
    merged = apply(SHIPPED, overlay)
    assert merged.question("shipping_process.local_photo").source.key in SOURCES
    assert Checklists.model_validate_json(merged.model_dump_json(by_alias=True, exclude_defaults=True)) == merged
    better, worse = (points_with(merged, ANSWERS | {"shipping_process.local_photo": said(level)}, {}, "full", ()) for level in ("met", "unmet"))
    assert better > worse


def test_no_shipped_question_has_an_id_of_a_shop():
    assert [item.id for item in ITEMS if item.id.split(".")[1].startswith(OWN_POINT)] == []


def test_the_official_score_is_that_without_any_overlay():
    value = points_with(SHIPPED, ANSWERS, {}, "full", ())
    apply(SHIPPED, ignored(PLAIN.id))
    assert points_with(SHIPPED, ANSWERS, {}, "full", ()) == value == score(SHIPPED, ANSWERS, {}).score.value


@pytest.mark.parametrize("overlay", [
    ignored(PLAIN.id), Overlay(questions={PLAIN.id: Adjustment(weight=0)}), Overlay(add=(an_own(),)),
    Overlay(questions={PLAIN.id: Adjustment(weight=1), CHECKED.id: Adjustment(ignore=True, reason="x")}, add=(an_own(),)),
])
def test_what_a_draft_moves_is_what_the_waterfall_says(overlay):
    before = SHIPPED.for_shop([])
    after = apply(SHIPPED, overlay).for_shop([])
    old = AuditInputs(before, ANSWERS, {})
    short, whole = ruler_moved(old, after), waterfall(old, AuditInputs(after, ANSWERS, {}))
    assert short is not None and whole is not None
    assert (short.before, short.after) == pytest.approx((whole.before, whole.after))
    assert short.effects["template"] == pytest.approx(whole.effects["template"])
    assert short.effects["weights"] == pytest.approx(whole.effects["weights"])
    assert sum(short.effects.values()) == pytest.approx(short.after - short.before)


def test_the_last_word_counts_and_none_means_the_shipped_ones():
    def word(overlay):
        return OverlayWord(overlay=overlay, by="王", why="试", at="2026-11-23T10:00:00")

    first, second = ignored(PLAIN.id), ignored(CHECKED.id)
    assert in_force([]) is None
    assert in_force([word(first), word(second)]) == second
    assert in_force([word(first), word(None)]) is None
    assert in_force([word(first), word(Overlay())]) is None
