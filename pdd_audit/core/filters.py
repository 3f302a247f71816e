"""Which parcels a page speaks of. The same choice stands in the address, in the name of what is kept, and above the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date

_DATES = ("start", "end")


@dataclass(frozen=True)
class Filters:
    """Parcels uploaded from ``start`` to ``end`` (both included; None: no end) by any of the named couriers, outlets, provinces and
    goods (ids); an empty tuple means all. An outlet is known from a scan or a label only: choosing one leaves out parcels nobody scanned.
    """

    start: date | None = None
    end: date | None = None
    courier: tuple[str, ...] = ()
    outlet: tuple[str, ...] = ()
    province: tuple[str, ...] = ()
    goods: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != ALL

    @property
    def address(self) -> dict[str, list[str]]:
        """As query parameters; what does not restrict is not named."""
        dates = {name: [value.isoformat()] for name in _DATES if (value := getattr(self, name)) is not None}
        return dates | {name: sorted(value) for name in NAMES if (value := getattr(self, name))}

    @property
    def key(self) -> str:
        """Names the choice; equal choices have equal keys."""
        return "&".join(f"{name}={value!r}" for name, value in sorted(self.address.items()))


NAMES = tuple(field.name for field in fields(Filters) if field.name not in _DATES)
ALL = Filters()


def read_filters(address: Mapping[str, Sequence[str]]) -> Filters:
    """The choice that query parameters make; what cannot be read restricts nothing. Ends the wrong way round change places."""
    start, end = (_date(address.get(name, ())) for name in _DATES)
    if start and end and end < start:
        start, end = end, start
    return Filters(start, end, **{name: tuple(sorted({text for text in address.get(name, ()) if text})) for name in NAMES})


def _date(texts: Sequence[str]) -> date | None:
    try:
        return date.fromisoformat(texts[0]) if texts else None
    except ValueError:
        return None
