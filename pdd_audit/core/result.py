"""The result of an audit, as it is printed, stored and drawn. ``docs/result.schema.json`` is generated from here; keys are only ever added.

Scores are points 0..100, ratios 0..1, times Asia/Shanghai without an offset.
"""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from pdd_audit.core.figures import FigureValue
from pdd_audit.core.measurement import Unit
from pdd_audit.core.questions import Circumstance, LevelCode, Text

MetricVerdict = Literal["pass", "fail", "too_early", "no_data", "not_trusted"]
AnswerVerdict = Literal["confirmed", "contradicted", "cannot_tell", "no_data", "no_claim"]
Scope = Literal["full", "quick"]

OVERRATED = 10  # points by which claims must exceed the data, over the items that have both, to be called too high


class Record(BaseModel):
    """Base of every part of the result."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class InputFile(Record):
    file: str
    kind: str
    sha256: str
    rows_read: int
    rows_kept: int
    left_out: dict[str, int]
    warnings: list[dict[str, Any]]


class RulesUsed(Record):
    """``figures``: every figure in force and its value, the shop's own word included, null where nobody knows it; None in results kept
    before they were."""

    pack: str
    effective_from: str | None
    figures_unverified: list[str] = []
    platform: str = "pdd"  # whose rules; the order files are Pinduoduo's whatever stands here
    figures: dict[str, FigureValue] | None = None


class EstimateRecord(Record):
    value: float | None
    low: float | None
    high: float | None
    n: int


class MetricRecord(EstimateRecord):
    unit: Unit
    verdict: MetricVerdict | None
    target: float | None
    mature_until: datetime | None
    estimates: dict[str, EstimateRecord]
    standard_target: float | None = None  # ours, where the shop has a target of its own; else null
    more_needed: int | None = None  # how many more parcels until a verdict, if the rate stays as it is


class Coverage(Record):
    """Shares of the weight, 0..1, that rest on data, on proof, on a claim alone, on nothing; they add up to 1."""

    verified: float
    evidenced: float
    claimed: float
    unknown: float


class ItemRecord(Record):
    """One question: values 0..1; ``share``: its part of the total weight; ``points``/``lost``: of the total, given / not given."""

    id: str
    kind: Literal["question", "metric"]
    weight: int
    share: float
    state: Literal["answered", "unanswered", "unknown", "na", "data"]
    answer: str | list[str] | None
    reason: str | None
    verdict: AnswerVerdict | None
    claimed: float | None
    verified: float | None
    value: float | None
    low: float
    high: float
    points: float
    lost: float
    gain: float  # points of the total won by bringing this item to its best
    blocker: bool
    blocker_failed: bool
    metric: str | None


class PracticeRecord(Record):
    """One practice: points 0..100; ``value`` after the blocker cap, ``uncapped`` before it."""

    value: float | None
    low: float | None
    high: float | None
    claimed: float | None
    verified: float | None
    verified_share: float
    claimed_where_verified: float | None = None  # over the items that have both, so that the two can be subtracted
    verified_where_claimed: float | None = None
    uncapped: float | None
    capped_by: list[str]
    weight: int
    answered: int
    questions: int
    coverage: Coverage
    items: list[ItemRecord]

    @model_validator(mode="before")
    @classmethod
    def _of_a_first_result(cls, record: Any) -> Any:
        """The first results kept no such pair; their items tell it."""
        if not isinstance(record, dict) or "claimed_where_verified" in record:
            return record
        items = [item if isinstance(item, dict) else item.model_dump() for item in record.get("items", ())]
        both = [item for item in items if item["claimed"] is not None and item["verified"] is not None]
        weight = sum(item["share"] for item in both)
        pair = {
            name: 100 * sum(item["share"] * item[part] for item in both) / weight if weight else None
            for name, part in (("claimed_where_verified", "claimed"), ("verified_where_claimed", "verified"))
        }
        return {**record, **pair}

    @property
    def gap(self) -> float | None:
        """Checked minus claimed in points, over the items that have both; below zero the shop thinks too well of itself."""
        if self.claimed_where_verified is None or self.verified_where_claimed is None:
            return None
        return self.verified_where_claimed - self.claimed_where_verified

    @property
    def overrated(self) -> bool:
        return self.gap is not None and self.gap <= -OVERRATED

    @property
    def score_if_believed(self) -> float | None:
        """The score moved by the gap as far as its items weigh: where a bar of the score would end if claims were taken as they are."""
        return None if self.value is None or self.gap is None else min(100.0, max(0.0, self.value - self.gap * self.verified_share))


class ScoreRecord(Record):
    """The total. ``low``/``high``: once the open items are answered; ``data_low``/``data_high``: what the data's intervals allow."""

    value: float | None
    low: float | None
    high: float | None
    data_low: float | None
    data_high: float | None
    grade: str | None
    grade_low: str | None
    grade_high: str | None
    claimed: float | None
    verified: float | None
    verified_share: float
    gap: float | None
    uncapped: float | None
    capped_by: list[str]
    answered_share: float
    enough: bool  # whether enough is answered or measured to speak of a score at all
    scope: Scope
    coverage: Coverage

    @model_validator(mode="before")
    @classmethod
    def _of_a_first_result(cls, record: Any) -> Any:
        """The first results did not say whether enough was known; four fifths of the weight were."""
        if isinstance(record, dict) and "enough" not in record:
            return {**record, "enough": record.get("value") is not None and (record.get("answered_share") or 0.0) >= 0.8}
        return record


class FindingRecord(Record):
    """One answer held against the data. ``claim``: level and limit; ``rows``: waybills behind it (at most 200) of ``rows_total``."""

    question: str
    metric: str
    verdict: AnswerVerdict
    claim: dict[str, Any]
    measured: EstimateRecord
    rows: list[str]
    rows_total: int
    counted_as: LevelCode | None = None  # level the answer is worth after the data spoke
    better_than_said: bool = False


class PlanStep(Record):
    """One action. Yuan are per month, null where no amount is known; ``orders`` per month that it would have saved."""

    action: str
    question: str
    practice: str
    points: float
    yuan_low: float | None
    yuan: float | None
    yuan_high: float | None
    hours: float
    orders: float | None
    why: str


class Wave(Record):
    courier: str
    outlet: str | None
    day: str
    band: str
    parcels: int
    breaches: int
    verdict: Literal["missed", "ordinary"]


class WarningRecord(Record):
    code: str
    text: str
    file: str | None


class FineRecord(Record):
    """Bookings of the settlement bill of one code. Yuan taken, less what came back (an appeal that was won is negative).

    ``known``: those that name an order of the shop's files; ``unlinked``: those that name none, which stay with nobody; the rest
    name orders the files do not hold.
    """

    category: Literal["fine_late_shipping", "fine_false_shipping", "fine_out_of_stock", "compensation", "appeal_refund"]
    code: str | None
    name: str | None
    bookings: int
    yuan: float
    known_bookings: int
    known_yuan: float
    unlinked_bookings: int
    unlinked_yuan: float


class WaiverRecord(Record):
    """A question let stand until the end of a day. ``points`` of the total that meeting it would win; ``yuan`` a month that its step alone
    would save, null where no amount is known."""

    question: str
    by: str
    reason: str
    since: date
    until: date
    points: float
    yuan: float | None


class LeftOut(Record):
    """A question of the shipped checklists that the shop does not ask, in the shop's own words why."""

    question: str
    title: Text
    reason: str


class AuditResult(Record):
    """Everything one audit says. ``profile``: what is so in the shop and decides what it is asked. ``waivers``: questions let stand on the
    day of the audit, the first to end first; ``after_waivers``: the score without them, beside ``score``, which no waiver changes.
    ``official``: the score by the shipped checklists where the shop has its own, else None.
    ``left_out``: questions its own checklist leaves out. ``invented``: the demo shop, files and answers made up.
    ``fingerprint``: names everything the result rests on (``core.fingerprint``);
    None in results kept before there was one."""

    schema_version: Literal[1] = 1
    shop: str
    as_of: datetime | None
    cut: datetime | None
    rules: RulesUsed
    checklists: dict[str, int]
    inputs: list[InputFile]
    parcels: dict[str, int]
    metrics: dict[str, MetricRecord]
    practices: dict[str, PracticeRecord]
    score: ScoreRecord
    findings: list[FindingRecord]
    plan: list[PlanStep]
    waves: list[Wave]
    warnings: list[WarningRecord]
    excluded: dict[str, int] = {}
    fines: list[FineRecord] = []
    official: ScoreRecord | None = None
    left_out: list[LeftOut] = []
    fingerprint: str | None = None
    profile: list[Circumstance] = []
    waivers: list[WaiverRecord] = []
    after_waivers: ScoreRecord | None = None
    invented: bool = False
