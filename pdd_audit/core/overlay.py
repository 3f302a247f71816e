"""A shop's own word on the checklists: questions left out, weighed or limited otherwise, and questions of its own.

It stands beside the shipped checklists and is never written into them. The merged result has to pass the whole prover again, and the
score by the shipped checklists stays to be seen beside the shop's own. A question without which a good score would mislead cannot be
left out.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from pdd_audit.core.measurement import Better
from pdd_audit.core.prover import Path, Problem, prove
from pdd_audit.core.questions import Checklists, Limit, Part, Practice, Question, QuestionId, Source

OWN_POINT = "local_"  # how the second half of the id of a shop's own question begins; no shipped id does
OWN_SOURCE = Source(key="shop_itself", basis="stated")
MOST_ADDED = 50
ClaimLevel = Literal["partly", "mostly", "met"]


class Adjustment(Part):
    """What is so of one shipped question in this shop. ``claim``: limits of single levels, the others stay as shipped."""

    ignore: bool = False
    weight: Annotated[int, Field(ge=0, le=5)] | None = None
    claim: dict[ClaimLevel, Limit] = Field(default_factory=dict)
    reason: Annotated[str, Field(max_length=400)] = ""


class OwnQuestion(Question):
    """A question of the shop's own; it need not say where it comes from."""

    source: Source = OWN_SOURCE


class Overlay(Part):
    """Question id -> what is so of it, and the questions of the shop's own, in their order."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    questions: dict[QuestionId, Adjustment] = Field(default_factory=dict)
    add: Annotated[tuple[OwnQuestion, ...], Field(max_length=MOST_ADDED)] = ()

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @property
    def changes(self) -> int:
        """How many questions it touches."""
        return len(self.add) + sum(one != Adjustment(reason=one.reason) for one in self.questions.values())


class OverlayWord(Part):
    """One word of the shop on its checklists, never edited; the last one counts. ``overlay`` None: the shipped ones again."""

    overlay: Overlay | None
    by: Annotated[str, Field(min_length=1, max_length=60)]
    why: Annotated[str, Field(min_length=1, max_length=400)]
    at: datetime


def in_force(words: Collection[OverlayWord]) -> Overlay | None:
    """The last word; None where there is none, it was taken back, or it changes nothing."""
    last = list(words)[-1].overlay if words else None
    return last if last is not None and last.changes else None


def apply(shipped: Checklists, overlay: Overlay | None) -> Checklists:
    """The checklists as the shop has them. Whatever does not fit (``faults`` names it) is passed over: a blocker always stays."""
    if overlay is None or not overlay.changes:
        return shipped
    return shipped.model_copy(update={"practices": tuple(_applied(practice, overlay) for practice in shipped.practices)})


def _applied(practice: Practice, overlay: Overlay) -> Practice:
    items = []
    for item in practice.items:
        said = overlay.questions.get(item.id, Adjustment())
        if not said.ignore or item.blocker is not None:
            items.append(_adjusted(item, said))
    items += [Question(**dict(own)) for own in overlay.add if _practice_of(own.id) == practice.practice.id]
    return practice.model_copy(update={"items": tuple(items)})


def _adjusted(item: Question, said: Adjustment) -> Question:
    changed: dict[str, Any] = {}
    if said.weight is not None:
        changed["weight"] = said.weight
    if said.claim and item.verify is not None:
        changed["verify"] = item.verify.model_copy(update={"claim": {**item.verify.claim, **said.claim}})
    return item.model_copy(update=changed) if changed else item


def _practice_of(question_id: str) -> str:
    return question_id.split(".")[0]


def faults(
    shipped: Checklists, overlay: Overlay, metrics: Mapping[str, Better] | None = None, sources: Collection[str] | None = None
) -> list[Problem]:
    """Everything wrong with an overlay: its own faults, then what the prover says of the merged checklists and not of the shipped ones.

    The path of a problem leads into the overlay; an empty one means the whole of it.
    """
    found = [*_adjustments(shipped, overlay), *_added(shipped, overlay)]
    known = {_identity(problem) for problem in prove(shipped, metrics, sources)}
    new = [problem for problem in prove(apply(shipped, overlay), metrics, sources) if _identity(problem) not in known]
    return found + [Problem("", _inside(one, overlay), one.code, one.item, one.values, one.severity) for one in new]


def _identity(problem: Problem) -> tuple[object, ...]:
    """What the problem is, wherever its question stands in the list."""
    return problem.practice, problem.item, problem.code, problem.path[2:] if problem.item else problem.path, repr(problem.values)


def _adjustments(shipped: Checklists, overlay: Overlay) -> Iterator[Problem]:
    items = {item.id: item for practice in shipped.practices for item in practice.items}
    for name, said in overlay.questions.items():
        at = ("questions", name)
        item = items.get(name)
        if item is None:
            yield Problem("", at, "overlay_unknown_question", name, {"name": name, "choices": list(items)})
            continue
        if said.ignore and item.blocker is not None:
            yield Problem("", (*at, "ignore"), "overlay_blocker", name, {"item": name})
        if said.ignore and not said.reason.strip():
            yield Problem("", at, "overlay_reason", name, {"item": name})
        if said.claim and item.verify is None:
            yield Problem("", (*at, "claim"), "overlay_no_limit", name, {"item": name})


def _added(shipped: Checklists, overlay: Overlay) -> Iterator[Problem]:
    practices = [practice.practice.id for practice in shipped.practices]
    for at, own in enumerate(overlay.add):
        practice, _, point = own.id.partition(".")
        if not point.startswith(OWN_POINT):
            yield Problem("", ("add", at, "id"), "overlay_own_id", own.id, {"item": own.id, "prefix": OWN_POINT})
        if practice not in practices:
            yield Problem("", ("add", at, "id"), "overlay_own_practice", own.id, {"name": practice, "choices": practices})


def _inside(problem: Problem, overlay: Overlay) -> Path:
    """Where in the overlay the cause of a problem of the merged checklists stands."""
    if not problem.item:
        return ()
    for at, own in enumerate(overlay.add):
        if own.id == problem.item:
            return ("add", at, *problem.path[2:])
    if problem.item not in overlay.questions:
        return ()
    return ("questions", problem.item, *(step for step in problem.path[2:] if step != "verify"))
