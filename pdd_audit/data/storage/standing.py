"""What was read of a shop, kept as long as its log tells of no change: whatever changes a shop writes a row there in the same transaction.

Nothing kept is believed unasked. Whoever reads asks the log for what is newer than the row they know, once a moment (see ``moment``), and
that row must still be there as it was: after anything else than new rows (a shop deleted, a backup put back) all is read anew.
"""

import copy
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol, TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from pdd_audit.core.log_chain import ANSWERS
from pdd_audit.data.storage.moment import once
from pdd_audit.data.storage.tables import LogRow

Found = TypeVar("Found")
MOST_SHOPS = 64

_OF_SHOP = select(LogRow.seq, LogRow.hash, LogRow.what, LogRow.about).where(LogRow.shop_id == bindparam("shop"))
_NEWEST = _OF_SHOP.order_by(LogRow.seq.desc()).limit(1)
_SINCE = _OF_SHOP.where(LogRow.seq >= bindparam("known")).order_by(LogRow.seq)


class Store(Protocol):
    """Opens a session that only looks."""

    def reading(self) -> AbstractContextManager[Session]: ...


@dataclass(frozen=True)
class Asked:
    """What is read of a shop. ``about``: the table of words, or ``ANSWERS``, that it is read from, so that rows about others leave it;
    empty: only rows about either leave it. ``more``: what else names it."""

    shop_id: str
    about: str
    more: tuple[Any, ...] = ()


@dataclass
class _Shop:
    """``head``: seq and hash of the newest row of the log that is known."""

    head: tuple[int, str]
    found: dict[Asked, Any] = field(default_factory=dict)


class Standing:
    """Of one database, for all threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._guard = Lock()
        self._shops: OrderedDict[str, _Shop] = OrderedDict()

    def read(self, asked: Asked, find: Callable[[Session], Found]) -> Found:
        """What ``find`` finds, a list or a dictionary of the caller's own; what stands in it never changes."""
        head = once(("log", id(self), asked.shop_id), lambda: self._caught_up(asked.shop_id))
        with self._guard:
            shop = self._shops.get(asked.shop_id)
            found: Any = None if shop is None else shop.found.get(asked)
        if found is None:
            with self._store.reading() as session:
                found = find(session)
            with self._guard:
                shop = self._shops.get(asked.shop_id)
                if shop is not None and shop.head == head:  # else it may be older than what is known by now
                    shop.found[asked] = found
        own: Found = copy.copy(found)
        return own

    def _caught_up(self, shop_id: str) -> tuple[int, str] | None:
        """The head of the shop's log as of now; what its new rows speak of is let go."""
        with self._guard:
            shop = self._shops.get(shop_id)
            known = None if shop is None else shop.head
        with self._store.reading() as session:
            if known is None:
                rows = session.execute(_NEWEST, {"shop": shop_id}).all()
            else:
                rows = session.execute(_SINCE, {"shop": shop_id, "known": known[0]}).all()
        head = (rows[-1].seq, rows[-1].hash) if rows else None
        with self._guard:
            shop = self._shops.get(shop_id)
            if (None if shop is None else shop.head) != known:
                return head  # another thread has caught up meanwhile
            if head is None:
                self._shops.pop(shop_id, None)
                return None
            if shop is None or (rows[0].seq, rows[0].hash) != known:
                shop = self._shops[shop_id] = _Shop(head)
            for row in rows[1:]:
                shop.found = {asked: found for asked, found in shop.found.items() if _leaves(row.what, row.about, asked.about)}
            shop.head = head
            self._shops.move_to_end(shop_id)
            while len(self._shops) > MOST_SHOPS:
                self._shops.popitem(last=False)
        return head


def _leaves(what: str, about: str, of: str) -> bool:
    """Whether a row of the log leaves what is read of ``of``: one about words or answers speaks of nothing else."""
    told = about if what == "said" else ANSWERS if about.startswith(ANSWERS) else of
    return told != of
