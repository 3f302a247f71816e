"""Everything an appeal file is made of: the orders with their facts, the evidence that is there, and the rules in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pdd_audit.core.figures import Figure, SourceEntry
from pdd_audit.core.incidents.appeal_claims import OrderFacts
from pdd_audit.core.incidents.appeal_guide import Evidence, Reason
from pdd_audit.core.incidents.appeals import Added, Case


@dataclass(frozen=True)
class EvidenceFile:
    """The ``number``-th piece of the file, as its list counts."""

    number: int
    piece: Evidence
    added: Added

    @property
    def name(self) -> str:
        """Its name in the file: never the one it was given, which may hold a person's."""
        return f"{self.number:02}_{self.piece.id}_{self.added.attachment.sha256[:8]}.{self.added.attachment.kind}"


@dataclass(frozen=True)
class RuleUsed:
    """A figure the file rests on, as it was in force for its orders ``since`` a day (None: no start is known). ``own``: the shop has read
    it in the platform's own text."""

    name: str
    since: str | None
    figure: Figure
    source: SourceEntry | None
    own: bool


@dataclass(frozen=True)
class Dossier:
    """A case that its own data bear out. ``files``: imported file -> SHA-256 of its bytes, of those its facts stand in."""

    shop: str
    case: Case
    reason: Reason
    orders: tuple[OrderFacts, ...]
    evidence: tuple[EvidenceFile, ...]
    rules: tuple[RuleUsed, ...]
    files: Mapping[str, str]
    made_at: datetime

    @property
    def yuan(self) -> float | None:
        """At stake for all orders; None where no amount is known."""
        known = [order.yuan for order in self.orders if order.yuan is not None]
        return sum(known) if known else None
