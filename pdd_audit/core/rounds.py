"""Review rounds: what a team says in one, and what its words add up to. Nothing said is edited; a later word stands beside the first.

A round is opened, every member answers alone without seeing the others, the answers are revealed all at once, talked through in the order
of disagreement x yuan, agreed, and signed by a reviewer and an owner. From the first signature on nothing of it changes, unless that one
is taken back before the second.
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import combinations, dropwhile, groupby
from math import comb
from operator import attrgetter
from typing import Annotated, Literal

from pydantic import Field

from pdd_audit.core.errors import BETWEEN, AuditError
from pdd_audit.core.items import levels_of
from pdd_audit.core.questions import Answer, Part, Question, QuestionId, Scale

WordKind = Literal["opened", "answered", "revealed", "noted", "agreed", "decided", "signed", "withdrawn", "dropped"]
Again = Literal["never", "weekly", "monthly", "after_sale"]
Role = Literal["reviewer", "owner"]
Phase = Literal["answering", "revealed", "half_signed", "signed", "dropped"]
Name = Annotated[str, Field(min_length=1, max_length=60)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
MOST_MEMBERS = 50
HIDDEN = Answer(answer="unknown")  # stands for what somebody else said alone
ONE_KNOWS_NOT = 0.5  # somebody does not know what another one does: worth a talk, but no contradiction


class Opening(Part):
    """What a round asks, of whom, until when. ``template``: digest of the checklists it was opened with, kept beside it."""

    title: Annotated[str, Field(min_length=1, max_length=100)]
    questions: Annotated[tuple[QuestionId, ...], Field(min_length=1, max_length=2000)]
    members: Annotated[tuple[Name, ...], Field(min_length=1, max_length=MOST_MEMBERS)]
    due: date
    again: Again = "never"
    template: Digest


class Signature(Part):
    """Under what somebody put a name. ``audit``: digest of the saved result; ``log_seq``, ``log_hash``: head of the log just before."""

    role: Role
    fingerprint: Digest
    audit: Digest
    log_seq: int = 0
    log_hash: Annotated[str, Field(max_length=64)] = ""


class RoundWord(Part):
    """One thing said in a round. ``seen``: how many words of this kind on this question (for an answer: of this member) the speaker knew;
    who knows fewer than there are is asked again instead of covering them up (for a signature: how many stood, of which one may be taken
    back). ``stakes``: question -> yuan a month, as of the reveal."""

    round: Annotated[str, Field(min_length=1, max_length=32)]
    kind: WordKind
    by: Name
    at: datetime
    question: QuestionId | None = None
    opening: Opening | None = None
    answer: Answer | None = None
    seen: Annotated[int, Field(ge=0)] = 0
    stakes: dict[QuestionId, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    text: Annotated[str, Field(max_length=2000)] = ""
    owner: Annotated[str, Field(max_length=60)] = ""
    due: date | None = None
    id: Annotated[str, Field(max_length=32)] = ""
    signature: Signature | None = None


@dataclass(frozen=True)
class Decision:
    """What was decided: something to do, by whom, until when, because of which question (None: of none in particular)."""

    id: str
    round: str
    text: str
    owner: str
    due: date | None
    question: str | None
    by: str
    at: datetime


class Round:
    """The words of one round, in the order they were said."""

    def __init__(self, words: Sequence[RoundWord]) -> None:
        first = words[0]
        assert first.opening is not None, "a round begins by being opened"
        self.id, self.opened_by, self.opened_at, self.opening = first.round, first.by, first.at, first.opening
        self._alone = [word for word in words if word.kind == "answered"]  # by far the most
        self._rest = [word for word in words if word.kind != "answered"]

    def _of(self, *kinds: WordKind) -> list[RoundWord]:
        return [word for word in (self._alone if kinds == ("answered",) else self._rest) if word.kind in kinds]

    @property
    def signatures(self) -> list[RoundWord]:
        """Those that stand. One can be taken back only while it stands alone."""
        said = self._of("signed", "withdrawn")
        taken_back = max((at for at, word in enumerate(said, 1) if word.kind == "withdrawn"), default=0)
        return said[taken_back:]

    @cached_property
    def phase(self) -> Phase:
        if self._of("dropped"):
            return "dropped"
        signed = len(self.signatures)
        return "signed" if signed > 1 else "half_signed" if signed else "revealed" if self._of("revealed") else "answering"

    def as_seen_by(self, member: str) -> "Round":
        """The round as one of many people sees it: before the reveal that others answered, not what."""
        if self.phase != "answering":
            return self
        seen = Round([*self._rest, *(word for word in self._alone if word.by == member)])
        seen._given = {name: given if name == member else dict.fromkeys(given, HIDDEN) for name, given in self._given.items()}
        return seen

    @property
    def mark(self) -> str:
        """Another one as soon as there is something new to see. While members answer alone, that is only the reveal."""
        return self.phase if self.phase == "answering" else f"{self.phase} {len(self._rest)}"

    @property
    def stakes(self) -> Mapping[str, float]:
        """Question -> yuan a month, as they were when the answers were revealed."""
        revealed = self._of("revealed")
        return revealed[0].stakes if revealed else {}

    def answers_of(self, member: str) -> dict[str, Answer]:
        """Question -> what this member said last before the reveal."""
        return dict(self._given.get(member, {}))

    @cached_property
    def _given(self) -> dict[str, dict[str, Answer]]:
        given: dict[str, dict[str, Answer]] = {}
        for word in self._alone:
            if word.question is not None and word.answer is not None:
                given.setdefault(word.by, {})[word.question] = word.answer
        return given

    def version(self, kind: WordKind, question: str, by: str | None = None) -> int:
        """How many words of a kind were said on a question, by anybody or by one."""
        return sum(word.question == question and by in (None, word.by) for word in self._of(kind))

    def done(self) -> dict[str, int]:
        """Member -> how many questions they answered. It tells nothing of what they said."""
        return {member: len(self._given.get(member, ())) for member in self.opening.members}

    def revealed_answers(self, question: str) -> dict[str, Answer]:
        """Member -> answer, of those who gave one; nothing before the reveal."""
        if self.phase == "answering":
            return {}
        given = {member: self._given.get(member, {}).get(question) for member in self.opening.members}
        return {member: answer for member, answer in given.items() if answer is not None}

    def agreed(self) -> dict[str, RoundWord]:
        """Question -> the last word agreed on it."""
        return {word.question: word for word in self._of("agreed") if word.question is not None}

    def notes(self, question: str) -> list[RoundWord]:
        return [word for word in self._of("noted") if word.question == question]

    def decisions(self) -> list[Decision]:
        return [
            Decision(word.id, word.round, word.text, word.owner, word.due, word.question, word.by, word.at) for word in self._of("decided")
        ]


def rounds_of(words: Iterable[RoundWord]) -> list[Round]:
    """Every round, in the order they were opened. Words of a round that nobody opened are not heard."""
    by_round: dict[str, list[RoundWord]] = {}
    for id, words_of_it in groupby(words, attrgetter("round")):  # thousands of words, hardly ever of two rounds in turn
        said = list(words_of_it)
        if id in by_round:
            by_round[id] += said
        elif heard := list(dropwhile(_unopened, said)):
            by_round[id] = heard
    return [Round(said) for said in by_round.values()]


def _unopened(word: RoundWord) -> bool:
    return word.kind != "opened" or word.opening is None


def may_say(so_far: Iterable[RoundWord], word: RoundWord) -> None:
    """Whether the word fits what was said. Raises AuditError, whose code says why not."""
    one = next((each for each in rounds_of(so_far) if each.id == word.round), None)
    if word.kind == "opened":
        return
    if one is None or one.phase == "dropped":
        raise AuditError("round_gone")
    if one.phase == "signed" or (one.phase == "half_signed" and word.kind not in ("signed", "withdrawn")):
        raise AuditError("round_signed", signers=BETWEEN.join(each.by for each in one.signatures))
    if word.question is not None and word.question not in one.opening.questions:
        raise AuditError("round_question", found=word.question)
    if word.kind == "answered":
        _may_answer(one, word)
    elif word.kind in ("noted", "agreed", "decided", "signed") and one.phase == "answering":
        raise AuditError("round_not_revealed")
    elif word.kind == "revealed" and one.phase != "answering":
        raise AuditError("round_revealed")
    elif word.kind == "agreed":
        assert word.question is not None, "something is agreed on a question"
        if one.version("agreed", word.question) > word.seen:
            raise AuditError("round_agreed_meanwhile", found=one.agreed()[word.question].by)
    elif word.kind == "signed":
        _may_sign(one, word)
    elif word.kind == "withdrawn" and [each.signature for each in one.signatures] != [word.signature]:
        raise AuditError("round_signature_gone")


def _may_answer(one: Round, word: RoundWord) -> None:
    assert word.question is not None, "an answer is about a question"
    if one.phase != "answering":
        raise AuditError("round_revealed")
    if word.by not in one.opening.members:
        raise AuditError("round_member", found=word.by)
    if one.version("answered", word.question, word.by) > word.seen:
        raise AuditError("round_answered_meanwhile", found=word.by)


def _may_sign(one: Round, word: RoundWord) -> None:
    assert word.signature is not None, "whoever signs, signs something"
    if word.seen > len(one.signatures):
        raise AuditError("round_signature_gone")
    for other in one.signatures:
        assert other.signature is not None, "whoever signs, signs something"
        if other.signature.role == word.signature.role or other.by == word.by:
            raise AuditError("round_signed_once", found=other.by)
        if (other.signature.fingerprint, other.signature.audit) != (word.signature.fingerprint, word.signature.audit):
            raise AuditError("round_signs_other", found=word.signature.fingerprint[:12])


def value_of(answer: Answer, question: Question, scales: Mapping[str, Scale]) -> float | None:
    """What an answer says, 0..1; None for "don't know" and "does not apply"."""
    if isinstance(answer.answer, tuple):
        return len(answer.answer) / max(1, len(question.criteria))
    return {str(code): value for code, value in levels_of(question, scales)}.get(answer.answer)


def disagreement(answers: Sequence[Answer], question: Question, scales: Mapping[str, Scale]) -> float:
    """Mean distance of all pairs of answers, 0 (all say the same) to 1. "Does not apply" against anything else counts as 1."""
    said = Counter(answer.answer for answer in answers)
    kinds = [(Answer(answer=kind), times) for kind, times in said.items()]
    apart = sum(many * others * _distance(one, other, question, scales) for (one, many), (other, others) in combinations(kinds, 2))
    return apart / comb(len(answers), 2) if len(answers) > 1 else 0.0


def _distance(one: Answer, other: Answer, question: Question, scales: Mapping[str, Scale]) -> float:
    if "na" in (one.answer, other.answer):
        return float(one.answer != other.answer)
    if isinstance(one.answer, tuple) and isinstance(other.answer, tuple):
        return len(set(one.answer) ^ set(other.answer)) / max(1, len(question.criteria))
    first, second = value_of(one, question, scales), value_of(other, question, scales)
    if first is None or second is None:
        return ONE_KNOWS_NOT * (one.answer != other.answer)
    return abs(first - second)


@dataclass(frozen=True)
class Spread:
    """One question after the reveal. ``weight``: disagreement x yuan at stake, the order of the talk; ``same``: all members said the
    same and nobody is missing."""

    question: str
    disagreement: float
    yuan: float
    answers: Mapping[str, Answer]
    same: bool

    @property
    def weight(self) -> float:
        return self.disagreement * self.yuan


def spreads(one: Round, questions: Mapping[str, Question], scales: Mapping[str, Scale]) -> list[Spread]:
    """The questions in the order in which to talk: by disagreement x yuan, then disagreement, then yuan, then as they were asked."""
    found = []
    for id in one.opening.questions:
        if id not in questions:
            continue
        given = one.revealed_answers(id)
        apart = disagreement(list(given.values()), questions[id], scales)
        kinds = {(_said(answer), answer.reason) for answer in given.values()}
        found.append(Spread(id, apart, one.stakes.get(id, 0.0), given, len(kinds) == 1 and len(given) == len(one.opening.members)))
    return sorted(found, key=lambda each: (-round(each.weight, 6), -round(each.disagreement, 6), -round(each.yuan, 6)))


def _said(answer: Answer) -> tuple[str, ...]:
    return tuple(sorted(answer.answer)) if isinstance(answer.answer, tuple) else (answer.answer,)


def next_due(opening: Opening, sales_end: Iterable[date]) -> date | None:
    """When the round after this one is due: a week or a month later (the last day of a shorter month), or three days after the next sale
    that ends later than this due day; None when there is none. ``sales_end``: last days of known sales."""
    if opening.again == "weekly":
        return opening.due + timedelta(days=7)
    if opening.again == "monthly":
        year, month = opening.due.year + opening.due.month // 12, opening.due.month % 12 + 1
        return date(year, month, min(opening.due.day, monthrange(year, month)[1]))
    if opening.again == "after_sale":
        return min((end + timedelta(days=3) for end in sales_end if end + timedelta(days=3) > opening.due), default=None)
    return None
