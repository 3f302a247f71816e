"""The platform's figures as a shop reads them: ours, and those it has confirmed or corrected itself, with who, when and why; and whose
rules it is measured by."""

from dataclasses import dataclass
from datetime import date, datetime

from pdd_audit.core.errors import BETWEEN, AuditError
from pdd_audit.core.figures import HOME_PLATFORM, PLATFORM_WORD, Confirmation, Figure, FigureValue, RulePacks, fits
from pdd_audit.core.people import Right
from pdd_audit.core.terms import terms_of
from pdd_audit.services.access import needs
from pdd_audit.services.workspace import Workspace, now


@dataclass(frozen=True)
class FigureLine:
    """One figure of one pack, with the shop's own word on it (the last one; None: none, or it was taken back)."""

    pack: str
    name: str
    ours: Figure
    own: Confirmation | None

    @property
    def value(self) -> FigureValue:
        return self.ours.value if self.own is None else self.own.value


@needs(Right.LOOK)
def rules_of(workspace: Workspace, shop_id: str) -> RulePacks:
    """The rules a shop is measured by: those of the platform it chose, with its own figures in them."""
    return rules_on(workspace, shop_id, platform_of(workspace, shop_id))


@needs(Right.LOOK)
def home_rules_of(workspace: Workspace, shop_id: str) -> RulePacks:
    """The rules of the platform the orders come from, whichever the shop is measured by: an appeal is judged by these."""
    return rules_on(workspace, shop_id, HOME_PLATFORM)


@needs(Right.LOOK)
def amounts_known(workspace: Workspace, shop_id: str, as_of: datetime | None) -> bool:
    """Whether the rules in force name what a missed pickup costs an order; where they do not, its yuan count as nothing."""
    return terms_of(rules_of(workspace, shop_id).pack_for((as_of or now()).date())).no_pickup.known


@needs(Right.LOOK)
def rules_on(workspace: Workspace, shop_id: str, platform: str) -> RulePacks:
    """The rules of any platform with the shop's own figures in them. Raises AuditError when its file is wrong."""
    return workspace.platform(platform).confirmed(workspace.state.said(Confirmation, shop_id))


@needs(Right.LOOK)
def platform_of(workspace: Workspace, shop_id: str) -> str:
    """Whose rules a shop is measured by: the last it chose, else the home platform's. One whose file is gone counts as not chosen."""
    words = platform_words(workspace, shop_id)
    chosen = words[0].value if words else None
    return str(chosen) if chosen in workspace.platforms else HOME_PLATFORM


@needs(Right.LOOK)
def platform_words(workspace: Workspace, shop_id: str) -> list[Confirmation]:
    """Every choice of a platform, the newest first."""
    return said_before(workspace, shop_id, PLATFORM_WORD, PLATFORM_WORD)


@needs(Right.MANAGE)
def choose_platform(workspace: Workspace, shop_id: str, platform: str, by: str, why: str) -> None:
    """From now on the shop is measured by the rules of this platform. Raises AuditError: ``figure_value`` for one whose rules are not
    known or cannot be read, ``figure_reason`` without a name or a reason."""
    if platform not in workspace.platforms:
        raise AuditError("figure_value", found=platform, unit=BETWEEN.join(workspace.platforms))
    workspace.platform(platform)
    _say(workspace, shop_id, PLATFORM_WORD, PLATFORM_WORD, platform, by, why)


@needs(Right.LOOK)
def figure_lines(workspace: Workspace, shop_id: str, day: date) -> list[FigureLine]:
    """Every figure in force on a day, those of the day's pack first."""
    last = {(one.pack, one.figure): one for one in workspace.state.said(Confirmation, shop_id)}
    rules = workspace.platform(platform_of(workspace, shop_id))
    pack = next(pack for pack in rules.packs if pack.covers(day))
    groups = ((pack.id, pack.figures), (rules.shared_key, rules.shared))
    return [
        FigureLine(key, name, figure, own if (own := last.get((key, name))) is not None and own.value is not None else None)
        for key, figures in groups
        for name, figure in figures.items()
    ]


@needs(Right.LOOK)
def said_before(workspace: Workspace, shop_id: str, pack: str, name: str) -> list[Confirmation]:
    """Everything the shop has said of one figure, the newest first; a value of None took the one before it back."""
    return [one for one in reversed(workspace.state.said(Confirmation, shop_id)) if (one.pack, one.figure) == (pack, name)]


@needs(Right.MANAGE)
def confirm_figure(workspace: Workspace, shop_id: str, pack: str, name: str, value: FigureValue, by: str, why: str) -> None:
    """From now on the figure has this value for the shop; None takes the shop's word back. Nothing said before is forgotten.

    Raises AuditError: ``figure_value`` for a value its unit does not allow, ``figure_reason`` without a name or a reason.
    """
    rules = workspace.platform(platform_of(workspace, shop_id))
    figures = rules.shared if pack == rules.shared_key else next(p.figures for p in rules.packs if p.id == pack)
    unit = figures[name].unit
    if value is not None and not fits(value, unit):
        raise AuditError("figure_value", found=str(value), unit=unit)
    _say(workspace, shop_id, pack, name, value, by, why)


def _say(workspace: Workspace, shop_id: str, pack: str, name: str, value: FigureValue, by: str, why: str) -> None:
    if not by.strip() or not why.strip():
        raise AuditError("figure_reason", found=by.strip() or why.strip())
    workspace.state.say(shop_id, Confirmation(pack=pack, figure=name, value=value, by=by.strip()[:60], why=why.strip()[:400], at=now()))
