"""Actions: what is overdue, who does what until when, what it is worth, and whether what was done worked."""

from collections.abc import Sequence

import streamlit as st

from pdd_audit.core.actions import OPEN
from pdd_audit.core.filters import ALL
from pdd_audit.core.people import Right
from pdd_audit.core.result import PlanStep
from pdd_audit.reports.action_calendar import action_calendar
from pdd_audit.services.actions import action_for, decisions_waiting, from_decision, from_step
from pdd_audit.services.look_at_actions import ActionsLook, Row, look_at_actions, watched
from pdd_audit.services.look_at_trends import look_at_trends
from pdd_audit.services.round_duties import round_days
from pdd_audit.texts.numbers import count, yuan, yuan_range
from pdd_audit.ui import cache, session
from pdd_audit.ui.action_acts import name_field, say_done
from pdd_audit.ui.action_board import action_list, board, title_of
from pdd_audit.ui.action_evidence import evidence
from pdd_audit.ui.action_forms import hand_form, make_form
from pdd_audit.ui.action_link import WANTED
from pdd_audit.ui.charts.actions import Standing, standing_chart
from pdd_audit.ui.downloads import offer
from pdd_audit.ui.parts import card, heading, nothing_yet, two_sided
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import only

STEPS_SHOWN = 5
VIEWS = ("board", "list")
IN_PICTURE = ("relapsed", "doing", "planned", "watching", "no_effect", "verified", "done")

here = session.current()
words = here.words


def total(rows: Sequence[Row]) -> float | None:
    """Yuan a month expected of these; None where no amount is known."""
    known = [row.action.making.yuan for row in rows if row.action.making.yuan]
    return sum(known) if known else None


def headline(look: ActionsLook) -> str:
    for name, rows in (
        ("overdue", look.overdue), ("relapsed", look.of("relapsed")), ("open", look.of("planned", "doing")),
        ("watching", look.of("watching")), ("verified", look.of("verified")),
    ):
        if rows:
            amount = total(rows)
            key = f"actions.headline.{name}" if amount is None else f"actions.headline.{name}_yuan"
            return words(key, n=count(len(rows)), yuan=yuan(amount))
    return words("actions.headline.over" if look.rows else "actions.headline.none")


def standings(look: ActionsLook) -> list[Standing]:
    parts = {"overdue": look.overdue} | {
        state: [row for row in look.rows if row.state == state and not row.overdue] for state in IN_PICTURE
    }
    return [Standing(state, len(rows), total(rows)) for state, rows in parts.items() if rows]


def steps_of_plan(look: ActionsLook) -> list[PlanStep]:
    """Steps of the plan that nobody has taken up."""
    audit = cache.audit(here)
    if audit is None:
        return []
    made, checklists = [row.action for row in look.rows], here.checklists
    return [step for step in audit.result.plan if action_for(made, from_step(checklists, step)) is None]


def sources(look: ActionsLook) -> None:
    """What actions can be made of: decisions of rounds, steps of the plan."""
    assert here.shop is not None, "drawn only for a shop"
    decided = decisions_waiting(here.ws, here.shop.id)
    if decided:
        audit = cache.audit(here)
        plan = audit.result.plan if audit is not None else []
        with st.container(gap="small"):
            heading(words("actions.decided", n=count(len(decided))), words("actions.decided_caption"))
            for one in decided:
                with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                    st.markdown(f"**{md_escape(one.text)}**", width="stretch")
                    with st.popover(words("actions.take"), icon=":material/add_task:", **only(here, Right.ANSWER)):
                        making = from_decision(here.checklists, one, plan)
                        make_form(here, making, f"decision_{one.id}", look.today, one.due, one.owner)
    steps = steps_of_plan(look)
    if not steps:
        return
    with st.container(gap="small"):
        heading(words("actions.steps"), words("actions.steps_caption"))
        for step in [step for step in steps if step.question != st.session_state.get(WANTED)][:STEPS_SHOWN]:
            with st.container(gap="xsmall"):
                two_sided(
                    f"**{md_escape(step.action)}**", f"**{yuan(step.yuan)}**" if step.yuan else "", md_escape(step.why),
                    yuan_range(step.yuan_low, step.yuan_high),
                )
                with st.popover(words("actions.take"), icon=":material/add_task:", **only(here, Right.ANSWER)):
                    make_form(here, from_step(here.checklists, step), f"step_{step.question}", look.today)
        if len(steps) > STEPS_SHOWN:
            st.caption(words("actions.more_steps", n=count(len(steps) - STEPS_SHOWN)))


def wanted_step(look: ActionsLook) -> bool:
    """The step somebody came here for, with its form open; whether there is one."""
    step = next((step for step in steps_of_plan(look) if step.question == st.session_state.get(WANTED)), None)
    if step is None:
        return False
    with card(tight=True):
        two_sided(
            f"**{md_escape(step.action)}**", f"**{yuan(step.yuan)}**" if step.yuan else "", md_escape(step.why),
            yuan_range(step.yuan_low, step.yuan_high),
        )
        name_field(here)
        make_form(here, from_step(here.checklists, step), f"wanted_{step.question}", look.today)
        st.button(words("actions.not_now"), key="not_now", type="tertiary", on_click=lambda: st.session_state.pop(WANTED, None))
    return True


def tools(look: ActionsLook, *, named: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if not named:
            name_field(here)
        with st.popover(words("actions.new"), icon=":material/add:", **only(here, Right.ANSWER)):
            hand_form(here, look.today)
        still = [(row.action, title_of(here, row)) for row in look.of(*OPEN)]
        if still:
            assert here.shop is not None, "drawn only for a shop"
            shop, name = here.shop, here.shop.name
            rounds = round_days(here.ws, shop.id)
            offer(words("actions.calendar"), lambda: action_calendar(name, still, rounds, here.lang), f"{name}_actions", "ics",
                  "text/calendar", key="actions_ics")


def draw(look: ActionsLook) -> None:
    with st.container(gap="xsmall"):
        st.markdown(f"# {headline(look)}", anchors=False)
        st.caption(words("actions.caption" if look.rows else "actions.caption_none"))
    named = wanted_step(look)
    rows = standings(look)
    if rows:
        with st.container(gap="xsmall"):
            standing_chart(rows, words, "standing")
            st.caption(words("actions.picture"))
    tools(look, named=named)
    if look.rows:
        labels = {view: words(f"actions.view.{view}") for view in VIEWS}
        view = st.segmented_control(
            words("actions.which"), VIEWS, default="board", required=True, key="actions_view", format_func=labels.__getitem__,
            label_visibility="collapsed",
        )
        (action_list if view == "list" else board)(here, look)
    evidence(here, look)
    sources(look)
    say_done(here)


if here.shop is None:
    nothing_yet(here, words("actions.empty"), page="checklist")
else:
    counted = watched(here.ws, here.shop.id) and cache.imports(here)
    draw(look_at_actions(here.ws, here.shop.id, cache.look(here, look_at_trends, ALL) if counted else None))
