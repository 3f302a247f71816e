"""The log of a shop: who changed what and when, and whether anybody changed the log."""

from contextlib import suppress
from dataclasses import dataclass

from pdd_audit.core.log_chain import Anchor, Row, Trouble, content_troubles, key_id, troubles
from pdd_audit.core.people import Right
from pdd_audit.core.rounds import RoundWord
from pdd_audit.data.storage.log import anchors_of, key_of, note_anchor
from pdd_audit.services.access import needs
from pdd_audit.services.workspace import Workspace

__all__ = ["Anchor", "LogCheck", "Row", "Trouble", "check_log", "log_of", "note_head"]


@dataclass(frozen=True)
class LogCheck:
    """``elsewhere``: rows sealed by another installation, of which only the chain could be followed; ``unsealed``: rows without a seal.
    ``anchors``: how many noted heads the log was held against."""

    rows: int
    head: Anchor | None
    elsewhere: int
    unsealed: int
    anchors: int
    troubles: tuple[Trouble, ...]


@needs(Right.DECIDE)
def log_of(workspace: Workspace, shop_id: str) -> list[Row]:
    """Oldest first."""
    return workspace.state.log(shop_id)


@needs(Right.DECIDE)
def check_log(workspace: Workspace, shop_id: str) -> LogCheck:
    """Follow the log, hold it against every noted head and against what is stored. A log without trouble has its head noted."""
    key = key_of(workspace.home)
    anchors = anchors_of(workspace.home, shop_id) + _signed_heads(workspace, shop_id)  # first: what is noted meanwhile may be newer
    rows, stored = workspace.state.log_and_content(shop_id)
    found = (*troubles(rows, anchors, {key_id(key): key}), *content_troubles(rows, stored))
    head = Anchor(rows[-1].seq, rows[-1].hash) if rows else None
    if not found and head is not None and head not in anchors:
        with suppress(OSError):  # a home that may not be written: the log can be followed all the same
            note_anchor(workspace.home, shop_id, head)
    elsewhere = sum(row.key_id not in ("", key_id(key)) for row in rows)
    return LogCheck(len(rows), head, elsewhere, sum(not row.key_id for row in rows), len(set(anchors)), found)


@needs(Right.DECIDE)
def note_head(workspace: Workspace, shop_id: str) -> None:
    """Note outside the database how far the log has come."""
    head = workspace.state.log_head(shop_id)
    if head is not None:
        note_anchor(workspace.home, shop_id, head)


def _signed_heads(workspace: Workspace, shop_id: str) -> list[Anchor]:
    """The heads that signatures under rounds name."""
    signed = [word.signature for word in workspace.state.said(RoundWord, shop_id) if word.signature is not None]
    return [Anchor(one.log_seq, one.log_hash) for one in signed if one.log_seq]
