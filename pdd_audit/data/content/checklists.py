"""Reads the checklist folder: scales, practices, sources, rule packs, and a shop's answers file. Every refusal names line and cure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from pdd_audit.core.errors import BETWEEN, AuditError, Place
from pdd_audit.core.figures import RulePacks, SourceEntry, rule_faults
from pdd_audit.core.measurement import Better
from pdd_audit.core.prover import Problem, prove
from pdd_audit.core.questions import Answer, Checklists, Circumstance, Part, Practice, Question, Scale, ScaleName
from pdd_audit.data.content.calendar import check_calendar
from pdd_audit.data.content.call_rules import check_call_rules
from pdd_audit.data.content.documents import Document, KeyPath, Model, choices, read_document, refusals, shaped, short, validate
from pdd_audit.data.content.waiver_rules import check_waiver_rules


class ScalesFile(Part):
    """``scales.yaml``."""

    scales: dict[ScaleName, Scale]


class SourcesFile(Part):
    """``sources.yaml``: what the points rest on, by key."""

    sources: dict[str, SourceEntry]


def load_checklists(folder: Path) -> Checklists:
    """Scales and practices, in the order of their file names.

    Raises AuditError for the first thing that is wrong; ``check_checklists`` lists them all.
    """
    parts = _Parts.read(folder)
    for error in parts.errors:
        raise error
    checklists = parts.checklists()
    for problem in prove(checklists, sources=parts.sources):
        if problem.severity == "error":
            raise parts.refusal(problem)
    return checklists


def load_sources(folder: Path) -> dict[str, SourceEntry]:
    """Key -> title, address, date and trust of what the points rest on."""
    return shaped(read_document(folder / "sources.yaml", "sources.yaml"), SourcesFile).sources


def load_rules(folder: Path, platform: str = "pdd") -> RulePacks:
    """The platform's rule packs. Raises AuditError if a figure lacks its source, a pack leaves a gap, or one the code needs is absent."""
    document = read_document(folder / "rules" / f"{platform}.yaml", f"rules/{platform}.yaml")
    rules = shaped(document, RulePacks)
    for error in refusals(document, rule_faults(rules)):
        raise error
    return rules


def check_checklists(
    folder: Path, metrics: Mapping[str, Better] | None = None, couriers: Collection[str] | None = None
) -> list[AuditError]:
    """Everything wrong with the folder, warnings included, in file order. ``metrics``: metric id -> its good direction; ``couriers``:
    the names a stop or an exemption may give."""
    parts = _Parts.read(folder)
    errors = list(parts.errors)
    if not errors:
        errors += [parts.refusal(problem) for problem in prove(parts.checklists(), metrics, parts.sources)]
    errors += check_calendar(folder, couriers) + check_waiver_rules(folder) + check_call_rules(folder)
    for path in sorted((folder / "rules").glob("*.yaml")):
        try:
            document = read_document(path, f"rules/{path.name}")
            errors += refusals(document, rule_faults(shaped(document, RulePacks), couriers))
        except AuditError as error:
            errors.append(error)
    return errors


# --- answers ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AnswersFile:
    """``answers``: question id -> answer; ``profile``: what is so in the shop, None where the file says nothing of it."""

    answers: dict[str, Answer]
    profile: frozenset[Circumstance] | None


def load_answers(path: Path, checklists: Checklists, stored: Collection[Circumstance] = ()) -> AnswersFile:
    """A file with ``answers: {id: met}`` or ``{id: {answer: na, reason: ..., note: ...}}`` and, if it likes, ``profile: [presale]``.

    ``stored``: what is known of the shop, for a file without a profile. An answer to a question the shop is not asked is refused.
    """
    document = read_document(path, path.name)
    if not isinstance(document.data, dict):
        raise document.refusal((), "checklist_needs_mapping")
    for key in document.data:
        if key not in ("answers", "profile"):
            raise document.refusal((key,), "checklist_unknown_key", found=key, **choices(key, ["answers", "profile"]))
    profile = _profile(document)
    hidden = _hidden(checklists, stored if profile is None else profile)
    given = document.data.get("answers")
    if not isinstance(given, dict):
        raise document.refusal(("answers",), "checklist_needs_mapping")
    asked = {item.id: (practice, item) for practice in checklists.practices for item in practice.items if not item.retired}
    answers = {}
    for question_id, said in given.items():
        at: KeyPath = ("answers", question_id)
        if question_id not in asked:
            raise document.refusal(at, "checklist_answer_unknown_id", found=question_id, **choices(question_id, asked))
        if question_id in hidden:
            when = hidden[question_id]
            raise document.refusal(at, "checklist_answer_not_asked", found=question_id, when=BETWEEN.join(when), first=when[0])
        answers[question_id] = _answer(document, at, said, *asked[question_id], checklists)
    return AnswersFile(answers, profile)


def _profile(document: Document) -> frozenset[Circumstance] | None:
    if "profile" not in document.data:
        return None
    said, known = document.data["profile"], get_args(Circumstance)
    if not isinstance(said, list):
        raise document.refusal(("profile",), "checklist_needs_list", found=short(said))
    for at, name in enumerate(said):
        if name not in known:
            raise document.refusal(("profile", at), "checklist_not_in_list", found=short(name), **choices(short(name), known))
    return frozenset(said)


def _hidden(checklists: Checklists, circumstances: Collection[Circumstance]) -> dict[str, tuple[Circumstance, ...]]:
    """The questions such a shop is not asked, each with what would have to hold."""
    left = {item.id for practice in checklists.for_shop(circumstances).practices for item in practice.items}
    return {item.id: item.when for practice in checklists.practices for item in practice.items if item.id not in left}


def _answer(document: Document, at: KeyPath, said: Any, practice: Practice, item: Question, checklists: Checklists) -> Answer:
    if item.kind == "metric" or item.scale is None:
        raise document.refusal(at, "checklist_answer_metric", found=item.id, item=item.id)
    given = said if isinstance(said, dict) else {"answer": said}
    for key, value in given.items():
        if key not in Answer.model_fields:
            raise document.refusal((*at, key), "checklist_unknown_key", found=key, **choices(key, Answer.model_fields))
        if key != "answer" and value is not None and not isinstance(value, str):
            raise document.refusal((*at, key), "checklist_needs_text", found=short(value))
    where = (*at, "answer") if isinstance(said, dict) else at
    answer = given.get("answer")
    if isinstance(answer, list):
        answer = _ticked(document, where, answer, item)
    else:
        codes: list[str] = [level.code for level in checklists.scales[item.scale].levels]
        codes += ["unknown"] if item.blocker else ["unknown", "na"]
        if item.blocker and answer == "na":
            raise document.refusal(where, "checklist_answer_blocker_na", found="na", item=item.id)
        if answer not in codes:
            raise document.refusal(where, "checklist_answer_code", found=short(answer), item=item.id, **choices(short(answer), codes))
    reason = given.get("reason")
    if answer == "na" and reason not in practice.practice.na_reasons:
        named = choices(reason or "", practice.practice.na_reasons)
        raise document.refusal((*at, "reason"), "checklist_answer_reason", found=reason or "", item=item.id, **named)
    if answer != "na" and reason is not None:
        raise document.refusal((*at, "reason"), "checklist_answer_reason_alone", found=reason, item=item.id)
    try:
        return Answer.model_validate(given | {"answer": answer, "note": given.get("note") or "", "proof": given.get("proof") or ""})
    except ValidationError as error:  # by now only a note or proof can still be too long
        detail = error.errors()[0]
        limit = f"≤ {detail['ctx']['max_length']:,}"
        raise document.refusal((*at, detail["loc"][0]), "checklist_wrong_length", found=short(detail["input"]), limit=limit) from error


def _ticked(document: Document, where: KeyPath, ticked: list[Any], item: Question) -> str | tuple[str, ...]:
    """The criteria that hold; an empty list says that none does."""
    if item.scale != "criteria_share":
        raise document.refusal(where, "checklist_answer_not_ticked", item=item.id)
    ids = [str(criterion.id) for criterion in item.criteria]
    for number, name in enumerate(ticked):
        if name not in ids:
            near = choices(short(name), ids)
            raise document.refusal((*where, number), "checklist_answer_criterion", found=short(name), item=item.id, **near)
        if name in ticked[:number]:
            raise document.refusal((*where, number), "checklist_answer_ticked_twice", found=name, item=item.id)
    return tuple(ticked) or "unmet"


# --- files -----------------------------------------------------------------------------------------------------------------


@dataclass
class _Parts:
    """A folder as far as it could be read, with the errors on the way."""

    errors: list[AuditError]
    scales: ScalesFile | None
    sources: dict[str, SourceEntry] | None
    practices: list[Practice]
    documents: dict[str, Document]

    @classmethod
    def read(cls, folder: Path) -> "_Parts":
        parts = cls([], None, None, [], {})
        files = sorted(path.name for path in (folder / "practices").glob("*.yaml"))
        if not files:
            parts.errors.append(AuditError("checklist_folder_missing", Place(str(folder))))
            return parts
        parts.scales = parts._take(folder, "scales.yaml", ScalesFile, "scales")
        sources = parts._take(folder, "sources.yaml", SourcesFile, "sources")
        parts.sources = sources.sources if sources else None
        for name in files:
            practice = parts._take(folder, f"practices/{name}", Practice, None)
            if practice is not None:
                parts.practices.append(practice)
        return parts

    def _take(self, folder: Path, name: str, model: type[Model], key: str | None) -> Model | None:
        try:
            document = read_document(folder / name, name)
        except AuditError as error:
            self.errors.append(error)
            return None
        read, errors = validate(document, model)
        self.errors += errors
        if read is not None:
            self.documents[key or read.practice.id] = document  # type: ignore[attr-defined]  # without a key it is a practice
        return read

    def checklists(self) -> Checklists:
        assert self.scales is not None, "asked for only when nothing failed"
        return Checklists(scales=self.scales.scales, practices=tuple(self.practices))

    def refusal(self, problem: Problem) -> AuditError:
        values = dict(problem.values)
        found = str(values.pop("found", problem.item))
        if "choices" in values:
            values.update(choices(str(values["name"]), values.pop("choices")))
        document = self.documents.get(problem.practice)
        if document is None:
            return AuditError(problem.code, Place("practices/*.yaml"), found=found, **values)
        return document.refusal(problem.path, problem.code, found=found, **values)
