"""Beside a step of the plan: the way to make it an action, or to the action it is already."""

import streamlit as st

from pdd_audit.core.people import Right
from pdd_audit.core.result import PlanStep
from pdd_audit.services.actions import action_for, actions, from_step
from pdd_audit.texts.numbers import day
from pdd_audit.ui import session
from pdd_audit.ui.parts import link
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import only
from pdd_audit.ui.session import Here

WANTED = "action_from"  # the question whose step somebody wants to make an action of


def action_link(here: Here, step: PlanStep, key: str) -> None:
    """Nothing without a shop."""
    if here.shop is None:
        return
    there = action_for(actions(here.ws, here.shop.id), from_step(here.checklists, step))
    label = here.words("actions.take") if there is None else here.words(
        "actions.taken" if there.day is None else "actions.taken_done", owner=md_escape(there.owner),
        day=day(there.day or there.due, here.lang)
    )
    if link(label, "add_task" if there is None else "task_alt", key, only(here, Right.ANSWER) if there is None else None):
        st.session_state[WANTED] = step.question
        session.go("actions")
