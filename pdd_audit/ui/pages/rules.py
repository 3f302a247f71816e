"""Rules: the platform's figures we count with, where each was read, and the shop's own word on it."""

from datetime import datetime

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.figures import HOME_PLATFORM, FigureValue, RulePacks
from pdd_audit.core.people import Right
from pdd_audit.services.rules import (
    FigureLine,
    choose_platform,
    confirm_figure,
    figure_lines,
    platform_words,
    rules_of,
    said_before,
)
from pdd_audit.services.run_audit import FIGURES_USED
from pdd_audit.services.workspace import now
from pdd_audit.texts import error_text
from pdd_audit.texts.numbers import DASH, day
from pdd_audit.ui import cache, session
from pdd_audit.ui.author import author_field
from pdd_audit.ui.parts import card, heading, nothing_yet
from pdd_audit.ui.phrases import figure_text
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import allowed_or_told
from pdd_audit.ui.rule_change import rule_change_section

CHOICES: dict[str, tuple[str, ...]] = {"pickup_record_that_counts": ("first", "last"), "compensation_rounding": ("none", "floor_to_yuan")}
STATE_LOOK = {"own": (":material/check:", "green"), "official": (":material/check:", "green"),
              "open": (":material/hourglass_empty:", "gray"), "none": (":material/remove:", "gray")}

here = session.current()
words = here.words


def state_of(line: FigureLine) -> str:
    if line.own is not None:
        return "own"
    return "none" if line.ours.value is None else "official" if line.ours.verified else "open"


def source_of(line: FigureLine, rules: RulePacks) -> str:
    """Where it was read and when, as Markdown; empty where nobody has read it."""
    if line.ours.source is None:
        return ""
    source = rules.sources.get(line.ours.source)
    return md_escape(words("rules.from_source", title=source.title if source else DASH, checked=line.ours.checked or DASH))


def typed(line: FigureLine, key: str) -> FigureValue:
    """What the person sees in the rule centre, in the figure's own unit; None while nothing is entered."""
    label, unit, value = words("rules.value_label"), line.ours.unit, line.value
    if line.name in CHOICES or unit == "boolean":
        options: list[FigureValue] = [True, False] if unit == "boolean" else list(CHOICES[line.name])
        labels = {option: figure_text(option, unit, words) for option in options}
        chosen: FigureValue = st.selectbox(label, options, index=options.index(value) if value in options else None, key=key,
                                           format_func=labels.__getitem__, placeholder=words("rules.unknown"))
        return chosen
    if unit in ("choice", "event", "table", "time_of_day"):
        return st.text_input(label, value="" if value is None else str(value), max_chars=100, key=key).strip() or None
    share = unit == "ratio"
    start = float(value) * (100 if share else 1) if isinstance(value, int | float) else None
    entered = st.number_input(f"{label}（%）" if share and here.lang == "zh" else f"{label} (%)" if share else label, min_value=0.0,
                              max_value=100.0 if share else 1_000_000.0, value=start, step=None if share else 1.0, format="%.4g", key=key)
    return None if entered is None else entered / 100 if share else entered


def save(line_key: tuple[str, str], key: str, value: FigureValue) -> None:
    """Keeps what was entered; None takes the shop's word back."""
    there = session.current()
    assert there.shop is not None, "drawn only where there is a shop"
    state = st.session_state
    by, why = str(state.get(f"{key}_by") or ""), str(state.get(f"{key}_why") or "")
    state["rules_by"] = by
    try:
        confirm_figure(there.ws, there.shop.id, *line_key, value, by, why)
        state["rules_saved"] = key
    except AuditError as refusal:
        state["rules_problem"] = (key, *error_text(refusal, there.lang))


def word(line: FigureLine, key: str) -> None:
    """What the shop says of a figure, or takes back."""
    value = typed(line, key)
    author_field(here, words("rules.by_label"), f"{key}_by", st.session_state.get("rules_by", ""))
    st.text_area(words("rules.why_label"), max_chars=400, key=f"{key}_why", placeholder=words("rules.why_hint"))
    st.button(words("rules.save"), key=f"{key}_save", type="primary", disabled=value is None, on_click=save,
              args=((line.pack, line.name), key, value))
    if line.own is not None:
        st.button(words("rules.take_back"), key=f"{key}_back", type="tertiary", on_click=save, args=((line.pack, line.name), key, None))


def editor(line: FigureLine, shop_id: str, rules: RulePacks) -> None:
    key = f"figure_{line.pack}_{line.name}"
    with st.popover(words("rules.edit"), icon=":material/edit:", type="tertiary"):
        st.link_button(words("rules.open_centre"), rules.confirm_at, icon=":material/open_in_new:")
        if allowed_or_told(here, Right.MANAGE):
            word(line, key)
        problem = st.session_state.get("rules_problem")
        if problem and problem[0] == key:
            del st.session_state["rules_problem"]
            st.error(md_escape(problem[2]), title=md_escape(problem[1]))
        for one in said_before(here.ws, shop_id, line.pack, line.name):
            known = one.value is not None
            st.caption(md_escape(words("rules.said" if known else "rules.taken_back", by=one.by, day=day(one.at, here.lang),
                                       value=figure_text(one.value, line.ours.unit, words), why=one.why)))


def used(line: FigureLine, shop_id: str, rules: RulePacks) -> None:
    """One figure that we count with, as a card."""
    state = state_of(line)
    icon, color = STATE_LOOK[state]
    with card(tight=True, stretch=True, key=f"card_{line.pack}_{line.name}"):
        st.markdown(words(f"rules.figure.{line.name}"))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"### {md_escape(figure_text(line.value, line.ours.unit, words))}", anchors=False, width="content")
            st.badge(words(f"rules.state.{state}"), icon=icon, color=color)  # type: ignore[arg-type]  # the table holds its colour names
        if source := source_of(line, rules):
            st.caption(words("app.dot").join((source, md_escape(words("rules.trust", trust=line.ours.trust)))))
        editor(line, shop_id, rules)


def others(lines: list[FigureLine], rules: RulePacks) -> None:
    def cell(said: str, small: str) -> str:
        return f"**{md_escape(said)}**" + (f"  \n:gray[:small[{small}]]" if small else "")

    rows = [
        {
            words("rules.column.name"): cell(words.coded("rules.figure", line.name), source_of(line, rules)),
            words("rules.column.value"): cell(figure_text(line.value, line.ours.unit, words), words(f"rules.state.{state_of(line)}")),
        }
        for line in lines
    ]
    st.table(rows, border="horizontal", hide_index=True, alt=words("rules.others_title"))


def platform_choice(shop_id: str, rules: RulePacks) -> None:
    """Whose rules the shop is measured by, with who chose them, and what another platform's mean for Pinduoduo's parcels."""
    names = {name: getattr(here.ws.platform(name).name, here.lang) for name in here.ws.platforms}
    with st.popover(words("rules.platform.open", platform=names[rules.platform]), icon=":material/swap_horiz:", type="tertiary"):
        st.markdown(words("rules.platform.help"))
        if allowed_or_told(here, Right.MANAGE):
            chosen = st.radio(words("rules.platform.label"), list(names), index=list(names).index(rules.platform), key="rules_platform",
                              format_func=names.__getitem__)
            author_field(here, words("rules.platform.by"), "rules_platform_by", st.session_state.get("rules_by", ""))
            st.text_area(words("rules.platform.why"), max_chars=400, key="rules_platform_why", placeholder=words("rules.platform.why_hint"))
            st.button(words("rules.platform.save"), key="rules_platform_save", type="primary", disabled=chosen == rules.platform,
                      on_click=save_platform)
        problem = st.session_state.get("rules_problem")
        if problem and problem[0] == "platform":
            del st.session_state["rules_problem"]
            st.error(md_escape(problem[2]), title=md_escape(problem[1]))
        for one in platform_words(here.ws, shop_id):
            value = names.get(str(one.value), str(one.value))
            st.caption(md_escape(words("rules.said", by=one.by, day=day(one.at, here.lang), value=value, why=one.why)))
    if rules.platform != HOME_PLATFORM:
        st.info(words("rules.platform.means", platform=names[rules.platform]), icon=":material/info:")


def save_platform() -> None:
    there = session.current()
    assert there.shop is not None, "drawn only where there is a shop"
    state = st.session_state
    by, why = str(state.get("rules_platform_by") or ""), str(state.get("rules_platform_why") or "")
    state["rules_by"] = by
    try:
        choose_platform(there.ws, there.shop.id, str(state["rules_platform"]), by, why)
        state["rules_saved"] = "platform"
    except AuditError as refusal:
        state["rules_problem"] = ("platform", *error_text(refusal, there.lang))


def draw(shop_id: str, as_of: datetime | None) -> None:
    rules, on = rules_of(here.ws, shop_id), (as_of or now()).date()
    lines = figure_lines(here.ws, shop_id, on)
    mine = sorted((line for line in lines if line.name in FIGURES_USED), key=lambda line: FIGURES_USED.index(line.name))
    left = sum(state_of(line) in ("open", "none") for line in mine)
    pack = next(pack for pack in rules.packs if pack.covers(on))
    platform = getattr(rules.name, here.lang)
    named = (
        words("rules.in_force", platform=platform, start=pack.valid_from) if pack.valid_from
        else words("rules.in_force_before", platform=platform, end=pack.valid_to)
    )
    with st.container(gap="xsmall"):
        st.markdown(f"# {words('rules.headline' if left else 'rules.headline_done', used=len(mine), open=left)}", anchors=False)
        st.caption(words("rules.caption_official" if rules.official else "rules.caption", pack=named))
    platform_choice(shop_id, rules)
    if st.session_state.pop("rules_saved", None):
        st.toast(words("rules.saved"), icon=":material/check:")
    heading(words("rules.used_title"), words("rules.trust_means"))
    with st.grid(columns=3, min_column_width=300, gap="medium"):
        for line in mine:
            used(line, shop_id, rules)
    rule_change_section(here, as_of)
    heading(words("rules.others_title"))
    others([line for line in lines if line.name not in FIGURES_USED], rules)


if here.shop is None:
    nothing_yet(here, words("rules.no_shop"), page="home")
else:
    audit = cache.audit(here)
    draw(here.shop.id, audit.result.as_of if audit else None)
