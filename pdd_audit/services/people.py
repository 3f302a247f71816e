"""People and their places in shops: who has logged in, who is what where, who is asked in. All of it stands in the log of the shop."""

import hashlib
import secrets
from dataclasses import replace
from datetime import timedelta

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import LONGEST_EMAIL, LONGEST_IDENTITY, Invitation, Member, Person, Right, Role, allows
from pdd_audit.core.rounds import Round, RoundWord, rounds_of
from pdd_audit.data.storage import people
from pdd_audit.data.storage.people import Listed
from pdd_audit.data.storage.state import Shop
from pdd_audit.services.access import author, machine_only, needs
from pdd_audit.services.shops import get_shop
from pdd_audit.services.workspace import Workspace, now

__all__ = [
    "Invitation", "Listed", "Member", "Person", "Right", "Role", "accept", "change_role", "disable", "everybody", "host_of", "invitations",
    "invite", "leave", "make_owner", "members", "person_of", "remove_member", "speakers", "withdraw",
]
MOST_DAYS = 30
CODE_BYTES = 24
LONGEST_CODE = 200  # what is longer was never one of ours


def person_of(workspace: Workspace, issuer: str, subject: str, name: str, email: str | None) -> Person:
    """Who has just logged in: made at the first login, and the very first person is the host. Nobody is known by name or address: only
    by who vouched for them and as whom. ``email``: only one the issuer has verified.

    Name and address follow the login, but a name somebody else ever had gets a number, and one under which a review is still open waits
    until it is signed. Raises AuditError ``person_identity``, and ``person_disabled``.
    """
    if not 0 < len(issuer) <= LONGEST_IDENTITY or not 0 < len(subject) <= LONGEST_IDENTITY or "\x00" in issuer + subject:
        raise AuditError("person_identity", found=str(len(subject)), longest=LONGEST_IDENTITY)
    known = people.identified(workspace.state, issuer, subject)
    rename = known is None or (known.name != name and not _speaks_in_open_round(workspace, known))
    return people.arrive(workspace.state, people.Login(issuer, subject, name, _address(email), rename), now())


def _speaks_in_open_round(workspace: Workspace, person: Person) -> bool:
    """A review knows people by name: another name would be another person there."""
    said = (workspace.state.said(RoundWord, shop_id) for shop_id in people.places_of(workspace.state, person.id))
    return any(one.phase not in ("signed", "dropped") and person.name in _named(one) for words in said for one in rounds_of(words))


def _named(one: Round) -> set[str]:
    return {*one.opening.members, one.opened_by, *(word.by for word in one.signatures)}


def _address(email: str | None) -> str | None:
    clean = (email or "").strip()
    return clean if "@" in clean and len(clean) <= LONGEST_EMAIL and clean.isprintable() else None


@machine_only
def everybody(workspace: Workspace) -> list[Listed]:
    """Everybody who ever logged in, by name."""
    return people.everybody(workspace.state)


@machine_only
def disable(workspace: Workspace, person_id: str, disabled: bool = True) -> None:
    """Lock somebody out of the whole server, at once; what they said stays. False lets them in again.

    Raises AuditError ``no_such_person``.
    """
    people.disable(workspace.state, person_id, now() if disabled else None)


@machine_only
def make_owner(workspace: Workspace, shop_id: str, person_id: str) -> None:
    """For a shop whose owner is gone. Raises AuditError ``no_such_person``."""
    people.make_owner(workspace.state, shop_id, person_id, now())


def host_of(workspace: Workspace) -> list[str]:
    """The name of the host: whom to ask."""
    return [one.person.name for one in people.everybody(workspace.state) if one.person.host and one.disabled_at is None]


# members


@needs(Right.LOOK)
def members(workspace: Workspace, shop_id: str) -> list[Member]:
    """Everybody who may see the shop, in the order they came."""
    return people.members_of(workspace.state, shop_id)


@needs(Right.LOOK)
def speakers(workspace: Workspace, shop_id: str) -> list[str]:
    """Whom a review or an action can be given to: the names of those who may do more than look."""
    return [member.person.name for member in people.members_of(workspace.state, shop_id) if allows(member.role, Right.ANSWER)]


@needs(Right.MANAGE)
def change_role(workspace: Workspace, shop_id: str, person_id: str, role: Role) -> None:
    """Raises AuditError ``last_owner``, and ``no_such_person`` for somebody who is no member."""
    people.set_role(workspace.state, shop_id, person_id, role)


@needs(Right.MANAGE)
def remove_member(workspace: Workspace, shop_id: str, person_id: str) -> None:
    """They see the shop no more; what they said in it stays, under their name. Raises AuditError as ``change_role`` does."""
    people.set_role(workspace.state, shop_id, person_id, None)


@needs(Right.LOOK)
def leave(workspace: Workspace, shop_id: str) -> None:
    """Be no member any more oneself. Raises AuditError ``last_owner``."""
    assert workspace.person is not None, "at the machine itself nobody is a member"
    people.set_role(workspace.state, shop_id, workspace.person.id, None)


# invitations


@needs(Right.MANAGE)
def invite(workspace: Workspace, shop_id: str, role: Role, email: str | None = None, days: int = 7) -> Invitation:
    """A place for whoever brings its code, once, within ``days``. The code is in what is given back and nowhere else.

    ``email``: only somebody whose login vouches for this address may take it. Raises AuditError ``invitation_form``, ``invitations_many``.
    """
    address = _address(email)
    if not 1 <= days <= MOST_DAYS or (email and email.strip() and address is None):
        raise AuditError("invitation_form", found=str(days), most=MOST_DAYS)
    code, at = secrets.token_urlsafe(CODE_BYTES), now()
    made = Invitation(_digest(code), role, address, author(workspace, ""), at, at + timedelta(days=days))
    people.offer(workspace.state, shop_id, made, workspace.person.id if workspace.person else None)
    return replace(made, code=code)


@needs(Right.MANAGE)
def invitations(workspace: Workspace, shop_id: str) -> list[Invitation]:
    """Those that wait, oldest first, without their codes."""
    return people.offered(workspace.state, shop_id, now())


@needs(Right.MANAGE)
def withdraw(workspace: Workspace, shop_id: str, invitation_id: str) -> None:
    """The code opens nothing any more."""
    people.withdraw(workspace.state, shop_id, invitation_id)


def accept(workspace: Workspace, code: str) -> Shop:
    """Take the place a code stands for; the shop. Raises AuditError ``invitation_gone``, ``already_member``, ``not_logged_in``."""
    if workspace.person is None:
        raise AuditError("not_logged_in")
    clean = code.strip()
    if not 0 < len(clean) <= LONGEST_CODE:
        raise AuditError("invitation_gone")
    shop = get_shop(workspace, people.take(workspace.state, _digest(clean), workspace.person, now()))
    assert shop is not None, "whoever has a place in a shop sees it"
    return shop


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()
