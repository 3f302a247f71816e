"""The facts of page one, from the result to finished sentences: headline, score, what it rests on, claims against data, next steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from markupsafe import Markup

from pdd_audit.core.figures import HOME_PLATFORM
from pdd_audit.core.questions import Checklists, Limit
from pdd_audit.core.result import AuditResult, FindingRecord, ItemRecord, PlanStep, PracticeRecord
from pdd_audit.core.scoring import TOTAL_CAP
from pdd_audit.reports import svg
from pdd_audit.reports.names import Names, short_number
from pdd_audit.texts import Lang
from pdd_audit.texts.numbers import (
    DASH,
    count,
    decimal_text,
    full_moment,
    metric_range,
    number_range,
    percent,
    percent_range,
    points,
    score_change,
    signed,
    yuan,
    yuan_range,
)

HOW_MANY = 3  # contradictions and steps on page one
NA_SHARE_TO_SAY = 0.30
CAP_TO_SAY = 3  # points that must-haves cost before the headline is about them
LITTLE_LOST = 5  # points of the total that a practice may lose and still be "in place"
LEAST_ORDERS = 0.05  # orders a month; less would read as 0
JOINERS = {"zh": "、", "en": ", "}


def fingerprint(result: AuditResult) -> str:
    """The first twelve hex digits of the result's fingerprint, in groups; a dash for a result kept without one."""
    return grouped(result.fingerprint[:12], 4) if result.fingerprint else DASH


def grouped(digits: str, by: int) -> str:
    """Digits in groups, so that they can be compared by eye and break where a line ends."""
    return " ".join(digits[at : at + by] for at in range(0, len(digits), by))


def whole_percents(shares: Sequence[float]) -> list[int]:
    """Shares of 1 as whole percents that add up to 100 (largest remainder); all zero when there is nothing to share."""
    if sum(shares) <= 0:
        return [0] * len(shares)
    exact = [round(100 * share / sum(shares), 9) for share in shares]
    whole = [int(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (whole[i] - exact[i], i))
    for index in islice(by_remainder, 100 - sum(whole)):
        whole[index] += 1
    return whole


def contradictions(result: AuditResult) -> list[FindingRecord]:
    """Answers that the data do not support, in the order of the result: the one that costs most points first."""
    return [finding for finding in result.findings if finding.verdict == "contradicted"]


@dataclass(frozen=True)
class Evidence:
    """One part of what the score rests on."""

    code: str
    name: str
    share: float
    percent: int


@dataclass(frozen=True)
class PracticeRow:
    id: str
    name: str
    score: str
    bar: Markup
    claimed: str
    verified: str
    share: str
    gap: str
    overestimated: bool


@dataclass(frozen=True)
class Contradiction:
    """「the point」, the measured number with its range, and the sentence with numerator and denominator."""

    title: str
    sentence: str
    value: str
    range: str


@dataclass(frozen=True)
class Step:
    action: str
    effect: str
    points: str
    hours: str
    yuan: str
    yuan_range: str


class PageOne:
    """Everything page one says, in one language. Templates only place it."""

    def __init__(self, result: AuditResult, checklists: Checklists, lang: Lang) -> None:
        self.result = result
        self.names = Names(checklists, lang)
        self.words = self.names.words
        self.lang = lang
        self.items: dict[str, ItemRecord] = {item.id: item for practice in result.practices.values() for item in practice.items}
        self.caps = {p.practice.id: p.practice.cap_when_blocker_fails for p in checklists.practices}

    def ordered_practices(self) -> list[tuple[str, PracticeRecord]]:
        """In checklist order; practices that the checklists no longer know come last."""
        known = [key for key in self.names.practices if key in self.result.practices]
        return [(key, self.result.practices[key]) for key in [*known, *(key for key in self.result.practices if key not in known)]]

    # --- the first line ----------------------------------------------------------------------------------------------------

    def headline(self) -> str:
        return self.words("report.head.then").join(self.headline_clauses())

    def headline_clauses(self) -> list[str]:
        """The finding, then the money or the count behind it; a line breaks between them first."""
        score = self.result.score
        if score.value is None and not self.is_measured():
            return [self.words("report.head.nothing")]
        return [clause for clause in (self._score_clause(), self._second_clause()) if clause]

    def _score_clause(self) -> str:
        score = self.result.score
        if score.value is None or score.grade is None:
            return self.words("report.head.open", low=points(score.low or 0.0), high=points(100.0 if score.high is None else score.high))
        cost_of_cap = (score.uncapped or 0.0) - score.value
        if cost_of_cap >= CAP_TO_SAY and len(score.capped_by) == 1:
            return self.words("report.head.capped_one", value=points(score.value), titles=_inside_sentence(self.fails(score.capped_by)))
        if cost_of_cap >= CAP_TO_SAY and score.capped_by:
            return self.words("report.head.capped_many", value=points(score.value), n=len(score.capped_by))
        lost = {key: sum(item.lost for item in practice.items) for key, practice in self.ordered_practices()}
        worst = max(lost, key=lambda key: lost[key], default=None)
        if worst is None or lost[worst] < LITTLE_LOST:
            return self.words("report.head.good", value=points(score.value))
        return self.words("report.head.worst", value=points(score.value), practice=_inside_sentence(self.names.practice(worst)))

    def _second_clause(self) -> str:
        priced = [step.yuan for step in self.result.plan[:HOW_MANY] if step.yuan]
        if priced:
            key = "report.head.money_one" if len(priced) == 1 else "report.head.money_many"
            return self.words(key, n=self.number_word(len(priced)), yuan=yuan(sum(priced)))
        pickup = self.result.metrics.get("pickup_24h_ratio")
        if pickup is not None and pickup.value is not None and pickup.verdict != "not_trusted" and pickup.n:
            late = _cases(1 - pickup.value, pickup.n)
            return self.words("report.head.late", n=count(pickup.n), x=count(late))
        if self.is_measured():
            return ""
        return self.words("report.head.unchecked")

    def is_measured(self) -> bool:
        """Whether the data say anything; a shop without files has metrics too, all without a value."""
        return any(metric.value is not None for metric in self.result.metrics.values())

    def number_word(self, number: int) -> str:
        key = f"report.number.{number}"
        return self.words(key) if self.words.has(key) else str(number)

    def na_note(self) -> str:
        """A sentence when much of the questionnaire was said not to apply; else nothing."""
        share = self.na_share()
        return self.words("report.na_share", share=percent(share, 0)) if share > NA_SHARE_TO_SAY else ""

    def na_share(self) -> float:
        total = na = 0.0
        for practice in self.result.practices.values():
            weights = sum(item.weight for item in practice.items)
            if weights:
                total += practice.weight
                na += practice.weight * sum(item.weight for item in practice.items if item.state == "na") / weights
        return na / total if total else 0.0

    # --- the score ---------------------------------------------------------------------------------------------------------

    def score_lines(self) -> list[str]:
        """What stands under the big number: grade, then the two ranges, never merged."""
        score, words = self.result.score, self.words
        lines = [f"{words('report.score.out_of')} · {self.grade_text()}"]
        if score.value is None:
            return lines
        if score.grade is None:
            so_far = words("report.score.so_far", value=points(score.value), share=percent(score.answered_share, 0))
            return [*lines, so_far]
        if score.data_low is not None and score.data_high is not None and score.verified_share > 0:
            narrow = score.data_high - score.data_low < 1
            spread = number_range(score.data_low, score.data_high, 1)
            lines.append(words("report.score.data_narrow") if narrow else words("report.score.data_range", range=spread))
        still_open = self.open_items()
        if still_open and score.low is not None and score.high is not None:
            lines.append(words("report.score.open_range", n=still_open, range=_range_or_one(score.low, score.high)))
        elif not still_open:
            lines.append(words("report.score.open_none"))
        return lines

    def big_number(self) -> str:
        """The score; only its range where there is not enough to grade, so that a mean of a few questions is not read as the total."""
        score = self.result.score
        return points(score.value) if score.grade is not None or score.value is None else number_range(score.low, score.high)

    def has_score(self) -> bool:
        return self.result.score.value is not None

    def grade_text(self) -> str:
        """等级 D（E–D）, or that there is not enough to grade."""
        score = self.result.score
        if score.grade is None:
            return self.words("grades.none.name")
        if {score.grade_low, score.grade_high} <= {score.grade, None}:
            return self.words("grades.shown.plain", grade=score.grade)
        return self.words("grades.shown.ranged", grade=score.grade, low=score.grade_low, high=score.grade_high)

    def open_items(self) -> int:
        return sum(item.state in ("unanswered", "unknown") and item.share > 0 for item in self.items.values())

    def scale(self) -> Markup:
        score = self.result.score
        alt = self.words("report.score.alt_none")
        if score.value is not None:
            alt = self.words("report.score.alt", value=points(score.value), range=number_range(score.low, score.high))
        if score.grade is None:
            return svg.score_scale(None, _pair(score.low, score.high), None, None, alt)
        return svg.score_scale(score.value, _pair(score.low, score.high), _pair(score.data_low, score.data_high), score.grade, alt)

    def total_is_capped(self) -> bool:
        """Whether the cap moved the total as it is shown; a failed must-have in a shop that is low anyway moves nothing."""
        score = self.result.score
        return bool(score.capped_by) and points(score.uncapped) != points(score.value)

    def cap_lines(self) -> list[str]:
        """88 → 69：… for the total, then the rule; nothing when no cap binds."""
        score = self.result.score
        if not self.total_is_capped():
            return []
        before, after = points(score.uncapped, 1), points(score.value, 1)
        line = self.words("report.cap.total", before=before, after=after, titles=self.fails(score.capped_by))
        sections = {self.caps[key] for key, practice in self.result.practices.items() if practice.capped_by and key in self.caps}
        limit = number_range(min(sections), max(sections)) if len(sections) > 1 else "".join(map(str, sections)) or DASH
        return [line, self.words("report.cap.means", section=limit, total=decimal_text(100 * TOTAL_CAP))]

    def own_list_line(self) -> str:
        """Both scores where the shop has its own checklist; nothing where it follows the standard one."""
        own, official = self.result.score, self.result.official
        return "" if official is None else self.words("report.own_list", value=points(own.value, 1), official=points(official.value, 1))

    def waived_line(self) -> str:
        """How many questions stand by somebody's leave, and the score without them; nothing where none does."""
        waived, after = self.result.waivers, self.result.after_waivers
        if not waived:
            return ""
        until = f"{waived[0].until:%Y-%m-%d}"
        if after is None or not after.enough:
            return self.words("report.waived.line_open", n=len(waived), until=until)
        return self.words("report.waived.line", n=len(waived), after=points(after.value), until=until)

    def profile_line(self) -> str:
        """What is so in the shop, which decides what it was asked; nothing in a result kept before that was recorded."""
        names = [self.words(f"checklist.profile.{name}") for name in self.result.profile]
        return self.words("report.profile", names=JOINERS[self.lang].join(names)) if names else ""

    def fails(self, questions: Sequence[str]) -> str:
        return JOINERS[self.lang].join(self.names.fails(question) for question in questions)

    # --- what it rests on, claims and checks -------------------------------------------------------------------------------

    def evidence(self) -> list[Evidence]:
        coverage = self.result.score.coverage
        shares = [coverage.verified, coverage.evidenced, coverage.claimed, coverage.unknown]
        codes = ("verified", "evidenced", "claimed", "unknown")
        return [
            Evidence(code, self.words(f"report.rest.{code}"), share, whole)
            for code, share, whole in zip(codes, shares, whole_percents(shares), strict=True)
        ]

    def evidence_bar(self) -> Markup:
        coverage = self.result.score.coverage
        alt = self.words("report.rest.alt", **{part.code: f"{part.percent}%" for part in self.evidence()})
        return svg.evidence_bar(coverage.verified, coverage.evidenced, coverage.claimed, alt)

    def practice_rows(self) -> list[PracticeRow]:
        rows = []
        for key, practice in self.ordered_practices():
            name = self.names.practice(key)
            score, said = points(practice.value, 1), points(practice.claimed_where_verified, 1)
            checked, share = points(practice.verified_where_claimed, 1), percent(practice.verified_share, 0)
            alt = self.words("report.practices.alt", practice=name, score=score, share=share, claimed=said, verified=checked)
            bar = svg.claim_bar(
                practice.value, practice.verified_share, practice.score_if_believed if practice.overrated else None, alt
            )
            gap = score_change(practice.claimed_where_verified, practice.verified_where_claimed)
            rows.append(PracticeRow(key, name, score, bar, said, checked, share, gap, practice.overrated))
        return rows

    # --- contradictions ----------------------------------------------------------------------------------------------------

    def contradictions(self) -> list[Contradiction]:
        return self.every_contradiction()[:HOW_MANY]

    def every_contradiction(self) -> list[Contradiction]:
        return [self._contradiction(finding) for finding in contradictions(self.result)]

    def more_contradictions(self) -> str:
        more = len(contradictions(self.result)) - HOW_MANY
        return self.words("report.against.more", n=more) if more > 0 else ""

    def contradictions_title(self) -> str:
        shown = len(self.contradictions())
        title = self.words("report.against.one") if shown == 1 else self.words("report.against.title", n=self.number_word(shown))
        return title[:1].upper() + title[1:]

    def no_contradictions(self) -> str:
        """What was compared instead: an empty list is an answer only if something was checked."""
        compared = [f for f in self.result.findings if f.verdict in ("confirmed", "cannot_tell")]
        if not compared:
            waiting = self.is_measured() and not any(item.state == "answered" for item in self.items.values())
            return self.words("report.against.none_unanswered" if waiting else "report.against.none_unchecked")
        confirmed = sum(finding.verdict == "confirmed" for finding in compared)
        return self.words("report.against.none_checked", checked=len(compared), confirmed=confirmed)

    def _claim(self, finding: FindingRecord) -> tuple[str, Limit | None]:
        """The level that was claimed and its limit: from the finding, else from the checklist."""
        item = self.items.get(finding.question)
        level = finding.claim.get("level")
        if not isinstance(level, str):
            level = item.answer if item is not None and isinstance(item.answer, str) else "met"
        bounds = {key: finding.claim[key] for key in ("at_least", "at_most") if isinstance(finding.claim.get(key), int | float)}
        if bounds:
            return level, Limit(**bounds)
        question = self.names.questions.get(finding.question)
        known: dict[Any, Limit] = dict(question.verify.claim) if question and question.verify else {}
        return level, known.get(level)

    def _contradiction(self, finding: FindingRecord) -> Contradiction:
        level, limit = self._claim(finding)
        metric = self.result.metrics.get(finding.metric)
        unit = metric.unit if metric else "ratio"
        measured = finding.measured
        value, low, high = measured.value or 0.0, measured.low, measured.high
        allowed = limit.value if limit else None
        if unit == "ratio" and (limit is None or limit.at_least is not None):  # kept ratios are told by what was missed
            value, low, high = 1 - value, None if high is None else 1 - high, None if low is None else 1 - low
            allowed = None if allowed is None else 1 - allowed
        label = self.names.level(finding.question, level)
        return Contradiction(
            title=self.words("report.against.quoted", title=self.names.holds(finding.question)),
            sentence=self._said(finding, label, value, allowed, unit),
            value=percent(value) if unit == "ratio" else self.names.value(value, unit),
            range=percent_range(low, high) if unit == "ratio" else metric_range(low, high, unit),
        )

    def _said(self, finding: FindingRecord, label: str, value: float, allowed: float | None, unit: str) -> str:
        """Numerator and denominator, what the answer allows, and what follows."""
        n = finding.measured.n
        shown = short_number(100 * value) + "%" if unit == "ratio" else short_number(value)
        key = f"report.said.{finding.metric}"
        if allowed is None:
            key = "report.said.bare"
        elif not self.words.has(key):
            key = f"report.said.{unit}"
        limit = "" if allowed is None else short_number(100 * allowed) + "%" if unit == "ratio" else short_number(allowed)
        cases = _cases(value, n) if unit == "ratio" else finding.rows_total
        sentence = self.words(
            key, n=count(n), x=count(cases), value=shown, level=label, limit=limit, metric=self.names.metric(finding.metric)
        )
        item = self.items.get(finding.question)
        if item is not None and item.verified is None:
            after = self.words("report.against.flagged")
        elif finding.counted_as and finding.counted_as != finding.claim.get("level", item.answer if item else None):
            after = self.words("report.against.counted", level=self.names.level(finding.question, finding.counted_as))
        else:
            after = ""
        return self.words("report.head.then").join(part for part in (sentence[:1].upper() + sentence[1:], after) if part)

    # --- next steps --------------------------------------------------------------------------------------------------------

    def steps_title(self) -> str:
        shown = min(HOW_MANY, len(self.result.plan))
        return self.words("report.steps.one") if shown == 1 else self.words("report.steps.title", n=self.number_word(shown))

    def steps(self) -> list[Step]:
        return self.every_step()[:HOW_MANY]

    def every_step(self) -> list[Step]:
        return [
            Step(
                action=self._action(step), effect=self._effect(step), points=signed(step.points) if self.result.score.enough else DASH,
                hours=self.words("report.steps.hours_value", hours=short_number(step.hours)),
                yuan=yuan(step.yuan), yuan_range=yuan_range(step.yuan_low, step.yuan_high),
            )
            for step in self.result.plan
        ]

    def _effect(self, step: PlanStep) -> str:
        if not step.orders or step.orders < LEAST_ORDERS:
            return ""
        return self.words("report.steps.orders", orders=short_number(step.orders, 0 if step.orders >= 10 else 1))

    def _action(self, step: PlanStep) -> str:
        """What to do, in this language; for an answer nobody knows, to find out."""
        item = self.items.get(step.question)
        known = self.names.remedy(step.question, step.action)
        if known is not None:
            return known
        if item is not None and item.state == "unknown":
            return self.words("plan.find_out", title=self.names.holds(step.question))
        return step.action or self.names.holds(step.question)

    def no_steps(self) -> str:
        return self.words("report.steps.none_open" if self.open_items() else "report.steps.none_best")

    def steps_note(self) -> str:
        shown = self.result.plan[:HOW_MANY]
        priced = [step.yuan for step in shown if step.yuan is not None]
        if not shown:
            return ""
        notes = [] if self.result.score.enough else [self.words("report.steps.no_points")]
        if not priced:
            return self.joined([*notes, self.words("report.steps.no_money")])
        notes.append(self.words("report.steps.money_note", n=self.number_word(len(priced)), yuan=yuan(sum(priced))))
        if len(priced) < len(shown):
            notes.append(self.words("report.steps.part_money"))
        return self.joined(notes)

    def joined(self, sentences: Sequence[str]) -> str:
        """Sentences in a row: a space between them in English, none in Chinese."""
        return (" " if self.lang == "en" else "").join(sentences)

    # --- where it comes from -----------------------------------------------------------------------------------------------

    def source_line(self) -> str:
        result, words = self.result, self.words
        known = words.has(f"report.pack.{result.rules.pack}")
        pack = self.names.coded("report.pack", result.rules.pack if known else result.rules.platform)
        since = result.rules.effective_from
        rules = words("report.rules", pack=pack, since=since) if since else words("report.rules_undated", pack=pack)
        period = words("report.period", as_of=full_moment(result.as_of)) if result.as_of else words("report.no_period")
        if result.rules.platform != HOME_PLATFORM:
            rules = f"{rules} · {words('rules.measured_by', platform=words.coded('rules.platform', result.rules.platform))}"
        return f"{period} · {rules}"


def _cases(share: float, n: int) -> int:
    """The numerator behind a share of n."""
    return int(share * n + 0.5)


def _pair(low: float | None, high: float | None) -> tuple[float, float] | None:
    return None if low is None or high is None else (low, high)


def _range_or_one(low: float, high: float) -> str:
    return points(low) if points(low) == points(high) else number_range(low, high)


def _inside_sentence(name: str) -> str:
    """'Courier choice' -> 'courier choice'; names that begin with an abbreviation stay."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]
