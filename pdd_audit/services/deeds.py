"""Keep what a shop did about parcels and orders, and tell it again."""

import uuid
from collections.abc import Callable, Iterable, Mapping

from pdd_audit.core.deeds import Deed, DeedKind, standing
from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.services.access import needs
from pdd_audit.services.workspace import Workspace, now


@needs(Right.ANSWER)
def do(
    workspace: Workspace, shop_id: str, kind: DeedKind, subjects: Iterable[str], by: str, what: Mapping[str, str | float] | None = None,
    fits: Callable[[list[Deed]], None] | None = None,
) -> str:
    """Keep one deed on all of its subjects at once; its id. ``fits``: is given the deeds that stand at the very moment of keeping, oldest
    first, and raises to refuse this one, so that two people at once do not both do it. Raises AuditError without a name or a subject."""
    if not by.strip():
        raise AuditError("deed_who", found="")
    on = tuple(dict.fromkeys(subjects))
    if not on and kind != "undone":
        raise AuditError("deed_subjects", found="")
    deed = Deed(id=uuid.uuid4().hex, kind=kind, subjects=on, what=dict(what or {}), at=now(), by=by.strip()[:60])
    workspace.state.say(shop_id, deed, None if fits is None else lambda words: fits(standing(words)))
    return deed.id


@needs(Right.LOOK)
def deeds(workspace: Workspace, shop_id: str, kinds: Iterable[DeedKind] | None = None) -> list[Deed]:
    """What was done and not taken back, oldest first; of some kinds only, where they are named."""
    wanted = None if kinds is None else set(kinds)
    return [one for one in standing(workspace.state.said(Deed, shop_id)) if wanted is None or one.kind in wanted]


@needs(Right.ANSWER)
def undo(workspace: Workspace, shop_id: str, deed: str, by: str) -> None:
    """The deed counts no longer; that it was done, and taken back, stays on record."""
    if any(one.id == deed for one in deeds(workspace, shop_id)):
        do(workspace, shop_id, "undone", (), by, {"deed": deed})
