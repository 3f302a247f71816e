"""What the parcels of a shop can be chosen by."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from pdd_audit.core.filters import ALL, Filters
from pdd_audit.core.people import Right
from pdd_audit.services.access import needs
from pdd_audit.services.details import detail_tables
from pdd_audit.services.measure import ask_about, compact
from pdd_audit.services.workspace import Workspace


@dataclass(frozen=True)
class Choices:
    """First and last day of upload or of replies (None without any), and name -> code -> (label, parcels), the most parcels first."""

    first: date | None
    last: date | None
    by: dict[str, dict[str, tuple[str, int]]]
    of_replies: bool = False


@needs(Right.LOOK)
def choices_of(workspace: Workspace, shop_id: str, _: Filters = ALL) -> Choices:
    """Of the whole shop, whatever is chosen. Raises AuditError when the engine cannot run."""
    ask = ask_about(workspace, shop_id, None)
    frame = detail_tables(workspace, shop_id, ask, ["choices"])["choices"].sort_values(["parcels", "code"], ascending=[False, True])
    days = pd.to_datetime(compact(workspace, shop_id, ask)[1].cells["day"])
    by: dict[str, dict[str, tuple[str, int]]] = {}
    for row in frame.itertuples():
        by.setdefault(str(row.name), {})[str(row.code)] = (str(row.label), int(row.parcels))
    return Choices(None if days.empty else days.min().date(), None if days.empty else days.max().date(), by)


@needs(Right.LOOK)
def reply_days(workspace: Workspace, shop_id: str, _: Filters = ALL) -> Choices:
    """The days of the service files: nothing else can be chosen of a reply, and a shop may have no orders at all."""
    days = pd.to_datetime(compact(workspace, shop_id, ask_about(workspace, shop_id, None))[1].replies["day"]).dropna()
    return Choices(None if days.empty else days.min().date(), None if days.empty else days.max().date(), {}, of_replies=True)
