"""Before tables are brought up to date the file is kept as it was; where it cannot be kept, nothing is begun."""

import shutil
import sqlite3
import sys
from contextlib import closing

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.data.storage.connecting import sqlite_url
from pdd_audit.data.storage.head import HEAD
from pdd_audit.data.storage.shop_rows import delete_shop_rows
from pdd_audit.data.storage.state import State
from pdd_audit.data.storage.upgrade_copies import KEPT, copies_of
from pdd_audit.texts import LANGS, error_text
from tests.data.test_state import upgraded

NAME = "拾光家居"
LEAST_BYTES = 64 * 1024  # less than the database, more than the index of its journal


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """A database as an earlier release left it, with a shop, its log and somebody who is logged in."""
    file = tmp_path_factory.mktemp("left") / "state.db"
    upgraded(sqlite_url(file), "0019").dispose()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("INSERT INTO shops VALUES ('a', ?, 0, '2026-11-20 18:00:00')", (NAME,))
        connection.execute("INSERT INTO log_rows VALUES ('a', 1, '', '', 'shop_made', '', '', '', '', '', '', '')")
        connection.execute("INSERT INTO logins VALUES ('d', 'p', '2026-11-20 18:00:00', '2026-11-20 18:00:00')")
        connection.commit()
    return file


@pytest.fixture
def old(left, tmp_path):
    return shutil.copy(left, tmp_path / "state.db")


def found_in(file, query):
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


def test_the_file_is_kept_as_it_was_for_its_owner_alone_and_once(old):
    State(sqlite_url(old), expected="").close()
    (copy,) = copies_of(old)
    assert copy.name.startswith("state-0019-20") and (sys.platform == "win32" or copy.stat().st_mode & 0o777 == 0o600)
    assert found_in(old, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert found_in(copy, "SELECT version_num FROM alembic_version") == [("0019",)]
    assert found_in(copy, "SELECT name FROM shops") == found_in(old, "SELECT name FROM shops") == [(NAME,)]
    assert found_in(old, "SELECT digest FROM logins") == [("d",)] and found_in(copy, "SELECT digest FROM logins") == [], "nobody comes in by a copy"
    State(sqlite_url(old), expected="").close()
    assert sorted(path.name for path in old.parent.iterdir()) == sorted([old.name, copy.name])
    back = old.with_name("back.db")  # it is what an earlier program would go on with
    copy.rename(back)
    state = State(sqlite_url(back), expected="")
    assert [shop.name for shop in state.shops()] == [NAME]
    state.close()


@pytest.mark.skipif(sys.platform != "linux", reason="needs file limits of Linux")
def test_without_a_copy_nothing_is_upgraded(old):
    import resource

    assert old.stat().st_size > LEAST_BYTES
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LEAST_BYTES, limits[1]))
    try:
        with pytest.raises(AuditError) as refused:
            State(sqlite_url(old), expected="")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert refused.value.code == "upgrade_no_copy" and all("{" not in "".join(error_text(refused.value, lang)) for lang in LANGS)
    assert found_in(old, "SELECT version_num FROM alembic_version") == [("0019",)]
    assert [path.name for path in old.parent.iterdir() if not path.name.startswith("state.db")] == []
    State(sqlite_url(old), expected="").close()
    assert len(copies_of(old)) == 1, "with room again it goes on"


def test_the_newest_few_copies_stay_and_a_deleted_shop_is_in_none(old):
    older = [old.with_name(f"state-{version}-2025-01-0{day}-000000.db") for day, version in enumerate(("0017", "0016", "0015"), 1)]
    for path in older:
        path.write_bytes(b"no database")
    (old.parent / "state-of-things.db").touch()
    state = State(sqlite_url(old), expected="")
    *kept, newest = copies_of(old)
    assert kept == older[1:] and len(kept) + 1 == KEPT and (old.parent / "state-of-things.db").exists()
    assert NAME.encode() in newest.read_bytes()
    delete_shop_rows(state, "a")
    state.close()
    assert copies_of(old) == [newest] and NAME.encode() not in newest.read_bytes()
    assert found_in(newest, "SELECT * FROM log_rows") == [] and found_in(newest, "PRAGMA integrity_check") == [("ok",)]


def test_a_version_that_is_none_is_no_part_of_a_name(old):
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '../x'")
        connection.commit()
    with pytest.raises(AuditError, match="store_foreign"):
        State(sqlite_url(old), expected="")
    assert copies_of(old) == []
