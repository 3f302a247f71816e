"""Shops: list, create, and the demo."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pdd_audit.core.questions import Answer
from pdd_audit.data.storage.state import Shop
from pdd_audit.services.demo_shop import DEMO_AS_OF, DEMO_NAME, demo_answers, write_demo_files
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.workspace import Workspace, now

__all__ = ["Shop", "create_shop", "get_shop", "list_shops", "open_demo_shop", "rename_shop"]


def list_shops(workspace: Workspace) -> list[Shop]:
    """All shops, oldest first."""
    return workspace.state.shops()


def get_shop(workspace: Workspace, shop_id: str) -> Shop | None:
    return next((shop for shop in workspace.state.shops() if shop.id == shop_id), None)


def create_shop(workspace: Workspace, name: str, id: str | None = None) -> Shop:
    """A new empty shop, or one for a ledger that is there already (``id``). Raises AuditError for a name that is empty, too long or in
    use."""
    return workspace.state.add_shop(name, is_demo=False, now=now(), id=id)


def rename_shop(workspace: Workspace, shop_id: str, name: str) -> None:
    """Another name for a shop; files, answers and saved results stay. Raises AuditError as ``create_shop`` does."""
    workspace.state.rename_shop(shop_id, name)


def open_demo_shop(
    workspace: Workspace, on_progress: Callable[[str, float], None] | None = None, as_of: datetime = DEMO_AS_OF
) -> Shop:
    """The invented shop, made at the first call; its answers stay as the user left them."""
    found = next((shop for shop in workspace.state.shops() if shop.is_demo), None)
    shop = found or workspace.state.add_shop(DEMO_NAME, is_demo=True, now=now())
    if not workspace.ledger(shop.id).reports():
        with TemporaryDirectory() as folder:
            files = write_demo_files(Path(folder), as_of)
            import_files(workspace, shop.id, [Upload(file.name, file.read_bytes()) for file in files], on_progress)
    if not found:
        answers = {id: _answer(value) for id, value in demo_answers().items()}
        workspace.state.save_answers(shop.id, answers, now())
    return shop


def _answer(value: object) -> Answer:
    return Answer.model_validate(value if isinstance(value, dict) else {"answer": value})
