"""Forms of the Actions page: a new action, a finished one, another owner or day."""

from datetime import date, timedelta

import streamlit as st

from pdd_audit.core.actions import WATCHED, Action, Making, Watched
from pdd_audit.core.changes import CHANGE_KINDS, LONGEST, Change, ChangeKind
from pdd_audit.services.actions import by_hand, finish, hand_on, make
from pdd_audit.texts.numbers import DASH
from pdd_audit.ui.action_acts import press, problem, speaker
from pdd_audit.ui.author import owner_field
from pdd_audit.ui.changes import plainly
from pdd_audit.ui.session import Here

USUAL_DAYS = 14
NEW = ""  # of the changes to choose from: none of them


def make_form(here: Here, making: Making, key: str, today: date, due: date | None = None, owner: str = "") -> None:
    """An action out of ``making``: whose it is, and until when. ``key``: one of its own for each form on the page."""
    words = here.words
    owner_field(here, words("actions.owner"), f"owner_{key}", owner)
    st.date_input(words("actions.due"), value=due or today + timedelta(days=USUAL_DAYS), key=f"due_{key}", format="YYYY-MM-DD")
    _metric_choice(here, key, making.metric)
    st.button(words("actions.make"), key=f"make_{key}", type="primary", on_click=_make, args=(key, making))
    problem(key)


def hand_form(here: Here, today: date) -> None:
    """An action that the plan does not know."""
    words, key = here.words, "hand"
    st.text_input(words("actions.what"), key=f"title_{key}", max_chars=LONGEST)
    owner_field(here, words("actions.owner"), f"owner_{key}")
    st.date_input(words("actions.due"), value=today + timedelta(days=USUAL_DAYS), key=f"due_{key}", format="YYYY-MM-DD")
    st.number_input(words("actions.yuan"), min_value=0.0, max_value=1e9, value=None, step=None, key=f"yuan_{key}", placeholder=DASH)
    _metric_choice(here, key, "pickup_24h_ratio")
    st.button(words("actions.make"), key=f"make_{key}", type="primary", on_click=_make, args=(key, None))
    problem(key)


def _metric_choice(here: Here, key: str, usual: Watched) -> None:
    names = {metric: here.words(f"actions.metric.{metric or 'none'}") for metric in WATCHED}
    st.selectbox(
        here.words("actions.watch_by"), list(WATCHED), index=WATCHED.index(usual), key=f"metric_{key}", format_func=names.__getitem__,
        help=here.words("actions.watch_help"),
    )


def _make(key: str, making: Making | None) -> None:
    state = st.session_state
    owner, due, metric = str(state.get(f"owner_{key}") or ""), state.get(f"due_{key}"), state.get(f"metric_{key}", "")

    def work(there: Here, shop: str) -> None:
        made = making.model_copy(update={"metric": metric}) if making is not None else by_hand(
            str(state.get(f"title_{key}") or ""), metric, state.get(f"yuan_{key}")
        )
        make(there.ws, shop, made, owner, due if isinstance(due, date) else None, speaker().by)
        for field in ("title", "yuan"):
            state.pop(f"{field}_{key}", None)

    press(key, work)


def done_form(here: Here, action: Action, today: date, changes: tuple[Change, ...]) -> None:
    """From which day on; a change that was noted before is chosen instead of noting it twice."""
    words = here.words
    st.caption(words("actions.done_caption"))
    labels = {NEW: words("actions.note_new")} | {one.id: plainly(here, one) for one in reversed(changes)}
    chosen = NEW
    if changes:
        chosen = st.selectbox(words("actions.noted_as"), list(labels), key=f"as_{action.id}", format_func=labels.__getitem__)
    if chosen == NEW:
        st.date_input(words("actions.since"), value=today, max_value=today, key=f"since_{action.id}", format="YYYY-MM-DD")
        kinds = {kind: words(f"trends.kind.{kind}") for kind in CHANGE_KINDS}
        st.selectbox(
            words("actions.kind"), CHANGE_KINDS, index=CHANGE_KINDS.index(_usual_kind(action)), key=f"kind_{action.id}",
            format_func=kinds.__getitem__,
        )
    st.button(words("actions.finish"), key=f"finish_{action.id}", type="primary", on_click=_finish, args=(action.id, action.words, today))


def _usual_kind(action: Action) -> ChangeKind:
    practice = (action.making.question or "").split(".")[0]
    return "courier" if practice.startswith("courier") else "staff" if practice == "customer_service" else "other"


def _finish(action_id: str, seen: int, today: date) -> None:
    state = st.session_state
    since, kind, noted = state.get(f"since_{action_id}"), state.get(f"kind_{action_id}", "other"), state.get(f"as_{action_id}", NEW)
    day = since if isinstance(since, date) else today
    press(action_id, lambda there, shop: finish(there.ws, shop, action_id, day, speaker(seen), kind, noted), "actions.finished")


def owner_form(here: Here, action: Action) -> None:
    """Another owner, another day."""
    words = here.words
    owner_field(here, words("actions.owner"), f"owner_{action.id}", action.owner)
    st.date_input(words("actions.due"), value=action.due, key=f"due_{action.id}", format="YYYY-MM-DD")
    st.button(words("actions.save"), key=f"save_{action.id}", type="primary", on_click=_hand_on, args=(action.id, action.words))


def _hand_on(action_id: str, seen: int) -> None:
    owner, due = str(st.session_state.get(f"owner_{action_id}") or ""), st.session_state.get(f"due_{action_id}")
    until = due if isinstance(due, date) else None
    press(action_id, lambda there, shop: hand_on(there.ws, shop, action_id, owner, until, speaker(seen)))
