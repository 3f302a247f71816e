"""Shops: list, create, and the demo."""

from collections.abc import Callable, Container
from datetime import datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right, Role
from pdd_audit.core.questions import Answer
from pdd_audit.data.storage.people import places_of
from pdd_audit.data.storage.state import Shop
from pdd_audit.services.access import needs
from pdd_audit.services.demo_bill import demo_notice, write_demo_bill
from pdd_audit.services.demo_shop import DEMO_AS_OF, DEMO_NAME, demo_answers, write_demo_files
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.note_days import note_exemption
from pdd_audit.services.workspace import Workspace, now

DEMO_OWNER = "店主（演示）"

__all__ = ["Shop", "create_shop", "get_shop", "list_shops", "may_found", "name_here", "open_demo_shop", "refuse_strangers", "rename_shop"]


def list_shops(workspace: Workspace) -> list[Shop]:
    """All shops, oldest first; with a login those that one is a member of."""
    shops = workspace.state.shops()
    if workspace.person is None:
        return shops
    own = places_of(workspace.state, workspace.person.id)
    return [shop for shop in shops if shop.id in own]


def get_shop(workspace: Workspace, shop_id: str) -> Shop | None:
    return next((shop for shop in list_shops(workspace) if shop.id == shop_id), None)


def may_found(workspace: Workspace) -> bool:
    """Whether a new shop may be made: by whoever keeps the server or owns a shop. Without a login by anybody."""
    person = workspace.person
    return person is None or person.host or any(place.role == Role.OWNER for place in places_of(workspace.state, person.id).values())


def create_shop(workspace: Workspace, name: str, id: str | None = None) -> Shop:
    """A new empty shop, owned by whoever is logged in; at the machine itself also one for a ledger that is there already (``id``).

    Raises AuditError for a name that is empty, too long or in use, and ``not_founder``.
    """
    refuse_strangers(workspace)
    assert id is None or workspace.person is None, "what lies in the folder is for whoever sits at the machine"
    return workspace.state.add_shop(name_here(workspace, name), is_demo=False, now=now(), id=id)


def refuse_strangers(workspace: Workspace) -> None:
    """Raises AuditError ``not_founder`` for whoever may not make shops."""
    if not may_found(workspace):
        raise AuditError("not_founder")


def name_here(workspace: Workspace, name: str) -> str:
    """The name; with a number behind it where it is that of a shop the person cannot know of, so that nobody learns of it."""
    hidden = {shop.name for shop in workspace.state.shops()} - {shop.name for shop in list_shops(workspace)}
    return _numbered(name, hidden)


def _numbered(name: str, taken: Container[str]) -> str:
    clean = " ".join(name.split())
    if clean not in taken:
        return name
    return next(numbered for number in count(2) if (numbered := f"{clean[:90]} ({number})") not in taken)


@needs(Right.MANAGE)
def rename_shop(workspace: Workspace, shop_id: str, name: str) -> None:
    """Another name for a shop; files, answers and saved results stay. Raises AuditError as ``create_shop`` does."""
    workspace.state.rename_shop(shop_id, name_here(workspace, name))


def open_demo_shop(
    workspace: Workspace, on_progress: Callable[[str, float], None] | None = None, as_of: datetime = DEMO_AS_OF
) -> Shop:
    """The invented shop, made at the first call with its bill and the notice it was sent; its answers stay as the user left them.
    With a login everybody who may make shops has one of their own. Raises AuditError ``not_founder``."""
    found = _own_demo(workspace)
    if found is None:
        refuse_strangers(workspace)
    taken = set() if workspace.person is None else {shop.name for shop in workspace.state.shops()}
    shop = found or workspace.state.add_shop(_numbered(DEMO_NAME, taken), is_demo=True, now=now())
    if not found:  # before the files: whoever stops those has the rest, and the files are read the next time
        answers = {id: _answer(value) for id, value in demo_answers().items()}
        workspace.state.save_answers(shop.id, answers, now())
        note_exemption(workspace, shop.id, demo_notice(as_of), DEMO_OWNER)
    if not workspace.ledger(shop.id).reports():
        with TemporaryDirectory() as folder:
            files = [*write_demo_files(Path(folder), as_of), write_demo_bill(Path(folder), as_of)]
            import_files(workspace, shop.id, [Upload(file.name, file.read_bytes()) for file in files], on_progress)
    return shop


def _own_demo(workspace: Workspace) -> Shop | None:
    """The one they made, not one they were asked into."""
    places = None if workspace.person is None else places_of(workspace.state, workspace.person.id)
    own = [shop for shop in list_shops(workspace) if shop.is_demo and (places is None or not places[shop.id].invited_by)]
    return own[0] if own else None


def _answer(value: object) -> Answer:
    return Answer.model_validate(value if isinstance(value, dict) else {"answer": value})
