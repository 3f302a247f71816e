"""A mapping by hand as a YAML file: read without trust, written so that a person can finish it."""

import json
from collections.abc import Sequence
from pathlib import Path

from pdd_audit.core.file_preview import FilePreview
from pdd_audit.core.mapping import Mapping, Target, units_of
from pdd_audit.data.content.documents import read_document, shaped

MOST_EXAMPLES = 3


def read_mapping(path: Path) -> Mapping:
    """The mapping in a file. Raises AuditError with the line and the key of what is wrong."""
    document = read_document(path, path.name)
    mapping = shaped(document, Mapping)
    if not mapping.columns and not mapping.units:
        raise document.refusal(("columns",), "checklist_missing_key", name="columns")
    return mapping


def mapping_yaml(preview: FilePreview, target: Target, mapping: Mapping, about: Sequence[str]) -> str:
    """The mapping as YAML, with every column that is still open as a comment and every column of the file with examples.

    ``about``: lines for the top. Texts are quoted as JSON, which is YAML too: nothing in a header can leave its quotes.
    """
    sure = {one.column: one.confidence for one in preview.proposals[mapping.kind] if mapping.columns.get(one.column) == one.header}
    lines = [*(f"# {line}" for line in about), f"kind: {mapping.kind}"]
    if mapping.header_row is not None:
        lines.append(f"header_row: {mapping.header_row}")
    lines += [f"{key}: {_quoted(value)}" for key in ("sheet", "delimiter") if (value := getattr(mapping, key)) is not None]
    lines.append("columns:")
    measured = [column for column in target.columns if units_of(column)]
    for column, known in target.columns.items():
        header = mapping.columns.get(column)
        note = "required" if column in target.required else ""
        if header is None:
            lines.append(f"  # {column}: ...  # {known}{', required' if note else ''}")
            continue
        notes = "; ".join(part for part in (known, note, sure.get(column, "")) if part)
        lines.append(f"  {column}: {_quoted(header)}  # {notes}")
    if target.constants:
        lines.append("# constants: one value for every row, for what the file does not say: " + ", ".join(sorted(target.constants)))
        lines += ["constants:", *(f"  {key}: {_quoted(value)}" for key, value in mapping.constants.items())] if mapping.constants else []
    if measured:
        known = "; ".join(f"{column}: {' or '.join(units_of(column))}" for column in measured)
        lines.append(f"# units: where the file does not say it, {known}")
        lines += ["units:", *(f"  {column}: {unit}" for column, unit in mapping.units.items())] if mapping.units else []
    if target.statuses:
        lines.append("# statuses: a word of the file -> " + ", ".join(sorted(target.statuses)))
        lines += ["statuses:", *(f"  {_quoted(word)}: {status}" for word, status in mapping.statuses.items())] if mapping.statuses else []
    lines.append("# The columns of the file:")
    for at, (name, hidden) in enumerate(zip(preview.names, preview.hidden, strict=True)):
        cells = [row[at] for number, row in preview.rows if number > preview.header_row and at < len(row) and row[at]]
        examples = "personal, not shown" if hidden else " | ".join(dict.fromkeys(cells[:MOST_EXAMPLES]))
        lines.append(f"#   {_quoted(name)}: {_one_line(examples)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
