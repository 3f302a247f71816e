"""One walk over a text table in blocks: its lines, NULs, destroyed characters and ways of writing dates, counted in UTF-8."""

import re
from dataclasses import dataclass

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.reading.limits import Limits
from pdd_audit.data.reading.marks import DAMAGE

_DAMAGE = tuple(mark.encode() for mark in DAMAGE)
# Of a big file the first 32 MB: one that was re-saved or put together shows it throughout, and looking takes its time.
_LOOKED_AT = 32 * 1024 * 1024
_SLASHES, _HYPHENS = re.compile(rb"20[0-9]{2}/[0-9]{1,2}/"), re.compile(rb"20[0-9]{2}-[0-9]{1,2}-")


@dataclass
class Damage:
    """Destroyed characters: ``marks`` of them (among the first 32 MB), the first on line ``row``, which begins at byte ``start``."""

    row: int
    start: int
    marks: int = 0


@dataclass
class Walk:
    """What the blocks add up to."""

    limits: Limits
    newlines: int = 0
    returns: int = 0
    nuls: int = 0
    total: int = 0
    last: bytes = b""
    since: int = 0
    long_lines: bool = False
    damage: Damage | None = None
    slashes: bool = False
    hyphens: bool = False

    @property
    def mixed_dates(self) -> bool:
        """Whether dates with slashes and dates with hyphens stand in the file, in whatever columns."""
        return self.slashes and self.hyphens

    def add(self, block: bytes) -> None:
        """Raises giant_line."""
        if self.total < _LOOKED_AT:
            self._look_for_damage(block)
            self.slashes = self.slashes or (b"/" in block and _SLASHES.search(block) is not None)
            self.hyphens = self.hyphens or _HYPHENS.search(block) is not None
        first = block.find(b"\n")
        if self.since + (first if first >= 0 else len(block)) > self.limits.line_bytes and b"\r" not in block:
            most = f"{self.limits.line_bytes // 1024} KB"
            raise AuditError("giant_line", Place(row=self.newlines + 1), found=f"> {most}", limit=most)
        # A cell that is too long makes its line long. A line that long covers a whole stretch of a quarter of it, on one side of a
        # block's end or the other: a line end in each stretch says there is none.
        stretch = self.limits.kept_cell_characters // 4
        self.long_lines = self.long_lines or any(
            block.find(b"\n", at, at + stretch) < 0 for at in range(0, len(block) - stretch + 1, stretch)
        )
        self.since = len(block) - block.rfind(b"\n") - 1 if first >= 0 else self.since + len(block)
        self.newlines += len(block) - len(block.replace(b"\n", b""))  # a quarter of the time of counting, which looks at every byte
        self.returns += block.count(b"\r") if b"\r" in block else 0
        self.nuls += block.count(b"\0") if b"\0" in block else 0
        self.total += len(block)
        self.last = block[-1:]

    def _look_for_damage(self, block: bytes) -> None:
        places = [at for mark in _DAMAGE if (at := block.find(mark)) >= 0]
        if not places:
            return
        if self.damage is None:
            begin = block.rfind(b"\n", 0, min(places)) + 1
            start = self.total + begin if begin else self.total - self.since
            self.damage = Damage(self.newlines + block.count(b"\n", 0, min(places)) + 1, start)
        self.damage.marks += sum(map(block.count, _DAMAGE))


__all__ = ["Damage", "Walk"]
