"""One YAML file as a model of the core, and pydantic's errors in our words: file, line, key, what was needed, the nearest that exists."""

import difflib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.periods import Fault
from pdd_audit.data.content.guarded_yaml import Marks, key_path, load_yaml

Model = TypeVar("Model", bound=BaseModel)
KeyPath = tuple[str | int, ...]


_NEEDS = {
    "string": "checklist_needs_text", "int": "checklist_needs_number", "float": "checklist_needs_number",
    "bool": "checklist_needs_truth", "dict": "checklist_needs_mapping", "model": "checklist_needs_mapping",
    "tuple": "checklist_needs_list", "list": "checklist_needs_list",
}
_SIGNS = {"greater_than_equal": ("≥", "ge"), "greater_than": (">", "gt"), "less_than_equal": ("≤", "le"), "less_than": ("<", "lt")}


@dataclass(frozen=True)
class Document:
    """One YAML file: its name inside the folder, its data, and the lines they stand on."""

    file: str
    data: Any
    marks: Marks

    def refusal(self, path: KeyPath, code: str, found: str = "", **values: Any) -> AuditError:
        place = Place(self.file, row=self.marks.line(path), column=key_path(path, self.data) or None)
        return AuditError(code, place, found=found, **values)


def read_document(path: Path, name: str) -> Document:
    """The document of one file; ``name`` is what a refusal calls it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AuditError("checklist_not_readable", Place(name), found=error.strerror or "") from error
    return Document(name, *load_yaml(content, name))


def shaped(document: Document, model: type[Model]) -> Model:
    """The document as a model, or AuditError for the first reason why it is not one."""
    read, errors = validate(document, model)
    for error in errors:
        raise error
    assert read is not None
    return read


def validate(document: Document, model: type[Model]) -> tuple[Model | None, list[AuditError]]:
    """The document as a model, or every reason why it is not one."""
    try:
        # through JSON, because only there a strict check takes a list for a tuple; "4" is no number and 1 no truth value
        return model.model_validate_json(json.dumps(document.data), strict=True), []
    except ValidationError as error:
        schema = model.model_json_schema(by_alias=True)
        return None, [_translated(document, detail, schema) for detail in error.errors(include_url=False)]


def _translated(document: Document, detail: Any, schema: dict[str, Any]) -> AuditError:
    kind, context = detail["type"], detail.get("ctx", {})
    path = _inside(document.data, detail["loc"], kind == "missing")
    found = short(detail["input"])
    if kind == "extra_forbidden":
        key = str(detail["loc"][-1])
        return document.refusal(path, "checklist_unknown_key", found=key, **choices(key, _keys_at(schema, path[:-1])))
    if kind == "missing":
        return document.refusal(path, "checklist_missing_key", name=str(detail["loc"][-1]))
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", context["expected"])
        return document.refusal(path, "checklist_not_in_list", found=found, **choices(found, allowed))
    if kind in _SIGNS:
        sign, name = _SIGNS[kind]
        return document.refusal(path, "checklist_out_of_range", found=found, limit=f"{sign} {context[name]:g}")
    if kind == "string_pattern_mismatch":
        return document.refusal(path, "checklist_bad_pattern", found=found, pattern=context["pattern"])
    if kind in ("string_too_long", "too_long", "string_too_short", "too_short"):
        limit = f"≤ {context['max_length']}" if "max_length" in context else f"≥ {context['min_length']}"
        return document.refusal(path, "checklist_wrong_length", found=found, limit=limit)
    family = kind.split("_")[0]
    if kind.endswith(("_type", "_parsing", "_from_float")) and family in _NEEDS:
        return document.refusal(path, _NEEDS[family], found=found)
    return document.refusal(path, "checklist_wrong_value", found=found, detail=detail["msg"])


def _inside(data: Any, loc: tuple[str | int, ...], missing: bool) -> KeyPath:
    """The part of pydantic's location that is a path in the file: the rest names types, not keys."""
    path: list[str | int] = []
    for step in loc:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            break
        path.append(step)
    return (*path, loc[-1]) if missing and loc else tuple(path)


def _keys_at(schema: dict[str, Any], path: KeyPath) -> list[str]:
    """The keys the schema allows at a path."""
    here: Any = schema
    for step in path:
        here = _resolved(schema, here)
        others = here.get("items" if isinstance(step, int) else "additionalProperties", {})
        here = here.get("properties", {}).get(step, others)
    return list(_resolved(schema, here).get("properties", {}))


def _resolved(schema: dict[str, Any], here: Any) -> dict[str, Any]:
    for option in here.get("anyOf", []) if isinstance(here, dict) else []:
        if "$ref" in option:
            here = option
    while isinstance(here, dict) and "$ref" in here:
        here = schema["$defs"][here["$ref"].rsplit("/", 1)[-1]]
    return here if isinstance(here, dict) else {}


def refusals(document: Document, faults: Iterable[Fault]) -> list[AuditError]:
    """What the core found wrong with a document, with the lines it stands on."""
    errors = []
    for path, code, values in faults:
        named = dict(values)
        if "choices" in named:
            named.update(choices(str(named["name"]), named.pop("choices")))
        errors.append(document.refusal(path, code, str(named.get("name", "")), **named))
    return errors


def choices(found: str, allowed: Iterable[str]) -> dict[str, str]:
    """What would have been right, and the nearest of it."""
    names = list(allowed)
    nearest = difflib.get_close_matches(found, names, n=1, cutoff=0.0)
    listed = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    return {"nearest": nearest[0] if nearest else "-", "allowed": listed or "-"}


def short(value: Any) -> str:
    """A scalar as it stood in the file; nothing for a list or mapping."""
    if isinstance(value, dict | list):
        return ""
    return json.dumps(value) if value is None or isinstance(value, bool) else str(value)
