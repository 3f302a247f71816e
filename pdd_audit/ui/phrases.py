"""Records of the result as the words people read. Pure: no streamlit, no store."""

from dataclasses import dataclass
from datetime import date

from pdd_audit.core.figures import FigureValue
from pdd_audit.core.plan import remedy_at
from pdd_audit.core.questions import Answer, Checklists, Question, Remedy
from pdd_audit.core.result import AuditResult, FindingRecord, ItemRecord, MetricRecord, ScoreRecord
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import (
    DASH,
    count,
    day,
    decimal_text,
    line_percent,
    metric_range,
    metric_value,
    number_range,
    percent,
    points,
    yuan,
    yuan_range,
)
from pdd_audit.ui.plain import md_escape


def coded(words: Words, prefix: str, code: str) -> str:
    """See ``Words.coded``."""
    return words.coded(prefix, code)


def column_name(words: Words, column: str, kind: str) -> str:
    """One of our columns, as a file of this kind means it."""
    keys = (f"mapping.column_of.{kind}.{column}.name", f"mapping.column.{column}.name")
    return next((words(key) for key in keys if words.has(key)), column)


def metric_name(words: Words, metric: str) -> str:
    return coded(words, "metric_names", metric)


def with_unit(words: Words, value: float | None, unit: str) -> str:
    text = metric_value(value, unit)
    return text if value is None else words(f"metric_names.unit.{unit}", value=text)


def line_text(words: Words, value: float | None, unit: str) -> str:
    """A line somebody has drawn, with its unit: 97%, 14 h."""
    return line_percent(value) if unit == "ratio" else with_unit(words, value, unit)


def metric_text(words: Words, metric: MetricRecord) -> tuple[str, str]:
    """Value with its unit, and its range."""
    return with_unit(words, metric.value, metric.unit), metric_range(metric.low, metric.high, metric.unit)


def target_text(words: Words, metric: MetricRecord) -> str:
    """The target, and ours beside it where the shop has its own."""
    if metric.target is None:
        return DASH
    own = metric_value(metric.target, metric.unit)
    if metric.standard_target is None:
        return own
    return words("overlay.target_beside", own=own, standard=metric_value(metric.standard_target, metric.unit))


def figure_text(value: FigureValue, unit: str, words: Words) -> str:
    """A platform's figure as people read it; without a unit where none is known any more."""
    if value is None:
        return words("rules.unknown")
    if isinstance(value, bool):
        return words("rules.yes" if value else "rules.no")
    if isinstance(value, str):
        return words(f"rules.choice.{value}") if words.has(f"rules.choice.{value}") else value
    if unit == "ratio" or not unit:
        return percent(value) if unit else f"{value:g}"
    return words(f"rules.unit.{unit}", value=f"{value:,g}")


def yuan_span(span: tuple[float, float] | None) -> str:
    """One amount where both ends are shown the same; empty where nothing is known."""
    if span is None:
        return ""
    return yuan(span[0]) if yuan(span[0]) == yuan(span[1]) else yuan_range(*span)


def level_label(checklists: Checklists, question: Question, code: str, words: Words) -> str:
    if code in ("unknown", "na"):
        return words(f"checklist.{code}.label")
    scale = checklists.scales.get(question.scale) if question.scale else None
    for level in scale.levels if scale else ():
        if level.code == code:
            return level.label.in_language(words.lang)
    return code


def answer_label(checklists: Checklists, question: Question, answer: Answer | str | list[str] | None, words: Words) -> str:
    """The word that was picked; for ticked criteria how many of how many."""
    given = answer.answer if isinstance(answer, Answer) else answer
    if given is None:
        return words("checklist.unanswered")
    if isinstance(given, str):
        return level_label(checklists, question, given, words)
    return words("checklist.ticked", n=len(given), total=len(question.criteria))


def item_title(question: Question, item: ItemRecord, words: Words) -> str:
    """The headline that is true now: holds, or does not. An open item is named by what should hold."""
    holds = item.value is None or item.value >= 0.7 - 1e-9
    return (question.title.ok if holds else question.title.fail).in_language(words.lang)


def remedy_of(question: Question, item: ItemRecord, finding: FindingRecord | None) -> Remedy | None:
    """What to do at the level the answer counts as; nothing for an open, unknown, inapplicable or perfect one."""
    if item.weight == 0 or item.value is None or item.value >= 1 or item.state in ("na", "unknown"):
        return None
    return remedy_at(question, item.value, finding.counted_as if finding else None)


def enough_to_score(score: ScoreRecord) -> bool:
    """Whether the point estimate may be shown large. Below that share of the weight only the range is honest."""
    return score.enough


def score_text(score: ScoreRecord, digits: int = 0) -> str:
    """61, or 4–96 while too little is answered. ``digits``: 1 where another score stands beside it."""
    return points(score.value, digits) if enough_to_score(score) else number_range(score.low, score.high) or DASH


@dataclass(frozen=True)
class Told:
    """A verdict in words: one sentence of the data, the number and its range, the limit of the answer. Plain text."""

    sentence: str
    number: str
    range: str
    limit: str
    value: float | None
    low: float | None
    high: float | None
    missing: bool  # numbers speak of the share that failed


def tell(checklists: Checklists, finding: FindingRecord, unit: str, words: Words) -> Told:
    """Shares that should be high are told by what failed, as people count trouble, not success."""
    question = checklists.question(finding.question)
    claim = question.verify.claim if question.verify else {}
    missing = unit == "ratio" and any(limit.at_least is not None for limit in claim.values())
    measured = finding.measured
    value, low, high = measured.value, measured.low, measured.high
    if missing and value is not None:
        value, low, high = 1 - value, None if high is None else 1 - high, None if low is None else 1 - low
    number = with_unit(words, value, unit)
    spread = metric_range(low, high, unit)
    if missing and value is not None:
        key = f"metrics.miss.{finding.metric}"
        sentence = words(
            key if words.has(key) else "metrics.miss.other",
            n=count(measured.n),
            miss=count(round(value * measured.n)),
            name=metric_name(words, finding.metric),
        )
    else:
        sentence = words("metrics.measured", name=metric_name(words, finding.metric), value=number, n=count(measured.n))
    level = finding.claim.get("level")
    return Told(sentence, number, spread, limit_text(checklists, question, level, unit, words), value, low, high, missing)


def limit_text(checklists: Checklists, question: Question, level: object, unit: str, words: Words) -> str:
    """「全部」最多 2%."""
    claim = question.verify.claim if question.verify else {}
    limit = claim.get(level) if isinstance(level, str) else None  # type: ignore[call-overload]  # any text may be asked for
    if limit is None:
        return ""
    label = level_label(checklists, question, str(level), words)
    if unit == "ratio":
        most = limit.at_least is not None or limit.at_most is not None
        share = 1 - limit.at_least if limit.at_least is not None else limit.at_most
        return words("metrics.limit_most" if most else "metrics.limit_least", level=label, value=percent(share, _digits(share)))
    key = "metrics.limit_least" if limit.at_least is not None else "metrics.limit_most"
    return words(key, level=label, value=with_unit(words, limit.value, unit))


def _digits(share: float | None) -> int:
    return 0 if share is None or abs(share * 100 - round(share * 100)) < 1e-9 else 1


def quoted_claim(checklists: Checklists, finding: FindingRecord, words: Words) -> str:
    """「网点每天固定时间来收」: what was said, as a quotation, safe for Markdown."""
    return words("app.quote", text=md_escape(checklists.question(finding.question).title.ok.in_language(words.lang)))


def lateness_sentence(result: AuditResult, limit_hours: str, words: Words) -> str | None:
    """15,957 件里 448 件超过 24 小时没揽收, and the missed van if one stands out."""
    metric = result.metrics.get("pickup_24h_ratio")
    if metric is None or metric.value is None:
        return None
    late = 1 - metric.value
    sentence = words("metrics.headline", n=count(metric.n), late=count(round(late * metric.n)), hours=limit_hours)
    missed = [wave for wave in result.waves if wave.verdict == "missed"]
    if not missed:
        return sentence
    worst = max(missed, key=lambda wave: wave.breaches)
    return sentence + words(
        "metrics.headline_wave",
        n=count(worst.breaches),
        courier=words.courier(worst.courier),
        day=day(date.fromisoformat(worst.day[:10]), words.lang),
        band=worst.band,
    )


def hours_text(minutes: int) -> str:
    return decimal_text(minutes / 60, 0 if minutes % 60 == 0 else 1)
