"""Two people at one answer: which of its parts somebody changed, and what the answer becomes when they changed different ones."""

from collections.abc import Mapping
from typing import Any, Literal

from pdd_audit.core.questions import Answer

AnswerPart = Literal["answer", "note", "proof", "attached"]

# A part -> the fields of an answer that belong together in it.
_FIELDS: dict[AnswerPart, tuple[str, ...]] = {
    "answer": ("answer", "reason"), "note": ("note",), "proof": ("proof",), "attached": ("attached",),
}


def part_of(answer: Answer, part: AnswerPart) -> dict[str, Any]:
    """The fields of one part with their values."""
    return {name: getattr(answer, name) for name in _FIELDS[part]}


def differing(one: Answer | None, other: Answer | None) -> tuple[AnswerPart, ...]:
    """The parts in which two answers differ; None: not answered."""
    return tuple(part for part in _FIELDS if _value(one, part) != _value(other, part))


def merged(stands: Answer | None, seen: Answer | None, said: Mapping[str, Any]) -> Answer:
    """``said`` over what stands; over what was seen where the answer has been taken back since. One of them says what is picked."""
    base = stands or seen
    return Answer.model_validate(({} if base is None else base.model_dump()) | dict(said))


def replaced(stands: Answer | None, seen: Answer | None, said: Mapping[str, Any]) -> tuple[AnswerPart, ...]:
    """The parts of what stands that nobody who saw ``seen`` knew of and that ``said`` puts something else in the place of."""
    now = merged(stands, seen, said)
    touched = [part for part, names in _FIELDS.items() if any(name in said for name in names)]
    return tuple(part for part in touched if _value(stands, part) not in (_value(seen, part), _value(now, part)))


def _value(answer: Answer | None, part: AnswerPart) -> tuple[Any, ...]:
    return tuple(Answer.model_fields[name].default if answer is None else getattr(answer, name) for name in _FIELDS[part])
