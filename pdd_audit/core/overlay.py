"""A shop's own word on the checklists: questions left out, weighed or limited otherwise, questions and targets of its own.

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
from pdd_audit.core.questions import Checklists, Identifier, Limit, Part, Practice, Question, QuestionId, Source
from pdd_audit.core.targets import Line, OwnTarget, drawn_to, is_change, lines_of, with_enough_cases

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
    """Question id -> what is so of it, metric -> the shop's own target, and the questions of the shop's own, in their order."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    questions: dict[QuestionId, Adjustment] = Field(default_factory=dict)
    targets: dict[Identifier, OwnTarget] = Field(default_factory=dict)
    add: Annotated[tuple[OwnQuestion, ...], Field(max_length=MOST_ADDED)] = ()

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @property
    def changes(self) -> int:
        """How many questions and targets it touches."""
        moved = sum(is_change(name, one) for name, one in self.targets.items())
        return len(self.add) + moved + sum(one != Adjustment(reason=one.reason) for one in self.questions.values())


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
    lines = lines_of(shipped)
    return shipped.model_copy(update={"practices": tuple(_applied(practice, overlay, lines) for practice in shipped.practices)})


def _applied(practice: Practice, overlay: Overlay, lines: Mapping[str, Line]) -> Practice:
    items = []
    for item in practice.items:
        said = overlay.questions.get(item.id, Adjustment())
        if not said.ignore or item.blocker is not None:
            items.append(_adjusted(item, said, overlay.targets, lines))
    items += [Question(**dict(own)) for own in overlay.add if _practice_of(own.id) == practice.practice.id]
    return practice.model_copy(update={"items": tuple(items)})


def _adjusted(item: Question, said: Adjustment, targets: Mapping[str, OwnTarget], lines: Mapping[str, Line]) -> Question:
    """A limit the shop has set for a level stands as it was set; the others follow its target."""
    target = None if item.verify is None else targets.get(item.verify.metric)
    line = None if item.verify is None else lines.get(item.verify.metric)
    if item.verify is not None and target is not None and line is not None and target.value != line.value:
        item = item.model_copy(update={"verify": drawn_to(item.verify, target.value, line)})
    changed: dict[str, Any] = {}
    if said.weight is not None:
        changed["weight"] = said.weight
    if said.claim and item.verify is not None:
        changed["verify"] = with_enough_cases(item.verify.model_copy(update={"claim": {**item.verify.claim, **said.claim}}))
    return item.model_copy(update=changed) if changed else item


def _practice_of(question_id: str) -> str:
    return question_id.split(".")[0]


def faults(
    shipped: Checklists, overlay: Overlay, metrics: Mapping[str, Better] | None = None, sources: Collection[str] | None = None
) -> list[Problem]:
    """Everything wrong with an overlay: its own faults, then what the prover says of the merged checklists and not of the shipped ones.

    The path of a problem leads into the overlay; an empty one means the whole of it.
    """
    found = [*_adjustments(shipped, overlay), *_targets(shipped, overlay), *_added(shipped, overlay)]
    if any(problem.path[0] == "targets" for problem in found):  # what would follow from an impossible target is no fault of its own
        overlay = overlay.model_copy(update={"targets": {}})
    known = {_identity(problem) for problem in prove(shipped, metrics, sources)}
    new = [problem for problem in prove(apply(shipped, overlay), metrics, sources) if _identity(problem) not in known]
    return found + [Problem("", _inside(one, shipped, overlay), one.code, one.item, one.values, one.severity) for one in new]


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


def _targets(shipped: Checklists, overlay: Overlay) -> Iterator[Problem]:
    lines = lines_of(shipped)
    for name, one in overlay.targets.items():
        at = ("targets", name)
        line = lines.get(name)
        if line is None:
            yield Problem("", at, "overlay_target_metric", values={"name": name, "choices": list(lines)})
        elif not one.reason.strip():
            yield Problem("", at, "overlay_target_reason", values={"name": name})
        elif not line.allows(one.value):
            ends = {"least": f"{line.loosest:g}", "most": f"{line.strictest:g}", "standard": f"{line.value:g}"}
            yield Problem("", (*at, "value"), "overlay_target_range", values={"found": f"{one.value:g}", "name": name, **ends})


def _added(shipped: Checklists, overlay: Overlay) -> Iterator[Problem]:
    practices = [practice.practice.id for practice in shipped.practices]
    for at, own in enumerate(overlay.add):
        practice, _, point = own.id.partition(".")
        if not point.startswith(OWN_POINT):
            yield Problem("", ("add", at, "id"), "overlay_own_id", own.id, {"item": own.id, "prefix": OWN_POINT})
        if practice not in practices:
            yield Problem("", ("add", at, "id"), "overlay_own_practice", own.id, {"name": practice, "choices": practices})


def _inside(problem: Problem, shipped: Checklists, overlay: Overlay) -> Path:
    """Where in the overlay the cause of a problem of the merged checklists stands."""
    if not problem.item:
        return ()
    for at, own in enumerate(overlay.add):
        if own.id == problem.item:
            return ("add", at, *problem.path[2:])
    if problem.item not in overlay.questions:
        verify = next((item.verify for practice in shipped.practices for item in practice.items if item.id == problem.item), None)
        return ("targets", verify.metric) if verify is not None and verify.metric in overlay.targets else ()
    return ("questions", problem.item, *(step for step in problem.path[2:] if step != "verify"))
