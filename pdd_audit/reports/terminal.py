"""The result as plain text for a terminal: the score on its scale, what contradicts, what to do first, the metrics."""

import re
from collections.abc import Sequence

from pdd_audit.core.figures import HOME_PLATFORM
from pdd_audit.core.questions import Checklists
from pdd_audit.core.result import AuditResult, MetricRecord
from pdd_audit.reports.columns import in_lines, placed, printable, width
from pdd_audit.reports.page_one import PageOne, fingerprint
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

COLUMNS = 80
SCALE = 40
BAR = 14
INSIDE = " " * 4
BEFORE_TEXT = re.compile(r"^ *(?:(?:[·◆]|\d+\.) )?")  # a broken line goes on below the text it broke
SHOWN = 3


def render_text(result: AuditResult, checklists: Checklists, lang: Lang) -> str:
    """A page of text, at most 80 columns wide but for a single longer word, such as a file's name."""
    words = Words(lang)
    blocks = [_head(result, words), _practices(result, checklists, words), _contradictions(PageOne(result, checklists, lang)),
              _plan(result, words), _metrics(result, words), _warnings(result, words), _named(result, words)]
    return "\n\n".join(_fitted(block) for block in blocks if block)


def _fitted(block: str) -> str:
    return "\n".join(in_lines(printable(line), COLUMNS, len(line) - len(BEFORE_TEXT.sub("", line))) for line in block.split("\n"))


def _head(result: AuditResult, words: Words) -> str:
    score = result.score
    lines = [f"{result.shop} · {words('terminal.as_of', as_of=full_moment(result.as_of))}"]
    if result.invented:
        lines.append(words("report.invented"))
    if score.value is None:
        return "\n".join([*lines, words("terminal.no_answers" if result.inputs else "terminal.no_score")])
    if score.grade:
        lines.append(words("terminal.score", score=points(score.value), grade=words("terminal.grade", grade=score.grade)))
    else:
        lines.append(words("terminal.not_enough"))
    told = score.value if score.enough else None
    bar = "".join(_mark(step, score.low, told, score.high) for step in range(SCALE + 1))
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
    at = step * 100 / SCALE
    half = 50 / SCALE
    if value is not None and abs(at - value) <= half:
        return "●"
    return "━" if low is not None and high is not None and low - half <= at <= high + half else "─"


def _table(rows: Sequence[Sequence[str]], left: frozenset[int]) -> list[str]:
    """Rows in columns two blanks apart; ``left``: columns whose text begins on one line, the others end on one."""
    widths = [max(width(printable(cell)) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [placed(printable(cell), wide, at in left) for at, (cell, wide) in enumerate(zip(row, widths, strict=True))]
        lines.append("  ".join(["", *cells]).rstrip())
    return lines


def _practices(result: AuditResult, checklists: Checklists, words: Words) -> str:
    if all(record.value is None for record in result.practices.values()):
        return ""
    heads = ("", *(words(f"terminal.practice.{name}") for name in ("score", "claimed", "verified", "gap", "share")), "")
    rows: list[Sequence[str]] = [heads]
    for practice in checklists.practices:
        head = practice.practice
        record = result.practices.get(head.id)
        if record is None:
            continue
        filled = round((record.value or 0) * BAR / 100)
        checked = round((record.value or 0) * record.verified_share * BAR / 100)
        bar = "█" * checked + "▒" * (filled - checked) + "·" * (BAR - filled)
        said, borne_out = record.claimed_where_verified, record.verified_where_claimed
        rows.append((
            bar, points(record.value, 1), points(said, 1), points(borne_out, 1), score_change(said, borne_out),
            percent(record.verified_share, 0), head.title.in_language(words.lang),
        ))
    return "\n".join([words("terminal.practices"), *_table(rows, frozenset({0, 6})), words("terminal.practices_read")])


def _contradictions(page: PageOne) -> str:
    found, words = page.every_contradiction(), page.words
    if not found:
        return ""
    lines = [words("terminal.contradictions", found=len(found))]
    for one in found[:SHOWN]:
        lines.append(words("terminal.contradiction", title=one.title, value=one.value, range=one.range or DASH))
        lines.append(INSIDE + one.sentence)
    return "\n".join(lines)


def _plan(result: AuditResult, words: Words) -> str:
    if not result.plan:
        return ""
    lines = [words("terminal.plan")]
    for number, step in enumerate(result.plan[:SHOWN], 1):
        worth = [words("terminal.points", points=signed(step.points))] if result.score.enough else []
        worth += [words("terminal.hours", hours=decimal_text(step.hours, 1))]
        worth += [words("terminal.money", yuan=yuan(step.yuan), range=yuan_range(step.yuan_low, step.yuan_high))] if step.yuan else []
        lines += [f"  {number}. {step.action}", f"{INSIDE} " + " · ".join(worth)]
    return "\n".join(lines)


def _metrics(result: AuditResult, words: Words) -> str:
    known = {name: metric for name, metric in result.metrics.items() if metric.value is not None or metric.verdict is not None}
    if not known:
        return ""
    rows = [("", *(words(f"terminal.metric.{name}") for name in ("value", "range", "n")))]
    rows += [(words(f"metric_names.{name}.name"), *_measured(metric, words)) for name, metric in known.items()]
    head, *lines = _table(rows, frozenset({0}))
    told = [words("terminal.metrics"), head]
    for line, metric in zip(lines, known.values(), strict=True):
        told += [line, *_against_target(metric, words)]
    return "\n".join(told)


def _measured(metric: MetricRecord, words: Words) -> tuple[str, str, str]:
    shown = DASH if metric.value is None else metric_value(metric.value, metric.unit) + words(f"terminal.units.{metric.unit}")
    return shown, metric_range(metric.low, metric.high, metric.unit) or DASH, count(metric.n)


def _against_target(metric: MetricRecord, words: Words) -> list[str]:
    lines = []
    if metric.verdict:
        verdict = words(f"verdicts.metric.{metric.verdict}.name")
        target = metric_value(metric.target, metric.unit)
        lines.append(words("terminal.verdict" if metric.target is None else "terminal.verdict_of", verdict=verdict, target=target))
    if metric.standard_target is not None:
        standard = metric_value(metric.standard_target, metric.unit)
        lines.append(words("terminal.own_target", own=metric_value(metric.target, metric.unit), standard=standard))
    return lines


def _warnings(result: AuditResult, words: Words) -> str:
    if not result.warnings:
        return ""
    return "\n".join([
        words("terminal.warnings"),
        *(words(f"terminal.warning{'_of' if one.file else ''}", text=one.text, file=one.file) for one in result.warnings),
    ])
