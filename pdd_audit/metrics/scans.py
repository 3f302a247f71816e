"""Scans that are worth checking: many in one and the same second, before the label existed, or with no movement after them.

None of these proves anything. A bag of parcels may be scanned at once, two clocks may differ, a hub may be closed.
"""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from pdd_audit.metrics.intervals import wilson

ScanKind = Literal["same_second", "before_label", "stood_still"]
KINDS: tuple[ScanKind, ...] = ("same_second", "before_label", "stood_still")
_COUNTS: dict[ScanKind, tuple[str, str]] = {
    "same_second": ("bulk", "exact"), "before_label": ("before_label", "labelled"), "stood_still": ("standing", "settled"),
}


@dataclass(frozen=True)
class ScansToCheck:
    """Scans of one kind at one outlet (None: no outlet is named): ``parcels`` of ``base`` that could show it, the share with 95 % limits,
    ``batches``: groups of one second. ``more``: more often than at all outlets together, beyond luck."""

    kind: ScanKind
    courier: str | None
    outlet: str | None
    parcels: int
    base: int
    low: float
    high: float
    batches: int
    more: bool

    @property
    def share(self) -> float:
        return self.parcels / self.base

    @property
    def worth_asking(self) -> bool:
        """Standing still happens everywhere; it is worth a question where it happens more than elsewhere."""
        return self.more or self.kind != "stood_still"


@dataclass(frozen=True)
class ScanCheck:
    """``found``: outlets with any such scan, most parcels first within a kind. ``bases``: kind -> scans that could show it at all;
    0 where the files cannot tell. ``usual``: kind -> share at all outlets together."""

    found: tuple[ScansToCheck, ...]
    bases: dict[ScanKind, int]
    usual: dict[ScanKind, float]


def scans_to_check(scans: pd.DataFrame, moves_told: bool) -> ScanCheck:
    """``scans``: courier, outlet, exact, bulk, batches, labelled, before_label, settled, standing (``core.details``). ``moves_told``:
    whether any sheet has a column for the first move; without one a parcel that stood still cannot be told from one that went on."""
    bases: dict[ScanKind, int] = {kind: int(scans[base].sum()) for kind, (_, base) in _COUNTS.items()}
    if not moves_told:
        bases["stood_still"] = 0
    found = []
    usual = {kind: float(scans[counted].sum()) / bases[kind] for kind, (counted, _) in _COUNTS.items() if bases[kind]}
    for kind, whole in usual.items():
        counted, base = _COUNTS[kind]
        rows = scans[scans[counted] > 0].sort_values(counted, ascending=False)
        for row in rows.to_dict("records"):
            low, high = wilson(row[counted], row[base])
            found.append(ScansToCheck(
                kind, _name(row["courier"]), _name(row["outlet"]), int(row[counted]), int(row[base]), low, high,
                int(row["batches"]) if kind == "same_second" else 0, low > whole,
            ))
    return ScanCheck(tuple(found), bases, usual)


def _name(value: object) -> str | None:
    return value if isinstance(value, str) else None
