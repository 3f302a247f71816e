"""Order export -> rows of the ledger: one per order and waybill.

A module of this package describes one kind of rows: ``COLUMNS`` as they are stored, ``staged`` (a row of the file as it is stored,
with its ``trouble``), ``doubles``, ``changed`` (what a second writing replaces) and ``describe`` (what the import report says).
"""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

from pdd_audit.data.canonical.cells import (
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
    trouble,
    untabbed,
    waybills,
    whole,
    words,
    yuan,
)
from pdd_audit.data.canonical.findings import Findings
from pdd_audit.data.sources import Source

ORDER_SHAPE = "[0-9]{6}-[0-9]{9,18}|[0-9]{8}-[0-9]{9}"
COLUMNS = (
    "order_no",
    "waybill",
    "courier",
    "province",
    "goods_id",
    "goods_name",
    "status",
    "received_yuan",
    "quantity",
    "confirmed_at",
    "paid_at",
    "promised_ship_at",
    "shipped_at",
    "under_review",
    "excluded_kind",
    "snapshot_at",
    "source_row",
    "trouble",
)
TIMES = ("confirmed_at", "paid_at", "promised_ship_at", "shipped_at")
PAST_TIMES = ("confirmed_at", "paid_at", "shipped_at")  # a promise may lie in the future
BAD_ROW = ("bad_order_no", "bad_waybill", "cell_count")
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


def staged(columns: dict[str, int], first: int, relation: str, *, source: Source, line: str, snapshot: str, **_: object) -> str:
    """One row per row of the file, with ``trouble`` (see ``cells.trouble``). Several waybills of one cell are joined by commas."""
    at = columns.get
    keys = [cell(columns[name]) for name in ("order_no", "waybill", "status", "shipped_at")]
    blank = " AND ".join(is_blank(key) for key in keys)
    header = one_of(thorough(keys[0]), source.headers["order_no"])
    fields = [
        _order_no(columns["order_no"]),
        waybills("waybill", columns["waybill"]),
        words("province", at("province")),
        identifier("goods_id", at("goods_id"), "[0-9]{4,20}"),
        words("goods_name", at("goods_name")),
        _status(columns["status"], source.extra["statuses"]),
        yuan("received_yuan", at("received_yuan")),
        whole("quantity", at("quantity"), 10_000),
        *(time(f"t_{name}", at(name)) for name in TIMES),
    ]
    left_out = (
        f"CASE WHEN regexp_full_match(order_no, '{ORDER_SHAPE}') "
        f"THEN CASE WHEN regexp_full_match(waybill, '{LOST_DIGITS}') THEN 'bad_waybill' END "
        f"WHEN {is_footer([cell(first), keys[0]])} THEN 'footer' WHEN {blank} THEN 'blank' WHEN {header} THEN 'repeated_header' "
        f"ELSE 'bad_order_no' END"
    )
    said = {
        "damaged": f"CASE WHEN status = 'unknown' THEN {damaged(keys[2])} WHEN length(courier) > 2 THEN {damaged(cell(at('courier')))} END",
        "several_waybills": "contains(waybill, ',')",
        "not_a_waybill": f"NOT regexp_full_match(waybill, '{WAYBILL_SHAPE}') AND NOT contains(waybill, ',')",
        "bad_yuan": "received_yuan IS NULL AND o_received_yuan <> ''",
        **{f"bad_{name}": bad_time(f"t_{name}", f"t_{name}") for name in TIMES},
        "unknown_status": "status = 'unknown'",
    }
    odd = "odd OR order_no IS NULL OR status = 'unknown' OR length(courier) > 2"
    return f"""
SELECT order_no,
       CASE WHEN o_waybill IS NULL OR contains(waybill, ',') OR regexp_full_match(waybill, '{WAYBILL_SHAPE}') THEN waybill END AS waybill,
       courier, province, goods_id, goods_name, status, received_yuan, quantity,
       {", ".join(f"{real_time(f't_{name}')} AS {name}" for name in TIMES)},
       {flag(at("under_review"))} AS under_review,
       CASE WHEN {flag(at("community_group"))} THEN 'community' WHEN {flag(at("store_pickup"))} THEN 'store_pickup' END AS excluded_kind,
       CAST({snapshot} AS TIMESTAMP) AS snapshot_at, {line} AS source_row, {trouble(odd, left_out, said, sample="o_status")} AS trouble
FROM (SELECT *, {courier(at("courier"))} AS courier FROM {layered(fields, relation)})"""


def _order_no(at: int) -> Field:
    plain = identifier("order_no", at, ORDER_SHAPE)
    # Some tools drop the hyphen: 21 digits as text are still the number.
    with_hyphen = "left(o_order_no, 6) || '-' || right(o_order_no, 15)"
    hyphened = f"CASE WHEN regexp_full_match(o_order_no, '[0-9]{{21}}') THEN {with_hyphen} ELSE {plain.tidy} END"
    return Field(plain.name, plain.value, plain.quick, plain.odd, hyphened)


def _status(at: int, known: dict[str, str]) -> Field:
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
WITH twice AS (SELECT hash(order_no) AS h FROM {stage} GROUP BY h HAVING count(*) > 1),
rows AS (SELECT rid, order_no, waybill, {same} AS facts, {rank} AS rank, shipped_at FROM {stage}
         WHERE hash(order_no) IN (SELECT h FROM twice)),
ranked AS (SELECT rid, facts, waybill, max(waybill) OVER (PARTITION BY order_no) AS any_waybill,
                  row_number() OVER best AS place, first_value(facts) OVER best AS best_facts
           FROM rows WINDOW best AS (PARTITION BY order_no, waybill ORDER BY rank DESC, shipped_at DESC NULLS LAST, rid DESC))
SELECT rid, CASE WHEN place > 1 AND facts IS NOT DISTINCT FROM best_facts THEN 'duplicate_row' ELSE 'repeated_order' END AS left_out
FROM ranked WHERE place > 1 OR (waybill IS NULL AND any_waybill IS NOT NULL)"""


def changed(found: Findings) -> dict[str, str]:
    """Several waybills become a row each."""
    if not found.said("several_waybills").rows:
        return {}
    return {"waybill": f"unnest(CASE WHEN contains(waybill, ',') THEN {parts('waybill')} ELSE [waybill] END)"}


def describe(found: Findings) -> None:
    """Statuses and waybills that say less than they should."""
    unknown = found.said("unknown_status")
    if unknown.rows:
        found.note("unknown_status", rows=unknown.rows, text=unknown.sample, row=unknown.row)
    for code in ("several_waybills", "not_a_waybill"):
        if found.said(code).rows:
            found.note(code, rows=found.said(code).rows, row=found.said(code).row)
    if found.said("bad_yuan").rows:
        found.note("bad_amounts", rows=found.said("bad_yuan").rows)
    found.facts.distinct = _distinct(found)
    states = [state for (state,) in found.rows("SELECT DISTINCT status FROM kept")]
    if len(states) == 1 and found.kept >= 20:
        found.note("single_status", status=states[0])
    found.note_round_count()


def _distinct(found: Findings) -> bool:
    """Whether every order and every waybill stands in one row. By hash, so in doubt no."""
    if found.said("several_waybills").rows:
        return False
    rows, orders, parcels, waybills = found.one(
        "SELECT count(*), count(DISTINCT hash(order_no)), count(waybill), "
        "count(DISTINCT CASE WHEN waybill IS NOT NULL THEN hash(waybill) END) FROM kept"
    )
    return bool(orders == rows and waybills == parcels)
