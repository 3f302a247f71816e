"""The talk after the reveal: what members disagree on, dearest first."""

import streamlit as st

from pdd_audit.core.people import Right
from pdd_audit.core.rounds import Round, Spread, value_of
from pdd_audit.services.rounds import spreads_of
from pdd_audit.texts.numbers import DASH, yuan
from pdd_audit.ui import meeting_clock, round_acts
from pdd_audit.ui.charts.spread import Stand, spread_chart
from pdd_audit.ui.parts import heading, two_sided
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import only
from pdd_audit.ui.round_meeting import meeting
from pdd_audit.ui.round_picker import Asked, label_of
from pdd_audit.ui.session import Here

SHOWN = 12


def talk(here: Here, one: Round, asked: dict[str, Asked]) -> None:
    """The list, or one question in big type."""
    assert here.shop is not None, "rounds are those of a shop"
    found = [spread for spread in spreads_of(here.ws, here.shop.id, one) if spread.question in asked]
    if meeting_clock.in_meeting():
        meeting(here, one, asked, found)
    else:
        overview(here, one, asked, found)


def overview(here: Here, one: Round, asked: dict[str, Asked], found: list[Spread]) -> None:
    """Who stands where, question by question, in the order of the talk."""
    words, settled = here.words, one.agreed()
    apart = [spread for spread in found if spread.disagreement > 0]
    title = words("rounds.apart", n=len(apart), total=len(found)) if apart else words("rounds.all_the_same", total=len(found))
    heading(title, words("rounds.apart_caption"))
    if apart:
        rows = [_stand(here, asked[spread.question], spread, place) for place, spread in enumerate(apart[:SHOWN], 1)]
        spread_chart(rows, words, f"spread_{one.id}")
    if one.phase == "revealed":
        same = [spread for spread in found if spread.same and spread.question not in settled]
        with st.container(horizontal=True):
            st.button(
                words("rounds.meet"), key="meet", type="primary", icon=":material/slideshow:", on_click=_meet, args=(found[0].question,),
            )
            if same:
                st.button(
                    words("rounds.agree_same", n=len(same)), key="agree_same", icon=":material/done_all:",
                    on_click=round_acts.agree_all, args=(one,), **only(here, Right.DECIDE),
                )
    with st.expander(words("rounds.all_questions", agreed=len(settled), total=len(found))):
        for spread in found:
            _line(here, one, asked[spread.question], spread)


def _stand(here: Here, each: Asked, spread: Spread, place: int) -> Stand:
    scales = {str(name): scale for name, scale in each.checklists.scales.items()}
    values = [value_of(answer, each.question, scales) for answer in spread.answers.values()]
    stake = here.words("rounds.a_month", yuan=yuan(spread.yuan)) if spread.yuan else DASH
    return Stand(place, _name(here, each), tuple(values), stake)


def _name(here: Here, each: Asked) -> str:
    return each.question.title.ok.in_language(here.lang)


def _line(here: Here, one: Round, each: Asked, spread: Spread) -> None:
    words = here.words
    agreed = one.agreed().get(spread.question)
    right = label_of(each, agreed.answer, words) if agreed is not None and agreed.answer is not None else words("rounds.open")
    said = words("app.comma").join(f"{md_escape(who)} {label_of(each, answer, words)}" for who, answer in spread.answers.items())
    stake = words("rounds.a_month", yuan=yuan(spread.yuan)) if spread.yuan else ""
    two_sided(f"**{md_escape(_name(here, each))}**", f"**{right}**", said or words("rounds.nobody"), stake)


def _meet(question: str) -> None:
    meeting_clock.begin()
    round_acts.show(question)
