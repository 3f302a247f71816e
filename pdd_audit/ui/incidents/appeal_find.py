"""Penalised orders: those the files speak for, with a way to open a case, and those they do not, with the reason."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

import pandas as pd
import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.incidents.appeal_claims import OrderFacts
from pdd_audit.core.incidents.appeal_guide import AppealGuide
from pdd_audit.core.people import Right
from pdd_audit.services.incidents.appeals import guide_of, open_case
from pdd_audit.services.look_at_appeals import FEWEST_DECIDED, AppealsLook, Candidate, Hopeless
from pdd_audit.texts import error_text
from pdd_audit.texts.numbers import DASH, count, decimal_text, percent, yuan
from pdd_audit.ui.charts.appeals import stakes_chart
from pdd_audit.ui.incidents.appeal_acts import act, problem, typed, who
from pdd_audit.ui.incidents.appeal_path import path
from pdd_audit.ui.parts import card, heading
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import only
from pdd_audit.ui.session import Here

ONE_BY_ONE = 30  # orders a batch begins with; for more the backend asks for a sheet
TALL, MANY = 420, 10


def find(here: Here, look: AppealsLook) -> None:
    words = here.words
    if not (look.found.billed or look.found.listed):
        st.info(words("appeals.no_bill"), icon=":material/receipt_long:")
    stakes_chart(stakes(look), words, "appeal_stakes")
    if look.candidates:
        _candidates(here, look.candidates)
    _by_hand(here)
    if look.hopeless:
        _hopeless(here, look.hopeless)
    path(here)


def stakes(look: AppealsLook) -> list[tuple[str, int, float]]:
    """(name, orders, yuan): the files speak for them, against them, or say too little."""
    sides: dict[str, list[OrderFacts]] = {
        "speaks": [one.facts for one in look.candidates],
        "against": [one.facts for one in look.hopeless if one.finding.contradicted],
        "silent": [one.facts for one in look.hopeless if not one.finding.contradicted],
    }
    return [(name, len(facts), sum(one.yuan or 0.0 for one in facts)) for name, facts in sides.items()]


def penalties_of(here: Here, facts: OrderFacts) -> str:
    kinds = dict.fromkeys(here.words.coded("appeal_letter.penalty", one.kind) for one in facts.penalties)
    return here.words("app.comma").join(kinds) or DASH


def _candidates(here: Here, candidates: Sequence[Candidate]) -> None:
    words, guide = here.words, guide_of(here.ws)
    heading(words("appeals.candidates", n=count(len(candidates))), words("appeals.candidates_caption", n=FEWEST_DECIDED))
    rows = pd.DataFrame([
        {
            words("app.columns.order_no"): one.facts.order_no, words("appeals.column.yuan"): one.facts.yuan,
            words("appeals.column.penalty"): penalties_of(here, one.facts),
            words("appeals.column.reason"): guide.reason(one.reason).name.in_language(here.lang),
            words("appeals.column.margin"): _margin(here, one.facts),
            words("appeals.column.chance"): words("appeals.unknown_chance") if one.chance is None else percent(one.chance.value, 0),
            words("appeals.column.left"): words("appeals.on_the_page"),
            words("app.columns.waybill"): one.facts.waybill,
            words("app.columns.courier"): words.courier(one.facts.courier) if one.facts.courier else None,
        }
        for one in candidates
    ])
    _table(here, rows, words("appeals.candidates_alt"))
    names = {one.facts.order_no: words("appeals.choice", order=one.facts.order_no, yuan=yuan(one.facts.yuan)) for one in candidates}
    first = [one.facts.order_no for one in candidates if one.reason == candidates[0].reason][:ONE_BY_ONE]
    with card(key="appeal_open"):
        st.multiselect(words("appeals.choose"), list(names), default=first, key="appeal_orders", format_func=names.__getitem__)
        borne_out = {claim for one in candidates for claim in one.claims} | {"handed_over"}
        fitting = [reason.id for reason in guide.reasons if reason.claim in borne_out]
        _reason(here, guide, fitting, "appeal")
        st.button(words("appeals.open"), type="primary", icon=":material/create_new_folder:", key="appeal_opened",
                  on_click=_open, args=("appeal",), **only(here, Right.ANSWER))
        problem(here, "open_appeal")


def _reason(here: Here, guide: AppealGuide, fitting: Sequence[str], form: str) -> None:
    names = {id: guide.reason(id).name.in_language(here.lang) for id in fitting}
    left, right = st.columns([2, 1])
    with left:
        chosen = st.selectbox(here.words("appeals.reason"), list(names), key=f"{form}_reason", format_func=names.__getitem__)
    with right:
        who(here, f"{form}_by")
    if chosen:
        st.caption(md_escape(guide.reason(chosen).when.in_language(here.lang)))


def _margin(here: Here, facts: OrderFacts) -> str:
    """How far before its end the last pickup lies."""
    if facts.due is None or not facts.own_scans or facts.own_scans[-1].at > facts.due:
        return DASH
    return here.words("appeals.hours_early", n=decimal_text((facts.due - facts.own_scans[-1].at) / timedelta(hours=1), 1))


def _by_hand(here: Here) -> None:
    """An order the backend's page names before any file does."""
    words, guide = here.words, guide_of(here.ws)
    with st.popover(words("appeals.by_hand"), icon=":material/edit:", type="tertiary", **only(here, Right.ANSWER)):
        st.caption(words("appeals.by_hand_caption"))
        st.text_area(words("appeals.order_numbers"), key="hand_orders", height=90, max_chars=20_000)
        _reason(here, guide, [reason.id for reason in guide.reasons], "hand")
        st.button(words("appeals.open"), key="hand_opened", type="primary", on_click=_open, args=("hand",))
    problem(here, "open_hand")


def _open(form: str) -> None:
    said = st.session_state.get(f"{form}_orders") or []
    orders = [part for part in re.split(r"[^0-9-]+", said) if part] if isinstance(said, str) else list(said)
    reason, by = typed(f"{form}_reason"), typed(f"{form}_by")

    def work(there: Here, shop: str) -> None:
        open_case(there.ws, shop, orders, reason, by)
        st.session_state.pop(f"{form}_orders", None)
        st.session_state["appeals_part"] = "cases"

    act(f"open_{form}", work, "appeals.opened")


def _hopeless(here: Here, hopeless: Sequence[Hopeless]) -> None:
    words = here.words
    with st.expander(words("appeals.hopeless", n=count(len(hopeless))), icon=":material/block:"):
        st.caption(words("appeals.hopeless_caption"))
        rows = pd.DataFrame([
            {
                words("app.columns.order_no"): one.facts.order_no, words("appeals.column.yuan"): one.facts.yuan,
                words("appeals.column.why_not"): why_not(here, one),
                words("appeals.column.file"): one.finding.place.file, words("appeals.column.row"): one.finding.place.row,
            }
            for one in hopeless
        ])
        _table(here, rows, words("appeals.hopeless_alt"))


def _table(here: Here, rows: pd.DataFrame, alt: str) -> None:
    amount = {here.words("appeals.column.yuan"): st.column_config.NumberColumn(format="%.2f")}
    height: int | Literal["content"] = TALL if len(rows) > MANY else "content"
    st.dataframe(rows, hide_index=True, height=height, placeholder=DASH, alt=alt, column_config=amount)


def why_not(here: Here, one: Hopeless) -> str:
    finding = one.finding
    return error_text(AuditError(finding.code, finding.place, **finding.values, more=1), here.lang)[0]

