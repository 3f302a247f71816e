"""SQL for single cells: how a text of a stranger's file becomes an id, a time, an amount, a status.

Each cell first takes the quick way that fits what the platform writes itself. Only cells that fail it pay for the thorough one,
in three more layers of sub-queries: the odd text cleaned, then tidied, then read. (In one expression the cleaning would be
repeated at every use: thousands of operators and 500 MB for a 6 MB file.)
No text of a file ever becomes part of a statement: only column positions and our own YAML do.
"""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pdd_audit.data.reading.marks import FOOTERS
from pdd_audit.data.reading.sources import couriers

# TAB, line ends, no-break, ideographic and zero-width spaces, BOM
_INVISIBLE = "[\\s\\x{00a0}\\x{3000}\\x{200b}-\\x{200f}\\x{2060}\\x{feff}]"
_EMPTY_TOKENS = "-+|—+|－+|/|\\\\|无|暂无|null|none|nan|n/a|#n/a|#ref!|#value!|#null!|#name\\?|#div/0!|#+"
_SHORT_EMPTY = "|无|暂无|null|none|nan|n/a|"  # those of the tokens that no first character gives away
_WIDE_FROM = "０１２３４５６７８９－：．／（）ＥｅＹＴＳＦＪＰＤ＋％"
_WIDE_TO = "0123456789-:./()EeYTSFJPD+%"
_QUICK_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M")
_SHORTEST_TIME = len("1/1/1 1:1")  # in bytes; what is shorter fits none of those
_TIME_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y%m%d%H%M%S", "%Y%m%d %H:%M:%S", "%Y%m%d %H:%M", "%Y%m%d")
_MOBILE = "(^|[^0-9])1[3-9][0-9]{9}([^0-9]|$)"
_ZONE = "(Z|[+-][0-9]{2}:?[0-9]{2})"
_YEAR_OF_TWO_DIGITS = "TIMESTAMP '0100-01-01 00:00:00'"  # what the quick way makes of 26-10-21
YES = ("是", "审核中", "异常", "y", "yes", "true", "1")
WAYBILL_SHAPE = "[0-9A-Z-]{6,40}"
LOST_DIGITS = "[0-9](\\.[0-9]+)?E\\+?[0-9]+"
OLDEST = "TIMESTAMP '2001-01-01 00:00:00'"  # sources write 0, 1899, 1970 or 2000-01-01 for "no time"


@dataclass(frozen=True)
class Field:
    """One canonical column in four layers; each may use the names of the layers below: ``q_``, ``o_`` and ``d_`` + name."""

    name: str
    value: str
    quick: str = "NULL"
    odd: str = "NULL"
    tidy: str = "NULL"


def layered(fields: Iterable[Field], relation: str) -> str:
    """A sub-query with the raw cells, ``o_<name>`` (the odd text, if the cell was odd), ``<name>``, and ``odd``: whether any cell was."""
    fields = list(fields)

    def layer(prefix: str, part: str) -> str:
        return ", ".join(f"{getattr(field, part)} AS {prefix}{field.name}" for field in fields)

    sql = f"SELECT *, {layer('q_', 'quick')} FROM {relation}"
    sql = f"SELECT *, {layer('o_', 'odd')} FROM ({sql})"
    sql = f"SELECT *, {layer('d_', 'tidy')} FROM ({sql})"
    odd = " OR ".join(f"o_{field.name} IS NOT NULL" for field in fields if field.odd != "NULL") or "FALSE"
    return f"(SELECT *, {layer('', 'value')}, {odd} AS odd FROM ({sql}))"


def trouble(
    odd: str, left_out: str, said: Mapping[str, str], sample: str | None = None, *,
    samples: Mapping[str, str] | None = None, more: Iterable[str] = (),
) -> str:
    """One text for all that is wrong with a row, NULL for most: ``!reason`` if the row is not kept, then the codes of ``said`` that hold.

    Computed for odd rows only. ``samples``: code -> the cell whose text goes with it, for the report to quote (``sample``: that of the
    last code). ``more``: expressions that give a code of their own, or NULL.
    """
    samples = dict(samples or {}) | ({} if sample is None else {list(said)[-1]: quoted(sample)})
    shown = {code: f" || {text('=')} || coalesce({cell_text}, '')" for code, cell_text in samples.items()}
    codes = [f"CASE WHEN {condition} THEN {text(code)}{shown.get(code, '')} END" for code, condition in said.items()]
    return f"CASE WHEN {odd} THEN nullif(concat_ws(';', '!' || ({left_out}), {', '.join([*codes, *more])}), '') END"


def quotable(expression: str) -> str:
    """The text of a cell as a report may quote it: figures and what belongs to dates and amounts, and nothing that looks like a phone."""
    harmless = f"regexp_full_match({expression}, '[-0-9A-Za-z年月日时分秒点上下午￥¥元:/.,+_ #!?]{{1,40}}')"
    return f"CASE WHEN {harmless} AND NOT {has_phone(expression)} THEN {expression} END"


def quoted(expression: str) -> str:
    """A word of the file as a report quotes it, where the word is what matters: short, and without phone numbers."""
    return f"replace(left({without_phones(expression)}, 40), ';', ' ')"


def has_phone(expression: str) -> str:
    return f"regexp_matches({expression}, '{_MOBILE}')"


def without_phones(expression: str) -> str:
    """Masked. Twice: of two numbers with one sign between them the first takes that sign with it."""
    once = f"regexp_replace({expression}, '{_MOBILE}', '\\1***\\2', 'g')"
    return f"regexp_replace({once}, '{_MOBILE}', '\\1***\\2', 'g')"


def text(value: str) -> str:
    """A literal of our own content."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    return ", ".join(text(value) for value in values)


def cell(at: int | None) -> str:
    """The raw cell at a position of the file, or NULL when the file has no such column."""
    return "NULL::VARCHAR" if at is None else f"c{at:04d}"


def one_of(expression: str, values: Iterable[str]) -> str:
    """Membership. Not IN: a longer list becomes a join, which computes ``expression`` for every row, however rare its branch."""
    return f"contains({text('|' + '|'.join(values) + '|')}, '|' || {expression} || '|')"


def untabbed(raw: str) -> str:
    """Without tabs. Looking for one first takes a third of the time of copying a cell that has none."""
    return f"CASE WHEN contains({raw}, chr(9)) THEN replace({raw}, chr(9), '') ELSE {raw} END"


def at_once(raw: str, reads: str) -> str:
    """``reads`` (with ``{}`` for the cell) of a cell whatever tabs it has. Reading a time or a number skips those at the ends; taking them
    out would copy every cell, so it is done only for what could not be read."""
    return f"coalesce({reads.format(raw)}, {reads.format(untabbed(raw))})"


def thorough(raw: str) -> str:
    """Without invisible marks at the ends, literal ``\\t``, ``="…"`` or a leading apostrophe; '' for tokens that mean nothing."""
    bare = f"regexp_replace(replace({raw}, '\\t', ''), '^(?:{_INVISIBLE}|=\"|'')*(.*?)(?:{_INVISIBLE}|\")*$', '\\1', 's')"
    return f"regexp_replace({bare}, '^(?:{_EMPTY_TOKENS})$', '', 'i')"


def narrow(expression: str) -> str:
    """Full-width digits and signs as half width."""
    return f"translate({expression}, {text(_WIDE_FROM)}, {text(_WIDE_TO)})"


def is_blank(raw: str) -> str:
    return f"coalesce({thorough(raw)}, '') = ''"


def words(name: str, at: int | None) -> Field:
    """A short text such as a province or a title, at most 200 characters. Phone numbers in it are masked."""
    if at is None:
        return Field(name, "NULL::VARCHAR")
    q = f"q_{name}"
    # CASE, so that the dearer tests run for the few cells that need them
    strange = (
        f"CASE WHEN {q} < '0' THEN {q} <> '' WHEN contains({q}, chr(92)) THEN TRUE "
        f"WHEN strlen({q}) <= 6 THEN contains({text(_SHORT_EMPTY)}, '|' || lower({q}) || '|') "
        f"WHEN {q} >= '—' AND {q} < '—z' OR {q} >= '－' AND {q} < '－z' THEN TRUE "
        f"WHEN strlen({q}) <= 10 OR NOT contains({q}, '1') THEN FALSE ELSE {has_phone(q)} END"  # AND would ask all of every cell
    )
    raw = cell(at)
    whole_text = f"nullif(CASE WHEN o_{name} IS NULL THEN {q} ELSE {without_phones(f'o_{name}')} END, '')"
    # asking for a length in bytes takes a quarter of the time of cutting off what is not there
    return Field(
        name,
        f"CASE WHEN strlen({q}) > 200 OR o_{name} IS NOT NULL THEN left({whole_text}, 200) ELSE nullif({q}, '') END",
        quick=f"trim({untabbed(raw)})",
        odd=f"CASE WHEN {strange} THEN {thorough(raw)} END",
    )


def identifier(name: str, at: int | None, shape: str) -> Field:
    """An id in upper case without inner blanks; digits that a spreadsheet wrote as 7.89E+14 come back if all of them are there."""
    if at is None:
        return Field(name, "NULL::VARCHAR")
    return Field(
        name,
        f"nullif(CASE WHEN o_{name} IS NULL THEN q_{name} ELSE d_{name} END, '')",
        quick=untabbed(cell(at)),
        odd=f"CASE WHEN q_{name} <> '' AND NOT regexp_full_match(q_{name}, '{shape}') THEN {_upper(cell(at))} END",
        tidy=_whole_digits(f"o_{name}"),
    )


def waybills(name: str, at: int) -> Field:
    """The waybill of a cell; several are joined by one comma each, and a text that is no waybill stays to be seen."""
    pieces = f"regexp_split_to_array(o_{name}, '[,，;；/、\\s]+')"
    good = f"list_sort(list_distinct(list_filter({pieces}, lambda piece: regexp_full_match(piece, '[0-9A-Z-]{{8,40}}'))))"
    return Field(
        name,
        f"nullif(CASE WHEN o_{name} IS NULL THEN q_{name} WHEN d_{name} <> '' THEN d_{name} ELSE {_whole_digits(f'o_{name}')} END, '')",
        quick=untabbed(cell(at)),
        odd=f"CASE WHEN q_{name} <> '' AND NOT regexp_full_match(q_{name}, '[0-9A-Z-]{{6,25}}') THEN {_upper(cell(at))} END",
        # blanks part waybills only where every piece is one; otherwise they stand inside of one
        tidy=f"CASE WHEN regexp_matches(o_{name}, '[,，;；/、]') OR (regexp_matches(o_{name}, '\\s') AND "
        f"len({good}) = len(list_distinct({pieces}))) THEN array_to_string({good}, ',') END",
    )


def parts(joined: str) -> str:
    """The waybills that ``waybills`` joined; one NULL when the text is none, so that the order itself stays."""
    pieces = f"regexp_split_to_array({joined}, ',')"
    good = f"list_filter({pieces}, lambda piece: regexp_full_match(piece, '{WAYBILL_SHAPE}'))"
    return f"CASE WHEN len({good}) = 0 THEN [NULL] ELSE {good} END"


def _upper(raw: str) -> str:
    return f"upper(regexp_replace({narrow(thorough(raw))}, '^([0-9]+)\\.0+$', '\\1'))"


def _whole_digits(clean: str) -> str:
    """``7.89306513736651E+14`` -> its 15 digits; a mantissa that has lost digits stays as it is, to be seen."""
    mantissa = f"replace(regexp_extract({clean}, '^([0-9]\\.?[0-9]*)E\\+?[0-9]+$', 1), '.', '')"
    power = f"try_cast(regexp_extract({clean}, 'E\\+?([0-9]+)$', 1) AS INTEGER)"
    restored = f"CAST(try_cast({clean} AS DECIMAL(38, 0)) AS VARCHAR)"
    # A spreadsheet keeps 15 digits: a longer number cannot be what was typed.
    fits = f"{mantissa} <> '' AND {power} < length({mantissa}) AND {power} <= 14"
    return f"CASE WHEN {clean} IS NULL THEN NULL WHEN {fits} THEN {restored} ELSE regexp_replace({clean}, '{_INVISIBLE}+', '', 'g') END"


@dataclass(frozen=True)
class Dates:
    """What a column's dates rest on where a cell does not say it: SQL of the moment no date without a year lies after (NULL: unknown),
    and which comes first in ``3/4/2026``: "day", "month", or "" while that is not known."""

    latest: str = "NULL::TIMESTAMP"
    first: str = ""
    usual_only: bool = False  # only the ways in which the platform and Excel write; a third of what there is to plan in a statement


_UNDATED = Dates()


def time(name: str, at: int | None, dates: Dates = _UNDATED) -> Field:
    """A time of Asia/Shanghai. NULL for blank, for tokens that mean nothing, and for what cannot be read."""
    if at is None:
        return Field(name, "NULL::TIMESTAMP")
    raw = cell(at)
    # most cells that cannot be read are empty, and trying every format on them would take longer than on those that can
    quick = f"CASE WHEN strlen({raw}) >= {_SHORTEST_TIME} THEN {at_once(raw, f'try_strptime({{}}, [{texts(_QUICK_TIMES)}])')} END"
    odd = f"CASE WHEN coalesce(q_{name} < {_YEAR_OF_TWO_DIGITS}, {untabbed(raw)} <> '') THEN {narrow(thorough(raw))} END"
    if dates.usual_only:
        return Field(name, f"q_{name}", quick=quick, odd=odd)
    return Field(
        name,
        f"CASE WHEN o_{name} IS NULL OR o_{name} = '' THEN q_{name} ELSE {_odd_time(f'o_{name}', f'd_{name}', dates)} END",
        quick=quick,
        odd=odd,
        tidy=_tidy_time(f"o_{name}", dates),
    )


_DAY_OR_MONTH_FIRST = "([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})"
_HALF_DAY = "(上午|下午|[AaPp][Mm])"
_MIDNIGHT = " ?24[:时点]00(:00|分)?$"
_NO_YEAR = "^([0-9]{1,2})[/月-]([0-9]{1,2})日?([T ]|$)"
_SHORT_YEAR = "^([23][0-9])[/年-]([0-9]{1,2})[/月-]([0-9]{1,2})日?([T ]|$)"
_ZONED = f"([0-9]:[0-9]{{2}}(?:[.][0-9]+)?) ?{_ZONE}$"


def _tidy_time(clean: str, dates: Dates) -> str:
    """Year, month and day in this order with hyphens, hours with colons. A zone, a half of the day and 24:00 are left to ``_odd_time``."""
    steps = [
        ("^([0-9]{4})[/.年-]([0-9]{1,2})[/.月-]([0-9]{1,2})日?[T ]*", "'\\1-\\2-\\3 '"),
        (_SHORT_YEAR, "'20\\1-\\2-\\3 '"),
        (_NO_YEAR, f"coalesce(year({dates.latest})::VARCHAR, '') || '-\\1-\\2 '"),
        (f"{_HALF_DAY}|{_MIDNIGHT}", "' '"),
        (_ZONED, "'\\1'"),
        ("([0-9]{1,2})[时点]([0-9]{1,2})分([0-9]{1,2})秒", "'\\1:\\2:\\3'"),
        ("([0-9]{1,2})[时点](?:([0-9]{1,2})分?)?", "'\\1:0\\2'"),
        (":0([0-9]{2})", "':\\1'"),
        ("(:[0-9]{2})[.][0-9]+", "'\\1'"),
        (" +", "' '"),
    ]
    if dates.first:
        ordered = {"day": "'\\3-\\2-\\1 '", "month": "'\\3-\\1-\\2 '"}[dates.first]
        steps.insert(0, (f"^{_DAY_OR_MONTH_FIRST}[T ]*", ordered))
    sql = clean
    for pattern, by in steps:
        sql = f"regexp_replace({sql}, '{pattern}', {by})"
    return f"trim({sql})"


def _is_serial(clean: str) -> str:
    return f"try_cast({clean} AS DOUBLE) BETWEEN 30000 AND 60000"


def _is_unix(clean: str) -> str:
    return f"regexp_full_match({clean}, '([0-9]{{10}}|[0-9]{{12,13}})([.]0)?')"


def _odd_time(clean: str, tidy: str, dates: Dates) -> str:
    number = f"try_cast({clean} AS DOUBLE)"
    zone = f"regexp_extract({clean}, '{_ZONED}', 2)"
    minutes = (
        f"CASE WHEN {zone} = 'Z' THEN 0 ELSE (CASE WHEN starts_with({zone}, '-') THEN -1 ELSE 1 END) * "
        f"(try_cast({zone}[2:3] AS INTEGER) * 60 + try_cast(right({zone}, 2) AS INTEGER)) END"
    )
    read = f"try_strptime({tidy}, [{texts(_TIME_FORMATS)}])"
    half = f"lower(regexp_extract({clean}, '{_HALF_DAY}', 1))"
    later = (
        f"CASE WHEN regexp_matches({clean}, '{_ZONED}') THEN to_minutes(480 - ({minutes})) "
        f"WHEN regexp_matches({clean}, '{_MIDNIGHT}') THEN INTERVAL 1 DAY "
        f"WHEN {half} IN ('下午', 'pm') AND NOT contains({tidy}, ' 12:') THEN INTERVAL 12 HOUR "
        f"WHEN {half} IN ('上午', 'am') AND contains({tidy}, ' 12:') THEN -INTERVAL 12 HOUR "
        f"WHEN regexp_matches({clean}, '{_NO_YEAR}') AND {read} > {dates.latest} THEN -INTERVAL 1 YEAR ELSE INTERVAL 0 DAY END"
    )
    return (
        f"CASE WHEN {_is_serial(clean)} THEN TIMESTAMP '1899-12-30' + to_seconds(round({number} * 86400)) "
        f"WHEN {_is_unix(clean)} "
        f"THEN make_timestamp(CAST({number} * CASE WHEN {number} < 100000000000 THEN 1000000 ELSE 1000 END AS BIGINT)) + INTERVAL 8 HOUR "
        f"ELSE {read} + {later} END"
    )


# How an odd cell wrote its time, in the order of trial; each is a notice ``time_<form>``.
TIME_FORMS = ("zone", "serial", "unix", "end_of_day", "no_year", "order", "two_digit", "day", "written")


def time_form(column: str, name: str) -> str:
    """``<form>_<column>`` of an odd cell; for a date that cannot be read yet what speaks for its order, or that its year is missing."""
    clean = f"o_{name}"
    first, second = (f"CAST(regexp_extract({clean}, '^{_DAY_OR_MONTH_FIRST}', {group}) AS INTEGER)" for group in (1, 2))
    early = f"regexp_matches({clean}, '^{_DAY_OR_MONTH_FIRST}([T ]|$)')"
    branches = (
        (f"{name} < {OLDEST}", "NULL"),  # a sentinel is counted as such
        (f"{name} IS NULL AND {early}",
         f"CASE WHEN {first} > 12 THEN 'day_first' WHEN {second} > 12 THEN 'month_first' ELSE 'either_first' END"),
        (f"{name} IS NULL", f"CASE WHEN regexp_matches({clean}, '{_NO_YEAR}') THEN 'yearless' END"),
        (f"regexp_matches({clean}, '{_ZONED}')", "'zone'"),
        (_is_serial(clean), "'serial'"),
        (_is_unix(clean), "'unix'"),
        (f"regexp_matches({clean}, '{_MIDNIGHT}')", "'end_of_day'"),
        (f"regexp_matches({clean}, '{_NO_YEAR}')", "'no_year'"),
        (early, "'order'"),
        (f"regexp_matches({clean}, '{_SHORT_YEAR}')", "'two_digit'"),
        (without_hours(name), "'day'"),
    )
    cases = " ".join(f"WHEN {condition} THEN {form}" for condition, form in branches)
    return f"CASE WHEN {clean} <> '' THEN (CASE {cases} ELSE 'written' END) || {text('_' + column)} END"


def without_hours(name: str) -> str:
    """Whether an odd cell names a day alone, of which midnight was made."""
    return f"(NOT contains(o_{name}, ':') AND {name} = date_trunc('day', {name}))"


def real_time(name: str) -> str:
    """Sentinels are no times."""
    return f"CASE WHEN {name} >= {OLDEST} THEN {name} END"


def shown_time(name: str) -> str:
    """A time as a report quotes it."""
    return f"strftime({name}, '%Y-%m-%d %H:%M:%S')"


ZERO_TIME = "[0-]+([ T][0:]*)?|(1900|1899)[-/]0?1[-/]0?0.*|0(\\.0+)?"


def bad_time(name: str, parsed: str) -> str:
    """Whether a cell holds something that is neither blank, nor a sentinel, nor a time."""
    # CASE, because AND would compute the pattern for every row
    blank_or_read = f"CASE WHEN coalesce(o_{name}, '') = '' OR {parsed} IS NOT NULL THEN FALSE "
    return f"{blank_or_read}ELSE NOT regexp_full_match(o_{name}, '{ZERO_TIME}') END"


def no_time(name: str) -> str:
    """Whether a cell holds one of the values that sources write for "has not happened"."""
    return f"({name} < {OLDEST} OR (o_{name} <> '' AND {name} IS NULL AND regexp_full_match(o_{name}, '{ZERO_TIME}')))"


def yuan(name: str, at: int | None, unit: str = "yuan") -> Field:
    """An amount in yuan; ``1,234.50``, ``￥17.80`` and ``17.8元`` are read, a decimal comma is not. ``unit``: "fen" where a person has
    said so."""
    if at is None:
        return Field(name, "NULL::DECIMAL(12, 2)")
    raw = cell(at)
    grouped = f"regexp_full_match(o_{name}, '-?[0-9]{{1,3}}(,[0-9]{{3}})+(\\.[0-9]+)?')"
    amount = f"coalesce(q_{name}, try_cast(d_{name} AS DECIMAL(12, 2)))"
    return Field(
        name,
        f"CAST({amount} * 0.01 AS DECIMAL(12, 2))" if unit == "fen" else amount,
        quick=at_once(raw, "try_cast({} AS DECIMAL(12, 2))"),
        odd=f"CASE WHEN q_{name} IS NULL AND {untabbed(raw)} <> '' THEN regexp_replace({narrow(thorough(raw))}, '[￥¥元 ]', '', 'g') END",
        tidy=f"CASE WHEN {grouped} THEN replace(o_{name}, ',', '') ELSE o_{name} END",
    )


def whole(name: str, at: int | None, most: int, least: int = 0) -> Field:
    """A count from ``least`` to ``most``; anything else is NULL."""
    if at is None:
        return Field(name, "NULL::INTEGER")
    raw = cell(at)
    return Field(
        name,
        f"CASE WHEN coalesce(q_{name}, d_{name}) BETWEEN {least} AND {most} THEN coalesce(q_{name}, d_{name}) END",
        quick=f"CASE WHEN contains({raw}, '.') THEN NULL ELSE {at_once(raw, 'try_cast({} AS INTEGER)')} END",  # a cast would round 1.5
        odd=f"CASE WHEN q_{name} IS NULL AND {untabbed(raw)} <> '' THEN replace({narrow(thorough(raw))}, ',', '') END",
        tidy=f"try_cast(regexp_extract(o_{name}, '^([0-9]+)(\\.0+)?$', 1) AS INTEGER)",
    )


def flag(at: int | None) -> str:
    if at is None:
        return "FALSE"
    raw = cell(at)
    yes = one_of(f"lower({thorough(raw)})", YES)
    return f"CASE WHEN {raw} IS NULL OR {raw} IN ('否', '', chr(9)) THEN FALSE WHEN {raw} = '是' THEN TRUE ELSE {yes} END"


def courier(at: int | None) -> str:
    """The courier's short name; a text that is none of them is kept."""
    if at is None:
        return "NULL::VARCHAR"
    raw = cell(at)
    branches = " ".join(f"WHEN {contains_any(raw, marks)} THEN {text(name)}" for name, marks in couriers().items())
    return f"CASE WHEN {raw} IS NULL OR {raw} = chr(9) THEN NULL {branches} ELSE left(nullif({without_phones(thorough(raw))}, ''), 40) END"


def contains_any(expression: str, marks: Iterable[str]) -> str:
    return "(" + " OR ".join(f"contains({expression}, {text(mark)})" for mark in marks) + ")"


def is_footer(cells: Iterable[str]) -> str:
    """Whether a row is a total or a note below the table."""
    starts = " OR ".join(
        f"regexp_matches({raw}, '^[\\s=\"'']*(?:{'|'.join(FOOTERS)})')" for raw in dict.fromkeys(cells) if not raw.startswith("NULL")
    )
    return f"coalesce({starts}, FALSE)" if starts else "FALSE"


def damaged(raw: str) -> str:
    """Whether a text was destroyed when the file was saved once too often."""
    return f"coalesce(contains({raw}, '\ufffd') OR contains({raw}, '锟斤拷') OR contains({raw}, '???'), FALSE)"
