"""The shape of ``checklists/responses/appeals.yaml``: the way through the backend, the reasons, and what evidence has to show."""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Literal, TypeVar

from pydantic import Field

from pdd_audit.core.periods import Fault
from pdd_audit.core.questions import Identifier, Part, Text

Claim = Literal["collected_in_time", "handed_over", "exempt", "number_corrected", "refunded_in_time"]
StepId = Literal["enter", "reason", "evidence", "wait"]
STEPS: tuple[StepId, ...] = ("enter", "reason", "evidence", "wait")


class Entry(Part):
    """A door of the merchant backend: the words of its menu, and its address where one was seen."""

    id: Identifier
    name: Text
    path: Text
    address: Annotated[str, Field(pattern=r"^https://mms\.pinduoduo\.com/\S+$", max_length=200)]
    source: Identifier


class GuideStep(Part):
    """One of the four steps. ``watch``: what goes wrong there."""

    id: StepId
    name: Text
    do: Text
    watch: Text
    source: Identifier


class Reason(Part):
    """Why a penalty should fall. ``claim``: what the shop's own files must bear out; ``pick``: what to look for in the platform's list;
    ``needed``, ``helps``: evidence without which it is not worth sending, and evidence that makes it stronger."""

    id: Identifier
    name: Text
    when: Text
    pick: Text
    request: Text
    claim: Claim
    needed: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=8)]
    helps: Annotated[tuple[Identifier, ...], Field(max_length=8)] = ()
    source: Identifier


class Shown(Part):
    """One thing a piece of evidence has to show."""

    id: Identifier
    zh: Annotated[str, Field(min_length=1, max_length=120)]
    en: Annotated[str, Field(min_length=1, max_length=120)]


class Evidence(Part):
    """A kind of evidence. ``refused_when``: what makes it worthless; ``handover``: it bears the time at which a parcel left the shop."""

    id: Identifier
    name: Text
    shows: Annotated[tuple[Shown, ...], Field(min_length=1, max_length=8)]
    refused_when: Text
    handover: bool = False
    source: Identifier


Thing = TypeVar("Thing", Reason, Evidence)


class AppealGuide(Part):
    """The whole file. ``never``: what is never done, whatever the stakes."""

    schema_version: Literal[1] = Field(alias="schema")
    entries: Annotated[tuple[Entry, ...], Field(min_length=1, max_length=6)]
    steps: Annotated[tuple[GuideStep, ...], Field(min_length=4, max_length=4)]
    reasons: Annotated[tuple[Reason, ...], Field(min_length=1, max_length=12)]
    evidence: Annotated[tuple[Evidence, ...], Field(min_length=1, max_length=20)]
    never: Annotated[tuple[Text, ...], Field(min_length=1, max_length=8)]

    def reason(self, id: str) -> Reason:
        """KeyError for one there is not."""
        return _named(self.reasons, id)

    def piece(self, id: str) -> Evidence:
        """KeyError for one there is not."""
        return _named(self.evidence, id)

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """(evidence, part) of everything evidence has to show."""
        return tuple((piece.id, part.id) for piece in self.evidence for part in piece.shows)


def _named(things: Sequence[Thing], id: str) -> Thing:
    found = next((thing for thing in things if thing.id == id), None)
    if found is None:
        raise KeyError(id)
    return found


def guide_faults(guide: AppealGuide, sources: Collection[str]) -> list[Fault]:
    """(path, code, values) for everything that is shaped right and still wrong."""
    lists: Mapping[str, Sequence[Entry | GuideStep | Reason | Evidence]] = {
        "entries": guide.entries, "steps": guide.steps, "reasons": guide.reasons, "evidence": guide.evidence,
    }
    faults: list[Fault] = []
    for name, things in lists.items():
        for at, thing in enumerate(things):
            if thing.source not in sources:
                faults.append(((name, at, "source"), "checklist_source_unknown", {"name": thing.source, "choices": sorted(sources)}))
            if any(thing.id == other.id for other in things[:at]):
                faults.append(((name, at, "id"), "checklist_response_twice", {"name": thing.id}))
    if tuple(step.id for step in guide.steps) != STEPS:
        found = ", ".join(step.id for step in guide.steps)
        faults.append((("steps",), "checklist_appeal_steps", {"name": found, "needed": ", ".join(STEPS)}))
    return faults + _evidence_faults(guide)


def _evidence_faults(guide: AppealGuide) -> list[Fault]:
    """Every reason names evidence that exists, once; a handover is proven by something; every piece is asked for by some reason."""
    known = [piece.id for piece in guide.evidence]
    handover = {piece.id for piece in guide.evidence if piece.handover}
    faults: list[Fault] = []
    for at, reason in enumerate(guide.reasons):
        named = [("needed", n, id) for n, id in enumerate(reason.needed)] + [("helps", n, id) for n, id in enumerate(reason.helps)]
        faults += [
            (("reasons", at, key, n), "checklist_appeal_evidence", {"name": id, "choices": known})
            for key, n, id in named if id not in known
        ]
        ids = [id for *_, id in named]
        faults += [
            (("reasons", at, key, n), "checklist_response_twice", {"name": id}) for place, (key, n, id) in enumerate(named)
            if id in ids[:place]
        ]
        if reason.claim == "handed_over" and not handover & set(reason.needed):
            faults.append((("reasons", at, "needed"), "checklist_appeal_handover", {"name": reason.id, "choices": sorted(handover)}))
    asked = {id for reason in guide.reasons for id in (*reason.needed, *reason.helps)}
    faults += [(("evidence", at), "checklist_appeal_unasked", {"name": id}) for at, id in enumerate(known) if id not in asked]
    for at, piece in enumerate(guide.evidence):
        parts = [part.id for part in piece.shows]
        faults += [
            (("evidence", at, "shows", n, "id"), "checklist_response_twice", {"name": id}) for n, id in enumerate(parts) if id in parts[:n]
        ]
    return faults
