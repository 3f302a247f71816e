"""What a team decided to do: who, until when, for how much, and whether it worked. Nothing said is edited; an action is what its words
add up to. Whether it worked is never said by anybody: the data say it, anew at every look."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal, get_args

from pydantic import Field

from pdd_audit.core.changes import LONGEST
from pdd_audit.core.errors import AuditError
from pdd_audit.core.questions import Checklists, Part, QuestionId

Origin = Literal["plan", "decision", "hand"]
Watched = Literal["pickup_24h_ratio", "promise_kept_ratio", "reply_3min_ratio", ""]  # metrics that days can be compared by; "": none
ActionKind = Literal["made", "changed", "begun", "done", "undone", "dropped"]
Stage = Literal["planned", "doing", "done", "dropped"]
State = Literal["planned", "doing", "done", "watching", "verified", "no_effect", "relapsed", "dropped"]
Evidence = Literal["too_early", "improved", "no_effect", "relapsed"]

WATCHED: tuple[Watched, ...] = get_args(Watched)
STATES: tuple[State, ...] = get_args(State)
OPEN: frozenset[State] = frozenset({"planned", "doing", "relapsed"})  # somebody has to do something

# Stage -> the words that may follow, and the stage they lead to. ``undone``: it was not done after all; ``begun`` after ``done``: taken
# up again.
NEXT: Mapping[Stage, Mapping[ActionKind, Stage]] = {
    "planned": {"changed": "planned", "begun": "doing", "done": "done", "dropped": "dropped"},
    "doing": {"changed": "doing", "done": "done", "dropped": "dropped"},
    "done": {"changed": "done", "begun": "doing", "undone": "doing", "dropped": "dropped"},
    "dropped": {},
}
# Metrics of questions -> the one whose days tell whether it moved.
BY_METRIC: Mapping[str, Watched] = {
    "pickup_24h_ratio": "pickup_24h_ratio", "pickup_hours_p50": "pickup_24h_ratio", "pickup_hours_p90": "pickup_24h_ratio",
    "pickup_hours_p95": "pickup_24h_ratio", "wave_kept_ratio": "pickup_24h_ratio", "open_over_limit_count": "pickup_24h_ratio",
    "first_move_24h_ratio": "pickup_24h_ratio", "uploads_after_cutoff_ratio": "pickup_24h_ratio",
    "same_day_pickup_ratio": "pickup_24h_ratio", "promise_kept_ratio": "promise_kept_ratio",
    "reply_3min_ratio": "reply_3min_ratio", "reply_30s_ratio": "reply_3min_ratio", "reply_seconds_mean": "reply_3min_ratio",
}

Yuan = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Id = Annotated[str, Field(min_length=1, max_length=32)]


class Making(Part):
    """What is to be done. ``title``: as it was read when it was made; ``remedy``: ``<question>/<level>`` of a remedy of the checklists;
    ``decision``: id of the decision of a review round. Yuan, their range, and parcels are a month, as the plan saw them then."""

    title: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    origin: Origin = "hand"
    question: QuestionId | None = None
    remedy: Annotated[str, Field(max_length=120)] = ""
    decision: Annotated[str, Field(max_length=32)] = ""
    metric: Watched = ""
    yuan: Yuan | None = None
    yuan_low: Yuan | None = None
    yuan_high: Yuan | None = None
    orders: Yuan | None = None


class ActionWord(Part):
    """One thing said of an action. ``seen``: how many words of it the speaker knew. ``making``, ``owner`` and ``due`` belong to ``made``
    (the last two to ``changed`` as well). To ``done`` belong ``day`` (from when on it holds), ``change`` (its entry among the shop's
    changes) and ``noted`` (whether that entry was written with this word)."""

    action: Id
    kind: ActionKind
    by: Annotated[str, Field(min_length=1, max_length=60)]
    at: datetime
    seen: Annotated[int, Field(ge=0)] = 0
    making: Making | None = None
    owner: Annotated[str, Field(max_length=60)] = ""
    due: date | None = None
    day: date | None = None
    change: Annotated[str, Field(max_length=32)] = ""
    noted: bool = False


@dataclass(frozen=True)
class Action:
    """``day``, ``change``: since when it is done and which of the shop's changes it is, None and "" while it is not; ``noted``: the
    change was written with it. ``steps``: what was said, by whom and when, in order."""

    id: str
    making: Making
    owner: str
    due: date
    stage: Stage
    day: date | None
    change: str
    noted: bool
    steps: tuple[tuple[ActionKind, str, datetime], ...]

    @property
    def words(self) -> int:
        return len(self.steps)

    def state(self, evidence: Evidence | None = None) -> State:
        """Where it stands. ``evidence``: what the data say of an action that is done and watched by a metric."""
        if self.stage != "done":
            return self.stage
        if not self.making.metric:
            return "done"
        told: Mapping[Evidence, State] = {
            "too_early": "watching", "improved": "verified", "no_effect": "no_effect", "relapsed": "relapsed",
        }
        return told[evidence or "too_early"]

    def overdue(self, today: date) -> bool:
        return self.stage in ("planned", "doing") and self.due < today


def actions_of(words: Iterable[ActionWord]) -> list[Action]:
    """Every action, in the order they were made. Words that do not fit what was said before are not heard."""
    found: dict[str, Action] = {}
    for word in words:
        there = found.get(word.action)
        if word.kind == "made":
            if there is None and word.making is not None and word.due is not None:
                found[word.action] = Action(
                    word.action, word.making, word.owner, word.due, "planned", None, "", False, ((word.kind, word.by, word.at),)
                )
        elif there is not None and word.kind in NEXT[there.stage]:
            found[word.action] = _after(there, word)
    return list(found.values())


def _after(action: Action, word: ActionWord) -> Action:
    changed = word.kind == "changed"
    kept = changed and action.stage == "done"
    return Action(
        id=action.id, making=action.making, owner=word.owner if changed else action.owner,
        due=word.due if changed and word.due is not None else action.due, stage=NEXT[action.stage][word.kind],
        day=word.day if word.kind == "done" else action.day if kept else None,
        change=word.change if word.kind == "done" else action.change if kept else "",
        noted=word.noted if word.kind == "done" else kept and action.noted,
        steps=(*action.steps, (word.kind, word.by, word.at)),
    )


def may_say(so_far: Sequence[ActionWord], word: ActionWord) -> None:
    """Whether a word fits what was said. Raises AuditError: ``action_twice`` for a second action from one decision or, while the first one
    is open, from one question of the plan; ``action_gone``; ``action_meanwhile`` when somebody spoke first; ``action_step``."""
    actions = actions_of(so_far)
    if word.kind == "made":
        assert word.making is not None, "an action is made of something"
        twin = next((one for one in actions if _same(one, word.making)), None)
        if twin is not None:
            raise AuditError("action_twice", found=twin.making.title, owner=twin.owner)
        return
    action = next((one for one in actions if one.id == word.action), None)
    if action is None:
        raise AuditError("action_gone", found=word.action)
    if action.words > word.seen:
        raise AuditError("action_meanwhile", found=action.steps[-1][1])
    if word.kind not in NEXT[action.stage]:
        raise AuditError("action_step", found=f"{action.stage} → {word.kind}")


def _same(there: Action, making: Making) -> bool:
    if making.decision and there.making.decision == making.decision:
        return there.stage != "dropped"
    return making.origin == "plan" == there.making.origin and there.making.question == making.question and there.stage in (
        "planned", "doing"
    )


def title_in(checklists: Checklists, making: Making, lang: Literal["zh", "en"]) -> str:
    """In that language where the checklists still know the remedy, else as it was written down."""
    question = next((item for practice in checklists.practices for item in practice.items if item.id == making.question), None)
    level = making.remedy.rpartition("/")[2]
    remedies = question.remedies if question is not None and level else ()
    remedy = next((one for one in remedies if one.levels[0] == level), None)
    return making.title if remedy is None else remedy.do.in_language(lang)


def remedy_name(question: str, level: str) -> str:
    """What ``Making.remedy`` holds: a question and the first level its remedy is for."""
    return f"{question}/{level}"
