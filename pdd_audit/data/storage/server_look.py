"""What a database server holds, without making, migrating or repairing anything there."""

from dataclasses import dataclass

from sqlalchemy import text

from pdd_audit.data.storage.connecting import engine_of
from pdd_audit.data.storage.schema import instance_in
from pdd_audit.data.storage.state import Shop
from pdd_audit.data.storage.tables import Base


@dataclass(frozen=True)
class Seen:
    """``tables``: their version, None where there are none. ``foreign``: tables of our names that we did not make. ``instance``: the id of
    the installation, if it has one."""

    server: str
    tables: str | None
    foreign: bool
    shops: list[Shop]
    instance: str | None = None


def look_at_server(url: str) -> Seen:
    """One look, without a second try. Raises AuditError ``store_away``, ``database_url`` and what else ``faults`` names."""
    engine = engine_of(url)
    try:
        with engine.connect() as connection:
            server = ".".join(map(str, connection.dialect.server_version_info or ()))
            stamped = connection.dialect.has_table(connection, "alembic_version")
            tables = connection.scalar(text("SELECT version_num FROM alembic_version")) if stamped else None
            ours = any(connection.dialect.has_table(connection, name) for name in Base.metadata.tables)
            rows = connection.execute(text("SELECT id, name, is_demo, created_at FROM shops ORDER BY created_at, id")) if tables else ()
            return Seen(server, tables, ours and not tables, [Shop(*row) for row in rows], instance_in(connection))
    finally:
        engine.dispose()
