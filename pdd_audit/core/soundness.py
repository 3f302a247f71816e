"""What a look through stored data found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """``code`` is worded in ``ledger.findings``. ``where``: a path inside the home. ``grave``: wrong, and not only worth naming."""

    code: str
    where: str
    detail: str = ""
    grave: bool = True
