"""Platform figures: dated, sourced, graded. A figure nobody could confirm is None and stays None; it never becomes 0."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from pdd_audit.core.exemptions import Exemption, exemption_faults
from pdd_audit.core.periods import Fault, IsoDay, is_day
from pdd_audit.core.questions import Identifier, Part, Text, Trust

FigureValue = bool | int | float | str | None
Unit = Literal[
    "hours", "days", "working_days", "minutes", "seconds", "yuan", "ratio", "orders", "count", "boolean", "choice", "event",
    "time_of_day", "table",
]

# What the code reads by name; a rule file without one of these cannot be used. Their values may still be unknown.
NEEDED_FIGURES = (
    "pickup_limit_hours", "track_no_update_hours", "pickup_record_that_counts", "waybill_reuse_days", "promise_default_hours",
    "promise_needs_pickup", "compensation_rounding", "false_shipment_ratio", "false_shipment_min_yuan", "false_shipment_max_yuan",
    "late_fixed_yuan", "reply_window_from", "reply_window_to", "reply_limit_seconds", "appeal_limit_days", "waybill_change_hours",
)


class SourceEntry(Part):
    """Where something was read. ``trust`` A = official text ... D = third party; no address: seen first-hand, not on a page."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    address: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=400)] | None = None
    date: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")] | None = None
    trust: Trust
    note: Annotated[str, Field(max_length=400)] = ""


class Figure(Part):
    """One figure of a platform. Unknown = None in ``value``, ``source``, ``trust`` and ``checked`` alike."""

    value: FigureValue
    unit: Unit
    source: Identifier | None
    trust: Trust | None
    checked: IsoDay | None
    note: Annotated[str, Field(max_length=400)] = ""

    @property
    def verified(self) -> bool:
        """Whether the figure was read in the platform's own dated text."""
        return self.value is not None and self.trust == "A"


class OwnFigure(Figure):
    """A figure as the shop itself has read it in the platform's rule centre. It stands beside the file, never in it."""

    @property
    def verified(self) -> bool:
        return True


SHARED = "shared"
HOME_PLATFORM = "pdd"  # whose order files are read, and by whose rules a shop is measured that has chosen no other
PLATFORM_WORD = "platform"  # pack and figure of the word by which a shop chooses the rules of another platform


class Confirmation(Part):
    """What a shop says of one figure of one pack (``RulePacks.shared_key``: of those that hold in all): its value, who said so, when,
    and why it is so (what was read, or what differs). ``value`` None takes an earlier confirmation back."""

    pack: Identifier
    figure: Identifier
    value: FigureValue
    by: Annotated[str, Field(min_length=1, max_length=60)]
    why: Annotated[str, Field(min_length=1, max_length=400)]
    at: datetime


class RulePack(Part):
    """The figures in force from ``valid_from`` to ``valid_to``, both days included; None = no end known."""

    id: Identifier
    valid_from: IsoDay | None
    valid_to: IsoDay | None
    note: Annotated[str, Field(max_length=400)] = ""
    figures: dict[Identifier, Figure]

    def covers(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day.isoformat()) and (
            self.valid_to is None or day.isoformat() <= self.valid_to
        )

    def value(self, name: str) -> FigureValue:
        """The figure's value, None if unknown. KeyError if there is no such figure."""
        return self.figures[name].value

    def number(self, name: str) -> float | None:
        """The value of a numeric figure, None if unknown."""
        value = self.figures[name].value
        if value is None:
            return None
        if isinstance(value, bool | str):
            raise TypeError(f"{name} is not a number: {value!r}")
        return float(value)

    @property
    def unverified(self) -> list[str]:
        """Names of the figures not read in official text, the unknown ones included."""
        return sorted(name for name, figure in self.figures.items() if not figure.verified)

    @property
    def unknown(self) -> list[str]:
        return sorted(name for name, figure in self.figures.items() if figure.value is None)


class RulePacks(Part):
    """One platform's rules: ``shared`` figures hold in every pack; the day of the order chooses the pack. ``exemptions``: windows in
    which they are suspended."""

    schema_version: Literal[1] = Field(alias="schema")
    platform: Identifier
    name: Text
    official: bool
    confirm_at: Annotated[str, Field(pattern=r"^https://\S+$")]
    pack_selected_by: Literal["order_confirmed_date", "order_paid_date"]
    sources: dict[Identifier, SourceEntry]
    shared: dict[Identifier, Figure]
    packs: Annotated[tuple[RulePack, ...], Field(min_length=1)]
    exemptions: tuple[Exemption, ...] = ()

    @property
    def shared_key(self) -> str:
        """Under which pack a shop's word on a shared figure stands: the same name means another figure with another platform."""
        return SHARED if self.platform == HOME_PLATFORM else f"{self.platform}_{SHARED}"

    def confirmed(self, confirmations: Iterable[Confirmation]) -> "RulePacks":
        """The rules with a shop's own figures in the place of ours; of several for one figure the last speaks. A confirmation of a
        figure or a pack that no longer exists counts for nothing."""
        last = {(one.pack, one.figure): one for one in confirmations}
        own = {key: one.value for key, one in last.items() if one.value is not None}

        def with_own(pack: str, figures: Mapping[str, Figure]) -> dict[str, Figure]:
            return {
                name: OwnFigure(**figure.model_dump() | {"value": own[(pack, name)]}) if (pack, name) in own else figure
                for name, figure in figures.items()
            }

        packs = tuple(pack.model_copy(update={"figures": with_own(pack.id, pack.figures)}) for pack in self.packs)
        return self.model_copy(update={"shared": with_own(self.shared_key, self.shared), "packs": packs})

    def pack_for(self, day: date) -> RulePack:
        """The pack in force on a day, the shared figures included."""
        pack = next(pack for pack in self.packs if pack.covers(day))  # the loader refuses gaps
        return pack.model_copy(update={"figures": {**self.shared, **pack.figures}})

    def figure(self, name: str, day: date) -> Figure:
        """KeyError if the pack of that day has no such figure."""
        return self.pack_for(day).figures[name]


# --- what must hold beyond the shape ----------------------------------------------------------------------------------------


def rule_faults(rules: RulePacks, couriers: Collection[str] | None = None) -> list[Fault]:
    """(path in the file, code, values) for everything that is shaped right and still wrong. ``couriers``: the names that exist."""
    faults = [fault for name, figure in rules.shared.items() for fault in _figure_faults(("shared", name), figure, rules)]
    for at, pack in enumerate(rules.packs):
        for name, figure in pack.figures.items():
            faults += _figure_faults(("packs", at, "figures", name), figure, rules)
        missing = [name for name in NEEDED_FIGURES if name not in rules.shared and name not in pack.figures]
        faults += [(("packs", at), "checklist_figure_missing", {"name": name, "pack": pack.id}) for name in missing]
    of_windows = exemption_faults(rules.exemptions, rules.sources, couriers)
    faults += [(("exemptions", *path), code, values) for path, code, values in of_windows]
    return faults + _period_faults(rules)


def _figure_faults(path: tuple[str | int, ...], figure: Figure, rules: RulePacks) -> list[Fault]:
    name = str(path[-1])
    faults: list[Fault] = []
    blank = [part is None for part in (figure.value, figure.source, figure.trust, figure.checked)]
    if any(blank) and not all(blank):
        faults.append((path, "checklist_figure_half_unknown", {"name": name}))
    if figure.source is not None and figure.source not in rules.sources:
        faults.append(((*path, "source"), "checklist_source_unknown", {"name": figure.source, "choices": list(rules.sources)}))
    if figure.checked is not None and not is_day(figure.checked):
        faults.append(((*path, "checked"), "checklist_bad_date", {"name": figure.checked}))
    if figure.value is not None and not fits(figure.value, figure.unit):
        faults.append(((*path, "value"), "checklist_figure_unit", {"name": name, "unit": figure.unit}))
    return faults


def fits(value: bool | int | float | str, unit: Unit) -> bool:
    """Whether a value can be what its unit says."""
    if unit == "boolean":
        return isinstance(value, bool)
    if unit == "time_of_day":
        return isinstance(value, str) and len(value) == 5 and value[2] == ":" and "00:00" <= value <= "23:59" and value[3] <= "5"
    if unit in ("choice", "event", "table"):
        return isinstance(value, str)
    return not isinstance(value, bool | str) and 0 <= value <= (1 if unit == "ratio" else 1_000_000)


def _period_faults(rules: RulePacks) -> list[Fault]:
    """The packs follow each other day by day, open at both ends."""
    ends = [(pack.valid_from, pack.valid_to) for pack in rules.packs]
    bad: list[Fault] = [
        (("packs", at), "checklist_bad_date", {"name": day})
        for at, pair in enumerate(ends) for day in pair if day is not None and not is_day(day)
    ]
    if bad:
        return bad
    gap: list[Fault] = []
    for at, (start, _) in enumerate(ends):
        before = ends[at - 1][1] if at else None
        expected = None if before is None else (date.fromisoformat(before) + timedelta(days=1)).isoformat()
        if start != expected or (at and before is None):
            gap.append((("packs", at), "checklist_pack_gap", {"name": rules.packs[at].id, "expected": expected or "null"}))
    if ends[-1][1] is not None:
        gap.append((("packs", len(ends) - 1), "checklist_pack_gap", {"name": rules.packs[-1].id, "expected": "valid_to: null"}))
    return gap
