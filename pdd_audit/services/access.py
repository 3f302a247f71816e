"""Who may do what. A service about a shop is marked with the right it needs, and asks before it does anything.

Without a login (``Home.person`` is None) nobody is asked: whoever sits at the machine may do everything, and says under which name.
With one, what is kept carries the name of whoever is logged in, whatever name was handed in.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pdd_audit.core.errors import BETWEEN, AuditError
from pdd_audit.core.people import Right, Role, allows, least
from pdd_audit.services.home import Home

if TYPE_CHECKING:
    from pdd_audit.services.workspace import Workspace  # files are read without a database

Work = TypeVar("Work", bound=Callable[..., Any])
NAMES = ("by", "who")  # what the parameters are called that say who did something
SPEAKER = "speaker"  # a parameter whose ``by`` says so
_ALLOWED: ContextVar[tuple[str, str, Role] | None] = ContextVar("allowed", default=None)  # (person, shop, role) of the service at work


def needs(right: Right) -> Callable[[Work], Work]:
    """Marks a service whose first two arguments are the installation and a shop or its id: it asks for ``right`` first."""

    def marked(work: Work) -> Work:
        known = signature(work)
        told = [name for name in NAMES if name in known.parameters]
        says_who = bool(told) or SPEAKER in known.parameters
        second = list(known.parameters)[1]

        @wraps(work)
        def asking(*args: Any, **more: Any) -> Any:
            home: Home = args[0]
            if home.person is None:
                return work(*args, **more)
            shop = args[1] if len(args) > 1 else more[second]
            shop_id = str(getattr(shop, "id", shop))
            role = require(home, shop_id, right)
            if says_who:
                given = known.bind(*args, **more)
                for name in told:
                    given.arguments[name] = home.person.name
                if SPEAKER in given.arguments:
                    given.arguments[SPEAKER] = replace(given.arguments[SPEAKER], by=home.person.name)
                args, more = given.args, given.kwargs
            before = _ALLOWED.set((home.person.id, shop_id, role))
            try:
                return work(*args, **more)
            finally:
                _ALLOWED.reset(before)

        asking.right = right  # type: ignore[attr-defined]  # a mark for whoever checks that none is missing
        return cast(Work, asking)

    return marked


def machine_only(work: Work) -> Work:
    """Marks a service about the whole installation: for whoever sits at the machine, never through a login."""

    @wraps(work)
    def asking(*args: Any, **more: Any) -> Any:
        home: Home = args[0]
        if home.person is not None:
            raise AuditError("machine_only")
        return work(*args, **more)

    asking.machine_only = True  # type: ignore[attr-defined]  # as above
    return cast(Work, asking)


def require(home: Home, shop_id: str, right: Right) -> Role:
    """The role in which it may be done. Raises AuditError ``not_allowed``; ``no_such_shop`` alike for a shop that is not there and for
    one that the person is no member of."""
    role = role_in(home, shop_id)
    if role is None:
        raise AuditError("no_such_shop", found=shop_id, shops=BETWEEN.join(_own_shops(home)) or "—")
    if not allows(role, right):
        raise _refusal(role, right)
    return role


def may(home: Home, shop_id: str, right: Right) -> bool:
    """Whether ``require`` would let it pass."""
    role = role_in(home, shop_id)
    return role is not None and allows(role, right)


def role_in(home: Home, shop_id: str) -> Role | None:
    """What whoever is logged in is in a shop, as of now; None for nothing. Without a login: everything."""
    person = home.person
    if person is None:
        return Role.OWNER
    known = _ALLOWED.get()
    if known is not None and known[:2] == (person.id, shop_id):
        return known[2]
    from pdd_audit.data.storage.people import role_of  # files are read without a database

    return role_of(_workspace(home).state, shop_id, person.id)


def seated(workspace: "Workspace", person_id: str | None) -> "Workspace":
    """The installation as somebody who is logged in sees it. Raises AuditError ``not_logged_in`` for nobody, and for somebody who may not
    come in any more."""
    from pdd_audit.data.storage.people import active
    from pdd_audit.data.storage.places import Actor

    person = active(workspace.state, person_id) if person_id else None
    if person is None:
        raise AuditError("not_logged_in")
    return replace(workspace, person=person, state=workspace.state.acting(Actor(person.name, person.id)))


def author(home: Home, given: str) -> str:
    """The name under which something is kept: of whoever is logged in; without a login the one that was given."""
    return given if home.person is None else home.person.name


def _own_shops(home: Home) -> list[str]:
    from pdd_audit.services.shops import list_shops

    return [shop.name for shop in list_shops(_workspace(home))]


def _refusal(held: Role, right: Right) -> AuditError:
    from pdd_audit.texts import all_texts  # words are for those who are refused

    is_, must = (all_texts()[f"people.role.{role}.name"] for role in (held, least(right)))
    return AuditError("not_allowed", found=is_["zh"], title_zh=is_["zh"], title_en=is_["en"], must_zh=must["zh"], must_en=must["en"])


def _workspace(home: Home) -> "Workspace":
    from pdd_audit.services.workspace import Workspace

    assert isinstance(home, Workspace), "nobody is logged in to a mere folder"
    return home
