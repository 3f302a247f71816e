"""Words that were said, kept as they were parsed: a word is never edited, and parsing those of a large review took most of each save.

Nothing kept is believed unasked. Whoever reads counts, in their own session, the rows that were read before and holds the last of them
against its text; then only newer ones are read. After anything else than new words (a shop deleted, a backup put back) all are read anew.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pdd_audit.core.questions import Part
from pdd_audit.data.storage.tables import WORDS

AnyWord = TypeVar("AnyWord", bound=Part)
MOST_WORDS = 30_000  # of one database: five full reviews of fifty people, 60 MB


@dataclass
class _Kept:
    """``rows``: how many the shop had in this table up to ``last``, its id; ``body``: the text of that one. ``words``: those asked for."""

    lock: Lock = field(default_factory=Lock)
    rows: int = 0
    last: int = 0
    body: str = ""
    words: list[Part] = field(default_factory=list)


class Heard:
    """Of one database. Words are handed out as they are: they are frozen."""

    def __init__(self, most: int = MOST_WORDS) -> None:
        self._most = most
        self._guard = Lock()
        self._kept: OrderedDict[tuple[type[Part], str, str], _Kept] = OrderedDict()

    def words(self, session: Session, kind: type[AnyWord], shop_id: str, opening: str) -> list[AnyWord]:
        """Every word of this kind whose text begins with ``opening``, in the order it was said. The session has written nothing yet."""
        key = (kind, shop_id, opening)
        with self._guard:
            kept = self._kept.setdefault(key, _Kept())
            self._kept.move_to_end(key)
        with kept.lock:
            _catch_up(session, kind, shop_id, opening, kept)
            found = list(kept.words)
        self._make_room()
        return found  # type: ignore[return-value]  # kept by their kind

    def _make_room(self) -> None:
        """Those nobody asked for longest go first. The last ones stay, however many: whoever asks needs them all in any case."""
        with self._guard:
            held = sum(1 + len(kept.words) for kept in self._kept.values())
            while held > self._most and len(self._kept) > 1:
                _, gone = self._kept.popitem(last=False)
                held -= 1 + len(gone.words)


def _catch_up(session: Session, kind: type[Part], shop_id: str, opening: str, kept: _Kept) -> None:
    table = WORDS[kind]
    of_shop = select(table.id, table.body).where(table.shop_id == shop_id).order_by(table.id)
    if kept.last:
        before = select(func.count()).where(table.shop_id == shop_id, table.id <= kept.last).scalar_subquery()
        since = session.execute(of_shop.add_columns(before).where(table.id >= kept.last)).all()
        if since and tuple(since[0]) == (kept.last, kept.body, kept.rows):
            kept.words.extend([kind.model_validate_json(body) for _, body, _ in since[1:] if body.startswith(opening)])
            kept.rows, kept.last, kept.body = kept.rows + len(since) - 1, since[-1].id, since[-1].body
            return
    head = session.execute(of_shop.order_by(None).order_by(table.id.desc()).limit(1)).first()
    if head is None:
        kept.words, kept.rows, kept.last, kept.body = [], 0, 0, ""
        return
    rows = session.scalar(select(func.count()).where(table.shop_id == shop_id, table.id <= head.id))
    wanted = of_shop.where(table.id <= head.id)
    if opening:
        wanted = wanted.where(table.body.startswith(opening, autoescape=True))
    words = [kind.model_validate_json(body) for _, body in session.execute(wanted) if body.startswith(opening)]
    kept.words, kept.rows, kept.last, kept.body = words, rows or 0, head.id, head.body
