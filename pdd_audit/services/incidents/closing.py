"""Learning: late parcels as incidents, each closed with a cause and the point of the checklist that would have prevented it."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from pdd_audit.core.errors import BETWEEN, AuditError
from pdd_audit.core.filters import ALL, Filters
from pdd_audit.core.incidents.incident_causes import CausesFile
from pdd_audit.core.people import Right
from pdd_audit.data.content.appeals import load_causes
from pdd_audit.data.content.folder import default_folder
from pdd_audit.metrics.causes import CAUSES
from pdd_audit.metrics.waves import band_of
from pdd_audit.services.access import needs
from pdd_audit.services.deeds import do
from pdd_audit.services.incidents.learnt import closed_incidents
from pdd_audit.services.look_at_couriers import judged_breaches, late_parcels
from pdd_audit.services.overlay import checklists_of
from pdd_audit.services.workspace import Workspace

__all__ = ["CAUSES", "VAN", "Incident", "askable", "causes_file", "close", "find_incidents", "open_incidents"]
VAN = "van"
WEEKS_BACK = 5  # what lies further back nobody remembers


@dataclass(frozen=True)
class Incident:
    """Late parcels of one courier and day: those of the vans it missed (``part`` VAN), or of one band of upload. ``bands``: those of their
    uploads. ``proposed``: the cause of most of them; ``share`` of them have it. ``yuan``: what they are expected to cost, None where no
    amount is known."""

    courier: str | None
    day: date
    part: str
    bands: tuple[str, ...]
    parcels: int
    yuan: float | None
    proposed: str
    share: float

    @property
    def id(self) -> str:
        return f"{self.courier or ''}|{self.day.isoformat()}|{self.part}"


def causes_file(workspace: Workspace) -> CausesFile:
    """The fixed list of causes. Raises AuditError where the folder's own file is wrong."""
    return load_causes(workspace.content or default_folder())


@needs(Right.LOOK)
def find_incidents(workspace: Workspace, shop_id: str, _: Filters = ALL) -> list[Incident]:
    """Of the last ``WEEKS_BACK`` weeks of the files, most parcels first. Raises AuditError when the engine cannot run."""
    judged = judged_breaches(workspace, shop_id, ALL)
    if judged.empty:
        return []
    judged = judged[judged["rule"] != "exempt"]
    judged = judged[judged["day"] > judged["day"].max() - pd.Timedelta(weeks=WEEKS_BACK)]
    found = []
    judged = judged.assign(part=judged["band"].where(~judged["missed"], VAN))
    for (courier, day, part), rows in judged.groupby(["courier", "day", "part"], dropna=False):
        parcels, yuan = int(rows["parcels"].sum()), float(rows["yuan"].sum())
        by_cause = rows.groupby("cause")["parcels"].sum().sort_index()
        cause = str(by_cause.idxmax())
        named = None if pd.isna(courier) else str(courier)
        bands = tuple(sorted(rows["band"].unique()))
        found.append(Incident(named, day.date(), str(part), bands, parcels, yuan or None, cause, int(by_cause.max()) / parcels))
    return sorted(found, key=lambda one: (-one.parcels, -one.day.toordinal(), one.id))


@needs(Right.LOOK)
def open_incidents(workspace: Workspace, shop_id: str, found: list[Incident]) -> list[Incident]:
    """Those nobody has closed."""
    closed = {str(deed.what.get("incident", "")) for deed in closed_incidents(workspace, shop_id)}
    return [one for one in found if one.id not in closed]


@needs(Right.ANSWER)
def close(workspace: Workspace, shop_id: str, incident: Incident, cause_id: str, question: str, by: str) -> str:
    """Close an incident with a cause and the question that would have prevented it; the deed's id.

    Raises AuditError: ``incident_cause`` for a cause that is not in the list, ``incident_question`` for a question it does not point at,
    ``incident_gone`` when the files no longer hold its parcels.
    """
    cause = causes_file(workspace).cause(cause_id)
    if cause is None:
        raise AuditError("incident_cause", found=cause_id)
    if question not in cause.prevented_by:
        raise AuditError("incident_question", found=question, allowed=BETWEEN.join(cause.prevented_by))
    asked = Filters(start=incident.day, end=incident.day, courier=(incident.courier,) if incident.courier else ())
    rows = late_parcels(workspace, shop_id, asked)
    if not rows.empty:
        same = band_of(pd.to_datetime(rows["shipped_at"]).dt.hour).isin(incident.bands)
        rows = rows[same & (rows["courier"].isna() if incident.courier is None else rows["courier"].eq(incident.courier))]
    if rows.empty:
        raise AuditError("incident_gone", found=incident.id)
    what: dict[str, str | float] = {
        "incident": incident.id, "cause": cause.id, "proposed": incident.proposed, "question": question, "yuan": incident.yuan or 0.0,
    }
    return do(workspace, shop_id, "closed", [str(waybill) for waybill in rows["waybill"]], by, what)


@needs(Right.LOOK)
def askable(workspace: Workspace, shop_id: str, cause_id: str) -> list[str]:
    """The questions of a cause that the shop's checklists hold, the likeliest first; all of them where none is left."""
    cause = causes_file(workspace).cause(cause_id)
    if cause is None:
        return []
    asked = {item.id for practice in checklists_of(workspace, shop_id).practices for item in practice.items}
    return [id for id in cause.prevented_by if id in asked] or list(cause.prevented_by)
