"""Practices of past audits beside the late share of the same weeks."""

import streamlit as st

from pdd_audit.services.look_at_trends import TrendsLook
from pdd_audit.services.overlay import known_question
from pdd_audit.services.practice_history import LEAST_WEEKS, MIN_WEEKS, Link, claims_too_much, practice_history
from pdd_audit.texts.numbers import decimal_text, number_range
from pdd_audit.ui import cache
from pdd_audit.ui.parts import heading
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.session import Here


def practices(here: Here, look: TrendsLook) -> None:
    assert here.shop is not None, "drawn only for a shop"
    found = practice_history(here.ws, here.shop.id, look)
    with st.container(gap="small"):
        linked = [one for one in found.links if one.outcome == "linked"]
        audit = cache.audit(here)
        if audit is not None and claims_too_much(audit.result):
            st.warning(here.words("trends.practice.well_said"), icon=":material/warning:")
        if not linked:
            missing = (
                here.words("trends.practice.few_weeks", weeks=found.weeks, need=LEAST_WEEKS)
                if found.audits is None
                else here.words("trends.practice.lacks", audits=found.audits, weeks=found.covered, need=MIN_WEEKS)
            )
            heading(here.words("trends.practice.title"), missing)
            return
        heading(here.words("trends.practice.title"), here.words("trends.practice.caption", weeks=found.covered))
        columns = {name: here.words(f"trends.practice.column.{name}") for name in ("item", "difference", "weeks")}
        st.table(
            [
                {
                    columns["item"]: md_escape(item_name(here, one.item)),
                    columns["difference"]: difference(here, one),
                    columns["weeks"]: here.words("trends.practice.weeks", done=one.weeks_with, undone=one.weeks_without),
                }
                for one in linked
            ],
            border="horizontal",
            hide_index=True,
            alt=here.words("trends.practice.title"),
        )
        flat = sum(one.outcome == "does_not_discriminate" for one in found.links)
        if flat:
            st.caption(here.words("trends.practice.flat", n=flat))


def item_name(here: Here, item: str) -> str:
    assert here.shop is not None, "drawn only for a shop"
    question = known_question(here.ws, here.shop.id, item)
    return item if question is None else question.title.ok.in_language(here.lang)


def difference(here: Here, one: Link) -> str:
    assert one.difference is not None and one.low is not None and one.high is not None, "a linked item has one"
    return here.words(
        "trends.practice.points", value=decimal_text(one.difference * 100, 1), range=number_range(one.low * 100, one.high * 100, 1)
    )
