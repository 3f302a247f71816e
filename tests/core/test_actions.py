"""Actions as the sum of what was said of them: legal steps only, nobody spoken past, and the state that data give."""

from datetime import date, datetime

import pytest

from pdd_audit.core.actions import NEXT, ActionWord, Making, actions_of, may_say
from pdd_audit.core.errors import AuditError

AT = datetime(2026, 11, 20, 18)
DUE = date(2026, 11, 25)


def said(*kinds, **making):
    """The words of one action: made, then ``kinds``, each by somebody who knew all before it."""
    made = Making(title="17:30 以后不再上传", metric="pickup_24h_ratio", **making)
    words = [ActionWord(action="a", kind="made", by="老板", at=AT, making=made, owner="小李", due=DUE)]
    for kind in kinds:
        more = {"owner": "小王", "due": date(2026, 12, 1)} if kind == "changed" else {"day": date(2026, 11, 21), "change": "c", "noted": True}
        words.append(ActionWord(action="a", kind=kind, by="小李", at=AT, seen=len(words), **(more if kind in ("changed", "done") else {})))
    return words


@pytest.mark.parametrize(
    ("kinds", "stage"),
    [((), "planned"), (("begun",), "doing"), (("begun", "done"), "done"), (("done", "changed"), "done"), (("done", "undone"), "doing"),
     (("done", "begun", "done"), "done"), (("begun", "dropped"), "dropped"), (("dropped", "begun"), "dropped"), (("undone",), "planned")],
)
def test_words_that_fit_lead_on_and_others_are_not_heard(kinds, stage):
    (action,) = actions_of(said(*kinds))
    assert action.stage == stage and stage in NEXT
    assert (action.day, action.change, action.noted) == ((date(2026, 11, 21), "c", True) if stage == "done" else (None, "", False))
    if "changed" in kinds:
        assert (action.owner, action.due) == ("小王", date(2026, 12, 1))


@pytest.mark.parametrize(
    ("kind", "before", "seen", "code"),
    [("undone", (), 1, "action_step"), ("begun", ("dropped",), 2, "action_step"), ("done", ("done",), 2, "action_step"),
     ("begun", ("changed",), 1, "action_meanwhile")],
)
def test_a_step_it_cannot_take_and_a_step_past_somebody_else_are_refused(kind, before, seen, code):
    with pytest.raises(AuditError) as refused:
        may_say(said(*before), ActionWord(action="a", kind=kind, by="x", at=AT, seen=seen))
    assert refused.value.code == code


def test_one_decision_and_one_open_step_make_one_action():
    step = Making(title="x", origin="plan", question="shipping_process.cut_off")
    again = ActionWord(action="b", kind="made", by="x", at=AT, making=step, owner="y", due=DUE)
    first = [again.model_copy(update={"action": "a"})]
    with pytest.raises(AuditError) as refused:
        may_say(first, again)
    assert refused.value.code == "action_twice" and refused.value.values["owner"] == "y"
    may_say([*first, ActionWord(action="a", kind="dropped", by="x", at=AT, seen=1)], again)


def test_only_the_data_say_whether_what_is_done_worked():
    (done,) = actions_of(said("done"))
    assert [done.state(told) for told in (None, "too_early", "improved", "no_effect", "relapsed")] == [
        "watching", "watching", "verified", "no_effect", "relapsed",
    ]
    (open_one,) = actions_of(said("begun"))
    assert open_one.state("improved") == "doing"
    assert open_one.overdue(date(2026, 11, 26)) and not open_one.overdue(DUE) and not done.overdue(date(2027, 1, 1))
