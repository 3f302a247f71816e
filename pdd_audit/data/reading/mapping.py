"""Mapping by hand: what each kind of rows wants, what an unknown header could mean, and a confirmed mapping as a description to read by."""

import re
from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from rapidfuzz import fuzz

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.headers import column_names
from pdd_audit.core.mapping import MAPPED_KINDS, MappedKind, Mapping, Never, Target, check_mapping, why_never
from pdd_audit.data.reading import sources
from pdd_audit.data.reading.recognise import Recognised, visible
from pdd_audit.data.reading.sources import Source, fold, is_personal
from pdd_audit.data.reading.value_shapes import is_telling, personal_cell, personal_column, shape_of, share

Confidence = Literal["sure", "likely", "guess"]
_SURE, _LIKELY, _GUESS = 0.9, 0.62, 0.45
_FEW_WORDS = 12
_FREQUENT = ("pdd_orders", "courier_pickups", "pdd_service")  # in doubt a file is one of these
_HINTS = "mapping_hints.yaml"
_WORD = re.compile(r"[^\d'\"\\\x00-\x1f•][^'\"\\\x00-\x1f•]{0,19}")
_PLAIN_HEADER = re.compile(r"[\w()\[\]#\-/ ]+")


@dataclass(frozen=True)
class Proposed:
    """One column of ours and the file's column that seems to feed it."""

    column: str
    header: str
    confidence: Confidence


@dataclass(frozen=True)
class Seen:
    """An unknown table: a name for each column, some of its rows, and which columns may not be shown."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def cells(self, at: int) -> list[str]:
        return [row[at] for row in self.rows if at < len(row)]


def model_source(kind: MappedKind) -> Source:
    """The layout whose rules hold for a file mapped to this kind."""
    return sources.source(kind)


@cache
def target(kind: MappedKind) -> Target:
    """What a kind of rows wants of a mapping."""
    hints, one = sources.own_lists(_HINTS), model_source(kind)
    asks = hints["asks"].get(kind, {})
    never = {
        column: tuple(Never(tuple(fold(word) for word in entry["words"]), entry["why"]) for entry in entries)
        for column, entries in hints["never"].items()
        if column in one.columns
    }
    return Target(
        kind=kind,
        columns={column: headers[0] for column, headers in one.headers.items()},
        required=tuple(asks.get("required", one.required)),
        constants=frozenset(hints["constants"][kind]),
        never=never,
        statuses=frozenset(one.extra.get("statuses", {}).values()),
        one_of=tuple(asks.get("one_of", ())),
        classed=frozenset(asks.get("classed", ())),
        hashed=frozenset(asks.get("hashed", ())),
    )


def statuses_known() -> Table[str, str]:
    """Words of an order's status that the platform itself writes -> the status."""
    words: Table[str, str] = model_source("pdd_orders").extra["statuses"]
    return words


@cache
def _hints(kind: MappedKind | None = None) -> Table[str, tuple[str, ...]]:
    """Column of ours -> every folded header that may stand for it in any source; for a column that means something else in each kind of
    rows, in those of this kind (None: of all kinds)."""
    lists = sources.own_lists(_HINTS)
    own = lists["hints_of"] if kind is None else {kind: lists["hints_of"].get(kind, {})}
    found: dict[str, set[str]] = {}
    for hints in (lists["hints"], *own.values()):
        for column, texts in hints.items():
            found.setdefault(column, set()).update(fold(str(text)) for text in texts)
    for one in sources.sources():
        for column, headers in one.columns.items():
            if kind is None or column not in lists["of_one_kind"] or one.kind == model_source(kind).kind:
                found.setdefault(column, set()).update(headers)
    return {column: tuple(sorted(headers)) for column, headers in found.items()}


def about_people(name: str, cells: Sequence[str]) -> bool:
    """Whether a column of the file is never shown, and never read as it stands."""
    return is_personal(name) or personal_column(cells, known=fold(name) in _innocent())


@cache
def _innocent() -> frozenset[str]:
    """Headers that say a column is about something else than people. Those of columns whose texts people write do not."""
    written = {column for kind in MAPPED_KINDS for column in target(kind).hashed} | {"text", "reason", "sender"}
    return frozenset(header for column, headers in _hints().items() if column not in written for header in headers)


def propose(seen: Seen, kind: MappedKind) -> tuple[Proposed, ...]:
    """The likeliest column of the file for each column of the kind; each is used once. Nothing that is personal or can never be right."""
    wanted = target(kind)
    people = [about_people(name, seen.cells(at)) for at, name in enumerate(seen.names)]
    scored = sorted(
        (
            (_likeness(name, column, seen.cells(at), kind), -list(wanted.columns).index(column), -at)
            for at, name in enumerate(seen.names)
            for column in wanted.columns
            if (not people[at] or may_feed(wanted, column, name)) and why_never(wanted, column, name) is None
        ),
        reverse=True,
    )
    found: dict[str, Proposed] = {}
    used: set[int] = set()
    for score, order, minus in scored:
        column, at = list(wanted.columns)[-order], -minus
        if score < _GUESS or column in found or at in used:
            continue
        used.add(at)
        found[column] = Proposed(column, seen.names[at], "sure" if score >= _SURE else "likely" if score >= _LIKELY else "guess")
    return tuple(found[column] for column in wanted.columns if column in found)


def may_feed(wanted: Target, column: str, name: str) -> bool:
    """Whether a column of the file with people in its cells may feed this column of ours."""
    return column in wanted.hashed or (column in wanted.classed and not is_personal(name))


def _likeness(name: str, column: str, cells: Sequence[str], kind: MappedKind) -> float:
    """0..1. The header speaks first; cells of another shape than the column's speak against it."""
    text, own = fold(name), model_source(kind)
    said = max((_alike(text, hint) for hint in _hints(kind).get(column, ())), default=0.0)
    if text in own.columns[column]:
        said = 1.0
    shape = shape_of(own, column)
    fits = share(cells, shape) if shape is not None else None
    if fits is None:
        return said * (0.95 if shape is not None else 0.9) if said >= 0.7 else 0.0
    in_words = column in {"status", "latest_status", "courier", "province"} or column in target(kind).classed
    if fits < 0.3 and not (in_words and said >= 0.8):
        return 0.0  # words of a state, a courier or a region may be the file's own
    if said >= 0.6:
        return min(1.0, said * (0.85 + 0.15 * fits))
    return 0.66 * fits if is_telling(own, column) and fits >= 0.8 else 0.0


def _alike(header: str, hint: str) -> float:
    """Exact 1; else less, by the letters that differ. A hint that stands inside a header with a remark still counts for much."""
    if header == hint:
        return 0.97  # some other source's word: never quite as sure as one of this kind
    inside = 0.8 if len(hint) >= 4 and hint in header else 0.0
    return max(inside, fuzz.ratio(header, hint) / 100 * 0.92)


def best_kind(proposals: Table[MappedKind, Sequence[Proposed]]) -> MappedKind:
    """The kind whose required columns are best covered."""
    worth = {"sure": 1.0, "likely": 0.8, "guess": 0.4}

    def points(kind: MappedKind) -> float:
        found = {one.column: worth[one.confidence] for one in proposals[kind]}
        wanted = target(kind)
        needed = [found.get(column, -0.5) for column in wanted.required]
        if wanted.one_of:
            needed.append(max(found.get(column, -0.5) for column in wanted.one_of))
        return 3 * sum(needed) / len(needed) + 0.2 * sum(found.values()) - (0 if kind in _FREQUENT else 0.25)

    return max(MAPPED_KINDS, key=points)


def words_of(seen: Seen, hidden: Sequence[bool]) -> dict[str, tuple[str, ...]]:
    """Columns with only a few different short words: name -> the words. What a column of states looks like."""
    found: dict[str, tuple[str, ...]] = {}
    for at, name in enumerate(seen.names):
        if hidden[at]:
            continue
        words = {text for cell in seen.cells(at) if (text := " ".join(cell.split()))}
        if not any(map(personal_cell, words)) and 1 <= len(words) <= _FEW_WORDS and all(map(_WORD.fullmatch, words)):
            found[name] = tuple(sorted(words))
    return found


def recognise_mapped(mapping: Mapping, headers: Sequence[str], rows: Sequence[Sequence[str]], place: Place, on: str) -> Recognised:
    """The table as the mapping says. ``rows``: some data rows, looked at for people. Raises what ``check_mapping`` raises,
    and mapping_personal_cells."""
    shown = tuple(visible(header) for header in headers)
    names = column_names(shown)
    wanted = target(mapping.kind)
    columns = check_mapping(mapping, names, wanted, is_personal, place)
    for column, at in columns.items():
        if not wanted.may_hold_people(column) and about_people(names[at], [row[at] for row in rows if at < len(row)]):
            here = Place(place.file, place.sheet, place.row, names[at])
            raise AuditError("mapping_personal_cells", here, wanted=column, known=wanted.columns[column])
    used = set(columns.values())
    rest = [(name, header) for at, (name, header) in enumerate(zip(names, shown, strict=True)) if at not in used and header]
    return Recognised(
        source=_as_source(mapping),
        headers=names,
        columns=columns,
        ignored=tuple(name for name, header in rest if not is_personal(header)),
        personal=tuple(name for name, header in rest if is_personal(header)),
        repeated=(),
        header_rows=(place.row or 1, place.row or 1),
        constants=dict(mapping.constants),
        mapped_on=on,
        units={column: unit for column, unit in mapping.units.items() if column in columns},
        units_on=on,
    )


def _as_source(mapping: Mapping) -> Source:
    """The kind's own layout with the mapped headers in place of its aliases."""
    one = model_source(mapping.kind)
    # They find a header repeated in the middle of the file; a strange one does without, since these texts become part of a statement.
    own = {column: (header,) for column, header in mapping.columns.items() if _PLAIN_HEADER.fullmatch(header)}
    given = set(mapping.constants)
    extra = dict(one.extra)
    if "statuses" in extra:
        extra["statuses"] = extra["statuses"] | {_folded_status(word): status for word, status in mapping.statuses.items()}
    return replace(
        one,
        headers={column: own.get(column, ()) + headers for column, headers in one.headers.items()},
        required=tuple(column for column in one.required if column not in given),
        absent={column: code for column, code in one.absent.items() if column not in given},
        extra=extra,
    )


def _folded_status(word: str) -> str:
    """As the order reader folds a status before it looks it up: no blanks, full-width separators."""
    return re.sub(r"[,;；]", "，", re.sub(r"\s+", "", word))
