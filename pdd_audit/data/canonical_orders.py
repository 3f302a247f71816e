"""Order export -> rows of the ledger: one per order and waybill."""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

from pdd_audit.data.canonical_cells import (
    LOST_DIGITS,
    WAYBILL_SHAPE,
    Field,
    bad_time,
    cell,
    courier,
    damaged,
    flag,
    identifier,
    is_blank,
    is_footer,
    layered,
    narrow,
    one_of,
    parts,
    real_time,
    text,
    thorough,
    time,
    untabbed,
    waybills,
    whole,
    words,
    yuan,
)
from pdd_audit.data.sources import source

ORDER_SHAPE = "[0-9]{6}-[0-9]{9,18}|[0-9]{8}-[0-9]{9}"
TIMES = ("confirmed_at", "paid_at", "promised_ship_at", "shipped_at")
PAST_TIMES = ("confirmed_at", "paid_at", "shipped_at")  # a promise may lie in the future
BAD_ROW = ("bad_order_no", "bad_waybill", "cell_count")
KEY = ("order_no", "waybill")
PERIOD = ("shipped_at", "confirmed_at")

# From least to furthest: of two rows of one order the further state wins.
_RANKS = {
    "unknown": 0,
    "unpaid": 1,
    "to_ship": 2,
    "shipped": 3,
    "received": 4,
    "cancelled": 5,
    "refunded_unshipped": 6,
    "refunded_shipped": 7,
    "refunded_received": 8,
}


def staged(columns: dict[str, int], first: int, relation: str, line: str) -> str:
    """One row per row of the file: canonical values, and ``left_out``: why the row is not kept (NULL if it is)."""
    at = columns.get
    keys = [cell(columns[name]) for name in ("order_no", "waybill", "status", "shipped_at")]
    blank = " AND ".join(is_blank(key) for key in keys)
    header = one_of(thorough(keys[0]), source("pdd_orders").headers["order_no"])
    fields = [
        _order_no(columns["order_no"]),
        waybills("waybill_cell", columns["waybill"]),
        words("province", at("province")),
        identifier("goods_id", at("goods_id"), "[0-9]{4,20}"),
        words("goods_name", at("goods_name")),
        _status(columns["status"]),
        yuan("received_yuan", at("received_yuan")),
        whole("quantity", at("quantity"), 10_000),
        *(time(f"t_{name}", at(name)) for name in TIMES),
    ]
    return f"""
SELECT order_no, waybill_cell, {courier(at("courier"))} AS courier, province, goods_id, goods_name, status,
       CASE WHEN status = 'unknown' THEN left(o_status, 40) END AS status_text, received_yuan, quantity,
       {", ".join(f"{real_time(f't_{name}')} AS {name}" for name in TIMES)},
       {", ".join(f"{bad_time(f't_{name}', f't_{name}')} AS bad_{name}" for name in TIMES)},
       {flag(at("under_review"))} AS under_review,
       CASE WHEN {flag(at("community_group"))} THEN 'community' WHEN {flag(at("store_pickup"))} THEN 'store_pickup' END AS excluded_kind,
       received_yuan IS NULL AND coalesce(o_received_yuan <> '', FALSE) AS bad_yuan,
       CASE WHEN status = 'unknown' THEN {damaged(keys[2])} WHEN length(courier) > 2 THEN {damaged(cell(at("courier")))}
            ELSE FALSE END AS damaged,
       CASE WHEN o_waybill_cell IS NULL THEN FALSE
            ELSE coalesce(NOT regexp_full_match(waybill_cell, '{WAYBILL_SHAPE}'), FALSE) END AS odd_waybill,
       CASE WHEN o_order_no IS NOT NULL OR order_no IS NULL THEN
            CASE WHEN regexp_full_match(order_no, '{ORDER_SHAPE}') THEN NULL
                 WHEN {is_footer([cell(first), keys[0]])} THEN 'footer' WHEN {blank} THEN 'blank' WHEN {header} THEN 'repeated_header'
                 ELSE 'bad_order_no' END
            WHEN contains(waybill_cell, 'E') THEN CASE WHEN regexp_full_match(waybill_cell, '{LOST_DIGITS}') THEN 'bad_waybill' END
            END AS left_out, line
FROM {layered(fields, relation, line)}"""


def _order_no(at: int) -> Field:
    plain = identifier("order_no", at, ORDER_SHAPE)
    # Some tools drop the hyphen: 21 digits as text are still the number.
    with_hyphen = "left(o_order_no, 6) || '-' || right(o_order_no, 15)"
    hyphened = f"CASE WHEN regexp_full_match(o_order_no, '[0-9]{{21}}') THEN {with_hyphen} ELSE {plain.tidy} END"
    return Field(plain.name, plain.value, plain.quick, plain.odd, hyphened)


def _status(at: int) -> Field:
    known: dict[str, str] = source("pdd_orders").extra["statuses"]
    raw = cell(at)
    branches = " ".join(f"WHEN {text(name)} THEN {text(state)}" for name, state in known.items())
    bare = " ".join(f"WHEN {text(name.replace('，', ''))} THEN {text(state)}" for name, state in known.items() if "，" in name)
    folded = f"regexp_replace(regexp_replace({narrow(thorough(raw))}, '[,;；]', '，', 'g'), '[\\s\\x{{00a0}}\\x{{3000}}]+', '', 'g')"
    return Field(
        "status",
        f"coalesce(q_status, CASE o_status {branches} {bare} ELSE 'unknown' END)",
        quick=f"CASE {untabbed(raw)} {branches} END",
        odd=f"CASE WHEN q_status IS NULL THEN {folded} END",
    )


def doubles(stage: str) -> str:
    """(rid, left_out) of rows that repeat another row of the file; empty in almost every file, so the cheap test comes first."""
    rank = "CASE status " + " ".join(f"WHEN {text(name)} THEN {order}" for name, order in _RANKS.items()) + " END"
    same = "(status, courier, received_yuan, quantity, confirmed_at, paid_at, promised_ship_at, shipped_at)"
    return f"""
WITH twice AS (SELECT hash(order_no) AS h FROM {stage} WHERE left_out IS NULL GROUP BY h HAVING count(*) > 1),
rows AS (SELECT rid, order_no, waybill_cell, {same} AS facts, {rank} AS rank, shipped_at FROM {stage}
         WHERE left_out IS NULL AND hash(order_no) IN (SELECT h FROM twice)),
ranked AS (SELECT rid, facts, waybill_cell, max(waybill_cell) OVER (PARTITION BY order_no) AS any_waybill,
                  row_number() OVER best AS place, first_value(facts) OVER best AS best_facts
           FROM rows WINDOW best AS (PARTITION BY order_no, waybill_cell ORDER BY rank DESC, shipped_at DESC NULLS LAST, rid DESC))
SELECT rid, CASE WHEN place > 1 AND facts IS NOT DISTINCT FROM best_facts THEN 'duplicate_row' ELSE 'repeated_order' END AS left_out
FROM ranked WHERE place > 1 OR (waybill_cell IS NULL AND any_waybill IS NOT NULL)"""


def final(stage: str, snapshot: str, import_id: str, *, future: str | None, split: bool) -> str:
    """The rows as they are stored. ``split``: some cells hold several waybills; ``future``: times after it are not believed."""
    one = "CASE WHEN NOT odd_waybill THEN waybill_cell END"
    waybill = f"unnest(CASE WHEN odd_waybill THEN {parts('waybill_cell')} ELSE [waybill_cell] END)" if split else one
    believed = {name: f"CASE WHEN {name} <= {future} THEN {name} END" if future and name in PAST_TIMES else name for name in TIMES}
    return f"""
SELECT order_no, CAST({waybill} AS VARCHAR) AS waybill, courier, province, goods_id, goods_name, status, received_yuan, quantity,
       {", ".join(f"{believed[name]} AS {name}" for name in TIMES)}, under_review, excluded_kind,
       CAST({snapshot} AS TIMESTAMP) AS snapshot_at, {import_id} AS import_id, line AS source_row
FROM {stage}"""
