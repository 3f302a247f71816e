"""SQL for single cells: how a text of a stranger's file becomes an id, a time, an amount, a status.

Each cell first takes the quick way that fits what the platform writes itself. Only cells that fail it pay for the thorough one,
in three more layers of sub-queries: the odd text cleaned, then tidied, then read. (In one expression the cleaning would be
repeated at every use: thousands of operators and 500 MB for a 6 MB file.)
No text of a file ever becomes part of a statement: only column positions and our own YAML do.
"""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pdd_audit.data.sources import couriers
from pdd_audit.data.text_tables import FOOTERS

# TAB, line ends, no-break, ideographic and zero-width spaces, BOM
_INVISIBLE = "[\\s\\x{00a0}\\x{3000}\\x{200b}-\\x{200f}\\x{2060}\\x{feff}]"
_EMPTY_TOKENS = "-+|—+|－+|/|\\\\|无|暂无|null|none|nan|n/a|#n/a|#ref!|#value!|#null!|#name\\?|#div/0!|#+"
_SHORT_EMPTY = "|无|暂无|null|none|nan|n/a|"  # those of the tokens that no first character gives away
_WIDE_FROM = "０１２３４５６７８９－：．／（）ＥｅＹＴＳＦＪＰＤ＋％"
_WIDE_TO = "0123456789-:./()EeYTSFJPD+%"
_QUICK_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M")
_TIME_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y%m%d%H%M%S", "%Y%m%d %H:%M:%S", "%Y%m%d")
_ZONE = "(Z|[+-][0-9]{2}:?[0-9]{2})"
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


def trouble(odd: str, left_out: str, said: Mapping[str, str], sample: str | None = None) -> str:
    """One text for all that is wrong with a row, NULL for most: ``!reason`` if the row is not kept, then the codes of ``said`` that hold.

    Computed for odd rows only. ``sample``: the cell whose text goes with the last code, for the report to quote.
    """
    codes = [f"CASE WHEN {condition} THEN {text(code)} END" for code, condition in said.items()]
    if sample is not None:
        last, condition = list(said.items())[-1]
        codes[-1] = f"CASE WHEN {condition} THEN {text(last + '=')} || coalesce(replace(left({sample}, 40), ';', ' '), '') END"
    return f"CASE WHEN {odd} THEN nullif(concat_ws(';', '!' || ({left_out}), {', '.join(codes)}), '') END"


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
    return f"replace({raw}, chr(9), '')"


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
    """A short text such as a province or a title, at most 200 characters."""
    if at is None:
        return Field(name, "NULL::VARCHAR")
    q = f"q_{name}"
    # CASE, so that the dearer tests run for the few cells that need them
    strange = (
        f"CASE WHEN {q} < '0' THEN {q} <> '' WHEN contains({q}, chr(92)) THEN TRUE "
        f"WHEN strlen({q}) <= 6 THEN contains({text(_SHORT_EMPTY)}, '|' || lower({q}) || '|') "
        f"ELSE {q} >= '—' AND {q} < '—z' OR {q} >= '－' AND {q} < '－z' END"
    )
    return Field(
        name,
        f"left(nullif(CASE WHEN o_{name} IS NULL THEN {q} ELSE o_{name} END, ''), 200)",
        quick=f"trim({untabbed(cell(at))})",
        odd=f"CASE WHEN {strange} THEN {thorough(cell(at))} END",
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
        tidy=f"CASE WHEN regexp_matches(o_{name}, '[,，;；/、\\s]') THEN array_to_string({good}, ',') END",
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


def time(name: str, at: int | None) -> Field:
    """A time of Asia/Shanghai. NULL for blank, for tokens that mean nothing, and for what cannot be read."""
    if at is None:
        return Field(name, "NULL::TIMESTAMP")
    raw = cell(at)
    return Field(
        name,
        f"CASE WHEN o_{name} IS NULL OR o_{name} = '' THEN q_{name} ELSE {_odd_time(f'o_{name}', f'd_{name}')} END",
        quick=f"try_strptime({untabbed(raw)}, [{texts(_QUICK_TIMES)}])",
        odd=f"CASE WHEN q_{name} IS NULL AND {untabbed(raw)} <> '' THEN {narrow(thorough(raw))} END",
        tidy=_tidy_time(f"o_{name}"),
    )


def _tidy_time(clean: str) -> str:
    steps = (
        ("^([0-9]{4})[/.年-]([0-9]{1,2})[/.月-]([0-9]{1,2})日?[T ]*", "\\1-\\2-\\3 "),
        ("([0-9]{1,2})[时点]([0-9]{1,2})分?(?:([0-9]{1,2})秒)?", "\\1:\\2"),
        ("(:[0-9]{2})\\.[0-9]+", "\\1"),
        ("  +", " "),
    )
    sql = clean
    for pattern, by in steps:
        sql = f"regexp_replace({sql}, '{pattern}', '{by}')"
    return f"trim({sql})"


def _odd_time(clean: str, tidy: str) -> str:
    number = f"try_cast({clean} AS DOUBLE)"
    zone = f"regexp_extract({tidy}, '{_ZONE}$', 1)"
    minutes = (
        f"CASE WHEN {zone} = 'Z' THEN 0 ELSE (CASE WHEN starts_with({zone}, '-') THEN -1 ELSE 1 END) * "
        f"(try_cast({zone}[2:3] AS INTEGER) * 60 + try_cast(right({zone}, 2) AS INTEGER)) END"
    )
    formats = texts(_TIME_FORMATS)
    return (
        f"CASE WHEN regexp_full_match({tidy}, '.*[0-9]:[0-9].*{_ZONE}') "
        f"THEN try_strptime(regexp_replace({tidy}, ' ?{_ZONE}$', ''), [{formats}]) + to_minutes(480 - ({minutes})) "
        f"WHEN {number} BETWEEN 30000 AND 60000 THEN TIMESTAMP '1899-12-30' + to_seconds(round({number} * 86400)) "
        f"WHEN {number} BETWEEN 1000000000 AND 4000000000 AND length({clean}) = 10 "
        f"THEN make_timestamp(CAST({number} * 1000000 AS BIGINT)) + INTERVAL 8 HOUR "
        f"WHEN {number} BETWEEN 900000000000 AND 4000000000000 AND length({clean}) IN (12, 13) "
        f"THEN make_timestamp(CAST({number} * 1000 AS BIGINT)) + INTERVAL 8 HOUR "
        f"WHEN ends_with({tidy}, ' 24:00') OR ends_with({tidy}, ' 24:00:00') "
        f"THEN try_strptime(left({tidy}, 10), '%Y-%m-%d') + INTERVAL 1 DAY "
        f"ELSE try_strptime({tidy}, [{formats}]) END"
    )


def real_time(name: str) -> str:
    """Sentinels are no times."""
    return f"CASE WHEN {name} >= {OLDEST} THEN {name} END"


def bad_time(name: str, parsed: str) -> str:
    """Whether a cell holds something that is neither blank, nor a sentinel, nor a time."""
    zero = f"regexp_full_match(o_{name}, '[0-]+([ T][0:]*)?|(1900|1899)[-/]0?1[-/]0?0.*|0(\\.0+)?')"
    # CASE, because AND would compute the pattern for every row
    return f"CASE WHEN coalesce(o_{name}, '') = '' OR {parsed} IS NOT NULL THEN FALSE ELSE NOT {zero} END"


def yuan(name: str, at: int | None) -> Field:
    """An amount in yuan; ``1,234.50``, ``￥17.80`` and ``17.8元`` are read, a decimal comma is not."""
    if at is None:
        return Field(name, "NULL::DECIMAL(12, 2)")
    raw = cell(at)
    grouped = f"regexp_full_match(o_{name}, '-?[0-9]{{1,3}}(,[0-9]{{3}})+(\\.[0-9]+)?')"
    return Field(
        name,
        f"coalesce(q_{name}, try_cast(d_{name} AS DECIMAL(12, 2)))",
        quick=f"try_cast({untabbed(raw)} AS DECIMAL(12, 2))",
        odd=f"CASE WHEN q_{name} IS NULL AND {untabbed(raw)} <> '' THEN regexp_replace({narrow(thorough(raw))}, '[￥¥元 ]', '', 'g') END",
        tidy=f"CASE WHEN {grouped} THEN replace(o_{name}, ',', '') ELSE o_{name} END",
    )


def whole(name: str, at: int | None, most: int) -> Field:
    """A count from 0 to ``most``; anything else is NULL."""
    if at is None:
        return Field(name, "NULL::INTEGER")
    raw = cell(at)
    return Field(
        name,
        f"CASE WHEN coalesce(q_{name}, d_{name}) BETWEEN 0 AND {most} THEN coalesce(q_{name}, d_{name}) END",
        quick=f"CASE WHEN contains({raw}, '.') THEN NULL ELSE try_cast({untabbed(raw)} AS INTEGER) END",  # a cast would round 1.5
        odd=f"CASE WHEN q_{name} IS NULL AND {untabbed(raw)} <> '' THEN replace({narrow(thorough(raw))}, ',', '') END",
        tidy=f"try_cast(regexp_extract(o_{name}, '^([0-9]+)(\\.0+)?$', 1) AS INTEGER)",
    )


def flag(at: int | None) -> str:
    if at is None:
        return "FALSE"
    raw = cell(at)
    yes = one_of(f"lower({thorough(raw)})", ("是", "审核中", "异常", "y", "yes", "true", "1"))
    return f"CASE WHEN {raw} IS NULL OR {raw} IN ('否', '', chr(9)) THEN FALSE WHEN {raw} = '是' THEN TRUE ELSE {yes} END"


def courier(at: int | None) -> str:
    """The courier's short name; a text that is none of them is kept."""
    if at is None:
        return "NULL::VARCHAR"
    raw = cell(at)
    branches = " ".join(f"WHEN {contains_any(raw, marks)} THEN {text(name)}" for name, marks in couriers().items())
    return f"CASE WHEN {raw} IS NULL OR {raw} = chr(9) THEN NULL {branches} ELSE left(nullif({thorough(raw)}, ''), 40) END"


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
