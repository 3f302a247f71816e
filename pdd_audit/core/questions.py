"""The shape of a checklist: scales, practices, questions. ``checklists/schema.json`` is generated from here.

Texts are always Chinese beside English. Level codes are the same in every scale, worst to best:
unmet, partly, mostly, met; ``unknown`` and ``na`` are answers, never levels.
"""

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

LevelCode = Literal["unmet", "partly", "mostly", "met"]
AnswerCode = Literal["unmet", "partly", "mostly", "met", "unknown", "na"]
ScaleName = Literal["coverage_4", "frequency_4", "met_unmet", "criteria_share"]
CauseCode = Literal[
    "missed_van", "late_upload", "no_handover_scan", "label_only", "wrong_number", "empty_scan",
    "address_hold", "slow_outlet", "stock_out", "slow_reply", "no_notice", "lost_appeal", "unknown",
]
Trust = Literal["A", "A-", "B", "B*", "C", "D"]
Circumstance = Literal[
    "own_warehouse", "dropshipping", "several_warehouses", "several_channels", "presale", "fresh_goods", "night_shift",
]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
QuestionId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$", max_length=96)]
Hours = Annotated[float, Field(ge=0, le=1000)]

ESTIMATE = "estimate"
USUAL: frozenset[Circumstance] = frozenset({"own_warehouse"})


class Part(BaseModel):
    """Base of every checklist model: frozen, and a misspelt key is an error, not a silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Part):
    """One sentence in both languages."""

    zh: Annotated[str, Field(min_length=1, max_length=400)]
    en: Annotated[str, Field(min_length=1, max_length=400)]

    def in_language(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


class Level(Part):
    """One step of a scale: the word people pick, its value 0..1, and what the word means."""

    code: LevelCode
    value: Annotated[float, Field(ge=0, le=1)]
    label: Text
    means: Text


class Scale(Part):
    """Levels from worst to best; the first is worth 0, the last 1."""

    levels: Annotated[tuple[Level, ...], Field(min_length=2, max_length=4)]


class Criterion(Part):
    """One thing to look at. In a ``criteria_share`` question it is ticked and needs an id."""

    id: Identifier | None = None
    zh: Annotated[str, Field(min_length=1, max_length=200)]
    en: Annotated[str, Field(min_length=1, max_length=200)]


class Title(Part):
    """Two headlines of one point: how it reads when it holds and when it does not."""

    ok: Text
    fail: Text


class Source(Part):
    """Where a point comes from: a key of ``checklists/sources.yaml``, and whether it is said there or follows from it."""

    key: Identifier
    basis: Literal["stated", "derived"]


class Curve(Part):
    """Two control points in the metric's own form: worth 0.9 at ``p10``, 0.5 at ``median``, 0 from ``worst`` on."""

    p10: float
    median: float
    worst: float


class Limit(Part):
    """What a level claims about the metric; exactly one of the two is given."""

    at_least: float | None = None
    at_most: float | None = None

    @property
    def value(self) -> float:
        chosen = self.at_least if self.at_least is not None else self.at_most
        assert chosen is not None, "the loader refuses a limit without a number"
        return chosen


class Verify(Part):
    """How an order metric can confirm or contradict the answer.

    ``claim``: the limit each level asserts. ``effect: flag`` shows the verdict without touching the value.
    ``min_n``: fewer cases than this decide nothing.
    """

    metric: Identifier
    min_n: Annotated[int, Field(ge=1, le=100000)]
    effect: Literal["value", "flag"] = "value"
    curve: Curve | None = None
    claim: dict[Literal["partly", "mostly", "met"], Limit] = Field(default_factory=dict)


class Remedy(Part):
    """What to do at the levels named: an order with a verb, its effort, the causes it takes away, and how often it works.

    ``works_from``: where ``works_prior`` comes from, ``estimate`` (ours) or a key of ``checklists/sources.yaml``.
    """

    levels: Annotated[tuple[LevelCode, ...], Field(alias="for", min_length=1)]
    do: Text
    effort_hours: Hours
    effort_hours_per_month: Hours = 0
    addresses: tuple[CauseCode, ...] = ()
    works_prior: Annotated[float, Field(gt=0, lt=1)] = 0.5
    works_from: Identifier = ESTIMATE

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Blocker(Part):
    """Without this point a good score would mislead: the point fails at this level and below."""

    fails_at: LevelCode


class Question(Part):
    """One check. ``kind: metric`` is answered by data alone; weight 0 is information and never scores.

    ``weight_why``: what a miss costs, the reason for the weight. ``when``: asked only of shops of which one of these holds; empty: of all.
    """

    id: QuestionId
    kind: Literal["question", "metric"] = "question"
    weight: Annotated[int, Field(ge=0, le=5)]
    weight_why: Text | None = None
    when: tuple[Circumstance, ...] = ()
    quick: bool = False
    scale: ScaleName | None = None
    freshness_days: Annotated[int, Field(ge=1, le=730)] = 30
    blocker: Blocker | None = None
    title: Title
    ask: Text | None = None
    why: Text
    criteria: tuple[Criterion, ...] = ()
    show_me: Text | None = None
    source: Source
    verify: Verify | None = None
    remedies: tuple[Remedy, ...] = ()
    retired: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")] | None = None

    def remedy_named(self, action: str) -> Remedy | None:
        """The remedy whose words an action is, in either language; None where it is not among them any more."""
        return next((remedy for remedy in self.remedies if action in (remedy.do.zh, remedy.do.en)), None)


class PracticeHead(Part):
    """What a practice is, how much it weighs, and the closed list of reasons for which a point may not apply."""

    id: Identifier
    version: Annotated[int, Field(ge=1)]
    effective_from: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    section_weight: Annotated[int, Field(ge=1, le=5)]
    title: Text
    short_title: Text
    why: Text
    cap_when_blocker_fails: Annotated[int, Field(ge=0, le=59)] = 59
    na_reasons: dict[Identifier, Text]


class Practice(Part):
    """One YAML file of ``checklists/practices``."""

    schema_version: Literal[1] = Field(alias="schema")
    practice: PracticeHead
    items: Annotated[tuple[Question, ...], Field(min_length=1)]

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Checklists(Part):
    """Everything the score needs to know about the questions: scales by name, practices in file order."""

    scales: dict[ScaleName, Scale]
    practices: tuple[Practice, ...]

    def for_shop(self, circumstances: Collection[Circumstance]) -> "Checklists":
        """The questions a shop is asked; for the score no others exist. None named: the usual shop, which ships from its own warehouse."""
        holds = set(circumstances) or USUAL

        def asked(item: Question) -> bool:
            return not item.when or not holds.isdisjoint(item.when)

        kept = [
            practice.model_copy(update={"items": items})
            for practice in self.practices
            if (items := tuple(filter(asked, practice.items)))
        ]
        return self.model_copy(update={"practices": tuple(kept)})

    def question(self, question_id: str) -> Question:
        for practice in self.practices:
            for item in practice.items:
                if item.id == question_id:
                    return item
        raise KeyError(question_id)


class Attachment(Part):
    """A photo or document that proves an answer, by the digest of its bytes; the bytes lie with the shop, never with the answer."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    kind: Literal["png", "jpg", "pdf"]
    name: Annotated[str, Field(min_length=1, max_length=120)]


class Answer(Part):
    """What a person said: a level code, ``unknown``, ``na`` with its reason, or the criteria that were ticked."""

    answer: AnswerCode | tuple[Identifier, ...]
    reason: Identifier | None = None
    note: Annotated[str, Field(max_length=4000)] = ""
    proof: Annotated[str, Field(max_length=4000)] = ""
    attached: Annotated[tuple[Attachment, ...], Field(max_length=10)] = ()

    @property
    def proven(self) -> bool:
        """Whether anything was named or attached that somebody else could look at."""
        return bool(self.proof.strip() or self.attached)
