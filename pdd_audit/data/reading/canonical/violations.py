"""List of violations (penalised orders) -> rows of the ledger: one per order and kind of violation.

Its headers are known from a copy of merchant training (trust B); times and amounts of a penalty are guessed names, marked in the YAML.
"""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

from collections.abc import Mapping

from pdd_audit.data.reading.canonical.cells import (
    WAYBILL_SHAPE,
    bad_time,
    cell,
    courier,
    identifier,
    is_blank,
    is_footer,
    layered,
    one_of,
    quotable,
    real_time,
    thorough,
    time,
    trouble,
    words,
    yuan,
)
from pdd_audit.data.reading.canonical.classes import classed
from pdd_audit.data.reading.canonical.findings import Findings
from pdd_audit.data.reading.canonical.orders import ORDER_SHAPE
from pdd_audit.data.reading.sources import Source

COLUMNS = (
    "order_no",
    "waybill",
    "courier",
    "violation",
    "shipped_at",
    "decided_at",
    "fine_yuan",
    "snapshot_at",
    "source_row",
    "trouble",
)
TIMES = ("shipped_at", "decided_at")
PAST_TIMES = TIMES
BAD_ROW = ("bad_order_no", "cell_count")
PERIOD = ("decided_at", "shipped_at")


def staged(
    columns: dict[str, int], first: int, relation: str, *, source: Source, line: str, snapshot: str, units: Mapping[str, str] = {},
    **_: object,
) -> str:
    """One row per row of the list; the kind of violation is kept as a class."""
    at = columns.get
    keys = [cell(columns["order_no"]), cell(columns["violation"])]
    fields = [
        identifier("order_no", columns["order_no"], ORDER_SHAPE),
        identifier("t_waybill", at("waybill"), WAYBILL_SHAPE),
        words("t_violation", columns["violation"]),
        yuan("t_fine", at("fine_yuan"), units.get("fine_yuan", "yuan")),
        *(time(f"t_{name}", at(name)) for name in TIMES),
    ]
    left_out = (
        f"CASE WHEN regexp_full_match(order_no, '{ORDER_SHAPE}') THEN NULL "
        f"WHEN {is_footer([cell(first), keys[0]])} THEN 'footer' WHEN {' AND '.join(is_blank(key) for key in keys)} THEN 'blank' "
        f"WHEN {one_of(thorough(keys[0]), source.headers['order_no'])} THEN 'repeated_header' ELSE 'bad_order_no' END"
    )
    said = {
        "bad_yuan": "t_fine IS NULL AND o_t_fine <> ''",
        **{f"bad_{name}": bad_time(f"t_{name}", f"t_{name}") for name in TIMES},
    }
    samples = {"bad_yuan": quotable("o_t_fine"), **{f"bad_{name}": quotable(f"o_t_{name}") for name in TIMES}}
    return f"""
SELECT order_no, CASE WHEN regexp_full_match(t_waybill, '{WAYBILL_SHAPE}') THEN t_waybill END AS waybill,
       {courier(at("courier"))} AS courier,
       coalesce({classed("t_violation", source.extra["violation_marks"], "other")}, 'other') AS violation,
       {", ".join(f"{real_time(f't_{name}')} AS {name}" for name in TIMES)}, abs(t_fine) AS fine_yuan,
       CAST({snapshot} AS TIMESTAMP) AS snapshot_at, {line} AS source_row,
       {trouble("odd OR order_no IS NULL", left_out, said, samples=samples)} AS trouble
FROM {layered(fields, relation)}"""


def doubles(stage: str) -> str:
    """(rid, left_out) of rows that repeat the same order, parcel and kind of violation."""
    return f"""
SELECT rid, 'duplicate_row' AS left_out
FROM (SELECT rid, row_number() OVER (PARTITION BY order_no, waybill, violation ORDER BY rid) AS place FROM {stage})
WHERE place > 1"""


def changed(_: Findings) -> dict[str, str]:
    return {}


def describe(found: Findings) -> None:
    """How many of each kind; such a list alone allows no rate."""
    counts = dict(found.rows("SELECT violation, count(*) FROM kept GROUP BY violation"))
    named = {name: counts.get(name, 0) for name in ("late_shipping", "late_pickup", "false_shipping")}
    found.note("violations_found", **named, other=sum(counts.values()) - sum(named.values()))
    bad = found.said("bad_yuan")
    if bad.rows:
        found.note("bad_amounts", rows=bad.rows, row=bad.row, found=bad.sample, column=found.header("fine_yuan"))
    found.note_round_count()
