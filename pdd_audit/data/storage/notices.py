"""What was told of which parcel on which channel: claimed before it is sent, so that nothing is told twice, whatever happens between.

A row is one parcel, one hour after its upload and one channel. Its state: ``sending`` (claimed; after a crash it stays so and is not sent
again), ``sent``, or ``unknown`` (the connection broke after the message had left). What a program refused is no row any more.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from pdd_audit.data.storage.state import State
from pdd_audit.data.storage.tables import NoticeRow

NoticeState = Literal["sending", "sent", "unknown"]


class Notices:
    """The notices of one shop."""

    def __init__(self, state: State, shop_id: str) -> None:
        self._state = state
        self._shop_id = shop_id

    def told(self, channel: str) -> set[tuple[str, int]]:
        """(waybill, hour) of everything claimed on a channel."""
        with self._state.reading() as session:
            rows = session.execute(
                select(NoticeRow.waybill, NoticeRow.hour).where(NoticeRow.shop_id == self._shop_id, NoticeRow.channel == channel)
            )
            return {(waybill, hour) for waybill, hour in rows}

    def claim(self, channel: str, wanted: Sequence[tuple[str, int]], at: datetime) -> tuple[str, list[tuple[str, int]]]:
        """Of the wanted ones those that nobody had claimed, now claimed for one message; its id and what it is about."""
        batch = uuid.uuid4().hex

        def work(session: Session) -> list[tuple[str, int]]:
            columns = NoticeRow.waybill, NoticeRow.hour, NoticeRow.batch
            rows = session.execute(select(*columns).where(NoticeRow.shop_id == self._shop_id, NoticeRow.channel == channel))
            taken = {(waybill, hour): by for waybill, hour, by in rows}
            free = [one for one in dict.fromkeys(wanted) if one not in taken]
            session.add_all(
                NoticeRow(shop_id=self._shop_id, channel=channel, waybill=waybill, hour=hour, batch=batch, state="sending", at=at)
                for waybill, hour in free
            )
            return [one for one in dict.fromkeys(wanted) if taken.get(one, batch) == batch]  # also what an earlier try had claimed

        return batch, self._state.save(work)

    def settle(self, batch: str, state: NoticeState) -> None:
        """How the sending of a message ended."""
        settled = update(NoticeRow).where(NoticeRow.shop_id == self._shop_id, NoticeRow.batch == batch).values(state=state)
        self._state.save(lambda session: session.execute(settled))

    def release(self, batch: str) -> None:
        """The program refused the message: its parcels may be told of again."""
        gone = delete(NoticeRow).where(NoticeRow.shop_id == self._shop_id, NoticeRow.batch == batch)
        self._state.save(lambda session: session.execute(gone))

    def interrupted(self, before: datetime) -> int:
        """How many notices a run before this moment left behind unfinished; from now on their end is ``unknown``."""
        where = NoticeRow.shop_id == self._shop_id, NoticeRow.state == "sending", NoticeRow.at < before

        def work(session: Session) -> int:
            left = len(session.execute(select(NoticeRow.waybill).where(*where)).all())
            session.execute(update(NoticeRow).where(*where).values(state="unknown"))
            return left

        return self._state.save(work)
