"""A shop's own word on the checklists as a workbook: every question a row, targets and own questions on sheets of their own. Written so
that no cell is ever run, read without trust, and back into the very same overlay.

A header is a word for the reader and the key in brackets, a sheet's name ends in its key; so either language reads back, and columns may
be moved, hidden or left out.
"""

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import xlsxwriter

from pdd_audit.core.errors import BETWEEN, AuditError, Place
from pdd_audit.core.overlay import Adjustment, ClaimLevel, Overlay
from pdd_audit.core.questions import Checklists, Question
from pdd_audit.core.spreadsheet import STARTS_A_FORMULA
from pdd_audit.core.targets import lines_of
from pdd_audit.data.content.documents import Document, KeyPath, choices, short
from pdd_audit.data.content.guarded_yaml import Marks
from pdd_audit.data.content.overlay_file import Prover
from pdd_audit.data.reading.sheet_cells import Cell, Sheets

LEVELS: tuple[ClaimLevel, ...] = get_args(ClaimLevel)
HOW = "how"
TO_READ = ("title", "standard")  # columns for the eye alone; what stands in them is never read
SHEETS: Mapping[str, tuple[str, ...]] = {
    "questions": ("id", "title", "standard", "ignore", "weight", *LEVELS, "reason"),
    "targets": ("metric", "title", "standard", "value", "reason"),
    "own": (
        "id", "kind", "weight", "quick", "scale", "freshness_days", "title_ok_zh", "title_ok_en", "title_fail_zh", "title_fail_en",
        "ask_zh", "ask_en", "why_zh", "why_en", "weight_why_zh", "weight_why_en", "show_me_zh", "show_me_en", "when", "blocker",
        "source_key", "source_basis", "metric", "min_n", "effect", "p10", "median", "worst", *LEVELS, "retired",
    ),
    "criteria": ("question", "id", "zh", "en"),
    "remedies": (
        "question", "for", "do_zh", "do_en", "effort_hours", "effort_hours_per_month", "addresses", "works_prior", "works_from",
    ),
}
NEEDED = {"questions": ("id",), "targets": ("metric",), "own": ("id",), "criteria": ("question",), "remedies": ("question",)}
# Where a column of a question of the shop's own stands in it; whatever is not named here stands under its own name.
INSIDE: Mapping[str, tuple[str, ...]] = {
    **{f"title_{side}_{lang}": ("title", side, lang) for side in ("ok", "fail") for lang in ("zh", "en")},
    **{f"{name}_{lang}": (name, lang) for name in ("ask", "why", "weight_why", "show_me", "do") for lang in ("zh", "en")},
    "blocker": ("blocker", "fails_at"), "source_key": ("source", "key"), "source_basis": ("source", "basis"),
    **{name: ("verify", name) for name in ("metric", "min_n", "effect")},
    **{name: ("verify", "curve", name) for name in ("p10", "median", "worst")},
}
NUMBERS = frozenset({"weight", "value", "freshness_days", "min_n", "p10", "median", "worst", "effort_hours", "effort_hours_per_month",
                     "works_prior", *LEVELS})
SWITCHES = frozenset({"ignore", "quick"})
LISTS = frozenset({"when", "for", "addresses"})
TRUE = frozenset({"是", "对", "yes", "y", "true", "x", "√", "✓"})
FALSE = frozenset({"否", "不", "no", "n", "false"})
_KEY = re.compile(r"(?:^|\[)([a-z][a-z0-9_]*)\]?\s*$")
_NUMBER = re.compile(r"\s*-?[0-9]{1,9}(?:\.[0-9]{1,12})?\s*(%?)\s*")

Words = Callable[[str], str]


# --- writing -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """What a reader sees beside the keys. ``word``: of ``sheet.<key>``, ``column.<key>`` and ``metric.<id>``; ``title``: of a question;
    ``how``: lines that explain the workbook; ``yes``: how a switch is written."""

    word: Words
    title: Callable[[Question], str]
    how: Sequence[str]
    yes: str


def overlay_workbook(shipped: Checklists, overlay: Overlay, shown: Shown) -> bytes:
    """The overlay as an XLSX that reads back as the same."""
    sink = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(sink, options) as book:
        pen = _Pen(book)
        how = book.add_worksheet(f"{shown.word(f'sheet.{HOW}')} {HOW}")
        how.set_column(0, 0, 110, pen.wrapped)
        for at, line in enumerate(shown.how):
            pen.put(how, at, 0, line)
        for key, columns in SHEETS.items():
            sheet = book.add_worksheet(f"{shown.word(f'sheet.{key}')} {key}")
            sheet.freeze_panes(1, 2 if key == "questions" else 1)
            for at, name in enumerate(columns):
                sheet.write_string(0, at, f"{shown.word(f'column.{name}')} [{name}]", pen.header)
                sheet.set_column(at, at, _width(name), pen.text)
            for at, row in enumerate(_rows(key, shipped, overlay, shown), start=1):
                for place, value in enumerate(row):
                    pen.put(sheet, at, place, value)
    return sink.getvalue()


class _Pen:
    """Cells as text or number, never as anything that runs."""

    def __init__(self, book: Any) -> None:
        self.header = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.text = book.add_format({"num_format": "@", "valign": "top"})
        self.wrapped = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        self.quoted = book.add_format({"num_format": "@", "valign": "top", "quote_prefix": True})
        self.number = book.add_format({"num_format": "General", "valign": "top"})

    def put(self, sheet: Any, row: int, column: int, value: object) -> None:
        if isinstance(value, int | float) and not isinstance(value, bool):
            sheet.write_number(row, column, value, self.number)
        elif value is not None and value != "":
            text = str(value)  # a text cell is shown as it is; the mark keeps it text when somebody edits it
            sheet.write_string(row, column, text, self.quoted if text.startswith(STARTS_A_FORMULA) else None)


def _width(column: str) -> int:
    if column in ("title", "reason") or column.endswith(("_zh", "_en")) or column in ("zh", "en"):
        return 44
    return 42 if column in ("id", "question", "metric") else 14


def _rows(key: str, shipped: Checklists, overlay: Overlay, shown: Shown) -> Iterator[list[object]]:
    if key == "questions":
        for item in (item for practice in shipped.practices for item in practice.items if not item.retired):
            said = overlay.questions.get(item.id, Adjustment())
            limits = [said.claim[level].value if level in said.claim else None for level in LEVELS]
            yield [item.id, shown.title(item), item.weight, shown.yes if said.ignore else None, said.weight, *limits, said.reason]
    elif key == "targets":
        for name, line in lines_of(shipped).items():
            own = overlay.targets.get(name)
            value, reason = (None, None) if own is None else (own.value, own.reason)
            yield [name, shown.word(f"metric.{name}"), line.value, value, reason]
    else:
        for own_question in overlay.add:
            said_of = own_question.model_dump(mode="json", by_alias=True, exclude_defaults=True)
            if key == "own":
                yield [_shown_value(_own_value(said_of, column), shown) for column in SHEETS[key]]
            else:
                for part in said_of.get(key, []):
                    yield [own_question.id, *(_shown_value(_at(part, INSIDE.get(name, (name,))), shown) for name in SHEETS[key][1:])]


def _own_value(said: dict[str, Any], column: str) -> Any:
    if column in LEVELS:
        limit = _at(said, ("verify", "claim", column))
        return None if limit is None else limit.get("at_least", limit.get("at_most"))
    return _at(said, INSIDE.get(column, (column,)))


def _at(data: Any, path: Sequence[str]) -> Any:
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data


def _shown_value(value: Any, shown: Shown) -> object:
    if isinstance(value, bool):
        return shown.yes if value else None
    return ", ".join(map(str, value)) if isinstance(value, list) else value


# --- reading -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SheetDocument(Document):
    """An overlay that came as a workbook: a refusal names sheet, row and column."""

    places: Mapping[KeyPath, Place] = field(default_factory=dict)

    def refusal(self, path: KeyPath, code: str, found: str = "", **values: Any) -> AuditError:
        return AuditError(code, self._nearest(path), found=found, **values)

    def _nearest(self, path: KeyPath) -> Place:
        """Of the part, of what stands inside it, else of the nearest part around it."""
        while path:
            if path in self.places:
                return self.places[path]
            inside = next((place for key, place in self.places.items() if key[: len(path)] == path), None)
            if inside is not None:
                return inside
            path = path[:-1]
        return Place(self.file)


def overlay_document(sheets: Sheets, file: str, prover: Prover) -> SheetDocument:
    """The cells as the data of an overlay, with the place of each. Raises AuditError for what the layout does not allow."""
    reader = _Reader(file, prover)
    known = 0
    for name, rows in sheets.items():
        key = name.split()[-1].lower() if name.split() else ""
        if key in SHEETS:
            reader.sheet(key, name, rows)
            known += 1
        elif key != HOW and any(cell is not None for row in rows for cell in row):
            raise AuditError("sheet_unknown", Place(file, sheet=name), found=name, **choices(key, SHEETS))
    if not known:
        raise AuditError("sheet_none", Place(file), found=BETWEEN.join(sheets)[:60], allowed=BETWEEN.join(SHEETS))
    return reader.document()


class _Reader:
    """Gathers the sheets in any order; parts of a question of the shop's own find it at the end."""

    def __init__(self, file: str, prover: Prover) -> None:
        self.file = file
        self.prover = prover
        self.items = {item.id: item for practice in prover.shipped.practices for item in practice.items}
        self.places: dict[KeyPath, Place] = {}
        self.questions: dict[str, Any] = {}
        self.targets: dict[str, Any] = {}
        self.add: list[dict[str, Any]] = []
        self.parts: list[tuple[str, str, dict[str, Any], Mapping[str, Place]]] = []

    def document(self) -> SheetDocument:
        where = {own["id"]: at for at, own in enumerate(self.add)}
        for key, question, part, places in self.parts:
            if question not in where:
                raise AuditError("sheet_no_question", places["question"], found=question, **choices(question, where))
            owner = self.add[where[question]].setdefault(key, [])
            path: KeyPath = ("add", where[question], key, len(owner))
            self.places[path] = places["question"]
            self._place(path, part, places)
            owner.append(part)
        data: dict[str, Any] = {"schema": 1}
        data |= {name: said for name, said in (("questions", self.questions), ("targets", self.targets), ("add", self.add)) if said}
        return SheetDocument(self.file, data, Marks({}), self.places)

    def sheet(self, key: str, name: str, rows: list[list[Cell]]) -> None:
        columns = self._columns(key, name, rows[0] if rows else [])
        for number, row in enumerate(rows[1:], start=2):
            cells = {column: row[at] for column, (at, _) in columns.items() if at < len(row)}
            said = {column: value for column, cell in cells.items() if (value := _value(column, cell)) is not None}
            places = {column: Place(self.file, name, number, header) for column, (_, header) in columns.items()}
            first = NEEDED[key][0]
            if not said:
                continue
            if first not in said:
                raise AuditError("sheet_no_id", places[first], found="", column_key=first)
            getattr(self, f"_{key}")(said, places)

    def _columns(self, key: str, name: str, header: list[Cell]) -> dict[str, tuple[int, str]]:
        """Column key -> its position and its header as it stands there."""
        found: dict[str, tuple[int, str]] = {}
        for at, cell in enumerate(header):
            text = "" if cell is None else str(cell).strip()
            match = _KEY.search(text)
            column = match.group(1) if match else text
            if not text:
                continue
            if column not in SHEETS[key]:
                raise AuditError("sheet_column", Place(self.file, name, 1, text[:40]), found=text, **choices(column, SHEETS[key]))
            if column in found:
                raise AuditError("sheet_column_twice", Place(self.file, name, 1, text[:40]), found=text)
            if column not in TO_READ:
                found[column] = (at, text)
        for column in NEEDED[key]:
            if column not in found:
                raise AuditError("sheet_header", Place(self.file, name, 1), found=name, name=column)
        return found

    def _place(self, path: KeyPath, part: Mapping[str, Any], places: Mapping[str, Place]) -> None:
        """The place of every cell of a row, under where its value stands."""
        for column, place in places.items():
            inside = INSIDE.get(column, (column,))
            if column in LEVELS:
                inside = ("claim", column) if path[0] == "questions" else ("verify", "claim", column)
            if _at(part, [step for step in inside if isinstance(step, str)]) is not None:
                self.places[(*path, *inside)] = place

    def _questions(self, said: dict[str, Any], places: Mapping[str, Place]) -> None:
        id = str(said.pop("id"))
        if not said:
            return  # as shipped
        if id in self.questions:
            raise AuditError("sheet_twice", places["id"], found=id)
        shipped = self.items.get(id)
        claim = {level: {self._side(shipped, level): said.pop(level)} for level in LEVELS if level in said}
        self.questions[id] = said | ({"claim": claim} if claim else {})
        path: KeyPath = ("questions", id)
        self.places[path] = places["id"]
        self._place(path, self.questions[id], places)

    def _side(self, item: Question | None, level: ClaimLevel) -> str:
        limit = None if item is None or item.verify is None else item.verify.claim.get(level)
        return "at_least" if limit is None or limit.at_least is not None else "at_most"

    def _targets(self, said: dict[str, Any], places: Mapping[str, Place]) -> None:
        name = str(said.pop("metric"))
        if not said:
            return
        if name in self.targets:
            raise AuditError("sheet_twice", places["metric"], found=name)
        self.targets[name] = said
        self.places[("targets", name)] = places["metric"]
        self._place(("targets", name), said, places)

    def _own(self, said: dict[str, Any], places: Mapping[str, Place]) -> None:
        if any(own["id"] == said["id"] for own in self.add):
            raise AuditError("sheet_twice", places["id"], found=short(said["id"]))
        side = "at_most" if self.prover.metrics.get(str(said.get("metric"))) == "lower" else "at_least"
        own: dict[str, Any] = {}
        for column, value in said.items():
            inside = ("verify", "claim", column, side) if column in LEVELS else INSIDE.get(column, (column,))
            here = own
            for step in inside[:-1]:
                here = here.setdefault(step, {})
            here[inside[-1]] = value
        path: KeyPath = ("add", len(self.add))
        self.places[path] = places["id"]
        self._place(path, own, places)
        self.add.append(own)

    def _criteria(self, said: dict[str, Any], places: Mapping[str, Place]) -> None:
        self.parts.append(("criteria", str(said.pop("question")), said, places))

    def _remedies(self, said: dict[str, Any], places: Mapping[str, Place]) -> None:
        part = {name: value for name, value in said.items() if name not in ("question", "do_zh", "do_en")}
        do = {lang: said[f"do_{lang}"] for lang in ("zh", "en") if f"do_{lang}" in said}
        self.parts.append(("remedies", str(said["question"]), part | ({"do": do} if do else {}), places))


def _value(column: str, cell: Cell) -> Any:
    """A cell as its column means it; what cannot be meant so stays as it is and is refused later, with its place."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if column in SWITCHES:
        word = str(cell).strip().lower()
        switched = True if word in TRUE or cell == 1 else False if word in FALSE or cell == 0 else cell
        return None if switched is False else switched
    if column in NUMBERS:
        match = _NUMBER.fullmatch(cell) if isinstance(cell, str) else None
        if match is None:
            return cell
        number = float(str(cell).strip().rstrip("% ")) / (100 if match.group(1) else 1)
        return int(number) if number.is_integer() else round(number, 12)
    if column in LISTS:
        return [part for part in re.split(r"[\s,，、;；]+", str(cell)) if part]
    return cell if isinstance(cell, str) else short(cell)
