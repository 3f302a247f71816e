"""What a role does not allow is drawn shut and says who may do it, before anybody types into it; the service asks once more in any case.
Without a login nothing is shut, and without a shop neither: whoever makes one owns it."""

from typing import TypedDict

import streamlit as st

from pdd_audit.core.people import Right, Role, allows
from pdd_audit.services.access import may, role_in
from pdd_audit.ui.session import Here


class Look(TypedDict):
    """What a button, a popover or a field is given."""

    disabled: bool
    help: str | None


def allowed(here: Here, right: Right) -> bool:
    """Whether the service would let whoever is looking do it now, in the shop in view."""
    return here.shop is None or may(here.ws, here.shop.id, right)


def only(here: Here, right: Right, *, disabled: bool = False, tip: str = "") -> Look:
    """How to draw what needs the right: as it would be otherwise (``disabled``, ``tip``), or shut, with who may as its tooltip."""
    if allowed(here, right):
        return {"disabled": disabled, "help": tip or None}
    return {"disabled": True, "help": here.words("people.only", roles=_roles(here, right))}


def allowed_or_told(here: Here, right: Right, line: str = "people.only_look") -> bool:
    """For a whole form: whether to draw it; where not, a line in its place says who may. ``line``: its text, of ``role`` and ``roles``."""
    if allowed(here, right):
        return True
    assert here.shop is not None, "without a shop everything is allowed"
    own = role_in(here.ws, here.shop.id)
    role = here.words(f"people.role.{own}.name") if own is not None else ""
    st.caption(f":material/lock: {here.words(line, role=role, roles=_roles(here, right))}")
    return False


def _roles(here: Here, right: Right) -> str:
    """Those who may, the highest first: "owner, reviewer or member"."""
    *more, last = (here.words(f"people.role.{role}.name") for role in reversed(Role) if allows(role, right))
    return here.words("people.or").join(part for part in (here.words("data.listed").join(more), last) if part)
