"""YAML from people, read without trusting it: parser events are counted and checked one by one while the data is built.

Nothing here recurses, so depth cannot crash the process, and nothing is guessed: ``12:30``, ``010``, ``NO`` and ``2026-01-02``
stay text. Only plain decimal numbers, ``true``, ``false`` and nothing-at-all have a type of their own.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from pdd_audit.core.errors import AuditError, Place

MAX_BYTES = 2_000_000
MAX_DEPTH = 20
MAX_EVENTS = 50_000
MAX_TEXT = 10_000

Path = tuple[str | int, ...]

_LOADER: Any = getattr(yaml, "CLoader", yaml.Loader)  # only its event parser is used: nothing is ever constructed
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True)
class Marks:
    """Where each part of a document stands: path of keys and list positions -> line, counted from 1."""

    lines: Mapping[Path, int]

    def line(self, path: Path) -> int | None:
        """Line of the part, or of the nearest part around it that exists."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


@dataclass
class _Open:
    """A mapping or list whose end has not come yet."""

    content: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None
    key_lines: dict[str, int] = field(default_factory=dict)


def load_yaml(source: bytes | str, file: str) -> tuple[Any, Marks]:
    """The data of one YAML document and the lines they stand on; an empty document is None.

    Raises AuditError with the place (file, line, key path; the character in ``values["character"]``) for whatever is
    malformed, doubled or larger than a checklist ever is, and for anchors, aliases, tags and merge keys.
    """
    return _Builder(file).build(_text(source, file))


def _text(source: bytes | str, file: str) -> str:
    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    if len(data) > MAX_BYTES:
        raise AuditError("checklist_yaml_too_big", Place(file), found=f"{len(data):,} B", limit=f"{MAX_BYTES:,}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise AuditError("checklist_yaml_not_utf8", Place(file, row=row), found=f"0x{data[error.start]:02X}") from error
    if "\0" in text:
        raise AuditError("checklist_yaml_not_utf8", Place(file, row=text.count("\n", 0, text.index("\0")) + 1), found="NUL")
    return text.removeprefix("\ufeff")


class _Builder:
    """Builds plain data from parser events and refuses what does not belong into a checklist."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.open: list[_Open] = []
        self.lines: dict[Path, int] = {}
        self.root: Any = None

    def build(self, text: str) -> tuple[Any, Marks]:
        documents = 0
        for count, event in enumerate(self._events(text), start=1):
            if count > MAX_EVENTS:
                raise self._refusal("checklist_yaml_too_many_parts", event, limit=f"{MAX_EVENTS:,}")
            if isinstance(event, yaml.NodeEvent):
                self._node(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self.open.pop()
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._refusal("checklist_yaml_two_documents", event)
        return self.root, Marks(self.lines)

    def _events(self, text: str) -> Iterator[Any]:
        try:
            yield from yaml.parse(text, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            lines = text.split("\n")
            at = min(mark.line, len(lines) - 1) if mark else 0
            raise AuditError(
                "checklist_yaml_syntax", Place(self.file, row=at + 1), found=lines[at].strip(),
                character=mark.column + 1 if mark else 1, detail=error.problem or "",
            ) from error
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            raise AuditError("checklist_yaml_syntax", Place(self.file), character="?", detail=str(error).split("\n")[0]) from error

    def _node(self, event: Any) -> None:
        if event.anchor is not None:  # an alias carries the name of its anchor
            raise self._refusal("checklist_yaml_alias", event, found=event.anchor)
        if getattr(event, "tag", None) is not None:
            raise self._refusal("checklist_yaml_tag", event, found=event.tag)
        inside = self.open[-1] if self.open else None
        if inside is not None and isinstance(inside.content, dict) and inside.key is None:
            self._key(inside, event)
        elif isinstance(event, yaml.ScalarEvent):
            self._place(event, self._value(event))
        elif len(self.open) == MAX_DEPTH:
            raise self._refusal("checklist_yaml_too_deep", event, limit=MAX_DEPTH)
        else:
            content: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
            self.open.append(_Open(content, self._place(event, content)))

    def _key(self, mapping: _Open, event: Any) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            raise self._refusal("checklist_yaml_key_not_text", event)
        self._check_length(event)
        key = event.value
        if key == "<<":
            raise self._refusal("checklist_yaml_merge", event, found=key)
        mark: Any = event.start_mark
        line = mark.line + 1
        if key in mapping.key_lines:
            raise self._refusal("checklist_yaml_duplicate_key", event, found=key, name=key, first=mapping.key_lines[key], second=line)
        mapping.key_lines[key] = line
        mapping.key = key
        self.lines[(*mapping.path, key)] = line

    def _value(self, event: Any) -> Any:
        self._check_length(event)
        text: str = event.value
        if not event.implicit[0]:  # quoted or a block: text, whatever it looks like
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            return float(text)
        return text

    def _check_length(self, event: Any) -> None:
        if len(event.value) > MAX_TEXT:
            raise self._refusal("checklist_yaml_long_text", event, found=f"{event.value[:30]}…", limit=f"{MAX_TEXT:,}")

    def _place(self, event: Any, value: Any) -> Path:
        """Put a value where it belongs; its path comes back."""
        if not self.open:
            self.root = value
            self.lines.setdefault((), event.start_mark.line + 1)
            return ()
        around = self.open[-1]
        if isinstance(around.content, dict):
            assert around.key is not None, "a value follows its key"
            path: Path = (*around.path, around.key)
            around.content[around.key] = value
            around.key = None
        else:
            path = (*around.path, len(around.content))
            around.content.append(value)
            self.lines[path] = event.start_mark.line + 1
        return path

    def _refusal(self, code: str, event: Any, found: str = "", **values: Any) -> AuditError:
        mark = event.start_mark
        path: Path = ()
        if self.open:
            inside = self.open[-1]
            path = inside.path if inside.key is None else (*inside.path, inside.key)
        place = Place(self.file, row=mark.line + 1, column=key_path(path) or None)
        return AuditError(code, place, found=found, character=mark.column + 1, **values)


def key_path(path: Path, data: Any = None) -> str:
    """``("items", 3, "weight")`` -> ``items[3].weight``; with the data, entries that have an id are named by it."""
    words = ""
    for step in path:
        try:
            data = data[step] if data is not None else None
        except (KeyError, IndexError, TypeError):
            data = None
        if isinstance(step, int):
            name = data.get("id") if isinstance(data, dict) else None
            words += f"[{name if isinstance(name, str) else step}]"
        else:
            words += f".{step}" if words else step
    return words
