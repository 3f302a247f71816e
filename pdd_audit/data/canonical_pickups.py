"""Courier first-pickup sheet -> rows of the ledger: one per waybill."""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

from pdd_audit.data.canonical_cells import (
    LOST_DIGITS,
    OLDEST,
    WAYBILL_SHAPE,
    bad_time,
    cell,
    contains_any,
    courier,
    damaged,
    is_blank,
    is_footer,
    layered,
    one_of,
    real_time,
    thorough,
    time,
    waybills,
    words,
)
from pdd_audit.data.sources import other_platforms, source

TIMES = ("picked_up_at", "hub_scan_at", "hub_handover_at", "snapshot_at")
PAST_TIMES = ("picked_up_at",)
BAD_ROW = ("bad_waybill", "bad_time", "future_time", "cell_count")
KEY = ("waybill",)
PERIOD = ("picked_up_at",)


def staged(columns: dict[str, int], first: int, relation: str, line: str) -> str:
    """One row per row of the sheet. A pickup cell that cannot be read leaves the row out: as a blank it would look uncollected."""
    at = columns.get
    key, pickup = cell(columns["waybill"]), cell(columns["picked_up_at"])
    blank = f"{is_blank(key)} AND {is_blank(pickup)}"
    header = one_of(thorough(key), source("courier_pickups").headers["waybill"])
    foreign = "FALSE"
    if at("platform") is not None:
        named = cell(at("platform"))
        foreign = f"{contains_any(named, other_platforms())} AND NOT contains({named}, '拼多多')"
    fields = [waybills("waybill", columns["waybill"]), words("outlet", at("outlet")), *(time(f"t_{name}", at(name)) for name in TIMES)]
    return f"""
SELECT waybill, {courier(at("courier"))} AS courier, outlet, {", ".join(f"{real_time(f't_{name}')} AS {name}" for name in TIMES)},
       {" OR ".join(_later(cell(at(name))) for name in ("latest_status", "latest_trace"))} AS later_scan,
       {", ".join(f"{bad_time(f't_{name}', f't_{name}')} AS bad_{name}" for name in TIMES)},
       CASE WHEN length(courier) > 2 THEN {damaged(cell(at("courier")))} ELSE FALSE END OR {damaged(cell(at("latest_status")))} AS damaged,
       CASE WHEN waybill IS NULL OR CASE WHEN o_waybill IS NULL THEN FALSE ELSE NOT regexp_full_match(waybill, '{WAYBILL_SHAPE}') END
            THEN CASE WHEN {is_footer([cell(first), key])} THEN 'footer' WHEN {blank} THEN 'blank' WHEN {header} THEN 'repeated_header'
                      ELSE 'bad_waybill' END
            WHEN CASE WHEN contains(waybill, 'E') THEN regexp_full_match(waybill, '{LOST_DIGITS}') ELSE FALSE END THEN 'bad_waybill'
            WHEN {foreign} THEN 'other_platform'
            WHEN {bad_time("t_picked_up_at", "t_picked_up_at")} THEN 'bad_time' END AS left_out, line
FROM {layered(fields, relation, line)}"""


def _later(raw: str) -> str:
    """Whether a latest status proves that the courier holds the parcel."""
    if raw.startswith("NULL"):
        return "FALSE"
    extra = source("courier_pickups").extra
    return f"coalesce({contains_any(raw, extra['collected_if'])} AND NOT {contains_any(raw, extra['not_collected_if'])}, FALSE)"


def doubles(stage: str) -> str:
    """(rid, left_out) of rows whose waybill stands there before; the first pickup counts."""
    same = "(courier, outlet, picked_up_at, hub_scan_at, hub_handover_at)"
    return f"""
WITH twice AS (SELECT hash(waybill) AS h FROM {stage} WHERE left_out IS NULL GROUP BY h HAVING count(*) > 1),
ranked AS (SELECT rid, {same} AS facts, row_number() OVER best AS place, first_value({same}) OVER best AS best_facts
           FROM {stage} WHERE left_out IS NULL AND hash(waybill) IN (SELECT h FROM twice)
           WINDOW best AS (PARTITION BY waybill ORDER BY picked_up_at NULLS LAST, later_scan DESC, rid))
SELECT rid, CASE WHEN facts IS NOT DISTINCT FROM best_facts THEN 'duplicate_row' ELSE 'repeated_waybill' END AS left_out
FROM ranked WHERE place > 1"""


def final(stage: str, snapshot: str, import_id: str, *, future: str | None, **_: object) -> str:
    """The rows as they are stored; the first move is the hub scan, else the hand-over to the hub."""
    move = "coalesce(hub_scan_at, hub_handover_at)"
    moved = f"CASE WHEN {move} <= {future} THEN {move} END" if future else move
    return f"""
SELECT waybill, courier, outlet, picked_up_at, {moved} AS first_move_at,
       picked_up_at IS NULL AND (later_scan OR {move} >= {OLDEST}) IS TRUE AS collected_time_unknown,
       CAST({snapshot} AS TIMESTAMP) AS snapshot_at, {import_id} AS import_id, line AS source_row
FROM {stage}"""
