"""One kind of error for everything a user can cure: a stable code, the place, what was found, what was needed.

The words people read live in ``texts.yaml`` under ``errors.<code>``; this module knows no language.
"""

from dataclasses import dataclass, field
from typing import Any

BETWEEN = "、"  # between names in a row, in what an error or a notice found; ``texts`` puts the sign of the language in its place


@dataclass(frozen=True)
class Place:
    """Where the trouble sits. ``row`` counts as Excel does (header included); every part may be unknown."""

    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None


class AuditError(Exception):
    """A refusal that names its place and its cure.

    ``code`` is a key of ``errors`` in texts.yaml; ``found`` is at most 60 characters and never personal data;
    ``values`` fill the placeholders of the code's sentences.
    """

    def __init__(self, code: str, place: Place | None = None, found: str = "", **values: Any) -> None:
        super().__init__(code, place, found, values)
        self.code = code
        self.place = place or Place()
        self.found = found[:60]
        self.values = values

    def __str__(self) -> str:
        where = ", ".join(f"{name}={value}" for name, value in vars(self.place).items() if value is not None)
        return f"{self.code} ({where}) found: {self.found or '-'}"


@dataclass(frozen=True)
class Notice:
    """Something a reader should know although the work went on. Worded in texts.yaml under ``warnings.<code>``."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)
    file: str | None = None
