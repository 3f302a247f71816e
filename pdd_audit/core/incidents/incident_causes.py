"""The fixed list of causes an incident closes with (``checklists/responses/causes.yaml``), and what closed incidents add up to."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from pdd_audit.core.deeds import Deed
from pdd_audit.core.periods import Fault
from pdd_audit.core.questions import Identifier, Part, QuestionId, Text

MONTH_DAYS = 30


class CauseEntry(Part):
    """One cause. ``told_by_files``: whether orders and scans alone can propose it; ``prevented_by``: points of the checklist that would
    have prevented it, the likeliest first."""

    id: Identifier
    name: Text
    told_by_files: bool
    prevented_by: Annotated[tuple[QuestionId, ...], Field(min_length=1, max_length=6)]
    source: Identifier


class CausesFile(Part):
    """``causes.yaml``."""

    schema_version: Literal[1] = Field(alias="schema")
    causes: Annotated[tuple[CauseEntry, ...], Field(min_length=1, max_length=30)]

    def cause(self, id: str) -> CauseEntry | None:
        return next((cause for cause in self.causes if cause.id == id), None)


def cause_faults(
    file: CausesFile, questions: Collection[str], sources: Collection[str], proposed: Collection[str] | None = None
) -> list[Fault]:
    """(path, code, values) for everything shaped right and still wrong. ``proposed``: the causes the data can propose; each must be in the
    list, or an incident could not close with it."""
    faults: list[Fault] = []
    for at, cause in enumerate(file.causes):
        if any(cause.id == other.id for other in file.causes[:at]):
            faults.append((("causes", at, "id"), "checklist_response_twice", {"name": cause.id}))
        if cause.source not in sources:
            faults.append((("causes", at, "source"), "checklist_source_unknown", {"name": cause.source, "choices": sorted(sources)}))
        faults += [
            (("causes", at, "prevented_by", n), "checklist_cause_question", {"name": id, "choices": sorted(questions)})
            for n, id in enumerate(cause.prevented_by) if id not in questions
        ]
    told = {cause.id for cause in file.causes if cause.told_by_files}
    if proposed is not None and told != set(proposed):
        wrong = sorted(told ^ set(proposed))[0]
        faults.append((("causes",), "checklist_cause_told", {"name": wrong, "choices": sorted(proposed)}))
    return faults


@dataclass(frozen=True)
class Pointing:
    """Closed incidents that point at one question: how many, their parcels or orders, and what they are expected to have cost."""

    question: str
    incidents: int
    parcels: int
    yuan: float


def pointing(closed: Iterable[Deed], since: datetime) -> dict[str, Pointing]:
    """Question -> what points at it, of incidents closed from ``since`` on, most yuan first."""
    found: dict[str, Pointing] = {}
    for deed in closed:
        question = deed.what.get("question")
        if deed.kind != "closed" or deed.at < since or not isinstance(question, str):
            continue
        before = found.get(question, Pointing(question, 0, 0, 0.0))
        cost = deed.what.get("yuan", 0.0)
        yuan = before.yuan + (cost if isinstance(cost, int | float) else 0.0)
        found[question] = Pointing(question, before.incidents + 1, before.parcels + len(deed.subjects), yuan)
    return dict(sorted(found.items(), key=lambda pair: (-pair[1].yuan, -pair[1].incidents, pair[0])))


def by_practice(points: Mapping[str, Pointing]) -> dict[str, Pointing]:
    """Practice -> the same, its questions together."""
    found: dict[str, Pointing] = {}
    for one in points.values():
        practice = one.question.partition(".")[0]
        before = found.get(practice, Pointing(practice, 0, 0, 0.0))
        found[practice] = Pointing(
            practice, before.incidents + one.incidents, before.parcels + one.parcels, before.yuan + one.yuan
        )
    return dict(sorted(found.items(), key=lambda pair: (-pair[1].yuan, -pair[1].incidents, pair[0])))
