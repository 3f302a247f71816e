"""A shop's own checklist: what it said of the shipped one, its files, and the one place from which its questions come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.measurement import Unit
from pdd_audit.core.overlay import MOST_ADDED, OWN_POINT, Overlay, OverlayWord, OwnQuestion, apply, in_force
from pdd_audit.core.people import Right
from pdd_audit.core.questions import Checklists, Question, Remedy, ScaleName, Text, Title
from pdd_audit.core.targets import STANDARD_TARGETS, is_change, lines_of
from pdd_audit.data.content.overlay_file import Prover, overlay_yaml
from pdd_audit.metrics import registry
from pdd_audit.services.access import needs
from pdd_audit.services.workspace import Workspace, digest_of, now
from pdd_audit.texts import Lang, Words

MOST_BYTES = 3 * 1024 * 1024  # more than either reader takes, so that it is they who say so


@needs(Right.LOOK)
def overlay_of(workspace: Workspace, shop_id: str) -> Overlay | None:
    """The overlay in force; None where the shop follows the shipped checklists."""
    if workspace.lent is not None:
        return workspace.lent if workspace.lent.changes else None
    return in_force(workspace.state.said(OverlayWord, shop_id))


@needs(Right.LOOK)
def overlay_words(workspace: Workspace, shop_id: str) -> list[OverlayWord]:
    """Everything the shop said of its checklists, the newest first."""
    return workspace.state.said(OverlayWord, shop_id)[::-1]


@needs(Right.LOOK)
def target_of(workspace: Workspace, shop_id: str, metric: str) -> float | None:
    """The line a metric of this shop is held against, in its unit (ratios 0..1): its own, else ours; None for a metric without one."""
    overlay = overlay_of(workspace, shop_id)
    own = None if overlay is None else overlay.targets.get(metric)
    return STANDARD_TARGETS.get(metric) if own is None or metric not in lines_of(workspace.checklists) else own.value


def unit_of(metric: str) -> Unit:
    """In which a target of the metric is said."""
    return registry[metric].info.unit if metric in registry else "count"


@dataclass(frozen=True)
class SaidTarget:
    """A target of the shop's own, and who set it when; ``reason``: why."""

    metric: str
    value: float
    reason: str
    by: str
    at: datetime


@needs(Right.LOOK)
def own_targets(workspace: Workspace, shop_id: str) -> list[SaidTarget]:
    """The shop's own targets in force, each with the word that first said it; not those of a file lent for one run."""
    if workspace.lent is not None:
        return []
    words = overlay_words(workspace, shop_id)
    overlay, found = in_force(words[::-1]), []
    for name, own in (overlay.targets if overlay is not None else {}).items():
        first = words[0]
        for word in words:
            if word.overlay is None or word.overlay.targets.get(name) != own:
                break
            first = word
        if is_change(name, own):
            found.append(SaidTarget(name, own.value, own.reason, first.by, first.at))
    return found


@needs(Right.LOOK)
def overlay_version(workspace: Workspace, shop_id: str) -> str:
    """Changes with the overlay in force."""
    overlay = overlay_of(workspace, shop_id)
    return "" if overlay is None else digest_of(overlay.model_dump_json())


@needs(Right.LOOK)
def checklists_of(workspace: Workspace, shop_id: str) -> Checklists:
    """The checklists of a shop, with its own word on them; which of their questions it is asked, ``profile.questions_for`` says."""
    return apply(workspace.checklists, overlay_of(workspace, shop_id))


@needs(Right.LOOK)
def answerable_of(workspace: Workspace, shop_id: str) -> Checklists:
    """Every question a file of answers may name: the shipped ones, those the shop leaves out included, and its own."""
    overlay = overlay_of(workspace, shop_id)
    return apply(workspace.checklists, None if overlay is None else Overlay(add=overlay.add))


@needs(Right.LOOK)
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


@needs(Right.MANAGE)
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
    """The overlay of a YAML file or a workbook. Raises AuditError with line and key, or sheet, row and column."""
    return proven(prover_of(workspace), content, name)[0]


def proven(prover: Prover, content: bytes, name: str) -> tuple[Overlay, list[AuditError]]:
    """An overlay in either form, and what the prover warns of. Raises AuditError."""
    from pdd_audit.data.reading.overlay_sheets import overlay_document  # a score without a file needs none of it
    from pdd_audit.data.reading.sheet_cells import is_workbook, read_sheets

    if not is_workbook(content):
        return prover.of_text(content, name)
    return prover.of_document(overlay_document(read_sheets(content, name), name, prover))


def overlay_at(prover: Prover, path: Path) -> tuple[Overlay, list[AuditError]]:
    """The same of a file somewhere. Raises AuditError."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise AuditError("checklist_not_readable", Place(path.name), found=error.strerror or "") from error
    return proven(prover, content, path.name)


def overlay_as_workbook(workspace: Workspace, overlay: Overlay, lang: Lang) -> bytes:
    """The overlay as an Excel workbook that reads back as the same, worded for people of one language."""
    from pdd_audit.data.reading.overlay_sheets import Shown, overlay_workbook

    words = Words(lang)
    shown = Shown(
        word=lambda key: words(f"metric_names{key.removeprefix('metric')}.name" if key.startswith("metric.") else f"overlay_sheet.{key}"),
        title=lambda item: item.title.ok.in_language(lang),
        how=[words(f"overlay_sheet.how.{line}") for line in ("first", "questions", "targets", "own", "keys", "back")],
        yes=words("overlay_sheet.switch_yes"),
    )
    return overlay_workbook(workspace.checklists, overlay, shown)


def overlay_as_file(overlay: Overlay, about: str) -> bytes:
    """The overlay as YAML that reads back as the same."""
    return overlay_yaml(overlay, about).encode("utf-8")


@needs(Right.LOOK)
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
