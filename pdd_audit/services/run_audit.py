"""One audit: answers and files in, the whole result out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pdd_audit.core.figures import RulePacks
from pdd_audit.core.fingerprint import Basis, file_facts
from pdd_audit.core.items import Finding, ItemValue
from pdd_audit.core.lineage import ROWS_BEHIND
from pdd_audit.core.measurement import Estimate, Measurement
from pdd_audit.core.overlay import Overlay
from pdd_audit.core.people import Right
from pdd_audit.core.plan import Loss, Step, make_plan
from pdd_audit.core.questions import ESTIMATE, Answer, Checklists, Circumstance, Limit, Question
from pdd_audit.core.result import (
    AuditResult,
    EstimateRecord,
    FindingRecord,
    InputFile,
    LeftOut,
    MetricRecord,
    MetricVerdict,
    PlanStep,
    RulesUsed,
    Scope,
    WarningRecord,
)
from pdd_audit.core.scoring import Scored, score
from pdd_audit.core.tables import CompactTables, Sample
from pdd_audit.core.targets import STANDARD_TARGETS, lines_of
from pdd_audit.core.waterfall import AuditInputs
from pdd_audit.metrics import registry
from pdd_audit.metrics.bias import bias_of
from pdd_audit.metrics.causes import Cause
from pdd_audit.metrics.intervals import kept, more_needed, side_of, verdict_of
from pdd_audit.metrics.pictures import Pictures
from pdd_audit.metrics.waves import more_parcels_needed
from pdd_audit.services.access import needs
from pdd_audit.services.measure import TABLES_VERSION, Ask, ask_about, compact, measure, ruled_by
from pdd_audit.services.moment import one_moment
from pdd_audit.services.overlay import overlay_of, overlay_version, target_of
from pdd_audit.services.profile import circumstances_of, official_questions_for, questions_for
from pdd_audit.services.rules import rules_of
from pdd_audit.services.waivers import after, waiver_records, waivers_of
from pdd_audit.services.workspace import Workspace, digest_of, now
from pdd_audit.texts import Lang, Words
from pdd_audit.texts.numbers import count, metric_value, yuan

FIGURES_USED = (
    "pickup_limit_hours", "promise_needs_pickup", "false_shipment_ratio", "false_shipment_min_yuan", "false_shipment_max_yuan",
    "compensation_rounding", "reply_limit_seconds",
)


@dataclass(frozen=True)
class Plan:
    """The steps in order, the losses of ``days`` that they are judged by, and the questions that a waiver puts off."""

    steps: list[Step]
    losses: list[Loss]
    days: float
    put_off: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Audit:
    """The result with the frames behind its charts, and with what it was computed from."""

    result: AuditResult
    inputs: AuditInputs
    tables: CompactTables
    pictures: Pictures
    plan: Plan


@needs(Right.LOOK)
def run_audit(
    workspace: Workspace,
    shop_id: str,
    *,
    scope: Scope = "full",
    lang: Lang = "zh",
    as_of: datetime | None = None,
    answers: Mapping[str, Answer] | None = None,
    profile: Collection[Circumstance] | None = None,
) -> Audit:
    """Score a shop as its ledger and its answers stand. ``answers``, ``profile``: others than the stored ones (a file of the command
    line). Only questions the shop is asked exist for the score, the plan and whatever is compared later."""
    with one_moment():
        return _audited(workspace, shop_id, scope, lang, as_of, answers, profile)


def _audited(
    workspace: Workspace, shop_id: str, scope: Scope, lang: Lang, as_of: datetime | None, answers: Mapping[str, Answer] | None,
    profile: Collection[Circumstance] | None,
) -> Audit:
    ask = ask_about(workspace, shop_id, as_of)
    key, tables = compact(workspace, shop_id, ask)
    measured = measure(workspace, key, tables)
    checklists = questions_for(workspace, shop_id, profile)
    asked = {question.id for practice in checklists.practices for question in practice.items}
    stored = workspace.state.answers(shop_id) if answers is None else answers
    given = {question: answer for question, answer in stored.items() if question in asked}
    findings = {name: Finding(registry[name].info, measured.metrics[name]) for name in registry}
    scored = score(checklists, given, findings, scope)
    official = None
    if overlay_of(workspace, shop_id) is not None:
        official = AuditInputs(official_questions_for(workspace, shop_id, profile), stored, findings, scope)
    biased = bias_of(tables) is not None
    causes, days = [] if biased else measured.causes, measured.days
    priced = any(cause.yuan for cause in causes)
    losses = [Loss(c.code, c.orders, c.yuan if priced else None) for c in causes]
    waived = [one for one in waivers_of(workspace, shop_id, checklists) if one.question in scored.items]
    put_off = frozenset(one.question for one in waived)
    steps = make_plan(checklists, scored, losses, days, put_off)
    shop = next((shop for shop in workspace.state.shops() if shop.id == shop_id), None)
    words = Words(lang)
    inputs = AuditInputs(checklists, given, findings, scope)
    files = [] if ask is None else [file_facts(report, ask.readings.get(report.sha256)) for report in ask.reports]
    measured_by = digest_of(TABLES_VERSION, ruled_by(workspace, shop_id), overlay_version(workspace, shop_id), *sorted(put_off))
    basis = Basis(inputs, files, tables.as_of, measured_by, official)
    result = AuditResult(
        shop="" if shop is None else shop.name, invented=shop is not None and shop.is_demo,
        as_of=tables.as_of, cut=tables.cut, fingerprint=basis.fingerprint,
        rules=_rules(rules_of(workspace, shop_id), tables.as_of),
        checklists={practice.practice.id: practice.practice.version for practice in checklists.practices},
        inputs=[] if ask is None else _inputs(ask, words),
        parcels={name: tables.counts.get(name, 0) for name in
                 ("shipped", "collected", "open", "covered", "mature", "open_over_limit", "open_at_risk", "pickup_unknown")},
        metrics=_metric_records(workspace, shop_id, measured.metrics, tables),
        practices=scored.practices, score=scored.score,
        official=None if official is None else score(official.checklists, official.answers, findings, scope).score,
        left_out=[] if official is None else _left_out(overlay_of(workspace, shop_id), official.checklists, asked),
        findings=_findings(scored, findings, tables.samples),
        plan=[_plan_step(step, scored, findings, causes, words) for step in steps],
        waves=measured.waves, warnings=_warnings(ask, tables, words, withheld=biased), excluded=dict(tables.excluded),
        fines=measured.fines, profile=circumstances_of(workspace, shop_id, profile),
        waivers=waiver_records(waived, scored, losses, days), after_waivers=after(inputs, put_off),
    )
    return Audit(result, inputs, tables, measured.pictures, Plan(steps, losses, days, put_off))


def _metric_records(
    workspace: Workspace, shop_id: str, measured: Mapping[str, Measurement], tables: CompactTables
) -> dict[str, MetricRecord]:
    ours = {name: line.value for name, line in lines_of(workspace.checklists).items()}
    return {
        name: metric_record(name, one, tables, target_of(workspace, shop_id, name), ours.get(name)) for name, one in measured.items()
    }


def _rules(rules: RulePacks, as_of: datetime | None) -> RulesUsed:
    pack = rules.pack_for((as_of or now()).date())
    unverified = [name for name in FIGURES_USED if name in pack.unverified]
    figures = {name: figure.value for name, figure in pack.figures.items()}
    return RulesUsed(
        pack=pack.id, effective_from=pack.valid_from, figures_unverified=unverified, platform=rules.platform, figures=figures
    )


def _left_out(overlay: Overlay | None, official: Checklists, asked: Collection[str]) -> list[LeftOut]:
    """Questions of the shipped checklists that the shop would be asked without its own."""
    said = {} if overlay is None else overlay.questions
    return [
        LeftOut(question=item.id, title=item.title.ok, reason=said[item.id].reason)
        for practice in official.practices for item in practice.items if item.id in said and item.id not in asked
    ]


def _inputs(ask: Ask, words: Words) -> list[InputFile]:
    return [
        InputFile(
            file=report.file, kind=report.kind, sha256=report.sha256, rows_read=report.rows_read, rows_kept=report.rows_kept,
            left_out=report.left_out,
            warnings=[{"code": notice.code, "text": words.notice(notice.code, notice.values)} for notice in report.notices],
        )
        for report in ask.reports
    ]


def _estimate(estimate: Estimate) -> EstimateRecord:
    return EstimateRecord(value=estimate.value, low=estimate.low, high=estimate.high, n=estimate.n)


def metric_record(
    name: str, measured: Measurement, tables: CompactTables, target: float | None, ours: float | None = None
) -> MetricRecord:
    """A metric as the result tells it: with its verdict against the shop's target and how many more parcels would decide one. ``ours``: the
    line our questions draw, where the metric has no standard target."""
    info = registry[name].info
    needed = None
    verdict: MetricVerdict | None = "not_trusted" if measured.reason == "not_trusted" else None
    if target is not None and name not in STANDARD_TARGETS:
        verdict = measured.reason or side_of(measured, target, info.better)
    elif target is not None:
        line = 1 - target
        rate = kept(measured)
        verdict = measured.reason or verdict_of(rate, line)
        if verdict == "too_early" and measured.value is not None:
            needed = more_parcels_needed(tables.cells, line) if name == "pickup_24h_ratio" else None
            needed = more_needed(rate, line) if needed is None else needed
    if verdict == "pass" and "partial_coverage" in tables.flags and not name.startswith("reply_"):
        verdict = "not_trusted"
    standard = ours if info.target is None else info.target
    return MetricRecord(
        value=measured.value, low=measured.low, high=measured.high, n=measured.n, unit=info.unit, verdict=verdict, target=target,
        standard_target=None if target is None or target == standard else standard,
        mature_until=measured.mature_until, estimates={key: _estimate(value) for key, value in measured.estimates.items()},
        more_needed=needed,
    )


def _claim(item: ItemValue) -> dict[str, Any]:
    """What the answer asserts: its level and the limit, in the metric's own form."""
    question, given = item.question, item.given
    level = "met" if given is None or isinstance(given.answer, tuple) else given.answer
    claims: Mapping[str, Limit] = {} if question.verify is None else {str(code): limit for code, limit in question.verify.claim.items()}
    limit = claims.get(level)
    claim: dict[str, Any] = {"level": level}
    if limit is not None:
        claim["at_least" if limit.at_least is not None else "at_most"] = limit.value
    return claim


def _findings(scored: Scored, findings: Mapping[str, Finding], samples: Mapping[str, Sample]) -> list[FindingRecord]:
    """Answers held against data; contradictions first, those that cost most points first."""
    lost = {item.id: item.gain for practice in scored.practices.values() for item in practice.items}
    records = []
    for item in scored.items.values():
        verify = item.question.verify
        if verify is None or item.verdict in (None, "no_claim"):
            continue
        assert item.verdict is not None
        measured = findings[verify.metric].measured if verify.metric in findings else Measurement(value=None, reason="no_data")
        sample = samples.get(ROWS_BEHIND.get(verify.metric, ""), Sample(0, ()))
        shown = sample if item.verdict == "contradicted" else Sample(sample.total, ())
        records.append(FindingRecord(
            question=item.question.id, metric=verify.metric, verdict=item.verdict, claim=_claim(item), measured=_estimate(measured),
            rows=list(shown.names), rows_total=shown.total, counted_as=item.counted_as, better_than_said=item.better_than_said,
        ))
    order = {"contradicted": 0, "confirmed": 1, "cannot_tell": 2, "no_data": 3}
    return sorted(records, key=lambda record: (order[record.verdict], -lost[record.question]))


def _plan_step(
    step: Step, scored: Scored, findings: Mapping[str, Finding], causes: list[Cause], words: Words
) -> PlanStep:
    question = step.question
    action = question.title.ok if step.remedy is None else step.remedy.do
    text = action.in_language(words.lang)
    yuan_low, yuan_high = at_the_limits(step.yuan, findings)
    return PlanStep(
        action=words("plan.find_out", title=text) if step.find_out else text, question=question.id, practice=step.practice,
        points=step.points, yuan_low=yuan_low, yuan=step.yuan or None, yuan_high=yuan_high, hours=step.hours, orders=step.orders or None,
        why=_why(question, step, scored.items[question.id], findings, causes, words),
    )


def at_the_limits(value: float | None, findings: Mapping[str, Finding]) -> tuple[float | None, float | None]:
    """Yuan or late parcels at the limits of the late rate: the same parcels, as many as the interval allows."""
    late = findings["pickup_24h_ratio"].measured if "pickup_24h_ratio" in findings else None
    if not value or late is None or late.value is None or late.low is None or late.high is None or late.value >= 1:
        return None, None
    rate = 1 - late.value
    return value * (1 - late.high) / rate, value * (1 - late.low) / rate


def _why(
    question: Question, step: Step, item: ItemValue, findings: Mapping[str, Finding], causes: list[Cause], words: Words
) -> str:
    """One or two sentences: what is so today, and what stands behind it."""
    if step.find_out:
        return words("plan.why_find_out")
    sentences = [question.title.fail.in_language(words.lang)]
    if item.verdict == "contradicted" and question.verify is not None:
        finding = findings[question.verify.metric]
        name = words(f"metric_names.{finding.info.id}.name")
        sentences = [words("plan.why_contradicted", metric=name, value=metric_value(finding.measured.value, finding.info.unit))]
    if step.remedy is not None and step.orders:
        named = [cause for cause in causes if cause.code in step.remedy.addresses]
        parts = words("plan.joiner").join(
            words("plan.cause", cause=words(f"plan.causes.{cause.code}"), orders=count(cause.orders)) for cause in named
        )
        if parts:
            sentences.append(words("plan.why_causes", causes=parts))
    if step.yuan:
        own = step.remedy is not None and step.remedy.works_from == ESTIMATE
        sentences.append(words("plan.why_yuan_estimate" if own else "plan.why_yuan", yuan=yuan(step.yuan)))
    return words("plan.sentence_joiner").join(sentences)


def _warnings(ask: Ask | None, tables: CompactTables, words: Words, *, withheld: bool = False) -> list[WarningRecord]:
    """What a reader must know: biases of the files first, then notices of single files. ``withheld``: no amount is estimated from them."""
    flags = [*sorted(tables.flags), *(["money_withheld"] if withheld else [])]
    found = [WarningRecord(code=flag, text=words.told(f"flags.{flag}", tables.flag_values.get(flag, {})), file=None) for flag in flags]
    for report in ask.reports if ask is not None else []:
        found += [
            WarningRecord(code=notice.code, text=words.notice(notice.code, notice.values), file=report.file)
            for notice in report.notices
        ]
    return found
