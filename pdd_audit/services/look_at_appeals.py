"""What the Appeals page shows: penalised orders that the files speak for, those they speak against, the cases, and what came of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pdd_audit.core.filters import ALL, Filters
from pdd_audit.core.incidents.appeal_claims import Finding, OrderFacts, check, claims_borne_out
from pdd_audit.core.incidents.appeal_guide import AppealGuide, Claim
from pdd_audit.core.incidents.appeals import Case, in_a_case, reminders
from pdd_audit.core.people import Right
from pdd_audit.metrics.appeal_outcomes import (
    FEWEST_DECIDED,
    FEWEST_EACH,
    Chance,
    Outcome,
    WinRate,
    Worth,
    chances,
    overall,
    win_rates,
    worth_collecting,
)
from pdd_audit.services.access import needs
from pdd_audit.services.incidents.appeal_facts import facts_of
from pdd_audit.services.incidents.appeals import cases, guide_of
from pdd_audit.services.workspace import Workspace, now

__all__ = [
    "FEWEST_DECIDED", "FEWEST_EACH", "AppealsLook", "Candidate", "Chance", "Found", "Hopeless", "WinRate", "Worth", "find_appealable",
    "look_at_appeals",
]
STRONGEST: Claim = "collected_in_time"


@dataclass(frozen=True)
class Found:
    """``facts``: of every penalised order the exports hold. ``billed``, ``listed``: whether there is a bill and a list of violations."""

    facts: Mapping[str, OrderFacts]
    billed: bool
    listed: bool


@dataclass(frozen=True)
class Candidate:
    """A penalised order that the files speak for. ``claims``: strongest first; ``chance`` None: too few cases decided to say."""

    facts: OrderFacts
    reason: str
    claims: tuple[Claim, ...]
    chance: Chance | None

    @property
    def worth(self) -> float:
        """Yuan to be hoped for; the whole amount where nobody knows the chance."""
        return (self.facts.yuan or 0.0) * (1.0 if self.chance is None else self.chance.value)


@dataclass(frozen=True)
class Hopeless:
    """A penalised order that the files do not speak for, and why not."""

    facts: OrderFacts
    finding: Finding


@dataclass(frozen=True)
class AppealsLook:
    """``candidates``: without a case yet, most worth first. ``soon``: cases whose countdown ends soon or is over. ``by_reason``,
    ``all_cases``: decided cases; ``worth``: evidence that goes with winning."""

    found: Found
    candidates: tuple[Candidate, ...]
    hopeless: tuple[Hopeless, ...]
    cases: tuple[Case, ...]
    soon: tuple[Case, ...]
    by_reason: tuple[WinRate, ...]
    all_cases: WinRate
    worth: tuple[Worth, ...]
    at: datetime

    @property
    def yuan(self) -> float:
        return sum(one.facts.yuan or 0.0 for one in self.candidates)


@needs(Right.LOOK)
def find_appealable(workspace: Workspace, shop_id: str, _: Filters = ALL) -> Found:
    """Of the whole shop: a penalty knows neither courier nor province. Raises AuditError when the engine cannot run."""
    ledger = workspace.ledger(shop_id)
    return Found(facts_of(workspace, shop_id), bool(ledger.paths("pdd_bill")), bool(ledger.paths("pdd_violations")))


@needs(Right.LOOK)
def look_at_appeals(workspace: Workspace, shop_id: str, found: Found) -> AppealsLook:
    """What was found, beside the cases as they stand now."""
    guide, known, at = guide_of(workspace), cases(workspace, shop_id), now()
    outcomes = list(outcomes_of(known))
    likely = chances(outcomes, [reason.id for reason in guide.reasons])
    free = [facts for order, facts in found.facts.items() if order not in in_a_case(known)]
    candidates, hopeless = [], []
    for facts in free:
        claims = claims_borne_out(facts)
        if claims:
            reason = reason_for(guide, claims)
            candidates.append(Candidate(facts, reason, claims, likely.get(reason)))
        else:
            finding = check(STRONGEST, facts)
            assert finding is not None, "else it would be a candidate"
            hopeless.append(Hopeless(facts, finding))
    return AppealsLook(
        found=found, candidates=tuple(sorted(candidates, key=lambda one: (-one.worth, one.facts.order_no))),
        hopeless=tuple(hopeless), cases=tuple(reversed(known)), soon=tuple(reminders(known, at)), by_reason=tuple(win_rates(outcomes)),
        all_cases=overall(outcomes), worth=tuple(worth_collecting(outcomes, [piece.id for piece in guide.evidence])), at=at,
    )


def reason_for(guide: AppealGuide, claims: Iterable[Claim]) -> str:
    """The first reason of the guide for the strongest claim that has one."""
    return next((reason.id for claim in claims for reason in guide.reasons if reason.claim == claim), guide.reasons[0].id)


def outcomes_of(known: Iterable[Case]) -> Iterable[Outcome]:
    """Cases the platform has decided. A refused one is lost until its second try is handed in: counting only those that were tried again
    would make every rate look better."""
    for case in known:
        if case.status in ("accepted", "refused"):
            won = case.status == "accepted"
            yield Outcome(case.reason, won, frozenset(one.evidence for one in case.evidence), case.yuan, case.yuan_back or 0.0)
