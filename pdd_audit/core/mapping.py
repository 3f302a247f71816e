"""A mapping by hand: which header of an unknown file feeds which column of ours. Made by a person, checked here, remembered per shop."""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Table
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pdd_audit.core.errors import BETWEEN, AuditError, Place
from pdd_audit.core.headers import fold
from pdd_audit.core.imports import ImportReport

# What a person may say a file is. A scan log becomes rows of pickups, a chat log rows of service.
MappedKind = Literal[
    "pdd_orders", "courier_pickups", "scan_log", "pdd_service", "chat_log",
    "pdd_after_sales", "pdd_bill", "pdd_violations", "waybill_labels",
]
MAPPED_KINDS: tuple[MappedKind, ...] = get_args(MappedKind)
LAST_HEADER_ROW = 40
Unit = Literal["yuan", "fen", "seconds", "minutes"]
DELIMITERS = {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|"}

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
Header = Annotated[str, StringConstraints(min_length=1, max_length=80)]
# Constants and status words become literals of a query: no quote, backslash or control character is one of them.
Word = Annotated[str, StringConstraints(pattern=r"^[^'\"\\\x00-\x1f]{1,40}$")]


class Mapping(BaseModel):
    """``columns``: ours -> the header in the file ("名称 #2" for its second occurrence, "[D]" for a column without one).

    ``constants``: ours -> the value of every row, for what the file does not say. ``statuses``: word of the file -> order status.
    ``units``: ours -> the unit of its numbers: yuan or fen of an amount (..._yuan), seconds or minutes of mean_seconds; without
    ``columns`` the file is read as it is recognised, in these units. ``header_row``: as Excel counts; 0 if there is none; None: wherever
    the mapped headers stand. ``sheet`` and ``delimiter`` only where the file leaves a choice.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"anyOf": [{"required": ["columns"]}, {"required": ["units"]}]}
    )
    kind: MappedKind
    columns: dict[Name, Header] = Field(default={}, min_length=1, max_length=60)
    constants: dict[Name, Word] = Field(default={}, max_length=20)
    statuses: dict[Word, Name] = Field(default={}, max_length=200)
    units: dict[Name, Unit] = Field(default={}, max_length=20)
    header_row: int | None = Field(default=None, ge=0, le=LAST_HEADER_ROW)
    sheet: Annotated[str, StringConstraints(min_length=1, max_length=80)] | None = None
    delimiter: Literal["comma", "tab", "semicolon", "pipe"] | None = None


@dataclass(frozen=True)
class Remembered:
    """A mapping that a shop has confirmed for one set of headers. ``on``: the day, as 2026-11-20."""

    fingerprint: str
    mapping: Mapping
    on: str


@dataclass(frozen=True)
class ByHand:
    """What the reader of a file is told: the mapping to read it by, or else those the shop remembers. ``on``: the day of the mapping."""

    mapping: Mapping | None = None
    on: str = ""
    remembered: tuple[Remembered, ...] = ()

    def units_for(self, kind: str, fingerprint: str) -> tuple[dict[str, Unit], str]:
        """(column of ours -> the unit a person has named for rows of this kind under these headers, the day)."""
        if self.mapping is not None:
            return (self.mapping.units, self.on) if self.mapping.kind == kind else ({}, "")
        known = next((one for one in self.remembered if (one.fingerprint, one.mapping.kind) == (fingerprint, kind)), None)
        return ({}, "") if known is None else (known.mapping.units, known.on)

    def as_job(self) -> dict[str, Any]:
        """Plain data for another process; ``from_job`` takes it back."""
        return {
            "mapping": None if self.mapping is None else _plain(self.mapping),
            "on": self.on,
            "remembered": [[one.fingerprint, _plain(one.mapping), one.on] for one in self.remembered],
        }

    @staticmethod
    def from_job(job: dict[str, Any]) -> "ByHand":
        remembered = tuple(Remembered(fingerprint, Mapping.model_validate(one), on) for fingerprint, one, on in job["remembered"])
        return ByHand(None if job["mapping"] is None else Mapping.model_validate(job["mapping"]), job["on"], remembered)


def _plain(mapping: Mapping) -> dict[str, Any]:
    return mapping.model_dump(mode="json", exclude_defaults=True)


@dataclass(frozen=True)
class Never:
    """Headers with one of these words never feed a column, and why."""

    words: tuple[str, ...]
    why: Table[str, str]


@dataclass(frozen=True)
class Target:
    """What a kind of rows wants. ``columns``: ours -> the header people know it by. ``one_of``: columns of which one at least is needed.

    ``statuses``: the states a word may stand for. ``classed``: columns whose cells are read for what sort of thing they say, and never
    kept: people may stand in them. ``hashed``: columns that may even be about people, as only a number is made of their cells.
    """

    kind: str
    columns: Table[str, str]
    required: tuple[str, ...]
    constants: frozenset[str]
    never: Table[str, tuple[Never, ...]]
    statuses: frozenset[str]
    one_of: tuple[str, ...] = ()
    classed: frozenset[str] = frozenset()
    hashed: frozenset[str] = frozenset()

    def may_hold_people(self, column: str) -> bool:
        return column in self.classed or column in self.hashed


def header_fingerprint(headers: Iterable[str]) -> str:
    """SHA-256 of a set of headers: the same whatever their order, spacing, width or case."""
    return hashlib.sha256("\x1f".join(sorted({fold(header) for header in headers} - {""})).encode("utf-8", "replace")).hexdigest()


def fingerprint_of(report: ImportReport) -> str:
    """The fingerprint of the headers an import was read under."""
    headers = [*report.columns.values(), *report.ignored_columns, *report.dropped_personal]
    if report.by_hand:  # there they are named as a mapping points at them, constants among them
        headers = [re.sub(r" #\d+$", "", header) for header in headers if not re.fullmatch(r"= .*|\[[A-Z]+\]", header)]
    return header_fingerprint(headers)


def units_of(column: str) -> tuple[Unit, ...]:
    """The units in which a column of ours may come, the one it is kept in first; nothing for most columns."""
    return ("yuan", "fen") if column.endswith("_yuan") else ("seconds", "minutes") if column.endswith("_seconds") else ()


def read_otherwise(report: ImportReport, by_hand: ByHand | None) -> bool:
    """Whether a person asks for another reading than the stored one: under a mapping that names other headers or values, or any words of
    a status, which no report tells; or in another unit. Unsaid, an amount was read in yuan, and a bare duration not at all."""
    if by_hand is None:
        return False
    if by_hand.mapping is not None and by_hand.mapping.columns:
        asked = by_hand.mapping.columns | {column: f"= {value}" for column, value in by_hand.mapping.constants.items()}
        if by_hand.mapping.statuses or any(fold(report.columns.get(column, "")) != fold(header) for column, header in asked.items()):
            return True
    units, _ = by_hand.units_for(report.kind, fingerprint_of(report))
    return any(column in report.columns and report.units.get(column, "yuan") != unit for column, unit in units.items())


def why_never(target: Target, column: str, header: str) -> Table[str, str] | None:
    """Why this header may not feed that column, in both languages; None if it may."""
    text = fold(header)
    return next((one.why for one in target.never.get(column, ()) if any(word in text for word in one.words)), None)


def check_mapping(
    mapping: Mapping, names: Sequence[str], target: Target, is_personal: Callable[[str], bool], place: Place
) -> dict[str, int]:
    """Column of ours -> position (0-based) in the file whose columns have these ``names``; or the first reason against the mapping.

    Raises mapping_unknown_column, mapping_column_absent, mapping_column_twice, mapping_personal_column, mapping_wrong_meaning,
    mapping_constant, mapping_status, mapping_unit, mapping_column_missing, mapping_none_of.
    """
    known = {fold(name): at for at, name in reversed(list(enumerate(names)))}
    found: dict[str, int] = {}
    for column, header in mapping.columns.items():
        here = Place(place.file, place.sheet, place.row, header)
        _known_column(column, target, here)
        if column not in target.hashed and is_personal(re.sub(r" #\d+$", "", header)):
            raise AuditError("mapping_personal_column", here, wanted=column, known=target.columns[column])
        why = why_never(target, column, header)
        if why is not None:
            values = {"wanted": column, "known": target.columns[column], "why_zh": why["zh"], "why_en": why["en"]}
            raise AuditError("mapping_wrong_meaning", here, found=header, **values)
        at = known.get(fold(header))
        if at is None:
            raise AuditError("mapping_column_absent", here, wanted=column, known=target.columns[column])
        twice = next((other for other, position in found.items() if position == at), None)
        if twice is not None:
            values = {"first": target.columns[twice], "second": target.columns[column]}
            raise AuditError("mapping_column_twice", here, found=f"{twice} / {column}", **values)
        found[column] = at
    _check_constants(mapping, target, place)
    for word, status in mapping.statuses.items():
        if status not in target.statuses:
            allowed = BETWEEN.join(sorted(target.statuses)) or "—"
            raise AuditError("mapping_status", place, found=f"{word}: {status}", allowed=allowed)
    check_units(mapping, target, place)
    missing = [column for column in target.required if column not in found and column not in mapping.constants]
    if missing:
        named = BETWEEN.join(f"{target.columns[column]} ({column})" for column in missing)
        raise AuditError("mapping_column_missing", place, columns=named)
    if target.one_of and not any(column in found or column in mapping.constants for column in target.one_of):
        named = BETWEEN.join(f"{target.columns[column]} ({column})" for column in target.one_of)
        raise AuditError("mapping_none_of", place, columns=named)
    return found


def check_units(mapping: Mapping, target: Target, place: Place) -> None:
    """Raises mapping_unknown_column, mapping_unit."""
    for column, unit in mapping.units.items():
        _known_column(column, target, place)
        if unit not in units_of(column):
            raise AuditError("mapping_unit", place, found=f"{column}: {unit}", allowed=", ".join(units_of(column)) or "—")


def _known_column(column: str, target: Target, place: Place) -> None:
    if column not in target.columns:
        raise AuditError("mapping_unknown_column", place, found=column, allowed=BETWEEN.join(target.columns))


def _check_constants(mapping: Mapping, target: Target, place: Place) -> None:
    for column, value in mapping.constants.items():
        _known_column(column, target, place)
        if column not in target.constants or column in mapping.columns or not value.strip():
            allowed = BETWEEN.join(sorted(target.constants - set(mapping.columns))) or "—"
            raise AuditError("mapping_constant", place, found=f"{column}: {value}", allowed=allowed)
