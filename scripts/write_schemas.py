"""Write the schemas that are generated from the models: ``python -m scripts.write_schemas`` from the project's root."""

import json
from pathlib import Path

from pdd_audit.core.mapping import Mapping
from pdd_audit.core.result import AuditResult
from pdd_audit.data.content.schema import schema_text

ROOT = Path(__file__).resolve().parent.parent


def result_schema_text() -> str:
    return json.dumps(AuditResult.model_json_schema(), ensure_ascii=False, indent=2) + "\n"


def mapping_schema_text() -> str:
    return json.dumps(Mapping.model_json_schema(), ensure_ascii=False, indent=2) + "\n"


SCHEMAS = {
    "checklists/schema.json": schema_text,
    "docs/result.schema.json": result_schema_text,
    "docs/mapping.schema.json": mapping_schema_text,
}

if __name__ == "__main__":
    for name, text in SCHEMAS.items():
        (ROOT / name).write_text(text(), "utf-8")
        print(name)
