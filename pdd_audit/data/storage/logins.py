"""The rows of those who are logged in. A row of somebody disabled is as good as none."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, or_, select, update

from pdd_audit.data.storage.state import State
from pdd_audit.data.storage.tables import LoginRow, PersonRow


@dataclass(frozen=True)
class KeptLogin:
    digest: str
    person: str
    created: datetime
    seen: datetime


class Logins:
    """Of one installation."""

    def __init__(self, state: State) -> None:
        self._state = state

    def nobody(self) -> bool:
        """Whether no person was ever here."""
        with self._state.reading() as session:
            return session.scalar(select(PersonRow.id).limit(1)) is None

    def add(self, digest: str, person: str, at: datetime) -> None:
        self._state.save(lambda session: session.merge(LoginRow(digest=digest, person_id=person, created=at, seen=at)))

    def find(self, digest: str) -> KeptLogin | None:
        return next(iter(self.some([digest])), None)

    def some(self, digests: Collection[str]) -> list[KeptLogin]:
        """Those of them that are there."""
        if not digests:
            return []
        with self._state.reading() as session:
            rows = session.scalars(_of_the_able().where(LoginRow.digest.in_(sorted(digests))))
            return [KeptLogin(row.digest, row.person_id, row.created, row.seen) for row in rows]

    def touch(self, digest: str, at: datetime) -> None:
        self._state.save(lambda session: session.execute(update(LoginRow).where(LoginRow.digest == digest).values(seen=at)))

    def remove(self, digest: str) -> None:
        self._state.save(lambda session: session.execute(delete(LoginRow).where(LoginRow.digest == digest)))

    def sweep(self, created_by: datetime, seen_by: datetime) -> None:
        """Remove those begun or last seen by these moments, and those of people who are disabled."""
        disabled = select(PersonRow.id).where(PersonRow.disabled_at.is_not(None))
        over = or_(LoginRow.created <= created_by, LoginRow.seen <= seen_by, LoginRow.person_id.in_(disabled))
        self._state.save(lambda session: session.execute(delete(LoginRow).where(over)))


def _of_the_able() -> Select[LoginRow]:
    return select(LoginRow).join(PersonRow, PersonRow.id == LoginRow.person_id).where(PersonRow.disabled_at.is_(None))
