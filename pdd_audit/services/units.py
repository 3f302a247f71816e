"""In which unit the numbers of a column are, where the file does not say it: asked on its card, remembered for the shop and its headers."""

from dataclasses import dataclass
from datetime import datetime

from pdd_audit.core.errors import Place
from pdd_audit.core.imports import ImportReport
from pdd_audit.core.mapping import ByHand, Mapping, Unit, check_units, fingerprint_of, read_otherwise, units_of
from pdd_audit.core.people import Right
from pdd_audit.data.reading.mapping import target
from pdd_audit.services.access import needs
from pdd_audit.services.import_files import user_here
from pdd_audit.services.workspace import Workspace

# Notice that asks -> the column of ours, and which of its values is a number of the file.
_ASKS = {"perhaps_fen": ("received_yuan", "median"), "response_unit_unknown": ("mean_seconds", "text")}


@dataclass(frozen=True)
class UnitQuestion:
    """``column`` of ours under its ``header`` in the file, and the ``units`` it may be in. ``sample``: a number of it, "" when the import
    was read in a unit somebody named. ``said``: the unit the shop has named, on the day ``on``; ``waits``: the import was read otherwise,
    and the same file handed in again takes its place."""

    column: str
    header: str
    units: tuple[Unit, ...]
    sample: str
    said: Unit | None
    on: str
    waits: bool


@needs(Right.LOOK)
def unit_questions(workspace: Workspace, shop_id: str, report: ImportReport) -> list[UnitQuestion]:
    """What the import asks, or once asked, of its units; most imports ask nothing."""
    columns = {name: "" for name in report.units if units_of(name)}
    for notice in report.notices:
        if notice.code in _ASKS:
            column, sample = _ASKS[notice.code]
            columns[column] = str(notice.values.get(sample) or "")
    if not columns:
        return []
    by_hand = ByHand(remembered=tuple(one for one, _ in workspace.state.mappings(shop_id)))
    said, on = by_hand.units_for(report.kind, fingerprint_of(report))
    waits = read_otherwise(report, by_hand)
    return [
        UnitQuestion(name, report.columns.get(name, name), units_of(name), sample, said.get(name), on, waits and name in said)
        for name, sample in columns.items()
    ]


@needs(Right.IMPORT_FILES)
def say_unit(workspace: Workspace, shop_id: str, report: ImportReport, column: str, unit: Unit, on: datetime) -> None:
    """From now on this column of files with these headers is read in this unit. Raises mapping_unknown_column, mapping_unit."""
    fingerprint = fingerprint_of(report)
    known = (one.mapping for one, _ in workspace.state.mappings(shop_id) if one.fingerprint == fingerprint)
    mapping = next(known, None) or Mapping(kind=report.kind)
    said = mapping.model_copy(update={"units": {**mapping.units, column: unit}})
    check_units(said, target(said.kind), Place(report.file))
    workspace.state.remember_mapping(shop_id, fingerprint, said, report.file, on, user_here())
