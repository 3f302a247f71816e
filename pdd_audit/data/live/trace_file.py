"""The file of fetched traces: JSON Lines, one answered waybill a line, written as answers arrive and taken up again later."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.live.answers import Parcel, SourceName, Trace

BEGINS = b'{"source": "'
LONGEST_LINE = 4_000_000


class TraceFile:
    """An open file of traces. ``known``: waybills it already holds."""

    def __init__(self, stream: BinaryIO, name: str, known: set[str]) -> None:
        self._stream, self._name, self.known = stream, name, known

    def add(self, source: SourceName, parcel: Parcel, trace: Trace, fetched_at: datetime) -> None:
        """One line, on its way to the disk before the next question. Raises AuditError when the disk refuses it."""
        entry = {
            "source": source, "waybill": parcel.waybill, "courier": parcel.courier, "fetched_at": f"{fetched_at:%Y-%m-%d %H:%M:%S}",
            "answer": trace.answer,
        }
        line = json.dumps(entry).encode() + b"\n"  # pure ASCII: no odd character of an answer breaks a line or the encoding
        try:
            self._stream.write(line)
            self._stream.flush()
        except OSError as error:
            raise _unwritable(self._name, error) from error
        self.known.add(parcel.waybill)


@contextmanager
def open_trace_file(path: Path) -> Iterator[TraceFile]:
    """The file, created readable for its owner alone, or taken up where it ended; a torn last line is dropped.

    Raises AuditError for a file that cannot be written and for one that holds anything else.
    """
    try:
        # appending: two runs on one file by mistake may ask twice, but write over nothing
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        stream = os.fdopen(os.open(path, flags, 0o600), "a+b")
    except OSError as error:
        raise _unwritable(path.name, error) from error
    with stream:
        known = _take_up(stream, path.name)
        yield TraceFile(stream, path.name, known)


def _take_up(stream: BinaryIO, name: str) -> set[str]:
    known, good, row = set[str](), 0, 0
    stream.seek(0)
    while line := stream.readline(LONGEST_LINE):
        row += 1
        if not line.endswith(b"\n"):
            if not (line.startswith(BEGINS) or BEGINS.startswith(line)):
                raise AuditError("live_out_other_file", Place(name, row=row))
            break  # torn: it was being written when the run ended
        known.add(_waybill_of(line, name, row))
        good = stream.tell()
    stream.seek(good)
    stream.truncate()
    return known


def _waybill_of(line: bytes, name: str, row: int) -> str:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        entry = None
    waybill = entry.get("waybill") if isinstance(entry, dict) else None
    if not isinstance(waybill, str) or "answer" not in entry:
        raise AuditError("live_out_other_file", Place(name, row=row))
    return waybill


def _unwritable(name: str, error: OSError) -> AuditError:
    return AuditError("live_out_unwritable", Place(name), found=error.strerror or "")
