"""What a table is, decided by its header row alone: the kind, the place of each column, what is personal, what is ignored."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pdd_audit.core.errors import BETWEEN, AuditError, Place
from pdd_audit.core.headers import letter
from pdd_audit.data.reading.sources import OtherFile, Source, all_known_headers, fold, is_personal, other_files, source, sources

# An order number, a waybill, a telephone or a moment: where two of these stand in the header's place, there is no header.
_A_VALUE = re.compile(r"\s*(?:\d{6}-\d{9,}|[A-Z]{0,4}\d{8,}|\d{4}[-/]\d{1,2}[-/]\d{1,2}.*)\s*")
_RUINS = re.compile("(?:\ufffd|锟斤拷|[?])+")  # what is left of a destroyed text; the rest may be data where the header should be


@dataclass(frozen=True)
class Recognised:
    """``columns``: canonical name -> position (0-based). ``repeated``: (name, used, further position) of a mapped header that stands
    there more than once. ``spare``: (name, header) of further headers for a mapped column. ``header_rows``: from row to row.
    Of a file mapped by hand: ``constants``: canonical name -> the value of every row; ``mapped_on``: the day a person named its columns.
    ``units``: canonical name -> the unit a person has named, on the day ``units_on``.
    """

    source: Source
    headers: tuple[str, ...]
    columns: dict[str, int]
    ignored: tuple[str, ...]
    personal: tuple[str, ...]
    repeated: tuple[tuple[str, int, int], ...]
    constants: Mapping[str, str] = field(default_factory=dict)
    mapped_on: str | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    units_on: str = ""
    spare: tuple[tuple[str, str], ...] = ()
    header_rows: tuple[int, int] = (1, 1)

    @property
    def wanted(self) -> tuple[int, ...]:
        """Positions of all cells that are read: the mapped columns, and where a header repeats, its further ones."""
        return tuple(dict.fromkeys([*self.columns.values(), *(at for _, _, at in self.repeated)]))

    def header(self, name: str) -> str:
        """The header of a canonical column as it stood in the file; "= 中通" for a constant."""
        return self.headers[self.columns[name]] if name in self.columns else f"= {self.constants[name]}"


def visible(header: str) -> str:
    """A header without the invisible marks around it, short enough to be shown."""
    return header.replace("\ufeff", "").replace("\x00", "").strip().strip("\u200b")[:60]


def listed(headers: Sequence[str], most: int = 60) -> str:
    """As many headers as fit into ``most`` characters, none of them cut."""
    text = ""
    for header in headers:
        longer = f"{text}{BETWEEN}{header}" if text else header
        if len(longer) > most:
            return text + " …"
        text = longer
    return text


def header_score(cells: Sequence[str]) -> int:
    """How many cells of a row are headers we know; data rows and titles score 0 or 1."""
    known = all_known_headers()
    return len({text for cell in cells if (text := fold(cell)) in known})


def other_layout(row: Sequence[str], line: int) -> AuditError:
    """The refusal of a file in which a second table begins at ``line``, with the known ones among its headers."""
    known = all_known_headers()
    return AuditError("other_layout", Place(row=line), found=listed([visible(cell) for cell in row if fold(cell) in known]))


def _other(headers: frozenset[str]) -> OtherFile | None:
    return next((other for other in other_files() if other.signature.matches(headers)), None)


def source_of(headers: Sequence[str]) -> Source | None:
    """The layout these headers belong to, or None."""
    folded = frozenset(fold(header) for header in headers)
    return next((one for one in sources() if any(mark.matches(folded) for mark in one.signatures)), None)


def named(headers: Sequence[str]) -> bool:
    """Whether these headers alone say what a file is, ours or another's."""
    return source_of(headers) is not None or _other(frozenset(fold(header) for header in headers)) is not None


def recognise(
    headers: Sequence[str], row: int, sheet: str | None = None, expected: str | None = None, first_row: int | None = None
) -> Recognised:
    """The recognised table, or a refusal: wrong_platform, label_list, unread_kind, no_header, unknown_layout, other_kind, missing_column.

    The header takes the rows from ``first_row`` to ``row``.
    """
    place = Place(sheet=sheet, row=row)
    shown = [visible(header) for header in headers]
    if any("\ufffd" in header or "锟斤拷" in header for header in shown) or sum(_only_question_marks(header) for header in shown) >= 2:
        spot = next(h for h in shown if "\ufffd" in h or "锟斤拷" in h or _only_question_marks(h))
        place_of_it = Place(sheet=sheet, row=row, column=letter(shown.index(spot)))
        raise AuditError("destroyed_text", place_of_it, found=" … ".join(_RUINS.findall(spot))[:60])
    folded = frozenset(fold(header) for header in headers)
    other = _other(folded)
    if other is not None:
        raise _not_ours(other, shown, place)
    found = source_of(headers)
    if found is None:
        if any(_read_as_latin(header) for header in shown):
            raise AuditError("destroyed_text", place, found=next(header for header in shown if _read_as_latin(header)))
        if len(headers) <= 2 and any(header.count("，") >= 3 for header in shown):
            pieces = next(header for header in shown if "，" in header).split("，")
            raise AuditError("full_width_delimiter", place, found="，".join(_harmless(pieces)) or "，")
        if sum(bool(_A_VALUE.fullmatch(header)) for header in shown) >= 2:
            raise AuditError("no_header", place)
        raise AuditError("unknown_layout", place, found=BETWEEN.join(_harmless(shown)))
    if expected is not None and expected != found.kind:
        wanted = source(expected)  # the first layout of a kind bears its name
        raise AuditError(
            "label_list" if (found.kind, expected) == ("waybill_labels", "courier_pickups") else "other_kind",
            place,
            found=found.title["zh"],
            title_zh=found.title["zh"],
            title_en=found.title["en"],
            wanted_zh=wanted.title["zh"],
            wanted_en=wanted.title["en"],
        )
    return _mapped(found, tuple(shown), [fold(header) for header in headers], place, first_row or row)


def _not_ours(other: OtherFile, shown: Sequence[str], place: Place) -> AuditError:
    """Names the file and the headers that gave it away; says which of our own files takes its place."""
    code = "wrong_platform" if other.foreign else "unread_kind"
    marks = {*other.signature.all, *other.signature.any, *other.signature.and_any, *other.signature.of}
    wanted = source(other.instead)
    return AuditError(
        code,
        place,
        found=listed([header for header in shown if fold(header) in marks]),
        title_zh=other.title["zh"],
        title_en=other.title["en"],
        wanted_zh=wanted.title["zh"],
        wanted_en=wanted.title["en"],
        download_zh=wanted.download["zh"],
        download_en=wanted.download["en"],
    )


def _mapped(found: Source, shown: tuple[str, ...], folded: list[str], place: Place, first_row: int) -> Recognised:
    columns: dict[str, int] = {}
    repeated: list[tuple[str, int, int]] = []
    spare: list[tuple[str, str]] = []
    for name, aliases in found.columns.items():
        present = next((alias for alias in aliases if alias in folded), None)
        if present is None:
            continue
        columns[name] = folded.index(present)
        repeated += [(name, columns[name], at) for at, text in enumerate(folded) if text == present and at != columns[name]]
        spare += [(name, shown[folded.index(alias)]) for alias in aliases if alias in folded and alias != present]
    missing = [name for name in found.required if name not in columns]
    if missing:
        if found.kind == "courier_pickups" and missing == ["picked_up_at"]:
            times = [shown[columns[name]] for name in ("hub_scan_at", "hub_handover_at") if name in columns]
            times += [header for header in shown if "称重" in header]
            raise AuditError("no_pickup_column", place, found=BETWEEN.join(times or _harmless(shown)))
        wanted = found.headers[missing[0]][0]
        raise AuditError(
            "missing_column",
            Place(sheet=place.sheet, row=place.row, column=wanted),
            found=BETWEEN.join(_harmless(shown)),
            columns=BETWEEN.join(found.headers[name][0] for name in missing),
            title_zh=found.title["zh"],
            title_en=found.title["en"],
            download_zh=found.download["zh"],
            download_en=found.download["en"],
        )
    used = set(columns.values())
    rest = [header for at, header in enumerate(shown) if at not in used and header]
    return Recognised(
        source=found,
        headers=shown,
        columns=columns,
        repeated=tuple(repeated),
        spare=tuple(spare),
        header_rows=(first_row, place.row or first_row),
        ignored=tuple(dict.fromkeys(header for header in rest if not is_personal(header))),
        personal=tuple(dict.fromkeys(header for header in rest if is_personal(header))),
    )


def _only_question_marks(header: str) -> bool:
    return len(header) >= 2 and not header.strip("?")


def _read_as_latin(header: str) -> bool:
    """UTF-8 that was once shown as Latin-1 (``è®¢å•``): encoding it back gives a header we know."""
    for wrong in ("latin-1", "cp1252"):
        try:
            if fold(header.encode(wrong).decode("utf-8")) in all_known_headers():
                return True
        except UnicodeError:
            continue
    return False


def _harmless(shown: Sequence[str]) -> list[str]:
    """Headers that may be shown: a file without a header row has people's data where headers should be."""
    known = all_known_headers()
    names = [header for header in shown if fold(header) in known]
    return names[:8] if names else []


__all__ = ["Recognised", "header_score", "letter", "listed", "named", "other_layout", "recognise", "source_of", "visible"]
