"""Remedies: what to do for each buyer who waits and why, what the day's budget still allows, what was done, and whether it helped."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pandas as pd
import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.services.incidents.remedies import (
    FEWEST,
    RATIOS,
    Effect,
    Estimate,
    Figure,
    RemedyEntry,
    RemedyLook,
    Suggestion,
    Why,
    assume_cost,
    count_remedies,
    done_remedies,
    effect_on_refunds,
    limits_of,
    names_to_assume,
    record_remedy,
    remedy_look,
    undo_remedy,
)
from pdd_audit.services.workspace import now
from pdd_audit.texts import Lang, error_text
from pdd_audit.texts.numbers import DASH, count, decimal_text, moment, percent, percent_range, yuan
from pdd_audit.ui import cache, session
from pdd_audit.ui.author import author_field
from pdd_audit.ui.charts.responses import remedies_chart
from pdd_audit.ui.filters import filter_bar
from pdd_audit.ui.parts import card, heading, link, nothing_yet, two_sided
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import allowed_or_told, only

STALE_AFTER = timedelta(hours=2)
SHOWN_ROWS = 500
TWO_LINES = 66  # pixels of a row whose reasons wrap: text wraps in rows above 4 rem
ONE_LINE: dict[Lang, int] = {"zh": 42, "en": 84}  # characters of a reason that stay in view on a laptop

here = session.current()
words = here.words


def title_of(look: RemedyLook, remedy: str) -> str:
    return look.menu.remedy(remedy).title.in_language(here.lang)


def suggested(look: RemedyLook) -> list[tuple[RemedyEntry, tuple[Suggestion, ...]]]:
    """Remedies with the orders they are for, in the order in which orders are urgent."""
    names = dict.fromkeys(one.remedy for one in look.suggestions if one.remedy is not None)
    return [(look.menu.remedy(name), look.of(name)) for name in names]


def exact(value: float | None) -> str:
    """Yuan with its cents where there are any."""
    if value is None:
        return words("remedies.cost_unknown")
    return f"¥{decimal_text(value, 0 if abs(value - round(value)) < 0.005 else 2)}"


def total_text(remedy: RemedyEntry, cases: Sequence[Suggestion]) -> str:
    if remedy.cost == "nothing":
        return words("remedies.cost_free")
    costs = [one.cost_yuan for one in cases]
    return words("remedies.cost_unknown") if any(cost is None for cost in costs) else exact(sum(cost or 0.0 for cost in costs))


def headline(look: RemedyLook) -> str:
    groups = suggested(look)
    if not groups:
        return words("remedies.title_done", n=count(len(look.suggestions))) if look.suggestions else words("remedies.title_none")
    remedy, cases = groups[0]
    n = sum(len(of) for _, of in groups)
    return words("remedies.title", n=count(n), k=count(len(cases)), first=remedy.title.in_language(here.lang))


def picture(look: RemedyLook) -> None:
    groups = suggested(look)
    if not groups:
        return
    with st.container(gap="small"):
        most, for_most = max(groups, key=lambda group: len(group[1]))
        title = words("remedies.picture.title", remedy=most.title.in_language(here.lang), n=count(len(for_most)))
        heading(title, words("remedies.picture.caption"))
        lines = [(remedy.title.in_language(here.lang), len(cases), total_text(remedy, cases)) for remedy, cases in groups]
        remedies_chart(lines, words, "remedies")
        told = {"spent": exact(look.spent_yuan), "asked": exact(look.asked_yuan)}
        if look.budget_yuan is None:
            st.caption(words("remedies.budget.none", **told))
        else:
            st.markdown(words("remedies.budget.left", budget=exact(look.budget_yuan), left=exact(look.left_yuan), **told))
        if look.unpriced:
            st.caption(words("remedies.budget.unpriced", n=count(look.unpriced)))


def stage_text(one: Suggestion) -> str:
    hours = decimal_text(abs(one.case.over_minutes or 0) / 60, 0)
    return words(f"remedies.stage.{one.case.stage}", hours=hours)


def why_text(look: RemedyLook, reasons: Sequence[Why]) -> str:
    said = []
    for why in reasons:
        if why.code == "stage":
            continue  # it has a column of its own
        values = dict(why.values)
        for name in ("cost", "left", "gain"):
            if name in values:
                values[name] = exact(values[name])
        if "remedy" in values:
            values["remedy"] = title_of(look, str(values["remedy"]))
        if "remedies" in values:
            values["remedies"] = words("data.listed").join(title_of(look, name) for name in values["remedies"])
        if "hours" in values:
            values["hours"] = decimal_text(float(values["hours"]), 0)
        said.append(words(f"remedies.why.{why.code}", **values))
    return words("app.semicolon").join(said)


def table_of(look: RemedyLook, cases: Sequence[Suggestion]) -> pd.DataFrame:
    names = [words(f"remedies.card.{name}") for name in ("order", "stands", "why", "value", "cost")]
    rows = [
        (one.case.order_no, stage_text(one), why_text(look, one.why), yuan(one.case.order_yuan), exact(one.cost_yuan))
        for one in cases[:SHOWN_ROWS]
    ]
    return pd.DataFrame(rows, columns=names)


def group_card(look: RemedyLook, remedy: RemedyEntry, cases: Sequence[Suggestion]) -> None:
    """One remedy: for whom and why, to be done and noted."""
    with card():
        title = remedy.title.in_language(here.lang)
        two_sided(
            f"**{title}** · {words('remedies.card.orders', n=count(len(cases)))}",
            f"**{words('remedies.card.total', cost=total_text(remedy, cases))}**",
            remedy.does.in_language(here.lang),
        )
        shown = table_of(look, cases)
        yuan_column = st.column_config.TextColumn(alignment="right", width=76)
        longest = int(shown[words("remedies.card.why")].str.len().max())
        picked = st.dataframe(
            shown, hide_index=True, key=f"cases_{remedy.id}", on_select="rerun", selection_mode="multi-row", alt=title,
            height=420 if len(shown) > 10 else "content", row_height=TWO_LINES if longest > ONE_LINE[here.lang] else None,
            column_config={words(f"remedies.card.{name}"): yuan_column for name in ("value", "cost")},
        )
        rows = list(picked["selection"]["rows"]) if picked else []
        chosen = [cases[at].case.order_no for at in rows if at < len(cases)] or [one.case.order_no for one in cases]
        st.caption(words("remedies.card.choose"))
        recording(remedy, chosen, cases[0].cost_yuan if remedy.cost == "own" else None)


def recording(remedy: RemedyEntry, orders: Sequence[str], usual: float | None) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        by, spent = f"by_{remedy.id}", f"yuan_{remedy.id}_{'' if usual is None else f'{usual:g}'}"  # another usual cost starts anew
        author_field(here, words("remedies.record.by"), by, width=180, persist_state="session")
        if remedy.cost == "own":
            st.number_input(
                words("remedies.record.yuan"), min_value=0.0, max_value=100_000.0, value=usual, step=None, format="%.4g", key=spent,
                placeholder=DASH, width=160,
            )
        st.button(
            words("remedies.record.button", n=count(len(orders))), key=f"record_{remedy.id}", type="primary", icon=":material/done_all:",
            on_click=record, args=(remedy.id, tuple(orders), by, spent), **only(here, Right.ANSWER),
        )
        if link(words("remedies.go_messages"), "chat", f"messages_{remedy.id}"):
            session.go("messages")


def record(remedy: str, orders: Sequence[str], by: str, spent: str) -> None:
    there = session.current()
    assert there.shop is not None, "drawn only where there is a shop"
    each = st.session_state.get(spent)
    try:
        record_remedy(there.ws, there.shop.id, remedy, orders, each, str(st.session_state.get(by) or ""))
    except AuditError as refusal:
        st.session_state["remedies_problem"] = error_text(refusal, there.lang)
        return
    name = there.words("remedies.record.saved", n=count(len(orders)), remedy=names[remedy], yuan=exact((each or 0.0) * len(orders)))
    st.session_state["remedies_saved"] = name


def said() -> None:
    """What the last click did."""
    problem = st.session_state.pop("remedies_problem", None)
    if problem:
        st.error(md_escape(problem[1]), title=md_escape(problem[0]), icon=":material/error:")
    saved = st.session_state.pop("remedies_saved", None)
    if saved:
        st.success(saved, icon=":material/check:")


def waiting(look: RemedyLook) -> None:
    rest = [one for one in look.suggestions if one.remedy is None]
    if rest:
        with st.expander(words("remedies.waiting.title", n=count(len(rest))), icon=":material/hourglass_empty:"):
            st.dataframe(table_of(look, rest), hide_index=True, alt=words("remedies.waiting.title", n=count(len(rest))))


def cost_text(look: RemedyLook, remedy: RemedyEntry) -> str:
    if remedy.cost == "margin":
        return words("remedies.menu.margin")
    return words("remedies.cost_free") if remedy.cost == "nothing" else exact(look.cost(remedy))


def figure_text(figure: Figure) -> str:
    if figure.value is None:
        return words("remedies.menu.not_known")
    return words(f"remedies.menu.unit.{figure.unit}", value=f"{figure.value:,g}" if isinstance(figure.value, int | float) else figure.value)


def effect_text(one: Estimate | None) -> str:
    """What became of the orders given a remedy, however few: the interval says how little they prove."""
    if one is None or not one.n:
        return words("remedies.menu.effect_none")
    return words("remedies.menu.effect_of", n=count(one.n), share=percent(one.value), range=percent_range(one.low, one.high))


def menu(look: RemedyLook, shop_id: str, weighed: Effect) -> None:
    with st.container(gap="small"):
        heading(words("remedies.menu.title"), words("remedies.menu.caption"))
        columns = [words(f"remedies.menu.{name}") for name in ("remedy", "cost", "apt", "effect", "proof")]
        rows = [
            dict(zip(columns, (
                one.title.in_language(here.lang), cost_text(look, one), one.apt.in_language(here.lang),
                effect_text(weighed.by_remedy.get(one.id)), one.proof.in_language(here.lang),
            ), strict=True))
            for one in look.menu.remedies
        ]
        st.table(rows, border="horizontal", hide_index=True, alt=words("remedies.menu.title"))
        for one in look.menu.remedies:
            if one.limits:
                limits(one, limits_of(here.ws, shop_id, one))


def limits(remedy: RemedyEntry, figures: dict[str, Figure]) -> None:
    checked = all(figure.verified for figure in figures.values() if figure.value is not None)
    key = "remedies.menu.limits_title_checked" if checked else "remedies.menu.limits_title"
    with st.expander(words(key, remedy=remedy.title.in_language(here.lang)), icon=":material/gavel:"):
        for name, figure in figures.items():
            two_sided(words(f"rules.figure.{name}"), figure_text(figure))


def own_figures(look: RemedyLook, uses: int) -> None:
    """``uses``: remedies noted so far; with each of them a field that shows what is left is a new one."""
    with st.container(gap="small"):
        heading(words("remedies.own.title"), words("remedies.own.caption"))
        mine = allowed_or_told(here, Right.DECIDE)
        with st.grid(columns=3, min_column_width=220, gap="medium"):
            for name in names_to_assume(look.menu):
                key, value = f"own_{name}", look.assumed.get(name)
                if name in look.menu.stock_names:
                    stock_input(name, f"{key}_{uses}", value, mine)
                    continue
                scaled = None if value is None else value * 100 if name in RATIOS else value
                st.number_input(
                    words(f"remedies.own.{name}"), min_value=0.0, max_value=100.0 if name in RATIOS else 100_000.0, value=scaled, step=None,
                    format="%.4g", key=key, on_change=keep, args=(name, key), placeholder=DASH, disabled=not mine,
                )


def stock_input(name: str, key: str, left: float | None, mine: bool) -> None:
    st.number_input(
        words(f"remedies.own.{name}"), min_value=0, max_value=100_000, value=None if left is None else int(left), step=1, key=key,
        on_change=keep, args=(name, key), placeholder=DASH, disabled=not mine,
    )


def keep(name: str, key: str) -> None:
    there = session.current()
    assert there.shop is not None, "drawn only where there is a shop"
    value = st.session_state[key]
    try:
        assume_cost(there.ws, there.shop.id, name, value / 100 if name in RATIOS and value is not None else value)
    except AuditError as refusal:
        st.session_state["remedies_problem"] = error_text(refusal, there.lang)


def effect(look: RemedyLook, found: Effect) -> None:
    with st.container(gap="small"):
        if not look.outcomes.dated:
            heading(words("remedies.effect.title_none"))
            return
        if not found.enough:
            heading(words("remedies.effect.title_early", n=count(found.helped.n), most=FEWEST), words("remedies.effect.caption"))
        else:
            less = (found.helped.value or 0.0) < (found.left_alone.value or 0.0)
            heading(words("remedies.effect.title_same" if not found.differs else f"remedies.effect.title_{'less' if less else 'more'}"),
                    words("remedies.effect.caption"))
        rows = [effect_row("helped", found.helped), effect_row("alone", found.left_alone)]
        st.table(rows, border="horizontal", hide_index=True, alt=words("remedies.effect.caption"))


def effect_row(name: str, one: Estimate) -> dict[str, str]:
    return {
        words("remedies.menu.remedy"): words(f"remedies.effect.{name}"), words("remedies.effect.orders"): count(one.n),
        words("remedies.effect.refunded"): percent(one.value), words("remedies.effect.range"): percent_range(one.low, one.high) or DASH,
    }


def done(shop_id: str) -> None:
    batches = done_remedies(here.ws, shop_id)
    if not batches:
        return
    with st.container(gap="small"):
        heading(words("remedies.done.title"), words("remedies.done.caption", n=count(len(batches))))
        rows = [
            {
                words("remedies.done.at"): moment(deed.at, here.lang), words("remedies.done.by"): md_escape(deed.by),
                words("remedies.menu.remedy"): names.get(str(deed.what.get("remedy")), DASH),
                words("remedies.effect.orders"): count(len(deed.subjects)),
                words("remedies.done.yuan"): exact(float(deed.what.get("yuan", 0.0))),
            }
            for deed in batches
        ]
        st.table(rows, border="horizontal", hide_index=True, alt=words("remedies.done.title"))
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            author_field(here, words("remedies.record.by"), "undo_remedy_by", width=180)
            st.button(
                words("remedies.done.undo"), key="undo_remedy", icon=":material/undo:", type="tertiary", on_click=undo_last,
                args=(batches[0].id,), **only(here, Right.ANSWER),
            )


def undo_last(deed: str) -> None:
    there = session.current()
    assert there.shop is not None, "drawn only where there is a shop"
    try:
        undo_remedy(there.ws, there.shop.id, deed, str(st.session_state.get("undo_remedy_by") or ""))
    except AuditError as refusal:
        st.session_state["remedies_problem"] = error_text(refusal, there.lang)


def draw(look: RemedyLook, shop_id: str) -> None:
    assert look.as_of is not None, "there are files"
    if now() - look.as_of > STALE_AFTER:
        st.warning(words("remedies.stale", moment=moment(look.as_of, here.lang)), icon=":material/update:")
    with st.container(gap="xsmall"):
        st.markdown(f"# {headline(look)}", anchors=False)
        st.caption(words("remedies.caption"))
    said()
    picture(look)
    for remedy, cases in suggested(look):
        group_card(look, remedy, cases)
    waiting(look)
    own_figures(look, len(done_remedies(here.ws, shop_id, most=None)))
    weighed = effect_on_refunds(here.ws, shop_id, look.outcomes)
    menu(look, shop_id, weighed)
    effect(look, weighed)
    done(shop_id)


if here.shop is None or not cache.imports(here):
    nothing_yet(here, words("remedies.empty"))
else:
    chosen = replace(filter_bar(here), start=None, end=None)
    seen = cache.look(here, count_remedies, chosen)
    if seen.seen.as_of is None:
        nothing_yet(here, words("remedies.empty"))
    else:
        found = remedy_look(here.ws, here.shop.id, seen)
        names = {one.id: one.title.in_language(here.lang) for one in found.menu.remedies}
        draw(found, here.shop.id)
