"""Customer-service export -> rows of the ledger: one per agent and day. Only the 8-23 window is read.

Rows of a chat log are of the same kind and fill the ``TURN_COLUMNS`` instead of the counts: see ``chats``.
"""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

from collections.abc import Mapping

from pdd_audit.data.reading.canonical.cells import (
    Field,
    cell,
    is_blank,
    is_footer,
    layered,
    narrow,
    quotable,
    thorough,
    time,
    trouble,
    whole,
    words,
)
from pdd_audit.data.reading.canonical.findings import Findings
from pdd_audit.data.reading.sources import fold

TURN_COLUMNS = {
    "began_at": "TIMESTAMP",
    "replied_at": "TIMESTAMP",
    "seen_until": "TIMESTAMP",
    "opens": "BOOLEAN",
    "talk_mark": "SMALLINT",
}
COLUMNS = (
    "day",
    "agent",
    "inquiries",
    "received",
    "consults",
    "missed_3min",
    "rate_3min",
    "rate_3min_digits",
    "rate_30s",
    "rate_30s_digits",
    "mean_seconds",
    "from_chat",
    *TURN_COLUMNS,
    "snapshot_at",
    "source_row",
    "trouble",
)
# as they were stored before turns were kept
EARLIER_COLUMNS = (tuple(name for name in COLUMNS if name not in TURN_COLUMNS),)
TIMES: tuple[str, ...] = ()
PAST_TIMES: tuple[str, ...] = ()
BAD_ROW = ("contradictory_row", "cell_count")
PERIOD = ("day",)
_SECONDS = {"seconds": 1, "minutes": 60}
COUNTS = ("inquiries", "received", "consults", "missed_3min")


def staged(
    columns: dict[str, int], first: int, relation: str, *, line: str, snapshot: str, headers: Mapping[str, str],
    units: Mapping[str, str] = {}, **_: object,
) -> str:
    """One row per row of the export. ``headers``: as they stand in the file; that of the response time may name its unit. ``units``: what
    a person says of it."""
    at = columns.get
    agent_cell, day_cell = cell(at("agent")), cell(at("day"))
    blank = " AND ".join(is_blank(cell(place)) for place in dict.fromkeys(columns.values()))
    unit = _SECONDS.get(units.get("mean_seconds", ""), _unit_of(headers.get("mean_seconds", "")))
    fields = [
        time("t_day", at("day")),
        words("agent", at("agent")),
        *(whole(name, at(name), 10_000_000) for name in COUNTS),
        _rate("rate_3min", at("rate_3min")),
        _rate("rate_30s", at("rate_30s")),
        _seconds("mean_seconds", at("mean_seconds"), unit),
    ]
    left_out = (
        f"CASE WHEN {blank} THEN 'blank' WHEN {is_footer([cell(first), agent_cell, day_cell])} THEN 'footer' "
        f"WHEN coalesce({thorough(agent_cell)} = '客服账号' OR {thorough(day_cell)} = '日期', FALSE) THEN 'repeated_header' "
        f"WHEN rate_3min > 1 OR rate_30s > 1 OR missed_3min > inquiries THEN 'contradictory_row' END"
    )
    said = {
        "bad_day": "t_day IS NULL AND o_t_day <> ''",
        "unit_unknown": "mean_seconds IS NULL AND try_cast(o_mean_seconds AS DOUBLE) IS NOT NULL",
    }
    samples = {"bad_day": quotable("o_t_day"), "unit_unknown": quotable("o_mean_seconds")}
    return f"""
SELECT CAST(t_day AS DATE) AS day, agent, {", ".join(COUNTS)}, rate_3min, {_digits("rate_3min")} AS rate_3min_digits,
       rate_30s, {_digits("rate_30s")} AS rate_30s_digits, mean_seconds,
       FALSE AS from_chat, {", ".join(f"NULL::{kind} AS {name}" for name, kind in TURN_COLUMNS.items())},
       CAST({snapshot} AS TIMESTAMP) AS snapshot_at, {line} AS source_row,
       {trouble("TRUE", left_out, said, samples=samples)} AS trouble
FROM {layered(fields, relation)}"""


def _unit_of(header: str) -> int | None:
    """Seconds per unit that the header of the response time names, if it does."""
    folded = fold(header)
    return 60 if "(分" in folded else 1 if "(秒" in folded else None


def _bare(at: int) -> str:
    return f"regexp_replace({narrow(thorough(cell(at)))}, '[\\s\\x{{00a0}}\\x{{3000}}]', '', 'g')"


def _rate(name: str, at: int | None) -> Field:
    """``99.73%`` -> 0.9973; a number without the sign is a share already."""
    if at is None:
        return Field(name, "NULL::DOUBLE")
    return Field(
        name,
        f"CASE WHEN ends_with(o_{name}, '%') THEN d_{name} / 100 ELSE d_{name} END",
        odd=_bare(at),
        tidy=f"try_cast(rtrim(o_{name}, '%') AS DOUBLE)",
    )


def _digits(name: str) -> str:
    """Decimals of the percentage as printed: they bound the count behind it. Unknown for a bare share."""
    clean = f"CAST(o_{name} AS VARCHAR)"
    decimals = f"CAST(length(regexp_extract({clean}, '\\.([0-9]+)%', 1)) AS INTEGER)"
    return f"CASE WHEN regexp_full_match({clean}, '[0-9]+(\\.[0-9]+)?%') THEN {decimals} END"


def _seconds(name: str, at: int | None, unit: int | None) -> Field:
    """The unit of the cell counts, else ``unit`` (seconds in one of it); a bare number without either is unknown."""
    if at is None:
        return Field(name, "NULL::DOUBLE")
    clean = f"o_{name}"
    minutes = f"coalesce(try_cast(regexp_extract({clean}, '^([0-9.]+)分', 1) AS DOUBLE), 0)"
    seconds = f"coalesce(try_cast(regexp_extract({clean}, '([0-9.]+)秒$', 1) AS DOUBLE), 0)"
    bare = f"try_cast({clean} AS DOUBLE) * {unit}" if unit else "NULL"
    spelled = f"regexp_full_match({clean}, '([0-9.]+分钟?)?([0-9.]+秒)?') AND {clean} <> ''"
    value = f"CASE WHEN {spelled} THEN {minutes} * 60 + {seconds} ELSE {bare} END"
    return Field(name, value, odd=_bare(at))


def doubles(stage: str) -> str:
    """(rid, left_out) of rows that repeat an earlier one exactly."""
    facts = "(day, agent, inquiries, received, consults, missed_3min, rate_3min, rate_30s, mean_seconds)"
    return f"""
SELECT rid, 'duplicate_row' AS left_out
FROM (SELECT rid, row_number() OVER (PARTITION BY {facts} ORDER BY rid) AS place FROM {stage} WHERE day IS NOT NULL)
WHERE place > 1"""


def changed(_: Findings) -> dict[str, str]:
    return {}


def describe(found: Findings) -> None:
    """Response times without a unit, rows that contradict themselves, unreadable days, and the other window of hours."""
    unit, day = found.said("unit_unknown"), found.said("bad_day")
    if unit.rows:
        found.note("response_unit_unknown", column=found.header("mean_seconds"), rows=unit.rows, row=unit.row, text=unit.sample)
    _note_contradictions(found)
    if day.rows:
        found.note("bad_times", column=found.header("day"), rows=day.rows, row=day.row, found=day.sample)
    if not {"rate_3min", "rate_30s"} & found.recognised.columns.keys():
        whole_day = {fold(str(header)) for header in found.recognised.source.extra.get("all_day", ())}
        if any(fold(header) in whole_day for header in found.recognised.headers):
            found.note("all_day_only")


def _note_contradictions(found: Findings) -> None:
    """Names the first cell of those rows, which are left out; ``staged`` still holds them."""
    rows = found.facts.left_out.get("contradictory_row")
    if not rows:
        return
    line, in_three_minutes, at_once, missed, inquiries = found.one(
        "SELECT line, rate_3min, rate_30s, missed_3min, inquiries FROM staged WHERE contains(trouble, '!contradictory_row') "
        "ORDER BY line LIMIT 1"
    )
    shares = {"rate_3min": in_three_minutes, "rate_30s": at_once}
    name = next((name for name, share in shares.items() if share is not None and share > 1), "missed_3min")
    said = f"{shares[name]:.2%}" if name in shares else f"{missed} > {inquiries}"
    found.note("contradictory_rows", rows=rows, row=line, column=found.header(name), found=said)
