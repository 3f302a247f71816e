"""How old the data are, where nobody can miss it."""

from datetime import datetime, timedelta

import streamlit as st

from pdd_audit.texts import Words
from pdd_audit.texts.numbers import moment
from pdd_audit.ui.session import Here


def is_fresh(as_of: datetime, now: datetime, stale_after: timedelta) -> bool:
    """Whether the data are fresh enough for "now" and for minutes left."""
    return abs(now - as_of) <= stale_after


def age_text(words: Words, age: timedelta) -> str:
    if age < timedelta(hours=2):
        return words("tonight.age.minutes", n=int(age / timedelta(minutes=1)))
    if age < timedelta(days=2):
        return words("tonight.age.hours", n=int(age / timedelta(hours=1)))
    return words("tonight.age.days", n=age.days)


def age_line(here: Here, as_of: datetime, now: datetime, stale_after: timedelta) -> None:
    words = here.words
    at, age = moment(as_of, here.lang), now - as_of
    if age < timedelta(0):
        st.warning(words("tonight.age.ahead", moment=at), icon=":material/update:")
    elif age > stale_after:
        st.warning(words("tonight.age.stale", age=age_text(words, age), moment=at), icon=":material/update:")
    else:
        st.markdown(f"**:material/schedule: {words('tonight.age.fresh', age=age_text(words, age), moment=at)}**")
