"""One name for everything a result rests on: equal inputs have equal names in every process and on every machine, other inputs another.

No order counts: not that of files, practices, questions, answers or ticks. Not part of it are words that change no number: the shop's name,
file names, notes beside an answer, the language.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pdd_audit.core.imports import ImportReport
from pdd_audit.core.questions import Checklists
from pdd_audit.core.waterfall import AuditInputs

RULE = 1  # raise it whenever the scoring rule gives another score for the same inputs


@dataclass(frozen=True)
class Basis:
    """``inputs``: of the score; ``official``: of the score by the shipped checklists, where the shop has its own; ``files``: see
    ``file_facts``; ``moment``: as of when; ``measured_by``: names the rest: the platform's figures, the calendar, the shop's own word on
    them and on targets, and its waivers."""

    inputs: AuditInputs
    files: Iterable[Mapping[str, Any]]
    moment: datetime | None
    measured_by: str
    official: AuditInputs | None = None

    @property
    def fingerprint(self) -> str:
        """SHA-256 in hex. What was measured follows from the files and is left out: its last digits may differ between machines."""
        parts = {
            "rule": RULE, "asked": [_asked(one) for one in (self.inputs, self.official) if one is not None],
            "files": sorted(_text(one) for one in self.files), "moment": self.moment.isoformat() if self.moment else None,
            "measured_by": self.measured_by,
        }
        return hashlib.sha256(_text(parts).encode()).hexdigest()


def file_facts(report: ImportReport, reading: str | None) -> dict[str, Any]:
    """What of an import decides what is counted: its bytes, how its columns were understood, in which units, how it is read, and its own
    moment."""
    return {
        **({"units": report.units} if report.units else {}),
        "sha256": report.sha256, "kind": report.kind, "source": report.source, "columns": report.columns,
        "reading": reading or report.reading, "snapshot_at": report.snapshot_at.isoformat() if report.snapshot_at else None,
    }


def _asked(inputs: AuditInputs) -> dict[str, Any]:
    document = inputs.document()
    del document["findings"]
    answers = {name: _without_words(one) for name, one in document["answers"].items()}
    return document | {"answers": answers, "checklists": _template(inputs.checklists)}


def _without_words(answer: Mapping[str, Any]) -> dict[str, Any]:
    kept = {part: value for part, value in answer.items() if part != "note"}
    if isinstance(kept["answer"], list):
        kept["answer"] = sorted(kept["answer"])
    if "attached" in kept:
        kept["attached"] = sorted(one["sha256"] for one in kept["attached"])
    return kept


def _template(checklists: Checklists) -> dict[str, Any]:
    """The questions with their weights, limits and words, by id. The order of levels, criteria and remedies means something and stays."""
    scales = {str(name): scale.model_dump(mode="json") for name, scale in checklists.scales.items()}
    practices = {}
    for practice in checklists.practices:
        document = practice.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        document["items"] = sorted(document["items"], key=lambda item: str(item["id"]))
        practices[practice.practice.id] = document
    return {"scales": scales, "practices": practices}


def _text(parts: Any) -> str:
    return json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
