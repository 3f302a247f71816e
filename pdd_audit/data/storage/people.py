"""People, their places in shops, and invitations, in the database. Who may do what is asked in ``services.access``; here is held what must
hold of one moment: a name is one person's, a code opens once, a shop that has an owner keeps one."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from pdd_audit.core.errors import AuditError
from pdd_audit.core.log_chain import MEMBERS, Said, digest
from pdd_audit.core.people import Invitation, Member, Person, Role, clean_name, free_name, name_key
from pdd_audit.data.storage.log import append
from pdd_audit.data.storage.moment import read_once
from pdd_audit.data.storage.places import Actor, settle, told_by
from pdd_audit.data.storage.state import State
from pdd_audit.data.storage.tables import InvitationRow, MemberRow, PersonNameRow, PersonRow, ShopRow

MOST_INVITATIONS = 50  # of a shop that wait at once

# Asked with every run of a page: made once, it is also recognized without being walked through.
_PLACED = (
    select(PersonRow, MemberRow).outerjoin(MemberRow, MemberRow.person_id == PersonRow.id)
    .where(PersonRow.id == bindparam("person"), PersonRow.disabled_at.is_(None))
)


@dataclass(frozen=True)
class Login:
    """What a login says of somebody. ``rename``: whether they may be called otherwise from now on."""

    issuer: str
    subject: str
    name: str
    email: str | None
    rename: bool = True


@dataclass(frozen=True)
class Listed:
    """A person as whoever keeps the server sees them. ``disabled_at`` None: may come in. ``shops``: shop -> role."""

    person: Person
    seen_at: datetime
    disabled_at: datetime | None
    shops: dict[str, Role]


@dataclass(frozen=True)
class _Placed:
    """Somebody who may come in. ``places``: shop -> what they are there."""

    person: Person
    places: dict[str, Member]


def arrive(state: State, login: Login, now: datetime) -> Person:
    """The person of an identity; made when it comes for the first time, and the very first one is the host.

    Raises AuditError ``person_disabled``.
    """
    with state.writing() as session:
        row = session.scalar(select(PersonRow).where(PersonRow.issuer == login.issuer, PersonRow.subject == login.subject))
        if row is None:
            first = session.scalar(select(PersonRow.id).limit(1)) is None
            row = PersonRow(
                id=uuid.uuid4().hex, issuer=login.issuer, subject=login.subject, name="", email=login.email, host=first, made_at=now,
                seen_at=now, disabled_at=None,
            )
            _call(session, row, login.name)
            session.add(row)
            session.flush()  # the names below point at it
        elif row.disabled_at is not None:
            raise AuditError("person_disabled")
        elif login.rename:
            before = row.name
            _call(session, row, login.name)
            _say_renamed(session, state, row, before)
        row.email, row.seen_at = login.email, now
        _own_name(session, row)
        if row.host:
            _adopt(session, state, row, now)
        return _person(row)


def _call(session: Session, row: PersonRow, given: str) -> None:
    taken = set(session.scalars(select(PersonNameRow.key).where(PersonNameRow.person_id != row.id)))
    row.name = free_name(clean_name(given, otherwise=row.name or f"#{row.id[:8]}"), taken)


def _say_renamed(session: Session, state: State, row: PersonRow, before: str) -> None:
    """In every shop where they are known by their name."""
    if row.name != before:
        for shop_id in session.scalars(select(MemberRow.shop_id).where(MemberRow.person_id == row.id).order_by(MemberRow.shop_id)).all():
            _log(session, state, shop_id, Said(row.name, "person_renamed", "", digest(before), digest(row.name)))


def _own_name(session: Session, row: PersonRow) -> None:
    key = name_key(row.name)
    if session.get(PersonNameRow, key) is None:
        session.add(PersonNameRow(key=key, person_id=row.id))


def _adopt(session: Session, state: State, host: PersonRow, now: datetime) -> None:
    """Shops nobody answers for, as those made before there was a login, are the host's."""
    owned = select(MemberRow.shop_id).join(PersonRow).where(MemberRow.role == Role.OWNER, PersonRow.disabled_at.is_(None))
    for shop_id in session.scalars(select(ShopRow.id).where(ShopRow.id.not_in(owned)).order_by(ShopRow.id)).all():
        place = MemberRow(shop_id=shop_id, person_id=host.id, role=Role.OWNER, invited_by="", since=now)
        settle(session, place, Actor(host.name, host.id), state.log_key)


def identified(state: State, issuer: str, subject: str) -> Person | None:
    """Whoever came with this identity before."""
    with state.reading() as session:
        row = session.scalar(select(PersonRow).where(PersonRow.issuer == issuer, PersonRow.subject == subject))
        return None if row is None else _person(row)


@read_once
def _placed(state: State, person_id: str) -> _Placed | None:
    with state.reading() as session:
        rows = session.execute(_PLACED, {"person": person_id}).all()
        if not rows:
            return None
        return _Placed(_person(rows[0][0]), {place.shop_id: _member(place, row) for row, place in rows if place is not None})


def active(state: State, person_id: str) -> Person | None:
    """Who this is; None for nobody, and for somebody who may not come in any more."""
    known = _placed(state, person_id)
    return None if known is None else known.person


def everybody(state: State) -> list[Listed]:
    """Everybody who ever logged in, by name."""
    with state.reading() as session:
        places: dict[str, dict[str, Role]] = {}
        for place in session.scalars(select(MemberRow)):
            places.setdefault(place.person_id, {})[place.shop_id] = Role(place.role)
        rows = session.scalars(select(PersonRow).order_by(PersonRow.name))
        return [Listed(_person(row), row.seen_at, row.disabled_at, places.get(row.id, {})) for row in rows]


def names_of(state: State, ids: Collection[str]) -> dict[str, str]:
    """Id -> name, of members and of whoever was one."""
    with state.reading() as session:
        return {row.id: row.name for row in session.scalars(select(PersonRow).where(PersonRow.id.in_(ids)))}


def role_of(state: State, shop_id: str, person_id: str) -> Role | None:
    """What somebody is in a shop; None for nothing, and for somebody who may not come in any more."""
    known = _placed(state, person_id)
    return known.places[shop_id].role if known is not None and shop_id in known.places else None


def places_of(state: State, person_id: str) -> dict[str, Member]:
    """Shop -> what somebody is there."""
    known = _placed(state, person_id)
    return {} if known is None else dict(known.places)


def members_of(state: State, shop_id: str) -> list[Member]:
    """Those who may come in, from the first to the last who came."""
    with state.reading() as session:
        rows = session.execute(
            select(MemberRow, PersonRow).join(PersonRow)
            .where(MemberRow.shop_id == shop_id, PersonRow.disabled_at.is_(None)).order_by(MemberRow.since, PersonRow.name)
        )
        return [_member(place, row) for place, row in rows]


def disable(state: State, person_id: str, now: datetime | None) -> None:
    """Nobody comes in as this person from now on, and what they offered is void; None lets them in again. Raises AuditError
    ``no_such_person``."""
    with state.writing() as session:
        row = session.get(PersonRow, person_id)
        if row is None:
            raise AuditError("no_such_person", found=person_id)
        if (row.disabled_at is None) == (now is None):
            return
        row.disabled_at = now
        for shop_id in session.scalars(select(MemberRow.shop_id).where(MemberRow.person_id == person_id).order_by(MemberRow.shop_id)).all():
            _log(session, state, shop_id, Said("", "person_disabled" if now else "person_enabled", "", after=digest(person_id)))
        _void(session, person_id)


# invitations


def offer(state: State, shop_id: str, invitation: Invitation, by_id: str | None) -> None:
    """Keep a place for whoever has the code. Raises AuditError ``invitations_many``."""
    with state.writing() as session:
        waiting = select(InvitationRow).where(InvitationRow.shop_id == shop_id)
        for old in session.scalars(waiting.where(InvitationRow.ends_at <= invitation.made_at)):
            session.delete(old)
        session.flush()
        if len(session.scalars(waiting).all()) >= MOST_INVITATIONS:
            raise AuditError("invitations_many", found=str(MOST_INVITATIONS), most=MOST_INVITATIONS)
        session.add(InvitationRow(
            digest=invitation.id, shop_id=shop_id, role=invitation.role, email=invitation.email, by=invitation.by, by_id=by_id,
            made_at=invitation.made_at, ends_at=invitation.ends_at,
        ))
        _log(session, state, shop_id, Said("", "invited", "", after=digest(f"{invitation.role} {invitation.email or ''}")))


def offered(state: State, shop_id: str, now: datetime) -> list[Invitation]:
    """Those that can still be taken, oldest first."""
    with state.reading() as session:
        rows = session.scalars(
            select(InvitationRow).where(InvitationRow.shop_id == shop_id, InvitationRow.ends_at > now)
            .order_by(InvitationRow.made_at, InvitationRow.digest)
        )
        return [Invitation(row.digest, Role(row.role), row.email, row.by, row.made_at, row.ends_at) for row in rows]


def withdraw(state: State, shop_id: str, invitation: str) -> None:
    with state.writing() as session:
        row = session.get(InvitationRow, invitation)
        if row is not None and row.shop_id == shop_id:
            session.delete(row)
            _log(session, state, shop_id, Said("", "invitation_withdrawn", "", digest(f"{row.role} {row.email or ''}")))


def take(state: State, invitation: str, person: Person, now: datetime) -> str:
    """Take the place an invitation (its ``id``) offers; the shop. It is used up by that, and by nothing else.

    Raises AuditError ``invitation_gone`` for one that is unknown, used, over or for somebody else; ``already_member``.
    """
    with state.writing() as session:
        row = session.scalar(select(InvitationRow).where(InvitationRow.digest == invitation).with_for_update())
        if row is None or row.ends_at <= now or (row.email and row.email.casefold() != (person.email or "").casefold()):
            raise AuditError("invitation_gone")
        if session.get(MemberRow, (row.shop_id, person.id)) is not None:
            raise AuditError("already_member")
        place = MemberRow(shop_id=row.shop_id, person_id=person.id, role=row.role, invited_by=row.by, since=now)
        session.delete(row)
        settle(session, place, Actor(person.name, person.id), state.log_key)
        return row.shop_id


# members


def make_owner(state: State, shop_id: str, person_id: str, now: datetime) -> None:
    """For whoever keeps the server. Raises AuditError ``no_such_person``."""
    with state.writing() as session:
        if session.get(PersonRow, person_id) is None:
            raise AuditError("no_such_person", found=person_id)
        place = MemberRow(shop_id=shop_id, person_id=person_id, role=Role.OWNER, invited_by="", since=now)
        settle(session, place, state.actor, state.log_key)


def set_role(state: State, shop_id: str, person_id: str, role: Role | None) -> None:
    """Another role; None: no member any more. What a former owner offered is void.

    Raises AuditError ``no_such_person`` for somebody who is no member, ``last_owner``.
    """
    with state.writing() as session:
        places = session.execute(
            select(MemberRow, PersonRow.disabled_at).join(PersonRow).where(MemberRow.shop_id == shop_id).with_for_update(of=MemberRow)
        ).all()
        place = next((one for one, _ in places if one.person_id == person_id), None)
        if place is None:
            raise AuditError("no_such_person", found=person_id)
        before = Role(place.role)
        if before == role:
            return
        if before == Role.OWNER:
            if not any(one.role == Role.OWNER and one is not place and disabled is None for one, disabled in places):
                raise AuditError("last_owner")
            _void(session, person_id, shop_id)
        what = "member_left" if role is None else "role_changed"
        _log(session, state, shop_id, Said("", what, f"{MEMBERS}{person_id}", digest(before), "" if role is None else digest(role)))
        if role is None:
            session.delete(place)
        else:
            place.role = role


def _void(session: Session, person_id: str, shop_id: str | None = None) -> None:
    """An invitation is worth as much as whoever made it."""
    made = select(InvitationRow).where(InvitationRow.by_id == person_id)
    for row in session.scalars(made if shop_id is None else made.where(InvitationRow.shop_id == shop_id)).all():
        session.delete(row)


def _log(session: Session, state: State, shop_id: str, said: Said) -> None:
    append(session, shop_id, told_by(state.actor, said), state.log_key)


def _member(place: MemberRow, row: PersonRow) -> Member:
    return Member(_person(row), Role(place.role), place.since, place.invited_by)


def _person(row: PersonRow) -> Person:
    return Person(row.id, row.name, row.email, row.host)
