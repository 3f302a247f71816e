"""The log of a shop: who changed what and when, and whether anybody changed the log."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from pdd_audit.core.errors import AuditError
from pdd_audit.core.log_chain import (
    LOSS_SEEN,
    MEMBERS,
    ROWS,
    Anchor,
    PutBack,
    Row,
    Said,
    Trouble,
    content_troubles,
    key_id,
    put_backs,
    troubles,
)
from pdd_audit.core.people import Right
from pdd_audit.core.rounds import RoundWord
from pdd_audit.data.storage.log import anchors_of, key_of, note_anchor
from pdd_audit.data.storage.people import names_of
from pdd_audit.services.access import needs
from pdd_audit.services.workspace import SHANGHAI, Workspace

__all__ = [
    "Anchor", "LogCheck", "LogNames", "PutBack", "Row", "Trouble", "accept_loss", "check_log", "log_of", "member_names", "names_in_log",
    "newest_of_log", "note_head",
]


@dataclass(frozen=True)
class LogCheck:
    """``elsewhere``: rows sealed by another installation, of which only the chain could be followed; ``unsealed``: rows without a seal.
    ``anchors``: how many noted heads the log was held against. ``untold``: digests of files that were imported since the log tells of
    files, and that it does not tell of: the program stopped between the file and its row. ``put_back``: every restore, acknowledged or
    not."""

    rows: int
    head: Anchor | None
    elsewhere: int
    unsealed: int
    anchors: int
    troubles: tuple[Trouble, ...]
    untold: tuple[str, ...] = ()
    put_back: tuple[PutBack, ...] = ()


@dataclass(frozen=True)
class LogNames:
    """What can be asked for: people, and sorts of rows (see ``log_chain.sort_of``). ``head``: the newest row."""

    people: tuple[str, ...]
    sorts: tuple[str, ...]
    head: Anchor | None


@needs(Right.DECIDE)
def log_of(workspace: Workspace, shop_id: str) -> list[Row]:
    """Oldest first."""
    return workspace.state.log(shop_id)


@needs(Right.DECIDE)
def names_in_log(workspace: Workspace, shop_id: str) -> LogNames:
    """Whose rows there are, and of what."""
    people, sorts = workspace.state.log_names(shop_id)
    return LogNames(tuple(people), tuple(sorts), workspace.state.log_head(shop_id))


@needs(Right.DECIDE)
def newest_of_log(
    workspace: Workspace, shop_id: str, name: str | None = None, sort: str | None = None, most: int | None = None
) -> tuple[list[Row], int]:
    """Rows, newest first, and how many there are in all. ``name``: of this person only; ``sort``: of this sort only; ``most``: no more
    than these."""
    return workspace.state.newest_of_log(shop_id, name, sort, most)


@needs(Right.DECIDE)
def member_names(workspace: Workspace, shop_id: str, rows: Sequence[Row]) -> dict[str, str]:  # noqa: ARG001 - whose log it is: asked for the right
    """Id -> name of the people whom the rows are about, as far as they are known here."""
    return names_of(workspace.state, {row.about.removeprefix(MEMBERS) for row in rows if row.about.startswith(MEMBERS)})


@needs(Right.DECIDE)
def check_log(workspace: Workspace, shop_id: str) -> LogCheck:
    """Follow the log, hold it against every noted head and against what is stored. A log without trouble has its head noted."""
    key = key_of(workspace.home)
    keys, noted = {key_id(key): key}, anchors_of(workspace.home, shop_id)
    anchors = noted + _signed_heads(workspace, shop_id)  # first: what is noted meanwhile may be newer
    rows, stored = workspace.state.log_and_content(shop_id)
    restores = put_backs(rows, noted, keys)
    accounted = {head for one in restores for head in one.lost}
    unseen = [Trouble("put_back", one.last_lost, one.row.about) for one in restores if one.lost and one.seen is None]
    held = [head for head in anchors if head not in accounted]
    found = (*troubles(rows, held, keys), *unseen, *content_troubles(rows, stored))
    head = Anchor(rows[-1].seq, rows[-1].hash) if rows else None
    if not found and head is not None and head not in anchors:
        with suppress(OSError):  # a home that may not be written: the log can be followed all the same
            note_anchor(workspace.home, shop_id, head)
    elsewhere = sum(row.key_id not in ("", key_id(key)) for row in rows)
    unsealed = sum(not row.key_id for row in rows)
    return LogCheck(len(rows), head, elsewhere, unsealed, len(set(anchors)), found, _untold(workspace, shop_id, rows), tuple(restores))


@needs(Right.DECIDE)
def accept_loss(workspace: Workspace, shop_id: str, who: str = "") -> tuple[PutBack, ...]:
    """Acknowledge in the log what restores have taken away, and note its head: from now on the log is held against that one. What is
    missing stays told. Raises AuditError ``loss_none`` where nothing waits, ``loss_with_troubles`` where something else is wrong."""
    check = check_log(workspace, shop_id)
    waiting = tuple(one for one in check.put_back if one.lost and one.seen is None)
    others = [one for one in check.troubles if one.code != "put_back"]
    if others:
        raise AuditError("loss_with_troubles", found=f"{len(others)}")
    if not waiting:
        raise AuditError("loss_none", found=f"{len(check.put_back)}")
    for one in waiting:
        with workspace.logged(shop_id, Said(who, LOSS_SEEN, f"{ROWS}{one.row.seq}")):
            pass
    note_head(workspace, shop_id)
    return waiting


@needs(Right.DECIDE)
def note_head(workspace: Workspace, shop_id: str) -> None:
    """Note outside the database how far the log has come."""
    head = workspace.state.log_head(shop_id)
    if head is not None:
        note_anchor(workspace.home, shop_id, head)


def _untold(workspace: Workspace, shop_id: str, rows: Sequence[Row]) -> tuple[str, ...]:
    arrivals = [row for row in rows if row.what in ("file_imported", "file_restored")]
    if not arrivals:
        return ()
    told, since = {row.after for row in arrivals}, _shanghai(arrivals[0].at)
    with suppress(AuditError):  # a damaged import is for ``ledger verify`` to name
        reports = workspace.ledger(shop_id).reports()
        return tuple(one.sha256 for one in reports if one.sha256 not in told and one.imported_at is not None and one.imported_at > since)
    return ()


def _shanghai(at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone(SHANGHAI).replace(tzinfo=None)


def _signed_heads(workspace: Workspace, shop_id: str) -> list[Anchor]:
    """The heads that signatures under rounds name."""
    signed = [word.signature for word in workspace.state.said(RoundWord, shop_id) if word.signature is not None]
    return [Anchor(one.log_seq, one.log_hash) for one in signed if one.log_seq]
