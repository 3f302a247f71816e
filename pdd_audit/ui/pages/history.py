"""History: keep the audit of today under a name, and lay two of them side by side."""

import streamlit as st

from pdd_audit.core.comparison import Difference
from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.core.result import AuditResult
from pdd_audit.core.waterfall import SOURCES, shown_parts
from pdd_audit.services.history import SavedAudit, compare, delete_audit, list_audits, save_audit, why_it_moved
from pdd_audit.services.overlay import known_question
from pdd_audit.services.run_audit import Audit
from pdd_audit.services.timeline import timeline
from pdd_audit.texts import error_text
from pdd_audit.texts.numbers import DASH, full_moment, metric_value, moment, number_range, percent, points, signed
from pdd_audit.ui import cache, session
from pdd_audit.ui.charts.waterfall import waterfall_chart
from pdd_audit.ui.parts import card, heading, nothing_yet, two_sided
from pdd_audit.ui.phrases import enough_to_score, metric_name, score_text
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import allowed_or_told, only
from pdd_audit.ui.score_timeline import score_timeline

here = session.current()
words = here.words
SMALLEST_CHANGE = 1e-9
SHOWN = 5  # saved results that stand open; the rest is one click away
SHORT = 12  # digits of a fingerprint that are enough to tell two apart by eye


def keep() -> None:
    """Save what the page shows; reads by key, draws nothing."""
    now = session.current()
    name = str(st.session_state.get("audit_name") or "").strip()
    audit = cache.audit(now)
    if now.shop is None or audit is None or not name:
        return
    try:
        saved = save_audit(now.ws, now.shop.id, name, audit)
    except AuditError as error:
        st.session_state["not_saved"] = error_text(error, now.lang)
        return
    st.session_state["kept"] = saved.name
    st.session_state["audit_name"] = ""


def save_form(as_of: str) -> None:
    with card():
        heading(words("history.save_title"), words("history.save_caption"))
        if not allowed_or_told(here, Right.ANSWER):
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(words("history.name"), key="audit_name", max_chars=60, placeholder=words("history.name_example", as_of=as_of))
            st.button(words("history.save"), key="save_audit", type="primary", on_click=keep, icon=":material/bookmark_add:")
        if "not_saved" in st.session_state:
            title, body = st.session_state.pop("not_saved")
            st.error(md_escape(body), title=md_escape(title))
        if "kept" in st.session_state:
            st.caption(words("history.saved", name=md_escape(st.session_state.pop("kept"))))


def forget(audit_id: str) -> None:
    now = session.current()
    assert now.shop is not None, "saved results belong to a shop"
    try:
        delete_audit(now.ws, now.shop.id, audit_id)
    except AuditError as error:
        st.session_state["not_saved"] = error_text(error, now.lang)
        return
    for key in ("compare_first", "compare_second"):
        if st.session_state.get(key) == audit_id:
            del st.session_state[key]


def saved_row(audit: SavedAudit) -> None:
    """Name and score, when and how far, and the way to remove it."""
    result = audit.result
    facts = [
        words("history.saved_at", moment=full_moment(audit.saved_at)),
        words("app.as_of", moment=full_moment(result.as_of)) if result.as_of else words("app.no_data"),
        words("history.scope", scope=words(f"checklist.{result.score.scope}")),
        *([words("history.fingerprint", digits=result.fingerprint[:SHORT])] if result.fingerprint else []),
    ]
    with st.container(horizontal=True, wrap=False, vertical_alignment="top", gap="small"):
        with st.container(width="stretch"):
            two_sided(
                f"**{md_escape(audit.name)}**",
                f"**{big_number(result)}**",
                words("app.dot").join(facts),
                graded(result),
            )
        look = only(here, Right.DECIDE, tip=words("history.delete"))
        with st.popover("", type="tertiary", icon=":material/delete:", key=f"drop_{audit.id}", **look):
            st.markdown(words("history.delete_sure", name=md_escape(audit.name)))
            st.button(words("history.delete_yes"), key=f"delete_{audit.id}", on_click=forget, args=(audit.id,))


def big_number(result: AuditResult) -> str:
    return DASH if result.score.value is None else score_text(result.score)


def graded(result: AuditResult) -> str:
    if result.score.grade is None:
        return words("grades.none.name")
    return words("grades.shown.plain", grade=result.score.grade)


def beside(name: str, result: AuditResult, change: float | None) -> None:
    """One of the two audits at the top of the comparison."""
    moved = None if change is None else signed(change).replace("−", "-")  # the arrow asks for a hyphen
    with card(stretch=True, tight=True):
        st.metric(
            md_escape(name),
            big_number(result),
            delta=moved,
            delta_description=words("history.points") if moved else None,
        )
        span = number_range(result.score.low, result.score.high) if enough_to_score(result.score) else ""  # else it stands above
        as_of = words("app.as_of", moment=full_moment(result.as_of)) if result.as_of else words("app.no_data")
        st.caption(words("app.dot").join(part for part in (graded(result), span and words("history.span", range=span), as_of) if part))


def label_of(difference: Difference) -> str:
    if difference.kind == "score":
        return words("history.total")
    if difference.kind == "metric":
        return metric_name(words, difference.id)
    if difference.kind == "practice":
        return next(
            (p.practice.short_title.in_language(here.lang) for p in here.checklists.practices if p.practice.id == difference.id),
            difference.id,
        )
    assert here.shop is not None, "saved results belong to a shop"
    question = known_question(here.ws, here.shop.id, difference.id)
    return difference.id if question is None else question.title.ok.in_language(here.lang)


def cells(difference: Difference, unit: str) -> tuple[str, str, str]:
    """Before, after and change as they are read in this kind's unit."""
    change = difference.change
    if difference.kind in ("score", "practice"):
        return points(difference.before), points(difference.after), DASH if change is None else signed(change)
    if difference.kind == "item":
        return percent(difference.before, 0), percent(difference.after, 0), DASH if change is None else signed(100 * change, 0)
    shown = DASH if change is None else signed(100 * change if unit == "ratio" else change, 0 if unit == "count" else 1)
    return metric_value(difference.before, unit), metric_value(difference.after, unit), shown


def side_by_side(old: SavedAudit, new_result: AuditResult, old_result: AuditResult, new_name: str) -> None:
    if old_result.score.scope != new_result.score.scope:
        st.markdown(words("history.scopes_differ"))
        return
    differences = compare(old_result, new_result)
    total = next(d for d in differences if d.kind == "score")
    enough = enough_to_score(old_result.score) and enough_to_score(new_result.score)
    if total.change is None or not enough:
        title = words("history.no_score")
    elif abs(total.change) < SMALLEST_CHANGE:
        title = words("history.same", score=points(total.after))
    else:
        title = words("history.moved", before=points(total.before), after=points(total.after), change=signed(total.change))
    heading(title)
    left, right = st.columns(2, gap="medium")
    with left:
        beside(old.name, old_result, None)
    with right:
        beside(new_name, new_result, total.change if enough and total.change and abs(total.change) >= SMALLEST_CHANGE else None)


def differences_of(old: SavedAudit, new_result: AuditResult) -> None:
    """Everything that moved, or everything there is."""
    if old.result.score.scope != new_result.score.scope:
        return
    differences = compare(old.result, new_result)
    if any(d.ruler for d in differences):
        st.caption(words("history.ruler"))
    only_changed = st.toggle(words("history.only_changed"), value=True, key="only_changed")
    for kind in ("practice", "metric", "item"):
        rows = []
        for difference in differences:
            moved = difference.before != difference.after and (difference.change is None or abs(difference.change) > SMALLEST_CHANGE)
            if difference.kind != kind or (only_changed and not moved):
                continue
            unit = new_result.metrics[difference.id].unit if kind == "metric" else ""
            before, after, change = cells(difference, unit)
            told = {"what": md_escape(label_of(difference)), "before": before, "after": after, "change": f"**{change}**"}
            rows.append({words(f"history.column.{name}"): text for name, text in told.items()})
        with st.container(gap="small"):
            st.markdown(f"#### {words(f'history.kind.{kind}')}", anchors=False)
            if not rows:
                st.caption(words("history.nothing_moved"))
                continue
            st.table(rows, border="horizontal", hide_index=True, alt=words(f"history.kind.{kind}"))


def why(old: SavedAudit, new: SavedAudit | Audit) -> None:
    """The sources of the change, as bars that add up to it."""
    assert here.shop is not None, "saved results belong to a shop"
    found = why_it_moved(here.ws, here.shop.id, old, new)
    if found is None:
        st.caption(words("history.why.unknown"))
        return
    source = max(SOURCES, key=lambda name: abs(found.effects[name]))
    shown = shown_parts(found.effects, found.after - found.before)[source]
    with st.container(gap="small"):
        named = words("history.why.title", source=words(f"charts.waterfall.{source}"), change=signed(shown))
        heading(named if shown else words("history.why.none"), words("history.why.caption"))
        waterfall_chart(found, words, "why")


def draw(now: Audit, audits: list[SavedAudit]) -> None:
    result = now.result
    st.markdown(f"# {words('history.title', n=len(audits)) if audits else words('history.title_empty')}", anchors=False)
    save_form(moment(result.as_of, here.lang))
    if not audits:
        return
    assert here.shop is not None, "saved results belong to a shop"
    score_timeline(here, timeline(here.ws, here.shop.id, result.score.scope))
    with card():
        heading(words("history.list_title"))
        for audit in audits[:SHOWN]:
            saved_row(audit)
        if audits[SHOWN:]:
            with st.expander(words("history.earlier", n=len(audits) - SHOWN)):
                for audit in audits[SHOWN:]:
                    saved_row(audit)
    labels = {audit.id: words("history.option", name=audit.name, moment=full_moment(audit.saved_at)) for audit in audits}
    with st.container(horizontal=True):
        first = st.selectbox(
            words("history.first"), list(labels), index=len(labels) - 1, key="compare_first", format_func=labels.__getitem__
        )
        with_now = {"now": words("history.now")} | labels
        second = st.selectbox(words("history.second"), list(with_now), index=0, key="compare_second", format_func=with_now.__getitem__)
    by_id = {audit.id: audit for audit in audits}
    old = by_id[str(first)]
    new = by_id.get(str(second))
    side_by_side(old, new.result if new else result, old.result, new.name if new else words("history.now"))
    if old.result.score.scope == (new.result if new else result).score.scope:
        why(old, new or now)
    differences_of(old, new.result if new else result)


audit = cache.audit(here)
if here.shop is None or audit is None or not (cache.imports(here) or cache.answers(here)):
    nothing_yet(here, words("history.empty"), page="checklist")
else:
    draw(audit, list_audits(here.ws, here.shop.id))
