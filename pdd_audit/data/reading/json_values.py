"""A stranger's JSON: one document, or one value a line, with bounds on how much of it is held at once."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.reading.limits import Limits

_BROKEN = (ValueError, RecursionError)  # no JSON, no text, a number of thousands of digits; nested too deep


@dataclass(frozen=True)
class Value:
    """``row``: the line it stands on, or 1 for a document. ``content`` is None for a line that could not be read (``readable``)."""

    row: int
    content: Any
    readable: bool = True


def is_json(start: bytes) -> bool:
    """Whether a file that begins so (without blanks and marks) is meant as JSON: a bracket, then something only JSON has there."""
    after = start[1:].lstrip()[:1]
    return start[:1] in (b"{", b"[") and (not after or after in b'"{[]}-0123456789tfn')


def values_in(path: str, limits: Limits) -> Iterator[Value]:
    """The document, or the value of each line. Raises bad_json for a document that ends or breaks off, too_large_json, giant_line."""
    with Path(path).open("rb") as stream:
        first = stream.readline(limits.json_line_bytes + 1)
        while first and not first.strip(b"\xef\xbb\xbf \t\r\n"):
            first = stream.readline(limits.json_line_bytes + 1)
        more = stream.read(1)
    if more and len(first) <= limits.json_line_bytes and _is_object(first):
        yield from _lines(path, limits)
    else:
        yield Value(1, _document(path, limits))


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(_parsed(line), dict)
    except _BROKEN:
        return False


def _parsed(raw: bytes) -> Any:
    try:
        text = raw.decode(json.detect_encoding(raw))
    except UnicodeDecodeError:
        text = raw.decode("gb18030")
    return json.loads(text)


def _document(path: str, limits: Limits) -> Any:
    with Path(path).open("rb") as stream:
        raw = stream.read(limits.json_bytes + 1)
    if len(raw) > limits.json_bytes:
        most = f"{limits.json_bytes // 1048576} MB"
        raise AuditError("too_large_json", found=f"> {most}", limit=most)
    try:
        return _parsed(raw)
    except json.JSONDecodeError as error:
        raise AuditError("bad_json", Place(row=error.lineno), found=f"{error.lineno}:{error.colno}") from error
    except _BROKEN as error:
        raise AuditError("bad_json", found=type(error).__name__) from error


def _lines(path: str, limits: Limits) -> Iterator[Value]:
    row = 0
    with Path(path).open("rb") as stream:
        while line := stream.readline(limits.json_line_bytes + 1):
            row += 1
            if len(line) > limits.json_line_bytes:
                most = f"{limits.json_line_bytes // 1048576} MB"
                raise AuditError("giant_line", Place(row=row), found=f"> {most}", limit=most)
            if not line.strip(b"\xef\xbb\xbf \t\r\n"):
                continue
            try:
                yield Value(row, _parsed(line))
            except _BROKEN:
                yield Value(row, None, readable=False)
