"""Invented people in files a shop would hand in, and a search for them in bytes of any kind.

Every value is different from all others, and begins with the mark of its sort, which stands nowhere else.
"""

import base64
import io
import itertools
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pypdf import PdfReader

# Long enough not to stand somewhere by chance, in a few hundred megabytes and any encoding.
WORD, PHONE, CARD, ACCOUNT = "苇鲸汀", "13975310", "33010619750", "kestrelquill"
MARKS = (WORD, PHONE, CARD, ACCOUNT)
ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
LONG = 100_000  # bytes, from where one pass for all marks is quicker than one for each
HEAD = {b"PK\x03\x04": "zip", b"PAR1": "parquet", b"SQLite format 3\x00": "sqlite", b"%PDF-": "pdf"}


class Canaries:
    """``made``: file -> every value that was put into it."""

    def __init__(self) -> None:
        self.made: dict[str, list[str]] = {}
        self._numbers = itertools.count()

    def put(self, file: str, header: str) -> str:
        """What stands in one cell of a personal column."""
        number = next(self._numbers)
        assert number < 10_000, "the numbers of invented people are used up"
        value = _value(header, number)
        self.made.setdefault(file, []).append(value)
        return value


def _value(header: str, number: int) -> str:
    name = WORD + chr(0x4E00 + number // 100) + chr(0x5000 + number % 100)
    phone = f"{PHONE}{number % 1000:03d}"
    if "身份证号" in header:
        return f"{CARD}{number:07d}"
    if any(part in header for part in ("手机", "电话", "固话", "phone")):
        return phone
    if any(part in header for part in ("地址", "街道", "address")):
        return f"{WORD}路{number}号3单元"
    if any(part in header for part in ("支付", "账号", "ID", "昵称", "网名")):
        return f"{ACCOUNT}{number}"
    if any(part in header for part in ("备注", "留言", "内容", "消息", "原因", "轨迹", "说明", "便签")):
        return f"转给{name}，打{phone}（{number}）"
    return name


@cache
def needles() -> list[bytes]:
    """The marks in every way in which they may have been written."""
    return list(dict.fromkeys(way for mark in MARKS for way in (*written(mark), *(form for text in written(mark) for form in _wrapped(text)))))


def written(text: str) -> list[bytes]:
    """In each encoding, and as JSON writes what is not ASCII."""
    return [*(text.encode(encoding) for encoding in ENCODINGS), json.dumps(text)[1:-1].encode()]


def _wrapped(raw: bytes) -> Iterator[bytes]:
    """As bytes go where only letters may: in an address, as hex, as base64 of either alphabet, whatever stands before them."""
    for plain in (quote(raw).encode(), raw.hex().encode()):
        yield from (plain, plain.upper(), plain.lower())
    for before in range(3):
        packed = base64.b64encode(bytes(before) + raw)[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        yield from (packed, packed.translate(bytes.maketrans(b"+/", b"-_")))


def finds(name: str, data: bytes) -> list[str]:
    """Every mark in the bytes as they are: the name of the place, and what stands around it."""
    first = _first(data) if len(data) >= LONG else 0
    found = [at for needle in needles() if first >= 0 and (at := data.find(needle, first)) >= 0]
    return [f"{name}: {data[max(0, at - 40) : at + 40]!r}" for at in found]


def _first(data: bytes) -> int:
    pattern = "|".join("".join(f"\\x{byte:02x}" for byte in needle) for needle in needles())
    return pc.find_substring_regex(pa.array([data], pa.large_binary()), pattern)[0].as_py()


def views(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """The bytes as they are, and what is packed inside: members of a ZIP, columns, rows of a database, the text of a PDF."""
    yield name, data
    kind = next((kind for head, kind in HEAD.items() if data.startswith(head)), "")
    if kind == "zip":
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            for member in package.infolist():
                yield f"{name}/{member.filename}", member.filename.encode()
                yield from views(f"{name}/{member.filename}", package.read(member))
    elif kind == "parquet":
        for column, values in pq.read_table(io.BytesIO(data)).to_pydict().items():
            yield f"{name}#{column}", "\n".join(map(str, values)).encode()
    elif kind == "pdf":
        yield f"{name}#text", "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(data)).pages).encode()
    elif kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            (copy := Path(folder) / "copy.db").write_bytes(data)
            yield from database(name, copy)


def database(name: str, path: Path) -> Iterator[tuple[str, bytes]]:
    """Every value of every table: a text may lie in several pages of the file."""
    connection = sqlite3.connect(path)
    try:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                for value in row:
                    yield from views(f"{name}#{table}", value if isinstance(value, bytes) else str(value).encode())
    finally:
        connection.close()


def under(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file under a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()
