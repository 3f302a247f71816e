"""Courier scans, one row each -> rows of ``courier_pickups``: one per waybill, with its first collection and its first move after it.

What each scan says is settled once per distinct wording (``collection_words``) and joined; the wording itself is stored nowhere.
A waybill without a collection scan was collected at an unknown time if a later scan proves it, is open if its scans say that it waits,
and is left out where its words say neither.
"""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

from collections.abc import Mapping

import duckdb

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.reading.canonical import pickups
from pdd_audit.data.reading.canonical.cells import (
    LOST_DIGITS,
    WAYBILL_SHAPE,
    bad_time,
    cell,
    contains_any,
    courier,
    is_blank,
    is_footer,
    layered,
    one_of,
    real_time,
    shown_time,
    text,
    thorough,
    time_form,
    trouble,
    waybills,
    words,
)
from pdd_audit.data.reading.canonical.findings import ENOUGH_TIMES, Findings, count_trouble
from pdd_audit.data.reading.collection_words import LONGEST_TEXT, Event, code_list_of, event_of
from pdd_audit.data.reading.sources import Source, other_platforms

COLUMNS = pickups.COLUMNS
TIMES: tuple[str, ...] = ()  # a scan without a readable time is left out row by row
PAST_TIMES: tuple[str, ...] = ()
BAD_ROW = ("bad_waybill", "order_number", "bad_time", "future_time", "cell_count")
PERIOD: tuple[str, ...] = ()  # that of the collections, see ``describe``
_TIMES = ("scanned_at", "snapshot_at")
_SAID = ("label", "text", "op_code", "scan_code")  # what tells the kind of a scan, beside the courier for the codes
_BATCH = 20_000
_NOTICES = {  # code of ``trouble`` -> notice
    "collected_time_unknown": "later_scans_only", "several_collections": "several_collections", "unknown_wording": "unknown_wording",
    "scan_before_pickup": "scan_before_pickup",
}


def prepare(connection: duckdb.DuckDBPyConnection, columns: dict[str, int], relation: str) -> None:
    """A table ``wordings``: every distinct combination of the telling cells with its event."""
    import pyarrow as pa

    keys = [*_SAID, "courier"]
    found = connection.execute(f"SELECT DISTINCT {', '.join(_key(columns, name) for name in keys)} FROM {relation}")
    gathered: dict[str, list[str]] = {name: [] for name in (*keys, "event")}
    while batch := found.fetchmany(_BATCH):
        for row in batch:
            for name, value in zip(keys, row, strict=True):
                gathered[name].append(value)
            gathered["event"].append(_event(*row))
    connection.register("wordings_of_file", pa.table(gathered, schema=pa.schema([(name, pa.string()) for name in gathered])))
    connection.execute("CREATE OR REPLACE TEMP TABLE wordings AS SELECT * FROM wordings_of_file")
    connection.unregister("wordings_of_file")


def _key(columns: dict[str, int], name: str) -> str:
    if name == "courier":  # needed for the codes alone
        return f"coalesce({courier(columns.get('courier'))}, '')" if "op_code" in columns else "''"
    at = columns.get(name)
    return "''" if at is None else f"coalesce(left(trim({cell(at)}), {LONGEST_TEXT}), '')"


def _event(label: str, sentence: str, op_code: str, scan_code: str, courier_name: str) -> Event:
    if scan_code:
        return event_of(code_list="jt_scan_type", code=scan_code, label=label, text=sentence)
    return event_of(code_list=code_list_of(courier_name), code=op_code, label=label, text=sentence)


def staged(
    columns: dict[str, int],
    first: int,
    relation: str,
    *,
    source: Source,
    line: str,
    snapshot: str,
    future: str | None,
    first_in_date: Mapping[str, str] | None = None,
    **_: object,
) -> str:
    """One row per scan, in the order of the file. ``event``: what it says; a file of ours names it in a column of its own."""
    at = columns.get
    key, moment = cell(columns["waybill"]), cell(columns["scanned_at"])
    blank = f"{is_blank(key)} AND {is_blank(moment)}"
    header = one_of(thorough(key), source.headers["waybill"])
    foreign = "FALSE"
    if at("platform") is not None:
        named = cell(at("platform"))
        foreign = f"{contains_any(named, other_platforms())} AND NOT contains({named}, '拼多多')"
    moments = pickups.moments(_TIMES, columns, future or snapshot, first_in_date)
    fields = [waybills("waybill", columns["waybill"]), words("outlet", at("outlet")), *moments]
    left_out = (
        f"CASE WHEN waybill IS NULL OR NOT regexp_full_match(waybill, '{WAYBILL_SHAPE}') "
        f"THEN CASE WHEN {is_footer([cell(first), key])} THEN 'footer' WHEN {blank} THEN 'blank' WHEN {header} THEN 'repeated_header' "
        f"ELSE 'bad_waybill' END "
        f"WHEN regexp_full_match(waybill, '{LOST_DIGITS}') THEN 'bad_waybill' "
        f"WHEN regexp_full_match(waybill, '{pickups.ORDER_NUMBER}') THEN 'order_number' WHEN {foreign} THEN 'other_platform' "
        f"WHEN {bad_time('t_scanned_at', 't_scanned_at')} THEN 'bad_time' "
        f"{f'WHEN scanned_at > {future} THEN ' + text('future_time') if future else ''} END"
    )
    odd = " OR ".join(
        ["odd", "waybill IS NULL", "contains(waybill, '-')"]
        + ([foreign] if foreign != "FALSE" else [])
        + ([f"coalesce(scanned_at > {future}, FALSE)"] if future else [])
    )
    joined = "" if at("event") is not None else _joined(columns)
    event = cell(at("event")) if at("event") is not None else "wordings.event"
    return f"""
SELECT waybill, courier_name AS courier, outlet, said AS event, scanned_at, snapshot_at, {line} AS source_row,
       {trouble(odd, left_out, {}, more=[time_form(name, f"t_{name}") for name in _TIMES if name in columns])} AS trouble
FROM (SELECT scan.*, {courier(at("courier"))} AS courier_name, {event} AS said,
             {", ".join(f"{real_time(f't_{name}')} AS {name}" for name in _TIMES)}
      FROM {layered(fields, f"(SELECT *, row_number() OVER () AS place FROM {relation})")} AS scan {joined})
ORDER BY place"""


def _joined(columns: dict[str, int]) -> str:
    same = " AND ".join(f"wordings.{name} = {_key(columns, name)}" for name in (*_SAID, "courier"))
    return f"LEFT JOIN wordings ON {same}"


def doubles(_: str) -> str:
    """None: a scan that stands there twice changes nothing."""
    return "SELECT NULL::BIGINT AS rid, '' AS left_out WHERE FALSE"


def _waybills(proof: str) -> str:
    """One row per waybill, with ``scans`` (how many it is made of), ``line`` and ``trouble``: ``!unclear_trace`` where the words say
    neither that it was collected nor that it waits. The order of the scans does not matter."""
    return f"""
WITH every AS (
    SELECT waybill, courier, outlet, event, scanned_at, snapshot_at, line, TRUE AS counts FROM kept
    UNION ALL  -- a scan whose time is not believed proves what it says all the same
    SELECT waybill, courier, outlet, event, NULL, snapshot_at, line, FALSE FROM staged WHERE regexp_matches(trouble, '^!(bad|future)_time')
),
told AS (
    SELECT *, min(scanned_at) FILTER (event = 'got') OVER (PARTITION BY waybill) AS first_got,
           max(scanned_at) FILTER (event = 'got') OVER (PARTITION BY waybill) AS last_got FROM every
),
counted AS (
    SELECT waybill, any_value(first_got) AS picked_up_at, any_value(first_got) < any_value(last_got) AS again,
           min(outlet) FILTER (event = 'got' AND scanned_at IS NOT DISTINCT FROM first_got) AS outlet, min(courier) AS courier,
           min(scanned_at) FILTER (event = 'move' AND (first_got IS NULL OR scanned_at >= first_got)) AS first_move_at,
           min(scanned_at) FILTER (event IN ('move', 'held') AND scanned_at < first_got) AS too_soon,
           max(snapshot_at) AS snapshot_at, count(*) FILTER (counts) AS scans, bool_or(event = 'got' OR {proof}) AS collected,
           bool_or(event = 'unknown') AS strange, bool_or(event = 'pre') AS waits,
           coalesce(min(line) FILTER (event = 'got' AND scanned_at = first_got), min(line) FILTER (counts)) AS line
    FROM told GROUP BY waybill HAVING bool_or(counts)
)
SELECT waybill, courier, outlet, picked_up_at, first_move_at, picked_up_at IS NULL AND collected AS collected_time_unknown, snapshot_at,
       line AS source_row, line, scans,
       nullif(concat_ws(';', CASE WHEN NOT collected AND (strange OR NOT waits) THEN '!unclear_trace' END,
                        CASE WHEN picked_up_at IS NULL AND collected THEN 'collected_time_unknown' END,
                        CASE WHEN again THEN 'several_collections' END, CASE WHEN strange THEN 'unknown_wording' END,
                        'scan_before_pickup=' || {shown_time("too_soon")} || ' < ' || {shown_time("picked_up_at")}), '') AS trouble
FROM counted"""


def describe(found: Findings) -> None:
    """What absence from these scans means. Answers to questions speak of the waybills that were asked for, a log of its couriers."""
    source = found.recognised.source
    if not found.one("SELECT count(*) FILTER (event <> 'unknown') FROM kept")[0]:
        telling = next((name for name in _SAID if name in found.recognised.columns), "waybill")
        raise AuditError("no_known_scan", Place(row=found.header_row, column=found.header(telling)), found=f"0 / {found.kept}")
    # Whoever logs a scan has the parcel at hand; the words of a trace may also be the shop's own.
    proof = "event IN ('move', 'held', 'unknown')" if source.extra["unknown_scan_is_proof"] else "event IN ('move', 'held')"
    found.connection.execute(f"CREATE OR REPLACE TEMP TABLE every_waybill AS {_waybills(proof)}")
    found.connection.execute(
        "CREATE OR REPLACE TEMP VIEW waybills AS SELECT * FROM every_waybill WHERE trouble IS NULL OR NOT starts_with(trouble, '!')"
    )
    _leave_out_unclear(found)
    filled, rows, moved, first, last = found.one(
        "SELECT count(picked_up_at), count(*), count(first_move_at), min(picked_up_at), max(picked_up_at) FROM waybills"
    )
    found.facts.first_scan = first
    found.facts.period = (first, last) if filled else found.one("SELECT min(scanned_at), max(scanned_at) FROM kept")
    timed = found.one("SELECT count(*) FROM waybills WHERE picked_up_at <> date_trunc('day', picked_up_at)")[0]
    if filled >= ENOUGH_TIMES and not timed and "scanned_at" in found.recognised.columns:
        found.note("day_only_times", column=found.header("scanned_at"))
    if moved:  # a log of collections alone is no evidence of parcels standing still
        telling = next(name for name in (*_SAID, "event") if name in found.recognised.columns)
        found.facts.derived["first_move_at"] = found.header(telling)
    found.facts.reading = "lists_open" if source.extra["asked_one_by_one"] or filled < rows else "collected_only"
    if found.facts.reading == "collected_only":
        found.note("collected_only")
    said = count_trouble(found.connection, "waybills")
    for code, notice in _NOTICES.items():
        if code in said:
            quoted = {"found": said[code].sample} if said[code].sample else {}
            found.note(notice, rows=said[code].rows, row=said[code].row, **quoted)
    named = found.rows("SELECT DISTINCT courier FROM waybills WHERE courier IS NOT NULL ORDER BY 1 LIMIT 200")
    found.facts.couriers = [name for (name,) in named]


def _leave_out_unclear(found: Findings) -> None:
    scans, waybills, row = found.one(
        "SELECT coalesce(sum(scans), 0)::BIGINT, count(*), min(line) FROM every_waybill WHERE starts_with(trouble, '!')"
    )
    if not waybills:
        return
    if scans == found.kept:
        raise AuditError("no_usable_rows", Place(row=row), found=str(scans))
    found.facts.left_out["unclear_trace"] = scans
    found.facts.rows_kept -= scans
    found.note("unclear_traces", rows=waybills, row=row)


def reduced(_: Findings) -> str:
    """The rows as stored, after ``describe``."""
    return f"SELECT {', '.join(COLUMNS)} FROM waybills ORDER BY source_row, waybill"
