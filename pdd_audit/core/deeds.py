"""What a shop did about parcels and orders: whom it called, told, helped. Nothing done is edited; a deed is undone by another one."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from pdd_audit.core.questions import Part

DeedKind = Literal["called", "promised", "collected", "found", "told", "remedied", "intercepted", "closed", "undone"]


class Deed(Part):
    """One deed on one or many subjects (waybills or order numbers), with the small facts of its kind in ``what``.

    ``at``: Shanghai time without an offset. ``undone`` has no subjects; its ``what["deed"]`` names the deed it takes back.
    """

    id: Annotated[str, Field(min_length=1, max_length=32)]
    kind: DeedKind
    subjects: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=64)], ...], Field(max_length=100_000)]
    what: dict[Annotated[str, Field(max_length=40)], float | Annotated[str, Field(max_length=4000)]] = Field(default_factory=dict)
    at: datetime
    by: Annotated[str, Field(min_length=1, max_length=60)]


def standing(deeds: Iterable[Deed]) -> list[Deed]:
    """Those that nobody took back, in the order in which they were done."""
    told = list(deeds)
    undone = {one.what.get("deed") for one in told if one.kind == "undone"}
    return [one for one in told if one.kind != "undone" and one.id not in undone]
