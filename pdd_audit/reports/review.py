"""What a signed review adds to the report: what was decided, what was agreed on and who said what, and where the log stood."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pdd_audit.core.questions import Answer, Checklists
from pdd_audit.core.rounds import Decision, Round, RoundWord, Spread, spreads
from pdd_audit.reports.names import Names, cut
from pdd_audit.texts import Lang
from pdd_audit.texts.numbers import DASH, full_moment, percent, yuan

ON_PAGE_ONE = 5  # decisions
LONGEST = 100  # characters of a decision on page one
LONGEST_NAME = 24  # of its owner
DIGITS = 12  # of the log's hash that stand under the fingerprint


@dataclass(frozen=True)
class Decided:
    """Something to do. ``why``: the question it came from, empty where there is none."""

    what: str
    owner: str
    due: date | None
    day: str
    why: str
    by: str


@dataclass(frozen=True)
class Talked:
    """One question of the round. ``apart``: disagreement 0..1; ``facts``: that and the yuan in words; ``by``: who wrote the agreement
    down, or what holds without one; ``said``: each different answer with the names behind it; ``words``: what people wrote beside it."""

    id: str
    title: str
    agreed: str
    by: str
    apart: float
    yuan: float
    facts: str
    said: list[str]
    words: list[str]


@dataclass(frozen=True)
class Signed:
    """A name under the review, and what stands ``under`` it. ``log``: number of the last row of the log before it, 0 where that was not
    noted; ``hash``: that row's."""

    by: str
    role: str
    at: str
    under: str
    log: int
    hash: str


class Review:
    """A round with its signatures, in one language. ``asked``: the checklists it was opened with."""

    def __init__(self, one: Round, asked: Checklists, lang: Lang) -> None:
        self.round, self.lang = one, lang
        self.names = Names(asked, lang)
        self.words = self.names.words
        self.made_at = one.signatures[-1].at

    def title(self) -> str:
        return self.words("report.review.title", title=self.round.opening.title)

    def facts(self) -> str:
        one = self.round
        told = {"members": len(one.opening.members), "agreed": len(one.agreed()), "asked": len(one.opening.questions)}
        facts = self.words("report.review.facts", opened=f"{one.opened_at:%Y-%m-%d}", **told)
        return facts if one.decisions() else f"{facts} · {self.words('report.review.none')}"

    # --- decisions ---------------------------------------------------------------------------------------------------------

    def decisions(self) -> list[Decided]:
        """The first to be done first, those without a day last."""
        return [self._decided(each) for each in sorted(self.round.decisions(), key=lambda each: each.due or date.max)]

    def decisions_title(self) -> str:
        return self.words("report.review.decided.title", n=len(self.round.decisions()))

    def first_decisions(self) -> list[Decided]:
        """As many as page one has room for, each cut to a line or two."""
        return [
            Decided(cut(" ".join(each.what.split()), LONGEST), cut(each.owner, LONGEST_NAME), each.due, each.day, each.why, each.by)
            for each in self.decisions()[:ON_PAGE_ONE]
        ]

    def more_decisions(self, shown: int = ON_PAGE_ONE) -> str:
        """That there are more than are shown; nothing where all are."""
        more = len(self.round.decisions()) - shown
        return self.words("report.review.decided.more", n=more) if more > 0 else ""

    def _decided(self, each: Decision) -> Decided:
        why = self.names.holds(each.question) if each.question else ""
        return Decided(each.text, each.owner, each.due, f"{each.due:%Y-%m-%d}" if each.due else DASH, why, each.by)

    # --- the talk ----------------------------------------------------------------------------------------------------------

    def talked(self) -> list[Talked]:
        """Every question of the round in the order of the talk: what divides most and costs most first."""
        return [self._talked(spread) for spread in spreads(self.round, self.names.questions, self.names.scales)]

    def _talked(self, spread: Spread) -> Talked:
        words, agreed = self.words, self.round.agreed().get(spread.question)
        answer = None if agreed is None else agreed.answer
        facts = [words("report.review.same")] if spread.same else []
        facts += [words("report.review.apart", share=percent(spread.disagreement, 0))] if spread.disagreement > 0 else []
        facts += [words("rounds.a_month", yuan=yuan(spread.yuan))] if spread.yuan else []
        return Talked(
            id=spread.question, title=self.names.holds(spread.question),
            agreed=self._label(spread.question, answer) if answer else words("report.review.open"),
            by=words("report.review.by", name=agreed.by) if agreed else words("report.review.former"),
            apart=spread.disagreement, yuan=spread.yuan, facts=" · ".join(facts),
            said=self._said(spread.question, spread.answers), words=self._words(spread.question, spread.answers),
        )

    def _label(self, question: str, answer: Answer) -> str:
        return self.names.picked(question, answer.answer, answer.reason)

    def _said(self, question: str, answers: Mapping[str, Answer]) -> list[str]:
        words, groups = self.words, dict[str, list[str]]()
        for member in self.round.opening.members:
            label = self._label(question, answers[member]) if member in answers else words("report.review.silent")
            groups.setdefault(label, []).append(member)
        joiner = words("report.review.joiner")
        return [words("report.review.said", answer=label, names=joiner.join(names)) for label, names in groups.items()]

    def _words(self, question: str, answers: Mapping[str, Answer]) -> list[str]:
        alone = [(member, answer.note) for member, answer in answers.items() if answer.note]
        talk = [(word.by, word.text) for word in self.round.notes(question)]
        return [self.words("report.review.wrote", name=name, text=text) for name, text in (*alone, *talk)]

    # --- signatures and the log --------------------------------------------------------------------------------------------

    def signed(self) -> list[Signed]:
        return [self._signed(word) for word in self.round.signatures]

    def log_line(self) -> str:
        """Where the log stood at the last signature; nothing for a review signed before that was noted."""
        last = self.signed()[-1]
        return self.words("report.review.log.line", row=last.log, digits=last.hash[:DIGITS]) if last.log else ""

    def _signed(self, word: RoundWord) -> Signed:
        signature = word.signature
        assert signature is not None, "whoever signs, signs something"
        role, at = self.words(f"rounds.role.{signature.role}"), full_moment(word.at)
        under = self.words("report.sign.signed", role=role, at=at)
        return Signed(word.by, role, at, under, signature.log_seq, signature.log_hash)
