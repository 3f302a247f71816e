"""The platform's figures as a shop reads them: ours, and those it has confirmed or corrected itself, with who, when and why."""

from dataclasses import dataclass
from datetime import date

from pdd_audit.core.errors import AuditError
from pdd_audit.core.figures import SHARED, Confirmation, Figure, FigureValue, RulePacks, fits
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


def rules_of(workspace: Workspace, shop_id: str) -> RulePacks:
    """The rules a shop is measured by."""
    return workspace.rules.confirmed(workspace.state.said(Confirmation, shop_id))


def figure_lines(workspace: Workspace, shop_id: str, day: date) -> list[FigureLine]:
    """Every figure in force on a day, those of the day's pack first."""
    last = {(one.pack, one.figure): one for one in workspace.state.said(Confirmation, shop_id)}
    pack = next(pack for pack in workspace.rules.packs if pack.covers(day))
    groups = ((pack.id, pack.figures), (SHARED, workspace.rules.shared))
    return [
        FigureLine(key, name, figure, own if (own := last.get((key, name))) is not None and own.value is not None else None)
        for key, figures in groups
        for name, figure in figures.items()
    ]


def said_before(workspace: Workspace, shop_id: str, pack: str, name: str) -> list[Confirmation]:
    """Everything the shop has said of one figure, the newest first; a value of None took the one before it back."""
    return [one for one in reversed(workspace.state.said(Confirmation, shop_id)) if (one.pack, one.figure) == (pack, name)]


def confirm_figure(workspace: Workspace, shop_id: str, pack: str, name: str, value: FigureValue, by: str, why: str) -> None:
    """From now on the figure has this value for the shop; None takes the shop's word back. Nothing said before is forgotten.

    Raises AuditError: ``figure_value`` for a value its unit does not allow, ``figure_reason`` without a name or a reason.
    """
    figures = workspace.rules.shared if pack == SHARED else next(p.figures for p in workspace.rules.packs if p.id == pack)
    unit = figures[name].unit
    if value is not None and not fits(value, unit):
        raise AuditError("figure_value", found=str(value), unit=unit)
    if not by.strip() or not why.strip():
        raise AuditError("figure_reason", found=by.strip() or why.strip())
    workspace.state.say(shop_id, Confirmation(pack=pack, figure=name, value=value, by=by.strip()[:60], why=why.strip()[:400], at=now()))
