"""What a rule change would cost: the shop's own parcels under two versions of the rules."""

from dataclasses import dataclass
from datetime import date, datetime

from pdd_audit.core.errors import AuditError
from pdd_audit.core.figures import RulePacks
from pdd_audit.core.filters import Filters
from pdd_audit.core.people import Right
from pdd_audit.core.terms import Amount, Terms, terms_of
from pdd_audit.metrics.rule_change import RuleChange, SideName, Span, rule_change
from pdd_audit.services.access import needs
from pdd_audit.services.measure import ask_about, ground_of
from pdd_audit.services.rules import platform_of, rules_on
from pdd_audit.services.workspace import Workspace, now

__all__ = ["MOST_HOURS", "MOST_YUAN", "RuleChange", "SideName", "Span", "Version", "cost_of_change", "supposed", "versions_of"]
MOST_HOURS, MOST_YUAN = 240.0, 10_000.0


@dataclass(frozen=True)
class Version:
    """One version of the rules that can be chosen. ``pack``: its id; ``current``: the one the shop is judged by as of its files."""

    pack: str
    platform: str
    name: dict[str, str]
    start: str | None
    end: str | None
    current: bool
    terms: Terms


@needs(Right.LOOK)
def versions_of(workspace: Workspace, shop_id: str, as_of: datetime | None) -> list[Version]:
    """Every dated version of every platform, the shop's own figures in them; the current one first, then its platform's, newest first.
    Raises AuditError when a rule file is wrong."""
    day, own = (as_of or now()).date(), platform_of(workspace, shop_id)
    found = [version for name in workspace.platforms for version in _versions(rules_on(workspace, shop_id, name), own, day)]
    return sorted(found, key=lambda version: (not version.current, version.platform != own))


def _versions(rules: RulePacks, own: str, day: date) -> list[Version]:
    name = {"zh": rules.name.zh, "en": rules.name.en}
    return [
        Version(
            pack.id, rules.platform, name, pack.valid_from, pack.valid_to, rules.platform == own and pack.covers(day),
            terms_of(pack.model_copy(update={"figures": {**rules.shared, **pack.figures}})),
        )
        for pack in reversed(rules.packs)
    ]


def supposed(start: Terms, *, limit_hours: float, ratio: float, least: float, most: float, late: float) -> Terms:
    """Figures somebody supposes, with everything else as in ``start``. Raises AuditError ``supposed_range`` or ``supposed_ends``."""
    for value, end in ((limit_hours, MOST_HOURS), (ratio, 1.0), (least, MOST_YUAN), (most, MOST_YUAN), (late, MOST_YUAN)):
        if not 0 <= value <= end or (end == MOST_HOURS and value < 1):
            raise AuditError("supposed_range", found=f"{value:g}", least=1 if end == MOST_HOURS else 0, most=f"{end:g}")
    if least > most:
        raise AuditError("supposed_ends", found=f"{least:g} > {most:g}")
    return Terms(
        limit_hours, start.needs_pickup, Amount(ratio, least, most, whole_yuan=start.no_pickup.whole_yuan), Amount(flat=late),
        start.grace_hours,
    )


@needs(Right.LOOK)
def cost_of_change(workspace: Workspace, shop_id: str, filters: Filters, a: Terms, b: Terms) -> RuleChange | None:
    """Of the chosen parcels; None for a shop without orders. Raises AuditError when the engine cannot run."""
    ask = ask_about(workspace, shop_id, None)
    if ask is None or not workspace.ledger(shop_id).paths("pdd_orders"):
        return None
    from pdd_audit.data.relations.rule_change import compared  # the engine loads only when something is counted

    with ground_of(workspace, shop_id, ask) as ground:
        return rule_change(compared(ground.only(filters), a, b), a, b)
