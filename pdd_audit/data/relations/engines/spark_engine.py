"""Spark, for archives larger than one machine. In this process, without a cluster, unless ``PDD_AUDIT_SPARK_MASTER`` names one.

Times carry no zone anywhere (TIMESTAMP_NTZ), so no zone can shift them. Kept tables live in the session, in memory and beside it on
the workers' disks: a cluster need not be able to write to where the ledger lies.
"""

import os
import re
import tempfile
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import ibis
import ibis.expr.types as ir

from pdd_audit.core.errors import AuditError

MASTER = "PDD_AUDIT_SPARK_MASTER"  # e.g. yarn, spark://host:7077; default: two threads of this process
SEEN_AT = "PDD_AUDIT_SPARK_HOME"  # where workers find the installation's folder, e.g. s3a://bucket/pdd-audit; default: where it lies
GLOB = re.compile(r"([\\*?\[\]{}])")  # a path is a pattern to Spark
ALWAYS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.catalogImplementation": "in-memory",  # no metastore in the current folder
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",  # a digest of digits only is a text
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.ansi.enabled": "true",  # a number that does not fit is an error, as in DuckDB, never another number
}
ALONE = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1", "spark.sql.shuffle.partitions": "2"}


class SparkEngine:
    """``home``: the installation's folder here; ``seen_at``: the same folder as workers see it."""

    def __init__(self, session: Any, home: Path, seen_at: str) -> None:
        self._session = session
        self._backend = ibis.pyspark.connect(session)
        self._home = home.absolute()
        self._seen_at = seen_at.rstrip("/")
        self._views: list[str] = []

    def rows(self, files: Sequence[Path]) -> ir.Table:
        frame = self._session.read.parquet(*(GLOB.sub(r"\\\1", self._seen(file)) for file in files))
        view = self._new_view()
        # From the name, not as a partition: Spark wants all of those below one folder, and a later reading of a file lies below another.
        import_id = "regexp_extract(_metadata.file_path, '/import_id=([^/]+)/', 1) AS import_id"
        frame.selectExpr("*", import_id, "_metadata.row_index AS file_row_number").createTempView(view)
        return self._backend.table(view)

    def kept(self, folder: Path | None, name: str, expression: ir.Table) -> ir.Table:  # noqa: ARG002 - nothing is kept in a folder here
        asked, table = self._new_view(), self._new_view()
        self._backend.create_view(asked, expression)
        # A view made of text is planned anew by every query that names it, one made of a frame is not.
        self._session.table(asked).persist().createTempView(table)
        return self._backend.table(table)

    def close(self) -> None:
        for view in self._views:
            self._session.catalog.dropTempView(view)  # and what it kept

    def _new_view(self) -> str:
        self._views.append(f"pdd_audit_{uuid.uuid4().hex}")
        return self._views[-1]

    def _seen(self, path: Path) -> str:
        return f"{self._seen_at}/{path.absolute().relative_to(self._home).as_posix()}"


@contextmanager
def opened_spark(scratch: Path, home: Path) -> Iterator[SparkEngine]:
    """Spark in one session of this process, which ends with its last user. Raises AuditError ``engine_failed``."""
    with _sessions.used(scratch) as session:
        engine = SparkEngine(session, home, os.environ.get(SEEN_AT) or f"file://{_rooted(home)}")
        try:
            yield engine
        finally:
            engine.close()


def _rooted(path: Path) -> str:
    """An absolute path as a URL has it: from a slash on, on Windows too."""
    text = path.absolute().as_posix()
    return text if text.startswith("/") else f"/{text}"


class _Sessions:
    """The one session that Spark allows a process, shared by all who ask at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._session: Any = None
        self._gateway: Any = None
        self._said: IO[bytes] | None = None  # what Java prints; nobody's screen is the place for it

    @contextmanager
    def used(self, scratch: Path) -> Iterator[Any]:
        with self._lock:
            if self._session is None:
                self._session = self._started(scratch)
            self._users += 1
            session = self._session
        try:
            yield session
        finally:
            with self._lock:
                self._users -= 1
                if not self._users:
                    self._session.stop()
                    self._session = None

    def _started(self, scratch: Path) -> Any:
        from py4j.protocol import Py4JError
        from pyspark import SparkConf, SparkContext
        from pyspark.errors import PySparkException
        from pyspark.java_gateway import launch_gateway
        from pyspark.sql import SparkSession

        scratch.mkdir(parents=True, exist_ok=True)
        master = os.environ.get(MASTER) or "local[2]"
        conf = SparkConf().setMaster(master).setAppName("pdd-audit")
        conf.setAll([*ALWAYS.items(), *(ALONE.items() if master.startswith("local") else ())])
        conf.set("spark.sql.warehouse.dir", f"file://{_rooted(scratch / 'warehouse')}")
        conf.set("spark.local.dir", str(scratch) if "," not in str(scratch) else tempfile.gettempdir())  # a comma would part two folders
        try:
            if self._gateway is None:
                self._said = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as Java does
                self._gateway = launch_gateway(conf, {"stdout": self._said, "stderr": self._said})
            context = SparkContext(conf=conf, gateway=self._gateway)
        except (PySparkException, Py4JError, OSError) as error:
            raise AuditError("engine_failed", found=self._reason(error)) from error
        context.setLogLevel("ERROR")
        return SparkSession(context)

    def _reason(self, error: Exception) -> str:
        """Java's own words for what went wrong."""
        said = str(error)
        if self._gateway is None and self._said is not None:  # Java ended before anybody could speak with it
            self._said.seek(0)
            said = self._said.read().decode("utf-8", "replace")
        cause = re.search(r"(?:Exception|Error): ([^\n]+)", said)
        return cause.group(1) if cause else type(error).__name__


_sessions = _Sessions()
