"""The single rows that stand behind one figure, ready to be written down."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FigureRows:
    """``what``: a kind of ``core.lineage.ROWS_BEHIND``. ``columns``: headers in the reader's language; ``rows``: a value for each, None
    where nothing is known. ``more``: whether there are rows beyond these."""

    what: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    more: bool
