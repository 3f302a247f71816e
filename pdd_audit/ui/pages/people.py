"""People: who is in the shop, and as what; invitations. Without a login one sentence: what there would be with one."""

import os

import streamlit as st

from pdd_audit.core.people import Invitation, Member, Right, Role
from pdd_audit.services.people import MOST_DAYS, change_role, invitations, invite, leave, members, remove_member, withdraw
from pdd_audit.texts.numbers import DASH, day, moment
from pdd_audit.ui import session
from pdd_audit.ui.joining import join_card
from pdd_audit.ui.parts import card, heading, nothing_yet
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.refusals import told
from pdd_audit.ui.rights import allowed_or_told
from pdd_audit.ui.session import INVITED, Here

FRESH = "fresh_invitation"
USUAL_DAYS = 7

here = session.current()
words = here.words
ROLES = {role: words(f"people.role.{role}.name") for role in Role}


def link_with(code: str) -> str:
    """What to send somebody."""
    return f"{os.environ.get('PDD_AUDIT_PUBLIC_URL', '').rstrip('/')}/?invite={code}"


def member_table(found: list[Member]) -> None:
    me = here.ws.person
    rows = [
        {
            words("people.name"): words("people.you", name=md_escape(one.person.name)) if one.person == me else md_escape(one.person.name),
            words("people.role_label"): ROLES[one.role], words("people.since"): day(one.since.date(), here.lang),
            words("people.invited_by"): md_escape(one.invited_by) or DASH,
        }
        for one in found
    ]
    st.table(rows, border="horizontal", hide_index=True, alt=words("people.members", n=len(rows)))
    st.caption("  \n".join(f"**{ROLES[role]}**{words('app.colon')}{words(f'people.role.{role}.means')}" for role in Role))


def change_form(found: list[Member]) -> None:
    names = {one.person.id: one.person.name for one in found}
    with st.popover(words("people.change"), icon=":material/manage_accounts:"):
        st.selectbox(words("people.whom"), list(names), key="member_chosen", format_func=names.__getitem__)
        st.selectbox(words("people.role_label"), list(Role), key="member_role", format_func=ROLES.__getitem__)
        st.button(words("people.change_role"), key="change_role", on_click=_change_role)
        st.divider()
        st.caption(words("people.remove_sure"))
        st.button(words("people.remove_yes"), key="remove_member", icon=":material/person_remove:", on_click=_remove)


def leave_form() -> None:
    with st.popover(words("people.leave"), type="tertiary", icon=":material/logout:"):
        st.caption(words("people.leave_sure"))
        st.button(words("people.leave_yes"), key="leave_shop", on_click=_leave)


def invite_form(waiting: list[Invitation]) -> None:
    with card():
        heading(words("people.invite"), words("people.invite_caption"))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox(words("people.role_label"), list(Role), index=1, key="invite_role", format_func=ROLES.__getitem__, width=160)
            st.text_input(words("people.email"), key="invite_email", max_chars=254, width=260)
            st.number_input(words("people.days"), min_value=1, max_value=MOST_DAYS, value=USUAL_DAYS, key="invite_days", width=160)
            st.button(
                words("people.make_invitation"), key="make_invitation", type="primary", icon=":material/person_add:", on_click=_invite
            )
        fresh = st.session_state.pop(FRESH, None)
        if fresh:
            st.markdown(words("people.code_once"))
            st.code(link_with(fresh), language=None, wrap_lines=True)
        if waiting:
            st.caption(words("people.waiting", n=len(waiting)))
        for one in waiting:
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                told_by, until = one.by or DASH, moment(one.ends_at, here.lang)
                line = (
                    words("people.waiting_for", email=one.email, role=ROLES[one.role], by=told_by, moment=until) if one.email
                    else words("people.waiting_line", role=ROLES[one.role], by=told_by, moment=until)
                )
                st.caption(md_escape(line))
                st.button(words("people.withdraw"), key=f"withdraw_{one.id[:16]}", type="tertiary", on_click=_withdraw, args=(one.id,))


def _there() -> tuple[Here, str]:
    there = session.current()
    assert there.shop is not None, "drawn only for a shop"
    return there, there.shop.id


@told
def _change_role() -> None:
    there, shop = _there()
    change_role(there.ws, shop, st.session_state["member_chosen"], Role(st.session_state["member_role"]))


@told
def _remove() -> None:
    there, shop = _there()
    remove_member(there.ws, shop, st.session_state["member_chosen"])


@told
def _leave() -> None:
    there, shop = _there()
    leave(there.ws, shop)
    session.leave_shop()


@told
def _invite() -> None:
    there, shop = _there()
    email, days = str(st.session_state.get("invite_email") or ""), int(st.session_state["invite_days"])
    st.session_state[FRESH] = invite(there.ws, shop, Role(st.session_state["invite_role"]), email, days).code
    st.session_state["invite_email"] = ""


@told
def _withdraw(invitation: str) -> None:
    there, shop = _there()
    withdraw(there.ws, shop, invitation)


def draw(shop_id: str) -> None:
    found = members(here.ws, shop_id)
    heading(words("people.members", n=len(found)), words("people.caption"), level=1)
    member_table(found)
    manages = allowed_or_told(here, Right.MANAGE)
    with st.container(horizontal=True):
        if manages:
            change_form(found)
        leave_form()
    if manages:
        invite_form(invitations(here.ws, shop_id))


if here.ws.person is None:
    heading(words("app.pages.people"), words("people.local"), level=1)
elif here.shop is None:
    nothing_yet(here, words("people.no_shop_title"), page="home")
else:
    draw(here.shop.id)
if here.ws.person is not None and not st.session_state.get(INVITED):
    join_card(here)
