"""Two audits side by side: the totals, why they differ, the rules that are not the same, and every number and answer that moved."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from pdd_audit.core.comparison import AnswerChange, Difference, RuleChange, Side
from pdd_audit.core.questions import Limit, Text
from pdd_audit.core.result import AuditResult, ItemRecord
from pdd_audit.core.waterfall import SOURCES, Waterfall, shown_parts
from pdd_audit.reports.names import Names
from pdd_audit.services.history import Compared, SavedAudit, compared
from pdd_audit.services.overlay import known_question
from pdd_audit.services.run_audit import Audit
from pdd_audit.texts.numbers import DASH, full_moment, metric_value, number_range, percent, points, score_change, score_difference, signed
from pdd_audit.ui.charts.waterfall import waterfall_chart
from pdd_audit.ui.parts import card, heading
from pdd_audit.ui.phrases import enough_to_score, figure_text, limit_text, line_text, metric_name, score_text
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.session import Here

SIDES: tuple[Side, Side] = ("before", "after")
SHOWN = 10  # rules that stand open; the rest is one click away


@dataclass(frozen=True)
class Sides:
    """Both audits with their names, and what the comparison found."""

    names: tuple[str, str]
    results: tuple[AuditResult, AuditResult]
    found: Compared


def two_audits(here: Here, old: SavedAudit, new: SavedAudit | Audit) -> None:
    words, name = here.words, new.name if isinstance(new, SavedAudit) else here.words("history.now")
    if old.result.score.scope != new.result.score.scope:
        st.markdown(words("history.scopes_differ"))
        return
    assert here.shop is not None, "saved results belong to a shop"
    sides = Sides((old.name, name), (old.result, new.result), compared(here.ws, here.shop.id, old, new))
    templates = zip(SIDES, sides.found.templates, strict=True)
    told = {str(side): Names(template or here.checklists, here.lang) for side, template in templates}
    _totals(here, sides)
    _why(here, sides.found.why)
    _rules(here, sides, told)
    only_changed = st.toggle(words("history.only_changed"), value=True, key="only_changed")
    for kind in ("practice", "metric"):
        rows = [each for each in sides.found.differences if each.kind == kind and (each.moved or not only_changed)]
        _table(here, kind, [_number(here, each, sides, told["after"]) for each in rows])
    answers = [each for each in sides.found.answers if each.moved or not only_changed]
    _table(here, "item", [_answer(here, each, told) for each in answers])


def big_number(result: AuditResult, digits: int = 0) -> str:
    return DASH if result.score.value is None else score_text(result.score, digits)


def graded(here: Here, result: AuditResult) -> str:
    if result.score.grade is None:
        return here.words("grades.none.name")
    return here.words("grades.shown.plain", grade=result.score.grade)


# --- the totals and why they differ -----------------------------------------------------------------------------------------


def _totals(here: Here, sides: Sides) -> None:
    words, (old, new) = here.words, sides.results
    total = next(each for each in sides.found.differences if each.kind == "score")
    enough = enough_to_score(old.score) and enough_to_score(new.score)
    if total.change is None or not enough:
        title = words("history.no_score")
    elif not total.moved:
        title = words("history.same", score=points(total.after))
    else:
        change = score_change(total.before, total.after)
        title = words("history.moved", before=points(total.before, 1), after=points(total.after, 1), change=change)
    heading(title)
    left, right = st.columns(2, gap="medium")
    with left:
        _beside(here, sides.names[0], old, None)
    with right:
        _beside(here, sides.names[1], new, score_change(total.before, total.after) if enough and total.moved else None)


def _beside(here: Here, name: str, result: AuditResult, change: str | None) -> None:
    words = here.words
    moved = None if change is None else change.replace("−", "-")  # the arrow asks for a hyphen
    with card(stretch=True, tight=True):
        st.metric(md_escape(name), big_number(result, 1), delta=moved, delta_description=words("history.points") if moved else None)
        span = number_range(result.score.low, result.score.high) if enough_to_score(result.score) else ""  # else it stands above
        as_of = words("app.as_of", moment=full_moment(result.as_of)) if result.as_of else words("app.no_data")
        facts = (graded(here, result), span and words("history.span", range=span), as_of)
        st.caption(words("app.dot").join(fact for fact in facts if fact))


def _why(here: Here, found: Waterfall | None) -> None:
    """The sources of the change, as bars that add up to it."""
    words = here.words
    if found is None:
        st.caption(words("history.why.unknown"))
        return
    source = max(SOURCES, key=lambda name: abs(found.effects[name]))
    shown = shown_parts(found.effects, score_difference(found.before, found.after))[source]
    with st.container(gap="small"):
        named = words("history.why.title", source=words(f"charts.waterfall.{source}"), change=signed(shown))
        heading(named if shown else words("history.why.none"), words("history.why.caption"))
        waterfall_chart(found, words, "why")


# --- rules ------------------------------------------------------------------------------------------------------------------


def _rules(here: Here, sides: Sides, told: dict[str, Names]) -> None:
    """What was not the same, and what nothing can be said of because it was not kept."""
    words, moved = here.words, sides.found.rules
    missing = [
        words(f"history.rules.not_stored.{what}", name=md_escape(name))
        for name, side in zip(sides.names, SIDES, strict=True) for what in moved.not_stored[side]
    ]
    with st.container(gap="small"):
        if moved.changes:
            heading(words("history.rules.title", n=len(moved.changes)), words("history.ruler"))
        else:
            st.caption(words("history.rules.none"))
        rows = [_rule(here, each, sides, told) for each in moved.changes]
        _rule_table(here, rows[:SHOWN])
        if rows[SHOWN:]:
            with st.expander(words("history.rules.more", n=len(rows) - SHOWN)):
                _rule_table(here, rows[SHOWN:])
        for line in missing:
            st.caption(line)


def _rule_table(here: Here, rows: Sequence[tuple[str, str, str]]) -> None:
    heads = [here.words(f"history.column.{name}") for name in ("what", "before", "after")]
    if rows:
        told = [dict(zip(heads, map(md_escape, row), strict=True)) for row in rows]
        st.table(told, border="horizontal", hide_index=True, alt=here.words("history.rules.title", n=len(rows)))


def _rule(here: Here, change: RuleChange, sides: Sides, told: dict[str, Names]) -> tuple[str, str, str]:
    words = here.words
    values = (change.before, change.after)
    if change.kind in ("platform", "pack"):
        prefix = "rules.platform" if change.kind == "platform" else "report.pack"
        return words(f"history.rules.{change.kind}"), *_each(words.coded(prefix, str(value)) for value in values)
    if change.kind == "figure":
        unit = sides.found.units.get(change.id, "")
        return words.coded("rules.figure", change.id), *_each(
            figure_text(None if isinstance(value, Limit | Text) else value, unit, words) for value in values
        )
    if change.kind == "target":
        unit = sides.results[1].metrics[change.id].unit
        what = words("history.rules.target", name=metric_name(words, change.id))
        return what, *_each(DASH if value is None else line_text(words, float(value), unit) for value in values)  # type: ignore[arg-type]  # numbers
    if change.kind in ("version", "practice_weight"):
        name = _practice(told, change.id)
        return words(f"history.rules.{change.kind}", name=name), *_each(DASH if value is None else str(value) for value in values)
    name = _question(here, told, change.id)
    if change.kind == "words":
        part, _, place = change.part.partition(" ")
        return words(f"history.rules.words.{part}", name=name, place=place), *_texts(here, values)
    what = words(f"history.rules.{change.kind}", name=name)
    if change.kind == "must_have":
        return what, *_each(words("history.rules.yes" if value else "history.rules.no") for value in values)
    if change.kind == "limit":
        return what, *_each(_limit(here, change, side, told[side], sides) for side in SIDES)
    if change.kind == "check":
        return what, DASH, words("history.rules.other")
    return what, *_each(str(value) for value in values)


def _each(shown: Iterable[str]) -> tuple[str, str]:
    before, after = shown
    return before, after


def _texts(here: Here, values: tuple[object, object]) -> tuple[str, str]:
    """In the reader's language; where only the other one was changed, in that."""
    texts = [value if isinstance(value, Text) else None for value in values]
    shown = [None if text is None else text.in_language(here.lang) for text in texts]
    if shown[0] == shown[1]:
        shown = [None if text is None else text.in_language("en" if here.lang == "zh" else "zh") for text in texts]
    return _each(text or DASH for text in shown)


def _limit(here: Here, change: RuleChange, side: str, names: Names, sides: Sides) -> str:
    template = sides.found.templates[0 if side == "before" else 1]
    question = names.questions.get(change.id)
    if template is None or question is None or question.verify is None:
        return DASH
    metric = sides.results[1].metrics.get(question.verify.metric)
    return limit_text(template, question, change.part, metric.unit if metric else "", here.words) or DASH


def _practice(told: dict[str, Names], name: str) -> str:
    return told["after"].short_practice(name) if name in told["after"].practices else told["before"].short_practice(name)


def _question(here: Here, told: dict[str, Names], name: str) -> str:
    known = next((names for names in (told["after"], told["before"]) if name in names.questions), None)
    if known is not None:
        return known.holds(name)
    assert here.shop is not None, "saved results belong to a shop"
    question = known_question(here.ws, here.shop.id, name)
    return name if question is None else question.title.ok.in_language(here.lang)


# --- numbers and answers ----------------------------------------------------------------------------------------------------


def _table(here: Here, kind: str, rows: Sequence[tuple[str, str, str, str]]) -> None:
    words = here.words
    heads = [words(f"history.column.{name}") for name in ("what", "before", "after", "change")]
    with st.container(gap="small"):
        st.markdown(f"#### {words(f'history.kind.{kind}')}", anchors=False)
        if not rows:
            st.caption(words("history.nothing_moved"))
            return
        told = [dict(zip(heads, (md_escape(row[0]), *row[1:3], f"**{row[3]}**"), strict=True)) for row in rows]
        st.table(told, border="horizontal", hide_index=True, alt=words(f"history.kind.{kind}"))


def _number(here: Here, difference: Difference, sides: Sides, names: Names) -> tuple[str, str, str, str]:
    """Name, before, after and change as they are read in this kind's unit."""
    words, change = here.words, difference.change
    if difference.kind == "practice":
        what = names.short_practice(difference.id)
        shown = [points(difference.before, 1), points(difference.after, 1)]
        moved = score_change(difference.before, difference.after)
    else:
        what = metric_name(words, difference.id)
        unit = next(result.metrics[difference.id].unit for result in sides.results if difference.id in result.metrics)
        shown = [metric_value(difference.before, unit), metric_value(difference.after, unit)]
        moved = DASH if change is None else signed(100 * change if unit == "ratio" else change, 0 if unit == "count" else 1)
    if difference.only is not None:
        shown[1 if difference.only == "before" else 0] = words("history.not_there")
    return what, *_each(shown), moved


def _answer(here: Here, change: AnswerChange, told: dict[str, Names]) -> tuple[str, str, str, str]:
    """What each audit has of a question: the word that was picked and what it counted."""
    moved = DASH if change.change is None else signed(100 * change.change, 0)
    given = [_given(here, item, told[side]) for item, side in ((change.before, "before"), (change.after, "after"))]
    return _question(here, told, change.id), *_each(map(md_escape, given)), moved


def _given(here: Here, item: ItemRecord | None, names: Names) -> str:
    if item is None:
        return here.words("history.not_asked")
    label = names.answered(item)
    return label if item.value is None else here.words("history.answer", answer=label, share=percent(item.value, 0))
