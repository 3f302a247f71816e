"""Every word people read, Chinese beside English, one YAML file per page or topic: key ``results.title`` lives in ``results.yaml``."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any, Literal

from pdd_audit.core.errors import BETWEEN, AuditError

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")


@cache
def _texts_of(file: str) -> dict[str, dict[str, str]]:
    """Flat key -> {"zh": ..., "en": ...} of one file, without its ending; nothing where there is no such file. A command needs few of
    them, and reading all takes a tenth of a second. Our own files, so a plain safe load is enough."""
    import yaml  # a result in JSON needs no words

    flat: dict[str, dict[str, str]] = {}

    def walk(prefix: str, node: dict[str, Any]) -> None:
        if set(node) == {"zh", "en"}:
            flat[prefix] = node
            return
        for key, child in node.items():
            walk(f"{prefix}.{key}", child)

    place = files(__package__).joinpath(f"{file}.yaml")
    if place.is_file():
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        walk(file, yaml.load(place.read_text("utf-8"), Loader=loader) or {})  # noqa: S506 - both are safe loaders
    return flat


def _texts_for(key: str) -> dict[str, dict[str, str]]:
    return _texts_of(key.partition(".")[0])


@cache
def all_texts() -> dict[str, dict[str, str]]:
    """The texts of all files."""
    names = sorted(file.name for file in files(__package__).iterdir())
    return {key: text for name in names if name.endswith(".yaml") for key, text in _texts_of(name.removesuffix(".yaml")).items()}


class _Counted(Formatter):
    """Knows one from many: ``{rows} {rows:row is|rows are} blank``, ``{n:The one row|All {n} rows}``."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, bar, many = format_spec.partition("|")
        if not bar:
            return format(value, format_spec)
        return one if str(value) == "1" else many


_COUNTED = _Counted()


class Words:
    """The texts in one language: ``words("data.rows", read=3)``."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang

    def __call__(self, key: str, **values: Any) -> str:
        text = _texts_for(key)[key][self.lang]
        if not values:
            return text
        return _COUNTED.vformat(text, (), values) if "|" in text else text.format_map(values)

    def told(self, key: str, values: Mapping[str, Any]) -> str:
        """A text about what was found somewhere: an error, a notice, a bias of the files. Its values know no language."""
        return self(key, **self.in_a_row(values))

    def in_a_row(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values, with this language's sign between names in a row instead of ``BETWEEN``."""
        sign = self("data.listed")
        return {name: value.replace(BETWEEN, sign) if isinstance(value, str) else value for name, value in values.items()}

    def notice(self, code: str, values: Mapping[str, Any]) -> str:
        """A notice of an import report, and which rows it speaks of where the report names them (``named`` of all ``rows``)."""
        unquotable = {name: "…" for name in ("found", "text") if values.get(name) == ""}  # a cell that may hold somebody's name
        text, named = self.told(f"warnings.{code}", {**values, **unquotable}), values.get("named", ())
        if not named:
            return text
        more, rows = values["rows"] - len(named), self("data.listed").join(map(str, named))
        return text + self("app.named_rows_and_more" if more > 0 else "app.named_rows", rows=rows, more=more)

    def has(self, key: str) -> bool:
        return key in _texts_for(key)

    def coded(self, prefix: str, code: str) -> str:
        """The text of ``prefix.code`` (or of its ``name``), else the code itself: an old or new code still shows."""
        return next((self(key) for key in (f"{prefix}.{code}", f"{prefix}.{code}.name") if self.has(key)), code)

    def courier(self, name: str) -> str:
        """A courier, or anybody beside couriers in a list, as readers of this language know it; the name itself where nobody is known."""
        return self.coded("courier_names", name)


def error_text(error: AuditError, lang: Lang) -> tuple[str, str]:
    """(title, body) of a refusal: what and where; then found, needed, cure. Plain text: the caller escapes it for its medium."""
    words = Words(lang)
    key = f"errors.{error.code}"
    if not words.has(f"{key}.title"):  # refusals of checklist files have a text file of their own
        key = f"errors_checklists.{error.code}"
    values = {"file": error.place.file or "", "column": error.place.column or "", "row": error.place.row or "",
              "sheet": error.place.sheet or "", **words.in_a_row({"found": error.found, **error.values})}
    shown = values["found"]
    if shown and shown == error.values.get("title_zh"):  # what was found is a kind of file, and kinds have names in both languages
        shown = str(error.values[f"title_{lang}"])
    title = words(f"{key}.title", **values)
    where = _where(error, words)
    found = words("errors.found", found=shown) if shown else ""
    needed = words(f"{key}.needed", **values)
    cure = words(f"{key}.cure", **values)
    body = "".join(part for part in (where, found, words("errors.needed", needed=needed), words("errors.cure", cure=cure)) if part)
    return title, body


def _where(error: AuditError, words: Words) -> str:
    place = error.place
    if place.row is None and place.column is None:
        return words("errors.whole_file") if place.file else ""
    parts = []
    if place.sheet is not None:
        parts.append(words("errors.sheet", sheet=place.sheet))
    if place.row is not None:
        parts.append(words("errors.row", row=place.row))
    if place.column is not None:
        parts.append(words("errors.column", column=place.column))
    return words("errors.place", place=words("errors.joiner").join(parts))
