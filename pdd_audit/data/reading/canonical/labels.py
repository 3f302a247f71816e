"""List of electronic waybills -> rows of the ledger: one per label. Taking a number is no pickup: this file never says when one was."""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

from pdd_audit.data.reading.canonical.cells import (
    LOST_DIGITS,
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
)
from pdd_audit.data.reading.canonical.classes import classed
from pdd_audit.data.reading.canonical.findings import Findings
from pdd_audit.data.reading.canonical.orders import ORDER_SHAPE
from pdd_audit.data.reading.sources import Source

COLUMNS = (
    "waybill",
    "courier",
    "outlet",
    "state",
    "labelled_at",
    "order_no",
    "snapshot_at",
    "source_row",
    "trouble",
)
TIMES = ("labelled_at",)
PAST_TIMES = TIMES
BAD_ROW = ("bad_waybill", "cell_count")
PERIOD = ("labelled_at",)


def staged(columns: dict[str, int], first: int, relation: str, *, source: Source, line: str, snapshot: str, **_: object) -> str:
    """One row per label. The outlet is that of the account the number was taken from, which need not be the one that collects."""
    at = columns.get
    key = cell(columns["waybill"])
    fields = [
        identifier("waybill", columns["waybill"], WAYBILL_SHAPE),
        identifier("t_order_no", at("order_no"), ORDER_SHAPE),
        words("outlet", at("outlet")),
        words("t_state", at("state")),
        time("t_labelled_at", at("labelled_at")),
    ]
    left_out = (
        f"CASE WHEN regexp_full_match(waybill, '{WAYBILL_SHAPE}') AND NOT regexp_full_match(waybill, '{LOST_DIGITS}') THEN NULL "
        f"WHEN {is_footer([cell(first), key])} THEN 'footer' WHEN {is_blank(key)} THEN 'blank' "
        f"WHEN {one_of(f'lower({thorough(key)})', (header.lower() for header in source.headers['waybill']))} THEN 'repeated_header' "
        f"ELSE 'bad_waybill' END"
    )
    said = {"bad_labelled_at": bad_time("t_labelled_at", "t_labelled_at")}
    samples = {"bad_labelled_at": quotable("o_t_labelled_at")}
    return f"""
SELECT waybill, {courier(at("courier"))} AS courier, outlet, {classed("t_state", source.extra["state_marks"], "other")} AS state,
       {real_time("t_labelled_at")} AS labelled_at,
       CASE WHEN regexp_full_match(t_order_no, '{ORDER_SHAPE}') THEN t_order_no END AS order_no,
       CAST({snapshot} AS TIMESTAMP) AS snapshot_at, {line} AS source_row,
       {trouble("odd OR waybill IS NULL", left_out, said, samples=samples)} AS trouble
FROM {layered(fields, relation)}"""


def doubles(stage: str) -> str:
    """(rid, left_out) of earlier labels of the same number."""
    return f"""
SELECT rid, 'repeated_label' AS left_out
FROM (SELECT rid, row_number() OVER (PARTITION BY waybill ORDER BY labelled_at DESC NULLS LAST, rid DESC) AS place FROM {stage})
WHERE place > 1"""


def changed(_: Findings) -> dict[str, str]:
    return {}


def describe(found: Findings) -> None:
    """A label list says nothing about pickups; its reader must know."""
    found.note("labels_are_no_pickups")
    rows = found.rows("SELECT DISTINCT courier FROM kept WHERE courier IS NOT NULL ORDER BY 1 LIMIT 200")
    found.facts.couriers = [courier for (courier,) in rows]
    found.note_round_count()
