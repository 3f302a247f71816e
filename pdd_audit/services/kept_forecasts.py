"""Tonight's forecast kept when it is counted, so that one can see later how far such forecasts could be believed."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from pdd_audit.core.kept_forecasts import KeptForecast
from pdd_audit.core.people import Right
from pdd_audit.data.storage.forecasts import Forecasts
from pdd_audit.metrics.live_risk import Hourly
from pdd_audit.services.access import needs
from pdd_audit.services.workspace import Workspace, now


@needs(Right.LOOK)
def kept_forecasts(workspace: Workspace, shop_id: str) -> Sequence[KeptForecast]:
    """Those of a shop, oldest first."""
    return _of(workspace, shop_id).read()


@needs(Right.LOOK)
def keep_forecast(workspace: Workspace, shop_id: str, as_of: datetime, hourly: Hourly | None) -> None:
    """The forecast for the midnight after ``as_of``; the first of an evening stays. Nothing is kept of one that leaves parcels out, because
    what came of those would be counted against it."""
    if hourly is None or hourly.unknown or workspace.passing or workspace.only_readable:
        return
    found = next((found for at, found in hourly.named.items() if at.hour == 0), None)
    if found is None or found.sd <= 0:
        return
    kept = _of(workspace, shop_id)
    if as_of.date() in {one.evening for one in kept.read()}:
        return
    with suppress(OSError):  # a full disk: tonight's page matters more than what is learnt from it
        kept.add(KeptForecast(
            as_of=as_of, due=found.parcels, expected=found.expected, sd=found.sd, low=found.low, high=found.high, made_at=now()
        ))


def _of(workspace: Workspace, shop_id: str) -> Forecasts:
    return Forecasts(workspace.ledger_folder(shop_id).parent)
