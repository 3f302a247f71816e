"""Where the rows of the files went: from what was read to what counts, step by step, every row in one place.

Each step was counted by itself, so that what stands there and what left on the way there add up, or the gap is seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Side = Literal["orders", "pickups"]
Counted = Mapping[tuple[str, str, str], int]  # (side, step, reason) -> rows, as the table "ladder" counts them

_ORDERS = (
    ("stored", ("split",)), ("newest", ("superseded",)), ("lines", ("after_moment",)), ("uploaded", ("not_uploaded",)),
    ("parcels", ("merged",)), ("chosen", ("not_chosen",)), ("on_clock", ("excluded", "refunded")), ("included", ("too_fresh", "not_yet")),
)
_PICKUPS = (("stored", ("split",)), ("waybills", ("repeated",)), ("ours", ("not_ours",)), ("scanned", ("without_time",)))


@dataclass(frozen=True)
class Part:
    """Rows that left on the way to a step, and why. ``step``: the count they belong to; negative: as many were added."""

    step: str
    reason: str
    rows: int


@dataclass(frozen=True)
class Rung:
    """``rows`` stand at ``step`` once the ``parts`` have left; ``gap``: rows nobody can account for, 0 or the ladder is wrong."""

    step: str
    rows: int
    parts: tuple[Part, ...] = ()
    gap: int = 0


def ladder_of(side: Side, read: int, left_out: Mapping[str, int], counted: Counted) -> list[Rung]:
    """The steps of one kind of files. ``read`` and ``left_out``: rows and reasons of its import reports together."""
    rungs = [Rung("read", read)]
    gone = [Part("left_out", reason, rows) for reason, rows in sorted(left_out.items(), key=lambda item: -item[1]) if rows]
    kept = read - sum(part.rows for part in gone)
    rungs.append(Rung("kept", kept, tuple(gone)))
    for step, names in _ORDERS if side == "orders" else _PICKUPS:
        here = counted.get((side, step, ""), 0)
        parts = tuple(part for name in names for part in _parts(side, name, counted, rungs[-1].rows, here))
        rungs.append(Rung(step, here, parts, rungs[-1].rows - sum(part.rows for part in parts) - here))
    return rungs


def _parts(side: Side, name: str, counted: Counted, before: int, here: int) -> list[Part]:
    """What a step sets apart. A cell with several waybills makes several rows, several orders share a parcel, and what was not chosen is
    not looked at: these are told by the difference of what stands on both sides."""
    if name == "merged":
        rows = before - counted.get((side, "waybills", ""), 0)
    elif name in ("split", "not_chosen", "repeated"):
        rows = before - here
    else:
        found = {reason: rows for (where, step, reason), rows in counted.items() if (where, step) == (side, name) and rows}
        return [Part(name, reason, rows) for reason, rows in sorted(found.items(), key=lambda item: -item[1])]
    return [Part(name, name, rows)] if rows else []


def sound(rungs: Sequence[Rung]) -> bool:
    """Whether every row is accounted for."""
    return not any(rung.gap for rung in rungs)
