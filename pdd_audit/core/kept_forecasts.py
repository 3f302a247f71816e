"""What was expected of an evening while it was still to come, kept until one can see what came."""

from datetime import date
from typing import Annotated

from pydantic import Field, NaiveDatetime

from pdd_audit.core.questions import Part

SETTLED_DAYS = 62  # how far back deadlines are looked up again
Parcels = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class KeptForecast(Part):
    """Of ``due`` parcels open at the snapshot ``as_of`` whose deadline fell before midnight of its day, ``expected`` were expected late,
    with the standard deviation ``sd`` and the 5-95 % band ``low`` to ``high`` that was shown. ``made_at``: when it was counted."""

    as_of: NaiveDatetime
    due: Annotated[int, Field(gt=0)]
    expected: Parcels
    sd: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    low: Parcels
    high: Parcels
    made_at: NaiveDatetime

    @property
    def evening(self) -> date:
        return self.as_of.date()
