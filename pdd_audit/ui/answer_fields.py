"""The fields of the question in view: what they were filled with, what somebody else has said since, and whose word stands against whose.

What is picked follows the store with every run of the page. Words are never changed under whoever may be writing them: a note or a proof
that somebody else has changed is told beside the fields, and fills them when it is asked for. A field is its key, so that another number in
the key makes a new one, filled from the store.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pdd_audit.core.answer_parts import AnswerPart, differing, merged, part_of
from pdd_audit.core.errors import AuditError
from pdd_audit.core.questions import Answer, Question
from pdd_audit.services.answers import Overtaken, answer_of, who_said
from pdd_audit.ui.parts import link
from pdd_audit.ui.phrases import answer_label
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.presses import held
from pdd_audit.ui.session import Here

WORDS = ("note", "proof")
SECONDS_BETWEEN_LOOKS = 4


@dataclass
class Fields:
    """``place``: shop and question; ``picks``, ``words``: numbers in the keys of their fields; ``shows``: the answer that the fields were
    filled with and that has been saved through them since, None for none; ``stored``: the answer as it was last looked at; ``told``:
    what has to be said of the difference; ``just_drawn``: the page has looked, and its timer has not yet."""

    place: str
    picks: int
    words: int
    shows: Answer | None
    stored: Answer | None
    told: str = ""
    just_drawn: bool = True

    def key(self, field: str) -> str:
        return f"{field}:{self.place}:{self.words if field in WORDS else self.picks}"

    def typed(self) -> dict[str, Any]:
        """Words that have come from their field and are not saved: at their time that failed, or there was no answer to go with."""
        shown = dict.fromkeys(WORDS, "") if self.shows is None else _words_of(self.shows)
        typed = {field: held(self.key(field), shown[field]) for field in WORDS}
        return {field: text for field, text in typed.items() if text != shown[field]}


def fields_of(here: Here, question: Question, saved: Answer | None) -> Fields:
    """The fields as they stand on the screen, or new ones for a question that was not in view, brought up to what is stored."""
    assert here.shop is not None, "questions are drawn only for a shop"
    place, state = f"{here.shop.id}:{question.id}", st.session_state
    old: Fields | None = state.get("fields")
    if old is None or old.place != place or old.key("note") not in state or (old.shows is None and saved is not None):
        now = Fields(place, _number(), _number(), saved, saved)
        if (old is not None and old.place == place) or now.key("note") in state:  # what they held before is not to show through
            now.picks = now.words = _number(new=True)
    else:
        now = old
        shows = saved if saved is None or old.shows is None else saved.model_copy(update=_words_of(old.shows))
        if "answer" in differing(saved, old.shows):
            now = Fields(place, _number(new=True), old.words, shows, saved)  # a press on its way has the old ones
            _tell(here, question, saved)
        now.shows, now.stored, now.just_drawn = shows, saved, True
    state["fields"] = now
    return now


def _number(*, new: bool = False) -> int:
    """Few and the same in every session: after a broken connection the browser finds its fields again, with what was typed into them."""
    number = int(st.session_state.get("fields_number", 0)) + new
    st.session_state["fields_number"] = number
    return number


def forget_fields() -> None:
    """The next run fills new ones from the store."""
    st.session_state.pop("fields", None)
    _number(new=True)


def _words_of(answer: Answer) -> dict[str, Any]:
    return {field: getattr(answer, field) for field in WORDS}


def _tell(here: Here, question: Question, saved: Answer | None) -> None:
    """What was picked has changed on the screen, and not by whoever sits at it."""
    st.toast(_sentence(here, question, saved, ("answer",)), icon=":material/group:")


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def news(here: Here, question: Question, fields: Fields) -> None:
    """What somebody else has said of the question since its fields were filled. It looks again and again by itself, at this one answer, and
    leaves the rest of the page alone."""
    with suppress(AuditError):  # a busy store, or no right any more: what the page does next says so
        _look(here, question, fields)
    if fields.told:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/notifications: {fields.told}", width="content")
            if link(here.words("checklist.show_news"), "refresh", "show_news"):
                forget_fields()
                st.rerun()


def _look(here: Here, question: Question, fields: Fields) -> None:
    assert here.shop is not None, "questions are drawn only for a shop"
    if fields.just_drawn:  # with the page, which has looked
        fields.just_drawn = False
    else:
        stored = answer_of(here.ws, here.shop.id, question.id)
        if stored == fields.stored:
            return
        fields.stored = stored
    parts = differing(fields.stored, fields.shows)
    fields.told = _sentence(here, question, fields.stored, parts) if parts else ""


def _sentence(here: Here, question: Question, answer: Answer | None, parts: tuple[AnswerPart, ...]) -> str:
    assert here.shop is not None, "questions are drawn only for a shop"
    who = who_said(here.ws, here.shop.id, question.id, answer, parts)
    return here.words("checklist.news", who=_names(here, who), what=_what(here, question, answer, parts))


# --- one word in the place of another ---


def overtaken(fields: Fields) -> list[Overtaken]:
    """Whose words were replaced by what was said here, as long as it was not said whose shall count."""
    everything: dict[str, list[Overtaken]] = st.session_state.setdefault("overtaken", {})
    return everything.get(fields.place, [])


def saved_through(fields: Fields, said: Mapping[str, Any], other: Overtaken | None) -> None:
    """``said`` is stored and the fields show it, whatever becomes of the rest of the press. Whoever says something anew of the same part
    has made up their mind about it."""
    fields.shows = merged(None, fields.shows, said)
    if overtaken(fields) or other is not None:
        left = [one for one in overtaken(fields) if not any(part in said for part in one.parts)]
        st.session_state["overtaken"][fields.place] = left if other is None else [*left, other]


def drop_overtaken(fields: Fields, *others: Overtaken) -> None:
    """It was said whose word counts."""
    if others:
        st.session_state["overtaken"][fields.place] = [one for one in overtaken(fields) if one not in others]


def overtaken_words(here: Here, question: Question, other: Overtaken) -> str:
    return here.words("checklist.overtaken", who=_names(here, other.by), what=_what(here, question, other.answer, other.parts))


def theirs(other: Overtaken) -> dict[str, Any]:
    """The fields that the other word was about, as it had them."""
    assert other.answer is not None, "an answer that was taken back has none"
    return {name: value for part in other.parts for name, value in part_of(other.answer, part).items()}


def _names(here: Here, who: tuple[str, ...]) -> str:
    return here.words("app.comma").join(map(md_escape, who)) if who else here.words("checklist.somebody")


def _what(here: Here, question: Question, answer: Answer | None, parts: tuple[AnswerPart, ...]) -> str:
    """The parts in words, as they stand in the answer."""
    words = here.words
    if answer is None:
        return words("checklist.other.taken_back")
    texts = {
        "answer": answer_label(here.checklists, question, answer, words), "note": answer.note, "proof": answer.proof,
        "attached": words("app.comma").join(one.name for one in answer.attached),
    }
    return words("app.semicolon").join(
        words(f"checklist.other.{part}", text=md_escape(texts[part])) if texts[part] else words(f"checklist.other.no_{part}")
        for part in parts
    )
