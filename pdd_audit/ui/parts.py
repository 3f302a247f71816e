"""Small pieces that look the same on every page: heading with caption, left-right row, link, badges, the empty state."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from pdd_audit.core.result import AnswerVerdict, MetricVerdict
from pdd_audit.texts import Words
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import Look
from pdd_audit.ui.session import Here, go

VERDICT_LOOK: dict[str, tuple[str, str]] = {
    "confirmed": (":material/check:", "green"),
    "contradicted": (":material/close:", "red"),
    "pass": (":material/check:", "green"),
    "fail": (":material/close:", "red"),
    "cannot_tell": (":material/hourglass_empty:", "gray"),
    "too_early": (":material/hourglass_empty:", "gray"),
    "no_data": (":material/remove:", "gray"),
    "no_claim": (":material/remove:", "gray"),
    "not_trusted": (":material/remove:", "gray"),
}


def heading(title: str, caption: str = "", level: int = 3) -> None:
    """A conclusion and, right below it, how to read what follows."""
    with st.container(gap="xxsmall"):
        st.markdown(f"{'#' * level} {title}", anchors=False)
        if caption:
            st.caption(caption)


def two_sided(left: str, right: str, left_small: str = "", right_small: str = "") -> None:
    """Title left and number right; explanation left and range right. Stays on one line on a phone."""
    with st.container(gap="xxsmall"):
        with st.container(horizontal=True, wrap=False, vertical_alignment="top", gap="medium"):
            st.markdown(left, width="stretch")
            st.markdown(right, width="content", text_alignment="right", wrap=False)
        if left_small or right_small:
            with st.container(horizontal=True, wrap=False, vertical_alignment="top", gap="medium"):
                st.caption(left_small, width="stretch")
                if right_small:
                    st.caption(right_small, width="content", text_alignment="right", wrap=False)


def link(label: str, icon: str, key: str, look: Look | None = None) -> bool:
    """A quiet teal action; True in the run in which it was pressed. ``look``: of one that needs a right."""
    drawn: Look = look or {"disabled": False, "help": None}
    return st.button(quiet(label, icon, drawn), key=key, type="tertiary", **drawn)


def quiet(label: str, icon: str, look: Look) -> str:
    """What stands on a quiet action: teal, unless it is shut."""
    shown = f":material/{icon}: {label}"
    return shown if look["disabled"] else f":primary[{shown}]"


def metric_badge(words: Words, verdict: MetricVerdict) -> None:
    icon, color = VERDICT_LOOK[verdict]
    st.badge(words(f"verdicts.metric.{verdict}.name"), icon=icon, color=color)  # type: ignore[arg-type]  # the table holds its colour names


def record_badge(words: Words, record: str) -> None:
    """Met, not met or not over yet."""
    icon, color = VERDICT_LOOK[{"met": "pass", "not_met": "fail"}.get(record, "too_early")]
    st.badge(words(f"pickup.record.name.{record}"), icon=icon, color=color)  # type: ignore[arg-type]  # the table holds its colour names


def answer_badge(words: Words, verdict: AnswerVerdict) -> None:
    icon, color = VERDICT_LOOK[verdict]
    st.badge(words(f"verdicts.answer.{verdict}.name"), icon=icon, color=color)  # type: ignore[arg-type]  # the table holds its colour names


def level_text(label: str, means: str) -> str:
    """A level with what it means, as one label: the caption of a radio is no part of what can be tapped."""
    return f"**{md_escape(label)}**  \n:small[:gray[{md_escape(means)}]]"


@contextmanager
def card(*, stretch: bool = False, tight: bool = False, key: str | None = None) -> Iterator[None]:
    """A border means: one thing you can act on."""
    with st.container(border=True, height="stretch" if stretch else "content", gap="small" if tight else "medium", key=key):
        yield


def nothing_yet(here: Here, sentence: str, *, page: str = "data") -> None:
    """A page without its data: one sentence and the way to cure it. Without a shop there is no checklist to go to: Home makes one."""
    page = "home" if page == "checklist" and here.shop is None else page
    st.markdown(f"# {sentence}", anchors=False)
    if st.button(here.words(f"app.go.{page}"), type="primary", key=f"go_{page}", icon=":material/arrow_forward:"):
        go(page)
