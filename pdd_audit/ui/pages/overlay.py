"""Own checklist: what the shop leaves out, weighs or limits otherwise and asks besides; both scores and every saved audit before saving."""

from collections.abc import Callable
from typing import get_args

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.overlay import Adjustment, Overlay
from pdd_audit.core.people import Right
from pdd_audit.core.questions import Checklists, Practice, Question, ScaleName
from pdd_audit.core.targets import STANDARD_TARGETS, Line, lines_of
from pdd_audit.services.overlay import overlay_as_file, overlay_as_workbook, overlay_words, unit_of
from pdd_audit.services.run_audit import Audit
from pdd_audit.services.try_overlay import try_overlay
from pdd_audit.texts import error_text
from pdd_audit.texts.numbers import DASH, decimal_text, full_moment, signed
from pdd_audit.ui import cache, session
from pdd_audit.ui.author import author_field
from pdd_audit.ui.downloads import offer
from pdd_audit.ui.drop_zone import Wanted, drop_zone
from pdd_audit.ui.overlay_draft import (
    FIELDS,
    add_own,
    change,
    change_limit,
    change_target,
    discard,
    draft,
    generation,
    problem,
    remove_own,
    save,
    stored,
    take_file,
    take_shipped,
)
from pdd_audit.ui.parts import card, heading, nothing_yet
from pdd_audit.ui.phrases import level_label, line_text, metric_name, metric_text, with_unit
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import allowed_or_told

WEIGHTS = (0, 1, 2, 3, 4, 5)
BARE = 0.05  # a smaller change is printed as 0.0
SCALES: tuple[ScaleName, ...] = tuple(name for name in get_args(ScaleName) if name != "criteria_share")  # that one needs criteria with ids

here = session.current()
words = here.words


# --- what the draft would do -----------------------------------------------------------------------------------------------


def outlook(audit: Audit, overlay: Overlay) -> None:
    assert here.shop is not None, "drawn only for a shop"
    trial = try_overlay(here.ws, here.shop.id, audit, overlay)
    difference = None if trial.own is None or trial.official is None else trial.own - trial.official
    delta = None if difference is None or abs(difference) < BARE else signed(difference).replace("−", "-")  # the arrow asks for a hyphen
    with card(tight=True):
        with st.grid(columns=3, min_column_width=140, gap="medium"):
            st.metric(words("overlay.official"), DASH if trial.official is None else decimal_text(trial.official, 1))
            st.metric(words("overlay.own"), DASH if trial.own is None else decimal_text(trial.own, 1), delta=delta)
            st.metric(words("overlay.changed"), overlay.changes)
        said_of_draft(trial.errors, words("overlay.problems", n=len(trial.errors)), st.error)
        said_of_draft(trial.warnings, words("overlay.warnings"), st.warning)
        changes(overlay)
        if overlay == stored(here):
            st.caption(words("overlay.as_saved"))
        elif not trial.errors:
            reach(overlay)
        saving(overlay, bool(trial.errors))


def said_of_draft(errors: list[AuditError], title: str, box: Callable[..., object]) -> None:
    """What the prover says, with the questions by their titles: nobody at the screen knows ids or keys of a file."""
    told = []
    for error in errors:
        item = error.values.get("item")
        title_shown = title_of(str(item))
        named = {} if item is None else {"item": title_shown if here.lang == "zh" else words("app.quote", text=title_shown)}
        plain = AuditError(error.code, found="" if error.found == item else error.found, **{**error.values, **named})
        told.append("- **{}** {}".format(*(md_escape(text) for text in error_text(plain, here.lang))))
    if told:
        box("\n".join(told), title=title)


def title_of(question_id: str) -> str:
    """Of a shipped question or of one in the draft, else the id."""
    items = [item for practice in here.ws.checklists.practices for item in practice.items]
    return next((item.title.ok.in_language(here.lang) for item in [*items, *draft(here).add] if item.id == question_id), question_id)


def changes(overlay: Overlay) -> None:
    """Every question that is not as shipped, in a line of its own."""
    shipped = {item.id: item for practice in here.ws.checklists.practices for item in practice.items}
    ours = lines_of(here.ws.checklists)
    lines = [row_label(shipped[name], said) for name, said in overlay.questions.items() if name in shipped]
    lines += [
        words("overlay.row_target", metric=metric_name(words, name), own=line_text(words, own.value, unit_of(name)),
              standard=line_text(words, ours[name].value if name in ours else None, unit_of(name)), reason=md_escape(own.reason) or DASH)
        for name, own in overlay.targets.items()
    ]
    lines += [words("overlay.row_own", title=md_escape(title_of(own.id)), weight=own.weight) for own in overlay.add]
    if lines:
        st.markdown("\n".join(f"- {line}" for line in lines))


def reach(overlay: Overlay) -> None:
    """Every saved audit that would move, before anything is saved."""
    found = cache.reach(here, overlay)
    total = len(found.moved) + found.same + found.unknown
    if not total:
        st.caption(words("overlay.reach.none"))
        return
    heading(words("overlay.reach.title", total=total, moved=len(found.moved)), words("overlay.reach.caption"), level=4)
    if found.moved:
        column = {name: words(f"overlay.reach.{name}") for name in ("name", "before", "after", "template", "weights")}
        rows = [
            {
                column["name"]: md_escape(one.name),
                column["before"]: decimal_text(one.found.before, 1),
                column["after"]: f"**{decimal_text(one.found.after, 1)}**",
                column["template"]: part(one.found.effects["template"]),
                column["weights"]: part(one.found.effects["weights"]),
            }
            for one in found.moved
        ]
        st.table(rows, border="horizontal", hide_index=True, alt=words("overlay.reach.title", total=total, moved=len(found.moved)))
    if found.unknown:
        st.caption(words("overlay.reach.unknown", n=found.unknown))


def part(points: float) -> str:
    return DASH if abs(points) < BARE else signed(points)


def saving(overlay: Overlay, wrong: bool) -> None:
    same = overlay == stored(here)
    with st.container(horizontal=True, vertical_alignment="center"):
        if allowed_or_told(here, Right.MANAGE, "overlay.save_only"):
            save_form(same or wrong)
        if not same:
            st.button(words("overlay.discard"), key="overlay_discard", type="tertiary", icon=":material/undo:", on_click=discard)
        if overlay.changes:
            st.button(words("overlay.reset"), key="overlay_reset", type="tertiary", icon=":material/restart_alt:", on_click=take_shipped)
    problem("save")


def save_form(shut: bool) -> None:
    with st.popover(words("overlay.save_open"), icon=":material/save:", type="primary", disabled=shut, key="overlay_open"):
        author_field(here, words("overlay.by"), "overlay_by")
        st.text_area(words("overlay.why"), key="overlay_why", max_chars=400, placeholder=words("overlay.why_hint"))
        st.button(words("overlay.save"), key="overlay_save", type="primary", on_click=save, disabled=shut)


# --- question by question --------------------------------------------------------------------------------------------------


def row_label(item: Question, said: Adjustment) -> str:
    """How a question differs from the shipped one."""
    title = md_escape(item.title.ok.in_language(here.lang))
    if said.ignore:
        return words("overlay.row_ignored", title=title, reason=md_escape(said.reason) or DASH)
    weight = item.weight if said.weight is None else said.weight
    line = words("overlay.row_weight", title=title, official=item.weight, weight=weight) if weight != item.weight else words(
        "overlay.row", title=title, weight=weight
    )
    return line + (words("overlay.row_limits") if said.claim else "")


def adjust(audit: Audit, item: Question, said: Adjustment) -> None:
    """The widgets of one question; each writes into the draft at once."""
    prefix = f"overlay_{generation()}_{item.id}"
    if item.ask is not None:
        st.markdown(md_escape(item.ask.in_language(here.lang)))
    if item.weight_why is not None:
        st.caption(words("overlay.official_why", why=md_escape(item.weight_why.in_language(here.lang))))
    key = f"{prefix}_weight"
    st.segmented_control(
        words("overlay.weight", official=item.weight), WEIGHTS, default=item.weight if said.weight is None else said.weight, required=True,
        key=key, on_change=change, args=(item.id, key, "weight", lambda picked: None if picked == item.weight else picked),
    )
    if item.blocker is not None:
        st.caption(words("overlay.blocker"))
    else:
        key = f"{prefix}_ignore"
        st.checkbox(words("overlay.ignore"), value=said.ignore, key=key, on_change=change, args=(item.id, key, "ignore", bool))
        if said.ignore:
            key = f"{prefix}_reason"
            st.text_input(words("overlay.reason"), value=said.reason, max_chars=400, key=key, on_change=change,
                          args=(item.id, key, "reason", lambda typed: typed.strip()))
    if item.verify is not None and item.verify.claim and not said.ignore:
        limits(audit, item, said, prefix)


def limits(audit: Audit, item: Question, said: Adjustment, prefix: str) -> None:
    """What each level claims of the metric, as a number to change and as the sentence that follows from it."""
    assert item.verify is not None, "asked only of questions that data check"
    record = audit.result.metrics.get(item.verify.metric)
    unit = record.unit if record is not None else "count"
    scale = 100.0 if unit == "ratio" else 1.0
    st.markdown(f"**{words('overlay.limits')}**")
    with st.grid(columns=3, min_column_width=160, gap="small"):
        for level, official in item.verify.claim.items():
            limit = said.claim.get(level, official)
            side = "least" if limit.at_least is not None else "most"
            key = f"{prefix}_{level}"
            st.number_input(
                words(f"overlay.limit_{side}", level=level_label(here.checklists, item, level, words), unit=words(f"overlay.unit.{unit}")),
                min_value=0.0, value=limit.value * scale, step=1.0, format="%.4g", key=key,
                on_change=change_limit, args=(item, level, key, scale),
            )
    for level, official in item.verify.claim.items():
        limit = said.claim.get(level, official)
        side = "least" if limit.at_least is not None else "most"
        st.caption(md_escape(words(
            f"overlay.means_{side}", level=level_label(here.checklists, item, level, words),
            metric=metric_name(words, item.verify.metric), value=with_unit(words, limit.value, unit),
        )))


def questions(audit: Audit, overlay: Overlay) -> None:
    heading(words("overlay.list_title"))
    practices = {practice.practice.id: practice for practice in here.ws.checklists.practices}
    titles = {id: practice.practice.title.in_language(here.lang) for id, practice in practices.items()}
    chosen = st.selectbox(words("overlay.field.practice"), list(practices), key="overlay_practice", format_func=titles.__getitem__,
                          label_visibility="collapsed", filter_mode=None, width=280)
    with st.container(gap="xsmall"):
        for item in practices[chosen].items:
            if item.retired:
                continue
            said = overlay.questions.get(item.id, Adjustment())
            label = words("overlay.row", title=md_escape(item.title.ok.in_language(here.lang)), weight=item.weight)
            with st.expander(label, key=f"row_{item.id}", on_change="rerun") as row:
                if row.open:
                    adjust(audit, item, said)


def targets(audit: Audit, overlay: Overlay) -> None:
    """One row a metric that has a standard target, or the shop's own; the others are folded."""
    heading(words("overlay.targets_title"), words("overlay.targets_caption"))
    folded = []
    for name, line in lines_of(here.ws.checklists).items():
        if name in STANDARD_TARGETS or name in overlay.targets:
            target(audit, overlay, name, line)
        else:
            folded.append((name, line))
    with st.expander(words("overlay.targets_more", n=len(folded)), key="overlay_targets_more", on_change="rerun") as more:
        if more.open:
            for name, line in folded:
                target(audit, overlay, name, line)


def target(audit: Audit, overlay: Overlay, name: str, line: Line) -> None:
    """The shop's own line for a metric, why, and where the metric stands. Ratios are entered in percent."""
    own, record = overlay.targets.get(name), audit.result.metrics.get(name)
    prefix = f"overlay_{generation()}_target_{name}"
    value_key, reason_key = f"{prefix}_value", f"{prefix}_reason"
    scale = 100.0 if unit_of(name) == "ratio" else 1.0
    least, most = sorted((scale * line.loosest, scale * line.strictest))
    with st.container(gap="xxsmall"):
        with st.grid(columns=2, min_column_width=240, gap="small"):
            st.number_input(
                words("overlay.target", metric=metric_name(words, name), standard=line_text(words, line.value, unit_of(name))),
                min_value=least, max_value=most, step=0.1, format="%.4g",
                value=round(scale * (line.value if own is None else own.value), 4), key=value_key,
                on_change=change_target, args=(name, value_key, reason_key, scale),
            )
            st.text_input(words("overlay.target_reason"), value="" if own is None else own.reason, max_chars=400, key=reason_key,
                          on_change=change_target, args=(name, value_key, reason_key, scale))
        if record is not None and record.value is not None:
            value, spread = metric_text(words, record)
            st.caption(words("overlay.target_now", value=value, range=spread or DASH))


# --- questions of the shop's own, files, history ----------------------------------------------------------------------------


def own_questions(overlay: Overlay) -> None:
    practices: dict[str, Practice] = {practice.practice.id: practice for practice in here.ws.checklists.practices}
    titles = {id: practice.practice.short_title.in_language(here.lang) for id, practice in practices.items()}
    heading(words("overlay.own_title"), "" if overlay.add else words("overlay.add_none"))
    for own in overlay.add:
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            title, practice = md_escape(own.title.ok.in_language(here.lang)), titles.get(own.id.split(".")[0], own.id)
            st.markdown(words("overlay.own_row", title=title, weight=own.weight, practice=practice))
            st.button(words("overlay.remove"), key=f"remove_{own.id}", type="tertiary", icon=":material/delete:", on_click=remove_own,
                      args=(own.id,))
    with st.expander(words("overlay.add_title"), key="overlay_add_row", icon=":material/add:", on_change="rerun") as row:
        if row.open:
            own_form(here.ws.checklists, titles)
    problem("own")


def own_form(shipped: Checklists, titles: dict[str, str]) -> None:
    st.caption(words("overlay.add_caption"))
    answers = {
        name: words("app.dot").join(level.label.in_language(here.lang) for level in shipped.scales[name].levels)
        for name in SCALES if name in shipped.scales
    }
    with st.form("own_question", border=False, enter_to_submit=False):
        with st.grid(columns=2, min_column_width=240, gap="small"):
            st.selectbox(words("overlay.field.practice"), list(titles), key="own_practice", format_func=titles.__getitem__)
            st.selectbox(words("overlay.field.scale"), list(answers), key="own_scale", format_func=answers.__getitem__)
            st.number_input(words("overlay.field.weight"), min_value=0, max_value=5, value=2, key="own_weight")
            st.number_input(words("overlay.field.hours"), min_value=0.1, max_value=200.0, value=1.0, key="own_hours")
            for name in FIELDS:
                for lang in ("zh", "en"):
                    label = words(f"overlay.field.in_{lang}", name=words(f"overlay.field.{name}"))
                    st.text_input(label, key=f"own_{name}_{lang}", max_chars=200)
        st.form_submit_button(words("overlay.add"), key="own_add", on_click=add_own, icon=":material/add:")


def files(overlay: Overlay) -> None:
    heading(words("overlay.files_title"), words("overlay.files_caption"))
    about = words("overlay.about")
    with st.container(horizontal=True):
        offer(words("overlay.export_sheet"), lambda: overlay_as_workbook(here.ws, overlay, here.lang), words("overlay.file"), "xlsx",
              "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", key="overlay_export_sheet")
        offer(words("overlay.export"), lambda: overlay_as_file(overlay, about), words("overlay.file"), "yaml", "application/yaml",
              key="overlay_export")
    if not allowed_or_told(here, Right.MANAGE):
        return
    key = f"overlay_file_{generation()}"
    wanted = Wanted(kinds=("xlsx", "yaml", "yml"), megabytes=2, right=Right.MANAGE)
    drop_zone(here, words("overlay.import"), key, wanted, take_file, (key,))
    problem("file")


def said_before(shop_id: str) -> None:
    told = overlay_words(here.ws, shop_id)
    if not told:
        return
    heading(words("overlay.words_title"))
    for one in told:
        if one.overlay is None:
            line = words("overlay.said_none", at=full_moment(one.at), by=one.by, why=one.why)
        else:
            changed = words("overlay.questions", n=one.overlay.changes)
            line = words("overlay.said", at=full_moment(one.at), by=one.by, n=changed, why=one.why)
        st.caption(md_escape(line))


def draw(shop_id: str, audit: Audit) -> None:
    overlay, kept = draft(here), stored(here)
    title = words("overlay.title", n=kept.changes) if kept.changes else words("overlay.title_none")
    with st.container(gap="xsmall"):
        st.markdown(f"# {title}", anchors=False)
        st.caption(words("overlay.caption"))
    if st.session_state.pop("overlay_saved", None):
        st.toast(words("overlay.saved"), icon=":material/check:")
    outlook(audit, overlay)
    targets(audit, overlay)
    questions(audit, overlay)
    own_questions(overlay)
    files(overlay)
    said_before(shop_id)


audit = cache.audit(here)
if here.shop is None or audit is None:
    nothing_yet(here, words("checklist.no_shop"), page="home")
else:
    draw(here.shop.id, audit)
