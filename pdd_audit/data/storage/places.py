"""Who is what in a shop: a place is given in the transaction that makes it needed, and the log of the shop says so."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from pdd_audit.core.log_chain import MEMBERS, Said, digest
from pdd_audit.core.people import Role
from pdd_audit.data.storage.log import append
from pdd_audit.data.storage.tables import MemberRow

SHANGHAI = ZoneInfo("Asia/Shanghai")  # as every stored time


@dataclass(frozen=True)
class Actor:
    """Whoever a change is made by; what they say is logged under ``name``. Without an id: whoever sits at the machine."""

    name: str = ""
    id: str | None = None


NOBODY = Actor()


def told_by(actor: Actor, said: Said) -> Said:
    """The row with the name of whoever is logged in; where nobody is, with the name that was given."""
    return replace(said, who=actor.name) if actor.name else said


def settle(session: Session, place: MemberRow, actor: Actor, key: bytes) -> None:
    """Give a place, or another role to whoever has one. ``key``: seals the log."""
    there = session.get(MemberRow, (place.shop_id, place.person_id))
    what, before = ("member_joined", "") if there is None else ("role_changed", digest(there.role))
    if there is None:
        session.add(place)
    elif there.role == place.role:
        return
    else:
        there.role = place.role
    append(session, place.shop_id, Said(actor.name, what, f"{MEMBERS}{place.person_id}", before, digest(place.role)), key)


def owned_by_its_maker(session: Session, shop_id: str, actor: Actor, key: bytes) -> None:
    """Whoever makes a shop owns it; at the machine itself nobody needs to."""
    if actor.id is not None:
        since = datetime.now(SHANGHAI).replace(tzinfo=None, microsecond=0)
        settle(session, MemberRow(shop_id=shop_id, person_id=actor.id, role=Role.OWNER, invited_by="", since=since), actor, key)
