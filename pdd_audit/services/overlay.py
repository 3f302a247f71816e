"""A shop's own checklist: what it said of the shipped one, its files, and the one place from which its questions come."""

from collections.abc import Mapping
from itertools import count

from pdd_audit.core.errors import AuditError
from pdd_audit.core.overlay import MOST_ADDED, OWN_POINT, Overlay, OverlayWord, OwnQuestion, apply, in_force
from pdd_audit.core.questions import Checklists, Question, Remedy, ScaleName, Text, Title
from pdd_audit.data.content.overlay_file import Prover, overlay_yaml
from pdd_audit.metrics import registry
from pdd_audit.services.workspace import Workspace, digest_of, now


def overlay_of(workspace: Workspace, shop_id: str) -> Overlay | None:
    """The overlay in force; None where the shop follows the shipped checklists."""
    return in_force(workspace.state.said(OverlayWord, shop_id))


def overlay_words(workspace: Workspace, shop_id: str) -> list[OverlayWord]:
    """Everything the shop said of its checklists, the newest first."""
    return workspace.state.said(OverlayWord, shop_id)[::-1]


def overlay_version(workspace: Workspace, shop_id: str) -> str:
    """Changes with the overlay in force."""
    overlay = overlay_of(workspace, shop_id)
    return "" if overlay is None else digest_of(overlay.model_dump_json())


def checklists_of(workspace: Workspace, shop_id: str) -> Checklists:
    """The checklists of a shop, with its own word on them; which of their questions it is asked, ``profile.questions_for`` says."""
    return apply(workspace.checklists, overlay_of(workspace, shop_id))


def answerable_of(workspace: Workspace, shop_id: str) -> Checklists:
    """Every question a file of answers may name: the shipped ones, those the shop leaves out included, and its own."""
    overlay = overlay_of(workspace, shop_id)
    return apply(workspace.checklists, None if overlay is None else Overlay(add=overlay.add))


def known_question(workspace: Workspace, shop_id: str, question_id: str) -> Question | None:
    """The question as the shop has it, else as shipped, else as the shop once had it; None: nobody knows it."""
    once = [one.overlay for one in overlay_words(workspace, shop_id) if one.overlay is not None]
    for checklists in (checklists_of(workspace, shop_id), workspace.checklists):
        try:
            return checklists.question(question_id)
        except KeyError:
            continue
    return next((own for overlay in once for own in overlay.add if own.id == question_id), None)


def prover_of(workspace: Workspace) -> Prover:
    """What proves an overlay together with the checklists in use."""
    return Prover(workspace.checklists, {name: metric.info.better for name, metric in registry.items()}, workspace.sources)


def save_overlay(workspace: Workspace, shop_id: str, overlay: Overlay | None, by: str, why: str) -> None:
    """From now on the shop has these checklists; None: the shipped ones again. Nothing said before is forgotten.

    Raises AuditError: the first reason why the merged checklists cannot be used, or ``overlay_who`` without a name or a reason.
    """
    if not by.strip() or not why.strip():
        raise AuditError("overlay_who", found=by.strip() or why.strip())
    for error in prover_of(workspace).said(overlay)[0] if overlay is not None else []:
        raise error
    workspace.state.say(shop_id, OverlayWord(overlay=overlay, by=by.strip()[:60], why=why.strip()[:400], at=now()))


def overlay_from_file(workspace: Workspace, content: bytes, name: str) -> Overlay:
    """The overlay of a YAML file. Raises AuditError with line, key and cure."""
    return prover_of(workspace).of_text(content, name)[0]


def overlay_as_file(overlay: Overlay, about: str) -> bytes:
    """The overlay as YAML that reads back as the same."""
    return overlay_yaml(overlay, about).encode("utf-8")


def with_own_question(
    workspace: Workspace, shop_id: str, draft: Overlay, texts: Mapping[str, tuple[str, str]],
    *, practice: str, scale: ScaleName, weight: int, hours: float,
) -> Overlay:
    """The draft with one more question of the shop's own, under an id that none of the shop's questions ever had.

    ``texts``: ask, ok, fail, why and do, each in Chinese and English. Raises AuditError while one of them is missing.
    """
    if not all(zh.strip() and en.strip() for zh, en in texts.values()):
        raise AuditError("overlay_own_words")
    if len(draft.add) >= MOST_ADDED:
        raise AuditError("overlay_own_many", found=str(len(draft.add)), most=MOST_ADDED)
    said = {name: Text(zh=zh.strip(), en=en.strip()) for name, (zh, en) in texts.items()}
    levels = tuple(level.code for level in workspace.checklists.scales[scale].levels[:-1])
    remedies = (Remedy(levels=levels, do=said["do"], effort_hours=hours),) if weight else ()
    own = OwnQuestion(
        id=_new_id(workspace, shop_id, draft, practice), weight=weight, weight_why=said["why"], scale=scale,
        title=Title(ok=said["ok"], fail=said["fail"]), ask=said["ask"], why=said["why"], remedies=remedies,
    )
    return draft.model_copy(update={"add": (*draft.add, own)})


def _new_id(workspace: Workspace, shop_id: str, draft: Overlay, practice: str) -> str:
    ever = [draft, *(one.overlay for one in workspace.state.said(OverlayWord, shop_id) if one.overlay is not None)]
    taken = {own.id for overlay in ever for own in overlay.add}
    return next(name for number in count(1) if (name := f"{practice}.{OWN_POINT}{number}") not in taken)
