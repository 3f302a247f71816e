"""A courier's name -> the code a source knows it by. A courier without a code is not asked for; nothing is guessed."""

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.content.guarded_yaml import load_yaml
from pdd_audit.data.live.answers import SourceName
from pdd_audit.data.reading.sources import couriers

FILE = "courier_codes.yaml"
CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")


class CourierCodes:
    """The codes of one source, by short name and by any other text the shop's own file names."""

    def __init__(self, codes: Mapping[str, str]) -> None:
        self._codes = codes
        self._own = {code: code for code in codes.values()}

    def code(self, courier: str | None) -> str | None:
        """The code, or None. The text itself first, then a code as such, then the courier it stands for (佛山-中通快递 -> 中通)."""
        text = (courier or "").strip()
        return self._codes.get(text) or self._own.get(text) or self._codes.get(_short_name(text) or "")


def courier_codes(source: SourceName, shops_file: Path | None = None) -> CourierCodes:
    """The known codes, overridden by those of the shop's file. Raises AuditError with file and line for a wrong file."""
    known = _section(files(__package__).joinpath(FILE).read_bytes(), FILE, source)
    if shops_file is None:
        return CourierCodes(known)
    try:
        content = shops_file.read_bytes()
    except OSError:
        raise AuditError("no_such_file", Place(shops_file.name), found=shops_file.name) from None
    return CourierCodes({**known, **_section(content, shops_file.name, source)})


def _section(content: bytes, name: str, source: SourceName) -> dict[str, str]:
    data, marks = load_yaml(content, name)

    def wrong(path: tuple[str, ...], found: Any) -> AuditError:
        shown = str(found) if isinstance(found, str | int | float) else ""
        return AuditError("live_courier_codes", Place(name, row=marks.line(path), column=path[-1] if path else None), found=shown)

    if not isinstance(data, dict):
        raise wrong((), data)
    section = data.get(source) or {}
    if not isinstance(section, dict):
        raise wrong((source,), section)
    codes: dict[str, str] = {}
    for courier, code in section.items():
        text = str(code) if isinstance(code, str | int) and not isinstance(code, bool) else ""
        if not CODE.fullmatch(text):
            raise wrong((source, courier), code)
        codes[courier.strip()] = text
    return codes


def _short_name(text: str) -> str | None:
    return next((name for name, marks in couriers().items() if any(mark in text for mark in marks)), None)
