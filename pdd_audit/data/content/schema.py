"""The JSON Schema of the checklist files, for editors. ``python -m pdd_audit.data.content.schema > checklists/schema.json`` renews it."""

import json
import sys
from typing import Any

from pydantic.json_schema import models_json_schema

from pdd_audit.core.calendar_file import CalendarFile
from pdd_audit.core.figures import RulePacks
from pdd_audit.core.incidents.appeal_guide import AppealGuide
from pdd_audit.core.incidents.calls import CallRules
from pdd_audit.core.incidents.incident_causes import CausesFile
from pdd_audit.core.incidents.message_linter import Wording
from pdd_audit.core.incidents.messages import Messages
from pdd_audit.core.incidents.remedies import RemedyMenu
from pdd_audit.core.questions import Practice
from pdd_audit.core.waivers import WaiverRules
from pdd_audit.data.content.checklists import ScalesFile, SourcesFile


def checklist_schema() -> dict[str, Any]:
    """The schema of a practice file; the other files are ``#/$defs/ScalesFile``, ``SourcesFile``, ``RulePacks``, ``CalendarFile``,
    ``WaiverRules``, ``Messages``, ``Wording``, ``RemedyMenu``, ``AppealGuide``,
    ``CausesFile`` and ``CallRules``."""
    kinds = (
        Practice, ScalesFile, SourcesFile, RulePacks, CalendarFile, WaiverRules, Messages, Wording, RemedyMenu, AppealGuide, CausesFile,
        CallRules,
    )
    models = [(model, "validation") for model in kinds]
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
