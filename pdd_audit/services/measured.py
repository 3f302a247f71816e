"""What follows from one set of compact tables and from nothing else; kept while the tables stay the same, shared, and changed by nobody."""

from dataclasses import dataclass
from functools import cached_property

from pdd_audit.core.measurement import Measurement
from pdd_audit.core.result import FineRecord, Wave
from pdd_audit.core.tables import CompactTables
from pdd_audit.metrics.causes import Cause, causes_of, days_covered
from pdd_audit.metrics.pictures import Pictures

NOTABLE_WAVES = 20


@dataclass(frozen=True)
class Measured:
    """Metrics and chart frames, and what is worked out when somebody asks."""

    tables: CompactTables
    metrics: dict[str, Measurement]
    pictures: Pictures

    @cached_property
    def causes(self) -> list[Cause]:
        """Why parcels were late."""
        return causes_of(self.tables)

    @cached_property
    def days(self) -> float:
        """Length of the period behind the late parcels."""
        return days_covered(self.tables)

    @cached_property
    def waves(self) -> list[Wave]:
        """Missed waves, worst first."""
        return _waves(self.pictures)

    @cached_property
    def fines(self) -> list[FineRecord]:
        """The bill's bookings, one record a code."""
        return _fines(self.tables)


def _waves(pictures: Pictures) -> list[Wave]:
    missed = pictures.waves[pictures.waves["missed"].astype(bool)].sort_values(["late", "parcels"], ascending=False).head(NOTABLE_WAVES)
    return [
        Wave(courier=str(row["courier"]), outlet=None, day=str(row["day"])[:10], band=str(row["band"]), parcels=int(row["parcels"]),
             breaches=int(row["late"]), verdict="missed")
        for row in missed.to_dict("records")
    ]


def _fines(tables: CompactTables) -> list[FineRecord]:
    records = []
    for (category, code, name), rows in tables.fines.groupby(["category", "code", "code_name"], dropna=False, sort=True):
        by_link = {str(row.link): (int(row.bookings), float(row.yuan)) for row in rows.itertuples()}
        known, unlinked = by_link.get("known", (0, 0.0)), by_link.get("unlinked", (0, 0.0))
        records.append(FineRecord(
            category=category, code=code if isinstance(code, str) else None, name=name if isinstance(name, str) else None,
            bookings=sum(bookings for bookings, _ in by_link.values()), yuan=sum(yuan for _, yuan in by_link.values()),
            known_bookings=known[0], known_yuan=known[1], unlinked_bookings=unlinked[0], unlinked_yuan=unlinked[1],
        ))
    return records
