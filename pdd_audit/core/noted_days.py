"""What a shop itself says of days: its couriers' stops, exemptions it was told of, and which windows of the rule file hold for it.

Nothing said is edited or lost: a later word on the same entry takes the place of the earlier one.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field

from pdd_audit.core.calendar_file import StopEntry
from pdd_audit.core.exemptions import Decision, OwnExemption
from pdd_audit.core.questions import Part
from pdd_audit.core.working_days import Stop


class Noted(Part):
    """One word on one entry. ``said`` None takes the entry back; ``by`` and ``why`` in the writer's words."""

    entry: Annotated[str, Field(min_length=1, max_length=64)]
    said: StopEntry | OwnExemption | Decision | None
    by: Annotated[str, Field(min_length=1, max_length=60)]
    why: Annotated[str, Field(max_length=400)] = ""
    at: datetime


def in_force(noted: Iterable[Noted]) -> dict[str, Noted]:
    """Entry -> the last word on it, those taken back left out; in the order in which they were first said."""
    last = {one.entry: one for one in noted}
    return {entry: one for entry, one in last.items() if one.said is not None}


def own_stops(noted: Mapping[str, Noted]) -> tuple[Stop, ...]:
    """The stops among the entries in force."""
    return tuple(one.said.stop() for one in noted.values() if isinstance(one.said, StopEntry))


def own_exemptions(noted: Mapping[str, Noted]) -> tuple[OwnExemption, ...]:
    """The shop's own windows among the entries in force."""
    return tuple(one.said for one in noted.values() if isinstance(one.said, OwnExemption))


def decisions(noted: Mapping[str, Noted]) -> dict[str, bool]:
    """Window of the rule file -> whether it holds, for those the shop has looked up."""
    return {one.said.exemption: one.said.holds for one in noted.values() if isinstance(one.said, Decision)}
