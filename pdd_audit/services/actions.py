"""Actions: made of steps of the plan, of decisions, by hand; begun, finished, handed on, dropped. A done one is a change of the shop."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pdd_audit.core.actions import (
    BY_METRIC,
    Action,
    ActionKind,
    ActionWord,
    Making,
    Watched,
    actions_of,
    may_say,
    remedy_name,
)
from pdd_audit.core.changes import LONGEST, ChangeKind
from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.core.questions import Checklists, Question
from pdd_audit.core.result import PlanStep
from pdd_audit.core.rounds import Decision, RoundWord, rounds_of
from pdd_audit.services.access import needs
from pdd_audit.services.changes import add_change, list_changes, remove_change
from pdd_audit.services.workspace import Workspace, now

__all__ = [
    "Action", "Making", "Speaker", "act", "action_for", "actions", "by_hand", "decisions_waiting", "finish", "from_decision", "from_step",
    "hand_on", "make", "metric_of", "take_up",
]

FARTHEST_DAYS = 3660


@dataclass(frozen=True)
class Speaker:
    """Who speaks of an action, and how many words of it they knew."""

    by: str
    seen: int


@needs(Right.LOOK)
def actions(workspace: Workspace, shop_id: str) -> list[Action]:
    """Every action, in the order they were made."""
    return actions_of(workspace.state.said(ActionWord, shop_id))


def from_step(checklists: Checklists, step: PlanStep) -> Making:
    """A step of the plan as something to do, with what the plan expects of it."""
    question = checklists.question(step.question)
    remedy = next((one for one in question.remedies if step.action in (one.do.zh, one.do.en)), None)
    return Making(
        title=_title(step.action), origin="plan", question=question.id, remedy=remedy_name(question.id, remedy.levels[0]) if remedy else "",
        metric=metric_of(question), yuan=step.yuan, yuan_low=step.yuan_low, yuan_high=step.yuan_high, orders=step.orders,
    )


def from_decision(checklists: Checklists, decision: Decision, steps: Iterable[PlanStep] = ()) -> Making:
    """What a review round decided. ``steps``: of the plan; the one on the same question tells the remedy and what it should save."""
    known = {item.id: item for practice in checklists.practices for item in practice.items}
    question = known.get(decision.question or "")
    step = next((step for step in steps if question is not None and step.question == question.id), None)
    if step is not None:
        expected = from_step(checklists, step)
    else:
        expected = Making(title="-", question=decision.question, metric=metric_of(question) if question else "")
    return expected.model_copy(update={"title": _title(decision.text), "origin": "decision", "decision": decision.id})


def action_for(made: Sequence[Action], making: Making) -> Action | None:
    """The action that stands for a step of the plan: one on its question that is open, or one of the very same remedy that is done."""
    mine = [one for one in made if one.stage != "dropped" and one.making.question == making.question]
    return next((one for one in reversed(mine) if one.stage != "done" or one.making.remedy == making.remedy), None)


def by_hand(title: str, metric: Watched, yuan: float | None) -> Making:
    """Something the plan does not know. Raises AuditError ``action_form`` without a title."""
    return Making(title=_title(title), metric=metric, yuan=yuan)


def metric_of(question: Question) -> Watched:
    """The metric whose days should move: that of the question, else that of the causes its remedies take away, else none."""
    if question.verify is not None and question.verify.metric in BY_METRIC:
        return BY_METRIC[question.verify.metric]
    causes = {cause for remedy in question.remedies for cause in remedy.addresses}
    if causes & {"missed_van", "late_upload", "no_handover_scan", "label_only", "slow_outlet"}:
        return "pickup_24h_ratio"
    return "reply_3min_ratio" if "slow_reply" in causes else "promise_kept_ratio" if "stock_out" in causes else ""


@needs(Right.LOOK)
def decisions_waiting(workspace: Workspace, shop_id: str) -> list[Decision]:
    """Decisions of rounds that no action was made of yet; those of a dropped round bind nobody."""
    made = {action.making.decision for action in actions(workspace, shop_id)}
    rounds = rounds_of(workspace.state.said(RoundWord, shop_id))
    return [one for each in rounds if each.phase != "dropped" for one in each.decisions() if one.id and one.id not in made]


@needs(Right.ANSWER)
def take_up(workspace: Workspace, shop_id: str, checklists: Checklists, decision: Decision, steps: Iterable[PlanStep], by: str) -> None:
    """A decision with a day becomes an action at once; one without waits until somebody says when. Raises AuditError as ``make`` does."""
    if decision.due is not None:
        make(workspace, shop_id, from_decision(checklists, decision, steps), decision.owner, decision.due, by)


@needs(Right.ANSWER)
def make(workspace: Workspace, shop_id: str, making: Making, owner: str, due: date | None, by: str) -> str:
    """A new action; its id. Raises AuditError: ``action_form`` where something is missing, ``action_due``, ``action_twice``."""
    _needed(owner, by)
    action = uuid.uuid4().hex
    word = ActionWord(action=action, kind="made", by=_name(by), at=now(), making=making, owner=_name(owner), due=_due(due))
    _say(workspace, shop_id, word)
    return action


@needs(Right.ANSWER)
def hand_on(workspace: Workspace, shop_id: str, action: str, owner: str, due: date | None, speaker: Speaker) -> None:
    """Another owner, another day. Raises AuditError as ``make`` does, and ``action_meanwhile`` when somebody else spoke first."""
    _needed(owner, speaker.by)
    word = ActionWord(
        action=action, kind="changed", by=_name(speaker.by), at=now(), seen=speaker.seen, owner=_name(owner), due=_due(due)
    )
    _say(workspace, shop_id, word)


@needs(Right.ANSWER)
def act(workspace: Workspace, shop_id: str, action: str, kind: ActionKind, speaker: Speaker) -> None:
    """It is begun (again), not done after all, or dropped. A change that was noted when it was finished goes with ``undone``."""
    assert kind in ("begun", "undone", "dropped"), "the others carry more"
    _needed("-", speaker.by)
    before = next((one for one in actions(workspace, shop_id) if one.id == action), None)
    _say(workspace, shop_id, ActionWord(action=action, kind=kind, by=_name(speaker.by), at=now(), seen=speaker.seen))
    if kind == "undone" and before is not None and before.noted:
        remove_change(workspace, shop_id, before.change)


@needs(Right.ANSWER)
def finish(
    workspace: Workspace, shop_id: str, action: str, day: date, speaker: Speaker, kind: ChangeKind = "other", change: str = ""
) -> None:
    """Done, in force from ``day`` on. ``change``: one of the shop's changes that says so already (its day then counts); else one is noted,
    so that nobody has to write it down twice. Raises AuditError: ``action_form``, ``action_day`` for a day to come, ``action_step``."""
    _needed("-", speaker.by)
    if day > now().date():
        raise AuditError("action_day", found=day.isoformat())
    there = next((one for one in actions(workspace, shop_id) if one.id == action), None)
    word = ActionWord(action=action, kind="done", by=_name(speaker.by), at=now(), seen=speaker.seen, day=day)
    may_say(workspace.state.said(ActionWord, shop_id), word)
    assert there is not None, "it may be said"
    known = {one.id: one for one in list_changes(workspace, shop_id)}
    if change in known:
        _say(workspace, shop_id, word.model_copy(update={"day": known[change].day, "change": change}))
        return
    noted = add_change(workspace, shop_id, day, there.making.title, kind)
    try:
        _say(workspace, shop_id, word.model_copy(update={"change": noted.id, "noted": True}))
    except AuditError:
        remove_change(workspace, shop_id, noted.id)  # somebody else was quicker
        raise


def _say(workspace: Workspace, shop_id: str, word: ActionWord) -> None:
    workspace.state.say(shop_id, word, fits=lambda said: may_say(said, word))


def _title(text: str) -> str:
    clean = " ".join(text.split())
    if not clean:
        raise AuditError("action_form", found="")
    return clean if len(clean) <= LONGEST else clean[: LONGEST - 1] + "…"


def _name(text: str) -> str:
    return " ".join(text.split())[:60]


def _needed(owner: str, by: str) -> None:
    if not owner.strip() or not by.strip():
        raise AuditError("action_form", found="")


def _due(due: date | None) -> date:
    if due is None or abs(due - now().date()) > timedelta(days=FARTHEST_DAYS):
        raise AuditError("action_due", found="" if due is None else due.isoformat())
    return due
