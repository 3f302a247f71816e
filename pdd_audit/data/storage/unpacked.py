"""Rows that came out of an archive, read once from end to end where a crash harms nobody: in a child process with limits."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pdd_audit.core.errors import AuditError
from pdd_audit.data.reading.limits import COMMAND_LINE, Limits

_ROOT = Path(__file__).resolve().parents[3]
_ENTRY = "import sys; sys.path.insert(0, {root!r}); from pdd_audit.data.storage.unpacked import main; main()"
_TEXTS = {"waybill", "order_no", "trouble"}
_WRONG = 3


def prove_readable(paths: Sequence[Path], limits: Limits = COMMAND_LINE) -> None:
    """Raises AuditError("rows_unreadable") unless every row of every file can be read, in columns of the types they must have."""
    size = sum(path.stat().st_size for path in paths)
    limits = limits.for_size(size)
    job = json.dumps({"paths": [str(path.absolute()) for path in paths], "limits": vars(limits)})
    try:
        child = subprocess.run(  # noqa: S603 - our own interpreter and entry; no foreign text among the arguments
            [sys.executable, "-I", "-c", _ENTRY.format(root=str(_ROOT))],
            input=job.encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=limits.wall_seconds, check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise AuditError("rows_unreadable", found=f"> {limits.wall_seconds} s") from error
    if child.returncode != 0:
        raise AuditError("rows_unreadable", found=child.stdout.decode("ascii", "replace")[:60].strip() or f"exit {child.returncode}")


def main() -> None:
    """Entry point of the child."""
    from pdd_audit.data.reading.child import bound

    job = json.loads(sys.stdin.readline())
    bound(Limits(**job["limits"]), 0)
    for path in job["paths"]:
        wrong = _wrong_in(path)
        if wrong:
            sys.stdout.write(ascii(wrong))
            sys.stdout.flush()
            sys.exit(_WRONG)


def _wrong_in(path: str) -> str:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    for field in file.schema_arrow:
        if pa.types.is_nested(field.type) or pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            return str(field.name)
        if field.name.endswith("_at") and not (pa.types.is_timestamp(field.type) or pa.types.is_date(field.type)):
            return str(field.name)
        if field.name in _TEXTS and not (pa.types.is_string(field.type) or pa.types.is_large_string(field.type)):
            return str(field.name)
        if field.name == "source_row" and not pa.types.is_integer(field.type):
            return str(field.name)
    for batch in file.iter_batches():
        batch.validate(full=True)
    return ""
