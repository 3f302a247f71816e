"""Pick an answer to a question inside a round: levels as a list, criteria as ticks. What is picked goes to the caller at once."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from pdd_audit.core.questions import Answer, Checklists, Practice, Question
from pdd_audit.texts import Words
from pdd_audit.ui.parts import level_text
from pdd_audit.ui.phrases import answer_label
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.presses import whole

NONE_OF_THEM = "unmet"
ALONE = (NONE_OF_THEM, "unknown", "na")
Picked = Callable[[Answer], None]


@dataclass(frozen=True)
class Asked:
    """A question with what surrounds it, as it was when the round was opened."""

    checklists: Checklists
    practice: Practice
    question: Question

    @property
    def codes(self) -> list[str]:
        """What can be said besides levels and criteria. A must-have always applies."""
        return ["unknown"] if self.question.blocker else ["unknown", "na"]


def label_of(asked: Asked, answer: Answer, words: Words) -> str:
    """What an answer is called on screen."""
    return md_escape(answer_label(asked.checklists, asked.question, answer, words))


def pick(asked: Asked, given: Answer | None, key: str, picked: Picked | None, words: Words) -> None:
    """``given``: what stands so far. ``picked`` is called in the callback, before anything is drawn; "does not apply" needs a reason.
    Without it the answer is shown, to be changed by others."""
    if asked.question.scale == "criteria_share":
        _ticks(asked, given, key, picked, words)
    else:
        _levels(asked, given, key, picked, words)


def _levels(asked: Asked, given: Answer | None, key: str, picked: Picked | None, words: Words) -> None:
    question = asked.question
    assert question.scale is not None and question.ask is not None, "only questions are asked"
    steps = list(reversed(asked.checklists.scales[question.scale].levels))
    told = {str(step.code): (step.label.in_language(words.lang), step.means.in_language(words.lang)) for step in steps}
    for code in asked.codes:
        told[code] = words(f"checklist.{code}.label"), words(f"checklist.{code}.means")
    labels = {code: level_text(label, means) for code, (label, means) in told.items()}
    codes = list(labels)
    stands = given.answer if given is not None and isinstance(given.answer, str) and given.answer in codes else None
    st.radio(
        question.ask.in_language(words.lang), codes, index=codes.index(stands) if stands else None, key=key,
        format_func=labels.__getitem__, label_visibility="collapsed",
        on_change=_level_picked, args=(key, picked), disabled=picked is None,
    )
    if st.session_state.get(key) == "na":
        _reason(asked, given, key, picked, words)


@whole
def _level_picked(key: str, picked: Picked | None) -> None:
    code = st.session_state[key]
    if picked is not None and code not in (None, "na"):
        picked(Answer(answer=code))


def _ticks(asked: Asked, given: Answer | None, key: str, picked: Picked | None, words: Words) -> None:
    criteria = {one.id: one.zh if words.lang == "zh" else one.en for one in asked.question.criteria if one.id}
    labels = criteria | {NONE_OF_THEM: words("checklist.none_of_them")} | {code: words(f"checklist.{code}.label") for code in asked.codes}
    stands = () if given is None else (given.answer,) if isinstance(given.answer, str) else given.answer
    if stands == ("met",):
        stands = tuple(criteria)
    for id, label in labels.items():
        own = f"{key}:{id}"
        st.checkbox(
            label, value=id in stands, key=own, on_change=_tick_picked, args=(key, id, tuple(criteria), picked), disabled=picked is None
        )
    if st.session_state.get(f"{key}:na"):
        _reason(asked, given, key, picked, words)


@whole
def _tick_picked(key: str, pressed: str, criteria: tuple[str, ...], picked: Picked | None) -> None:
    if picked is None:
        return
    if st.session_state[f"{key}:{pressed}"]:
        for other in ALONE if pressed in criteria else (*criteria, *ALONE):
            if other != pressed and f"{key}:{other}" in st.session_state:
                st.session_state[f"{key}:{other}"] = False
    ticked = tuple(id for id in (*criteria, *ALONE) if st.session_state.get(f"{key}:{id}"))
    if ticked and ticked[0] in criteria:
        picked(Answer(answer=ticked))
    elif ticked and ticked[0] != "na":
        picked(Answer(answer=ticked[0]))  # type: ignore[arg-type]  # pydantic checks the code


def _reason(asked: Asked, given: Answer | None, key: str, picked: Picked | None, words: Words) -> None:
    reasons = {code: text.in_language(words.lang) for code, text in asked.practice.practice.na_reasons.items()}
    own = f"{key}:reason"
    stands = given.reason if given is not None and given.reason in reasons else None
    st.selectbox(
        words("checklist.na.reason"), list(reasons), index=list(reasons).index(stands) if stands else None, key=own,
        format_func=reasons.__getitem__, on_change=_reason_picked, args=(own, picked), disabled=picked is None,
    )


@whole
def _reason_picked(key: str, picked: Picked | None) -> None:
    if picked is not None and st.session_state[key] is not None:
        picked(Answer(answer="na", reason=st.session_state[key]))
