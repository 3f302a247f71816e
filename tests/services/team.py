"""People in a shop, as after their logins."""

from pdd_audit.core.people import Person, Role
from pdd_audit.services.access import seated
from pdd_audit.services.people import accept, invite, person_of
from pdd_audit.services.workspace import Workspace

ISSUER = "https://login.example.com"


def come(workspace: Workspace, name: str, email: str | None = None, subject: str = "") -> Workspace:
    """The installation as somebody sees it who has just logged in; the first of all is the host."""
    return seated(workspace, person_of(workspace, ISSUER, subject or f"sub-{name}", name, email).id)


def join(owner: Workspace, shop_id: str, whom: Workspace, role: Role) -> Workspace:
    """Asked in by an owner."""
    accept(whom, invite(owner, shop_id, role).code)
    return whom


def who(workspace: Workspace) -> Person:
    assert workspace.person is not None
    return workspace.person
