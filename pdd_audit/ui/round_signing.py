"""Signing a round, and what a signed round rests on; what changed since stands beside it."""

from functools import partial
from typing import get_args

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.core.rounds import Role, Round
from pdd_audit.services.rounds import signed_result, signed_review, since_signed
from pdd_audit.texts.numbers import full_moment
from pdd_audit.ui import cache, round_acts, session
from pdd_audit.ui.author import author_field
from pdd_audit.ui.downloads import offer
from pdd_audit.ui.parts import card, heading, two_sided
from pdd_audit.ui.phrases import enough_to_score, score_text
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import allowed_or_told, only
from pdd_audit.ui.round_meeting import decisions
from pdd_audit.ui.session import Here

FORMS = {"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "html": "text/html"}
SHORT = 12  # digits of a fingerprint that are enough to tell two apart by eye


def signing(here: Here, one: Round, questions: int) -> None:
    """Decisions, signatures, and the place for the next one."""
    words = here.words
    if one.decisions():
        heading(words("rounds.decisions", n=len(one.decisions())))
        decisions(here, one.decisions())
    with card(tight=True):
        heading(words(f"rounds.sign_title.{one.phase}"), words("rounds.sign_caption"))
        if one.signatures:
            signed(here, one)
        if one.phase == "half_signed":
            _take_back(here, one)
        if one.phase != "signed":
            left = questions - len(one.agreed())
            if left and not one.signatures:
                st.caption(words("rounds.sign_open", n=left))
            if allowed_or_told(here, Right.SIGN):
                _sign_form(here, one)


def _sign_form(here: Here, one: Round) -> None:
    words = here.words
    taken = {word.signature.role for word in one.signatures if word.signature is not None}
    roles: list[Role] = [role for role in get_args(Role) if role not in taken]
    name = round_acts.widget("signer", one)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        author_field(here, words("rounds.sign_name"), name, "" if taken else session.who(here), width=220)
        for role in roles:
            st.button(
                words(f"rounds.sign_as.{role}"), key=f"sign_{role}", icon=":material/draw:", on_click=round_acts.sign,
                args=(one, role, name), **only(here, Right.MANAGE if role == "owner" else Right.SIGN),
            )


def _take_back(here: Here, one: Round) -> None:
    """One's own name, or as an owner anybody's, as long as it stands alone."""
    words, by = here.words, one.signatures[0].by
    right = Right.SIGN if here.ws.person is None or here.ws.person.name == by else Right.MANAGE
    with st.popover(words("rounds.withdraw"), type="tertiary", icon=":material/undo:", **only(here, right)):
        st.markdown(words("rounds.withdraw_sure", name=md_escape(by)))
        st.button(words("rounds.withdraw_yes"), key="withdraw", on_click=round_acts.withdraw_signature, args=(one,), **only(here, right))


def signed(here: Here, one: Round) -> None:
    """Names, the fingerprint of everything it rests on, and beside it what is other today."""
    words = here.words
    assert here.shop is not None, "rounds are those of a shop"
    for word in one.signatures:
        assert word.signature is not None, "whoever signs, signs something"
        two_sided(f"**{md_escape(word.by)}**", words(f"rounds.role.{word.signature.role}"), full_moment(word.at))
    result = signed_result(here.ws, here.shop.id, one)
    if result is not None:
        score = score_text(result.score) if enough_to_score(result.score) else words("rounds.no_score")
        two_sided(words("rounds.signed_score"), f"**{score}**", words("rounds.fingerprint", digits=(result.fingerprint or "")[:SHORT]))
    audit = cache.whole_audit(here)
    assert audit is not None, "there is a shop"
    other = since_signed(here.ws, here.shop.id, one, audit)
    if other:
        changed = words("app.comma").join(words(f"rounds.since.{each}") for each in other)
        st.markdown(words("rounds.since_signed", what=changed))
    _offer_report(here, one)


def _offer_report(here: Here, one: Round) -> None:
    """The report as both have signed it, each form made when it is taken."""
    shop = here.shop
    assert shop is not None, "rounds are those of a shop"
    if signed_review(here.ws, shop.id, one) is None:
        return

    name = f"{here.words('rounds.report_file')}_{one.signatures[-1].at:%Y-%m-%d}_{shop.name}"
    with st.container(horizontal=True):
        for form, mime in FORMS.items():
            offer(here.words(f"rounds.report.{form}"), partial(_taken, here, one, form), name, form, mime, key=f"signed_{form}_{one.id}")


def _taken(here: Here, one: Round, form: str) -> bytes:
    return cache.report_file(here, f"signed {form}", here.lang, one.id, lambda: _written(here, one, form))


def _written(here: Here, one: Round, form: str) -> bytes:
    from pdd_audit.reports.html import render_report
    from pdd_audit.reports.pdf import render_signed
    from pdd_audit.reports.review import Review
    from pdd_audit.reports.xlsx import render_xlsx

    assert here.shop is not None, "rounds are those of a shop"
    signed = signed_review(here.ws, here.shop.id, one)
    if signed is None:
        raise AuditError("round_gone")
    review = Review(signed.round, signed.asked, here.lang)
    if form == "pdf":
        return render_signed(signed.result, signed.checklists, review)
    if form == "xlsx":
        return render_xlsx(signed.result, signed.checklists, here.lang, generated_at=review.made_at, review=review)
    return render_report(signed.result, signed.checklists, here.lang, generated_at=review.made_at, review=review).encode("utf-8")
