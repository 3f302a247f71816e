"""Customer-service export -> rows of the ledger: one per agent and day. Only the 8-23 window is read."""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

from pdd_audit.data.canonical_cells import Field, cell, is_blank, is_footer, layered, narrow, thorough, time, whole, words

TIMES: tuple[str, ...] = ()
PAST_TIMES: tuple[str, ...] = ()
BAD_ROW = ("contradictory_row", "cell_count")
KEY = ("day", "agent")
PERIOD = ("day",)
COUNTS = ("inquiries", "received", "consults", "missed_3min")


def staged(columns: dict[str, int], first: int, relation: str, line: str, *, header_unit: int | None = None) -> str:
    """One row per row of the export. ``header_unit``: seconds per unit that the header of the response time names, if it does."""
    at = columns.get
    agent_cell, day_cell = cell(at("agent")), cell(at("day"))
    blank = " AND ".join(is_blank(cell(place)) for place in dict.fromkeys(columns.values()))
    fields = [
        time("t_day", at("day")),
        words("agent", at("agent")),
        *(whole(name, at(name), 10_000_000) for name in COUNTS),
        _rate("rate_3min", at("rate_3min")),
        _rate("rate_30s", at("rate_30s")),
        _seconds("mean_seconds", at("mean_seconds"), header_unit),
    ]
    return f"""
SELECT CAST(t_day AS DATE) AS day, agent, {", ".join(COUNTS)}, rate_3min, {_digits("rate_3min")} AS rate_3min_digits,
       rate_30s, {_digits("rate_30s")} AS rate_30s_digits, mean_seconds,
       t_day IS NULL AND coalesce(o_t_day <> '', FALSE) AS bad_day,
       mean_seconds IS NULL AND try_cast(o_mean_seconds AS DOUBLE) IS NOT NULL AS unit_unknown, FALSE AS damaged,
       CASE WHEN {blank} THEN 'blank'
            WHEN {is_footer([cell(first), agent_cell, day_cell])} THEN 'footer'
            WHEN coalesce({thorough(agent_cell)} = '客服账号' OR {thorough(day_cell)} = '日期', FALSE) THEN 'repeated_header'
            WHEN rate_3min > 1 OR rate_30s > 1 OR missed_3min > inquiries THEN 'contradictory_row' END AS left_out, line
FROM {layered(fields, relation, line)}"""


def _bare(at: int) -> str:
    return f"replace({narrow(thorough(cell(at)))}, ' ', '')"


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


def _seconds(name: str, at: int | None, header_unit: int | None) -> Field:
    """The unit of the cell counts, else the header's; a bare number without either is unknown."""
    if at is None:
        return Field(name, "NULL::DOUBLE")
    clean = f"o_{name}"
    minutes = f"coalesce(try_cast(regexp_extract({clean}, '^([0-9.]+)分', 1) AS DOUBLE), 0)"
    seconds = f"coalesce(try_cast(regexp_extract({clean}, '([0-9.]+)秒$', 1) AS DOUBLE), 0)"
    bare = f"try_cast({clean} AS DOUBLE) * {header_unit}" if header_unit else "NULL"
    spelled = f"regexp_full_match({clean}, '([0-9.]+分钟?)?([0-9.]+秒)?') AND {clean} <> ''"
    value = f"CASE WHEN {spelled} THEN {minutes} * 60 + {seconds} ELSE {bare} END"
    return Field(name, value, odd=_bare(at))


def doubles(stage: str) -> str:
    """(rid, left_out) of rows that repeat an earlier one exactly."""
    facts = "(day, agent, inquiries, received, consults, missed_3min, rate_3min, rate_30s, mean_seconds)"
    return f"""
SELECT rid, 'duplicate_row' AS left_out
FROM (SELECT rid, row_number() OVER (PARTITION BY {facts} ORDER BY rid) AS place
      FROM {stage} WHERE left_out IS NULL AND day IS NOT NULL)
WHERE place > 1"""


def final(stage: str, snapshot: str, import_id: str, **_: object) -> str:
    return f"""
SELECT day, agent, inquiries, received, consults, missed_3min, rate_3min, rate_3min_digits, rate_30s, rate_30s_digits, mean_seconds,
       CAST({snapshot} AS TIMESTAMP) AS snapshot_at, {import_id} AS import_id, line AS source_row
FROM {stage}"""
