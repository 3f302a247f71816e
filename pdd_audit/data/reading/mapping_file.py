"""A mapping by hand as a YAML file: read without trust, written so that a person can finish it."""

import json
from collections.abc import Sequence
from pathlib import Path

from pdd_audit.core.file_preview import FilePreview
from pdd_audit.core.mapping import Mapping, Target
from pdd_audit.data.content.documents import read_document, shaped

MOST_EXAMPLES = 3


def read_mapping(path: Path) -> Mapping:
    """The mapping in a file. Raises AuditError with the line and the key of what is wrong."""
    return shaped(read_document(path, path.name), Mapping)


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
