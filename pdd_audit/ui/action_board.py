"""Actions as a board and as a list; overdue ones stand first in both."""

import streamlit as st

from pdd_audit.core.actions import ActionKind, State, title_in
from pdd_audit.core.people import Right
from pdd_audit.services.actions import act
from pdd_audit.services.look_at_actions import ActionsLook, Row
from pdd_audit.texts.numbers import DASH, count, day, decimal_text, number_range, percent, percent_range, yuan, yuan_range
from pdd_audit.ui import session
from pdd_audit.ui.action_acts import press, problem, speaker
from pdd_audit.ui.action_forms import done_form, owner_form
from pdd_audit.ui.parts import card, link
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import only
from pdd_audit.ui.session import Here

COLUMNS: dict[str, tuple[State, ...]] = {
    "to_do": ("planned", "doing", "relapsed"), "watch": ("watching",), "told": ("verified", "no_effect", "done"),
}
LOOK: dict[str, tuple[str, str]] = {
    "overdue": (":material/schedule:", "red"), "relapsed": (":material/undo:", "red"),
    "planned": (":material/radio_button_unchecked:", "gray"), "doing": (":material/play_arrow:", "blue"),
    "watching": (":material/hourglass_empty:", "gray"), "verified": (":material/check:", "green"),
    "no_effect": (":material/remove:", "gray"), "done": (":material/check:", "gray"), "dropped": (":material/close:", "gray"),
}
SHOWN = 12  # of one column; the list has them all


def title_of(here: Here, row: Row) -> str:
    return title_in(here.checklists, row.action.making, here.lang)


def board(here: Here, look: ActionsLook) -> None:
    for place, (name, states) in zip(st.columns(len(COLUMNS), gap="medium"), COLUMNS.items(), strict=True):
        rows = look.of(*states)
        with place, st.container(gap="small"):
            st.markdown(f"### {here.words(f'actions.column.{name}', n=count(len(rows)))}", anchors=False)
            if not rows:
                st.caption(here.words(f"actions.none.{name}"))
            for row in rows[:SHOWN]:
                with card(tight=True, key=f"action_{row.action.id}"):
                    _card(here, row, look)
            if len(rows) > SHOWN:
                st.caption(here.words("actions.more", n=count(len(rows) - SHOWN)))


def _card(here: Here, row: Row, look: ActionsLook) -> None:
    words, action = here.words, row.action
    name = "overdue" if row.overdue else row.state
    with st.container(gap="xxsmall"):
        icon, colour = LOOK[name]
        late = (look.today - action.due).days
        st.badge(words("actions.overdue", n=count(late)) if row.overdue else words(f"actions.state.{name}"), icon=icon, color=colour)  # type: ignore[arg-type]  # the table holds its colour names
        st.markdown(f"**{md_escape(title_of(here, row))}**")
        due = words("actions.until", day=day(action.due, here.lang)) if action.day is None else words(
            "actions.done_since", day=day(action.day, here.lang)
        )
        st.caption(words("app.dot").join((md_escape(action.owner), due)))
        told = _amounts(here, row)
        if told:
            st.markdown(told)
        if row.judgement is not None:
            st.caption(evidence_line(here, row))
    _buttons(here, row, look)
    problem(action.id)


def _amounts(here: Here, row: Row) -> str:
    making = row.action.making
    if not making.yuan:
        return ""
    span = yuan_range(making.yuan_low, making.yuan_high)
    return here.words("actions.expected_range" if span else "actions.expected", yuan=yuan(making.yuan), range=span)


def evidence_line(here: Here, row: Row) -> str:
    """What the data say, with its interval; or what they lack."""
    words, told = here.words, row.judgement
    assert told is not None, "asked only of what is watched"
    if told.lacks == "after":
        return words("actions.evidence.more", n=count(told.more or 0)) if told.more else words("actions.evidence.days")
    if told.lacks:
        return words(f"actions.evidence.{told.lacks}")
    if told.relapse is not None and told.evidence == "relapsed":
        ratio = told.relapse.to_before
        return words("actions.evidence.relapsed", ratio=decimal_text(ratio.value, 2), range=number_range(ratio.low, ratio.high, 2))
    assert told.judged is not None and told.judged.effect is not None, "it lacks nothing"
    ratio = told.judged.effect.rate_ratio
    name = "improved" if told.evidence == "improved" else told.judged.verdict
    return words(f"actions.evidence.{name}", ratio=percent(ratio.value, 0), range=percent_range(ratio.low, ratio.high, 0))


def saved_line(here: Here, row: Row) -> str:
    """Measured a month beside expected; empty where it did not work or nothing was expected."""
    words, told = here.words, row.judgement
    if told is None or told.orders is None or told.evidence != "improved":
        return ""
    parts = [words("actions.saved_orders", n=count(round(told.orders.value)), range=number_range(told.orders.low, told.orders.high))]
    if told.yuan is not None:
        amount, span = yuan(told.yuan.value), yuan_range(told.yuan.low, told.yuan.high)
        parts.append(words("actions.saved_yuan", yuan=amount, range=span, expected=yuan(row.action.making.yuan)))
    return words("app.semicolon").join(parts)


def _buttons(here: Here, row: Row, look: ActionsLook) -> None:
    words, action, look_of_act = here.words, row.action, only(here, Right.ANSWER)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if row.state in ("planned", "relapsed", "no_effect"):
            again = row.state != "planned"
            st.button(words("actions.again" if again else "actions.begin"), key=f"begin_{action.id}", icon=":material/play_arrow:",
                      on_click=_act, args=(action.id, "begun", action.words), **look_of_act)
        if action.stage in ("planned", "doing"):
            with st.popover(words("actions.done"), icon=":material/check:", **look_of_act):
                done_form(here, action, look.today, look.changes)
        with st.popover(words("actions.other"), type="tertiary", **look_of_act):
            owner_form(here, action)
            if action.stage == "done":
                st.button(words("actions.undone"), key=f"undone_{action.id}", type="tertiary", icon=":material/undo:",
                          on_click=_act, args=(action.id, "undone", action.words))
            st.button(words("actions.drop"), key=f"drop_{action.id}", type="tertiary", icon=":material/close:", on_click=_act,
                      args=(action.id, "dropped", action.words))
        question = action.making.question
        asked = question is not None and any(item.id == question for practice in here.checklists.practices for item in practice.items)
        if question is not None and asked and link(words("actions.see_question"), "checklist", f"ask_{action.id}"):
            st.session_state["question"] = question
            st.session_state["result_practice"] = question.split(".")[0]
            session.go("results" if here.checklists.question(question).kind == "metric" else "checklist")


def _act(action_id: str, kind: ActionKind, seen: int) -> None:
    press(action_id, lambda there, shop: act(there.ws, shop, action_id, kind, speaker(seen)))


def action_list(here: Here, look: ActionsLook) -> None:
    """Every action, the dropped ones too."""
    words, column = here.words, st.column_config
    rows = [
        {
            "state": words("actions.overdue", n=count((look.today - row.action.due).days)) if row.overdue
            else words(f"actions.state.{row.state}"),
            "title": title_of(here, row), "owner": row.action.owner, "due": row.action.due, "yuan": yuan(row.action.making.yuan),
            "range": yuan_range(row.action.making.yuan_low, row.action.making.yuan_high) or DASH,
            "told": evidence_line(here, row) if row.judgement is not None else DASH,
            "origin": words(f"actions.origin.{row.action.making.origin}"),
        }
        for row in look.rows
    ]
    st.dataframe(
        rows, hide_index=True, height="content", alt=words("actions.list_alt"),
        column_config={
            "state": column.TextColumn(words("actions.head.state"), width="small", pinned=True),
            "title": column.TextColumn(words("actions.head.title"), width="large"),
            "owner": column.TextColumn(words("actions.head.owner"), width="small"),
            "due": column.DateColumn(words("actions.head.due"), format="YYYY-MM-DD", width="small"),
            "yuan": column.TextColumn(words("actions.head.yuan"), width="small", alignment="right"),
            "range": column.TextColumn(words("actions.head.range"), width="small", alignment="right"),
            "told": column.TextColumn(words("actions.head.told"), width="large"),
            "origin": column.TextColumn(words("actions.head.origin"), width="small"),
        },
    )
