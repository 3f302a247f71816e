"""The JSON Schema of the checklist files, for editors. ``python -m pdd_audit.data.content.schema > checklists/schema.json`` renews it."""

import json
import sys
from typing import Any

from pydantic.json_schema import models_json_schema

from pdd_audit.core.calendar_file import CalendarFile
from pdd_audit.core.figures import RulePacks
from pdd_audit.core.questions import Practice
from pdd_audit.data.content.checklists import ScalesFile, SourcesFile


def checklist_schema() -> dict[str, Any]:
    """The schema of a practice file; the other files are ``#/$defs/ScalesFile``, ``SourcesFile``, ``RulePacks`` and
    ``CalendarFile``."""
    models = [(model, "validation") for model in (Practice, ScalesFile, SourcesFile, RulePacks, CalendarFile)]
    _, schema = models_json_schema(models, by_alias=True, ref_template="#/$defs/{model}")  # type: ignore[arg-type]  # a literal, by hand
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A practice of the 24-hour pickup checklist",
        "$ref": "#/$defs/Practice",
        "$defs": schema["$defs"],
    }


def schema_text() -> str:
    """The schema as it stands in ``checklists/schema.json``."""
    return json.dumps(checklist_schema(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
