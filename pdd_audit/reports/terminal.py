"""The result as plain text for a terminal: the score on its scale, what contradicts, what to do first, the metrics."""

from pdd_audit.core.figures import HOME_PLATFORM
from pdd_audit.core.questions import Checklists
from pdd_audit.core.result import AuditResult
from pdd_audit.reports.page_one import fingerprint
from pdd_audit.texts import Lang, Words
from pdd_audit.texts.numbers import (
    DASH,
    count,
    decimal_text,
    full_moment,
    metric_range,
    metric_value,
    percent,
    points,
    score_change,
    signed,
    yuan,
    yuan_range,
)

WIDTH = 40
SHOWN = 3


def render_text(result: AuditResult, checklists: Checklists, lang: Lang) -> str:
    """A page of text, at most 100 columns wide."""
    words = Words(lang)
    blocks = [_head(result, words), _practices(result, checklists, words), _contradictions(result, checklists, words),
              _plan(result, words), _metrics(result, words), _warnings(result, words), _named(result, words)]
    return "\n\n".join(block for block in blocks if block)


def _head(result: AuditResult, words: Words) -> str:
    score = result.score
    lines = [f"{result.shop} · {words('terminal.as_of', as_of=full_moment(result.as_of))}"]
    if score.value is None:
        return "\n".join([*lines, words("terminal.no_score")])
    if score.grade:
        lines.append(words("terminal.score", score=points(score.value), grade=words("terminal.grade", grade=score.grade)))
    else:
        lines.append(words("terminal.not_enough"))
    bar = "".join(_mark(step, score.low, score.value, score.high) for step in range(WIDTH + 1))
    lines.append(f"0 {bar} 100")
    lines.append(words("terminal.range", low=points(score.low), high=points(score.high), answered=percent(score.answered_share, 0)))
    if score.capped_by and score.uncapped is not None and points(score.uncapped) != points(score.value):
        lines.append(words("terminal.capped", uncapped=points(score.uncapped, 1), score=points(score.value, 1)))
    if result.rules.platform != HOME_PLATFORM:
        lines.append(words("rules.measured_by", platform=words.coded("rules.platform", result.rules.platform)))
    if result.official is not None:
        lines.append(words("terminal.official", score=points(result.official.value)))
    if result.waivers:
        until = f"{result.waivers[0].until:%Y-%m-%d}"
        after = points(result.after_waivers.value if result.after_waivers else None)
        lines.append(words("terminal.waived", n=len(result.waivers), after=after, until=until))
    return "\n".join(lines)


def _named(result: AuditResult, words: Words) -> str:
    return words("terminal.fingerprint", digits=fingerprint(result)) if result.fingerprint else ""


def _mark(step: int, low: float | None, value: float | None, high: float | None) -> str:
    at = step * 100 / WIDTH
    half = 50 / WIDTH
    if value is not None and abs(at - value) <= half:
        return "●"
    return "━" if low is not None and high is not None and low - half <= at <= high + half else "─"


def _practices(result: AuditResult, checklists: Checklists, words: Words) -> str:
    lines = [words("terminal.practices")]
    for practice in checklists.practices:
        head = practice.practice
        record = result.practices.get(head.id)
        if record is None:
            continue
        filled = round((record.value or 0) * WIDTH / 200)
        checked = round((record.value or 0) * record.verified_share * WIDTH / 200)
        bar = "█" * checked + "▒" * (filled - checked) + "·" * (WIDTH // 2 - filled)
        said, borne_out = record.claimed_where_verified, record.verified_where_claimed
        lines.append(words("terminal.practice", bar=bar, value=points(record.value, 1).rjust(5), claimed=points(said, 1).rjust(5),
                           verified=points(borne_out, 1).rjust(5), gap=score_change(said, borne_out).rjust(5),
                           share=percent(record.verified_share, 0).rjust(4), title=head.title.in_language(words.lang)))
    return "\n".join(lines)


def _contradictions(result: AuditResult, checklists: Checklists, words: Words) -> str:
    found = [finding for finding in result.findings if finding.verdict == "contradicted"]
    if not found:
        return ""
    lines = [words("terminal.contradictions", found=len(found))]
    for finding in found[:SHOWN]:
        metric = result.metrics[finding.metric]
        lines.append(words(
            "terminal.contradiction", title=checklists.question(finding.question).title.ok.in_language(words.lang),
            metric=words(f"metric_names.{finding.metric}.name"),
            value=metric_value(finding.measured.value, metric.unit) + words(f"terminal.units.{metric.unit}"),
            range=metric_range(finding.measured.low, finding.measured.high, metric.unit), n=count(finding.measured.n),
        ))
    return "\n".join(lines)


def _plan(result: AuditResult, words: Words) -> str:
    if not result.plan:
        return ""
    lines = [words("terminal.plan")]
    for number, step in enumerate(result.plan[:SHOWN], 1):
        worth = [words("terminal.points", points=signed(step.points))] if result.score.enough else []
        worth += [words("terminal.hours", hours=decimal_text(step.hours, 1))]
        worth += [words("terminal.money", yuan=yuan(step.yuan), range=yuan_range(step.yuan_low, step.yuan_high))] if step.yuan else []
        lines.append(words("terminal.step", number=number, action=step.action, worth=words("app.comma").join(worth)))
    return "\n".join(lines)


def _metrics(result: AuditResult, words: Words) -> str:
    lines = [words("terminal.metrics")]
    for name, metric in result.metrics.items():
        if metric.value is None and metric.verdict is None:
            continue
        verdict = words(f"verdicts.metric.{metric.verdict}.name") if metric.verdict else ""
        shown = metric_value(metric.value, metric.unit) if metric.value is not None else DASH
        between = metric_range(metric.low, metric.high, metric.unit)
        lines.append(words(
            "terminal.metric", name=words(f"metric_names.{name}.name"), value=shown, unit=words(f"terminal.units.{metric.unit}"),
            range=f" [{between}]" if between else "", n=count(metric.n), verdict=verdict,
        ).rstrip())
        if metric.standard_target is not None:
            ours = metric_value(metric.standard_target, metric.unit)
            lines.append(words("terminal.own_target", own=metric_value(metric.target, metric.unit), standard=ours))
    return "\n".join(lines)


def _warnings(result: AuditResult, words: Words) -> str:
    if not result.warnings:
        return ""
    return "\n".join([words("terminal.warnings"), *(f"  · {warning.text}" for warning in result.warnings)])
