"""The installation a command works on, and the shop it means."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pdd_audit.core.errors import BETWEEN, AuditError

if TYPE_CHECKING:
    from pdd_audit.services.shops import Shop
    from pdd_audit.services.workspace import Workspace


@contextmanager
def opened(options: argparse.Namespace, temporary: bool) -> "Iterator[Workspace]":
    """The installation, or one that vanishes afterwards when files are scored without keeping them."""
    from pdd_audit.services.home import default_home
    from pdd_audit.services.workspace import open_workspace

    if not temporary:
        workspace = open_workspace(options.home or default_home(), options.checklists)
        try:
            yield workspace
        finally:
            workspace.state.close()
        return
    with TemporaryDirectory(prefix="pdd-audit-") as folder:
        workspace = open_workspace(Path(folder), options.checklists, database="")  # it vanishes with its folder
        try:
            yield workspace
        finally:
            workspace.state.close()


def known_shop(workspace: "Workspace", name: str | None) -> "Shop":
    """The shop of that name, or the only one. Raises no_such_shop."""
    from pdd_audit.services.shops import list_shops

    shops = list_shops(workspace)
    if name is None and len(shops) == 1:
        return shops[0]
    found = next((shop for shop in shops if shop.name == name), None)
    if found is None:
        raise AuditError("no_such_shop", found=name or "", shops=BETWEEN.join(shop.name for shop in shops) or "—")
    return found
