"""A shop's own word on the checklists as a YAML file: read without trust, proven together with the checklists, written back the same."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import yaml

from pdd_audit.core.errors import AuditError
from pdd_audit.core.measurement import Better
from pdd_audit.core.overlay import Overlay, faults
from pdd_audit.core.prover import Problem
from pdd_audit.core.questions import Checklists
from pdd_audit.data.content.documents import Document, choices, shaped
from pdd_audit.data.content.guarded_yaml import Marks, load_yaml


class Prover:
    """What an overlay is held against: the shipped checklists, the metrics with their good direction, the known sources."""

    def __init__(self, shipped: Checklists, metrics: Mapping[str, Better], sources: Collection[str]) -> None:
        self.shipped, self.metrics, self.sources = shipped, metrics, sources

    def of_text(self, source: bytes, name: str) -> tuple[Overlay, list[AuditError]]:
        """The overlay of a file's content and what the prover warns of. Raises AuditError with line, key and cure."""
        return self.of_document(Document(name, *load_yaml(source, name)))

    def said(self, overlay: Overlay, name: str = "") -> tuple[list[AuditError], list[AuditError]]:
        """Errors and warnings of an overlay that is in no file yet; their places name its keys."""
        return self._told(Document(name, _plain(overlay), Marks({})), overlay)

    def of_document(self, document: Document) -> tuple[Overlay, list[AuditError]]:
        """The same of a document, whatever it was written in."""
        overlay = shaped(document, Overlay)
        errors, warnings = self._told(document, overlay)
        for error in errors:
            raise error
        return overlay, warnings

    def _told(self, document: Document, overlay: Overlay) -> tuple[list[AuditError], list[AuditError]]:
        found = faults(self.shipped, overlay, self.metrics, self.sources)
        return _refusals(document, found, "error"), _refusals(document, found, "warning")


def _refusals(document: Document, problems: Iterable[Problem], severity: str) -> list[AuditError]:
    told = []
    for problem in problems:
        if problem.severity != severity:
            continue
        values = dict(problem.values)
        found = str(values.pop("found", problem.item))
        if "choices" in values:
            values.update(choices(str(values["name"]), values.pop("choices")))
        told.append(document.refusal(problem.path, problem.code, found, **values))
    return told


def _plain(overlay: Overlay) -> dict[str, Any]:
    return {"schema": 1, **overlay.model_dump(mode="json", by_alias=True, exclude_defaults=True)}


def overlay_yaml(overlay: Overlay, about: str) -> str:
    """The overlay as a file that reads back as the same; ``about``: one line for the top."""
    text: str = yaml.safe_dump(_plain(overlay), allow_unicode=True, sort_keys=False, width=140)
    return f"# {' '.join(about.split())}\n{text}"
