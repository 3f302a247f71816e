"""One shop among many: the few numbers by which shops are laid side by side. Small on purpose, so that a thousand of them fit in memory."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pdd_audit.core.errors import AuditError
from pdd_audit.core.result import MetricRecord, ScoreRecord


@dataclass(frozen=True)
class ShopRow:
    """``score`` None: the shop could not be scored, ``problems`` say why. Problems beside a score: files that were left aside.

    ``late`` of ``mature``: parcels past the limit among those whose time is up. ``loss_yuan``: expected cost of the late ones a
    month; ``step_yuan``: what the first step of the plan would save a month. None where nothing is known, never 0.
    """

    shop: str
    shop_id: str | None = None
    as_of: datetime | None = None
    score: ScoreRecord | None = None
    pickup: MetricRecord | None = None
    reply: MetricRecord | None = None
    late: int | None = None
    mature: int | None = None
    open_over_limit: int | None = None
    loss_yuan: float | None = None
    step_yuan: float | None = None
    files: int = 0
    problems: tuple[AuditError, ...] = ()

    @property
    def scored(self) -> bool:
        return self.score is not None


def worst_first(rows: Iterable[ShopRow]) -> list[ShopRow]:
    """Most late parcels first, then most money, then lowest score; shops about which less is known come later, unscored ones last."""

    def badness(row: ShopRow) -> tuple[bool, bool, int, float, float, str]:
        points = row.score.value if row.score is not None and row.score.value is not None else 100.0
        return not row.scored, row.late is None, -(row.late or 0), -(row.loss_yuan or 0.0), points, row.shop

    return sorted(rows, key=badness)
