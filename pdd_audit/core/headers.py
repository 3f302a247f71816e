"""Headers as they are compared: what people see as the same text is the same text."""

import re
from collections.abc import Sequence
from functools import cache

_INVISIBLE = re.compile("[\\s\u00a0\u3000\u200b-\u200f\u2028-\u202e\u2060\ufeff\x00]|\\\\t")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


@cache
def fold(header: str) -> str:
    """A header as it is compared: no blanks, BOM, TAB or wrapper, half width, lower case."""
    text = _INVISIBLE.sub("", header).translate(_WIDE)
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    return text.removeprefix("'").lower()


def letter(position: int) -> str:
    """Excel's letter of a 0-based column."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_names(headers: Sequence[str]) -> tuple[str, ...]:
    """One name per column by which a person can point at it: its header; "名称 #2" where that is there again; "[D]" where it is blank."""
    names: list[str] = []
    taken: set[str] = set()
    for at, header in enumerate(headers):
        name = header if fold(header) else f"[{letter(at)}]"
        again = 1
        while fold(name) in taken:
            again += 1
            name = f"{header} #{again}"
        taken.add(fold(name))
        names.append(name)
    return tuple(names)
