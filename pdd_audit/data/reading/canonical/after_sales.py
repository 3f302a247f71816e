"""After-sale export -> rows of the ledger: one per after-sale case. The only file that knows when a refund was agreed."""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

from collections.abc import Mapping

from pdd_audit.data.reading.canonical.cells import (
    bad_time,
    cell,
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
    "after_sale_no",
    "order_no",
    "status",
    "kind",
    "reason",
    "requested_at",
    "refunded_at",
    "amount_yuan",
    "snapshot_at",
    "source_row",
    "trouble",
)
TIMES = ("requested_at", "refunded_at")
PAST_TIMES = TIMES
BAD_ROW = ("bad_order_no", "cell_count")
PERIOD = ("requested_at", "refunded_at")


def staged(
    columns: dict[str, int], first: int, relation: str, *, source: Source, line: str, snapshot: str, units: Mapping[str, str] = {},
    **_: object,
) -> str:
    """One row per row of the export. Status, kind and reason are kept as classes: a reason may hold what a buyer typed."""
    at = columns.get
    keys = [cell(columns["order_no"]), cell(columns["status"])]
    blank = " AND ".join(is_blank(key) for key in keys)
    fields = [
        identifier("after_sale_no", at("after_sale_no"), "[0-9A-Z-]{6,40}"),
        identifier("order_no", columns["order_no"], ORDER_SHAPE),
        *(words(f"t_{name}", at(name)) for name in ("status", "kind", "reason")),
        yuan("amount_yuan", at("amount_yuan"), units.get("amount_yuan", "yuan")),
        *(time(f"t_{name}", at(name)) for name in TIMES),
    ]
    left_out = (
        f"CASE WHEN regexp_full_match(order_no, '{ORDER_SHAPE}') THEN NULL "
        f"WHEN {is_footer([cell(first), keys[0]])} THEN 'footer' WHEN {blank} THEN 'blank' "
        f"WHEN {one_of(thorough(keys[0]), source.headers['order_no'])} THEN 'repeated_header' ELSE 'bad_order_no' END"
    )
    said = {
        "bad_yuan": "amount_yuan IS NULL AND o_amount_yuan <> ''",
        **{f"bad_{name}": bad_time(f"t_{name}", f"t_{name}") for name in TIMES},
        "unknown_status": "coalesce(status, 'unknown') = 'unknown'",
    }
    classes = {
        name: classed(f"t_{name}", source.extra[f"{name}_marks"], "unknown" if name == "status" else "other")
        for name in ("status", "kind", "reason")
    }
    samples = {"bad_yuan": quotable("o_amount_yuan"), **{f"bad_{name}": quotable(f"o_t_{name}") for name in TIMES}}
    odd = "odd OR order_no IS NULL OR coalesce(status, 'unknown') = 'unknown'"
    return f"""
SELECT after_sale_no, order_no, coalesce(status, 'unknown') AS status, kind, reason,
       {", ".join(f"{real_time(f't_{name}')} AS {name}" for name in TIMES)}, amount_yuan,
       CAST({snapshot} AS TIMESTAMP) AS snapshot_at, {line} AS source_row,
       {trouble(odd, left_out, said, "t_status", samples=samples)} AS trouble
FROM (SELECT *, {", ".join(f"{sql} AS {name}" for name, sql in classes.items())} FROM {layered(fields, relation)})"""


def doubles(stage: str) -> str:
    """(rid, left_out) of rows whose case stands there in a further state; without a case number, of exact repetitions."""
    facts = "(order_no, status, kind, reason, requested_at, refunded_at, amount_yuan)"
    return f"""
SELECT rid, CASE WHEN facts IS NOT DISTINCT FROM best_facts THEN 'duplicate_row' ELSE 'repeated_case' END AS left_out
FROM (SELECT rid, {facts} AS facts, row_number() OVER best AS place, first_value({facts}) OVER best AS best_facts
      FROM {stage}
      WINDOW best AS (PARTITION BY coalesce(after_sale_no, CAST(hash({facts}) AS VARCHAR))
                      ORDER BY status = 'refunded' DESC, refunded_at DESC NULLS LAST, rid DESC))
WHERE place > 1"""


def changed(_: Findings) -> dict[str, str]:
    return {}


def describe(found: Findings) -> None:
    """Refunds without a time, statuses nobody knows, and how many refunds there are to date."""
    refunds, undated, row = found.one(
        "SELECT count(*) FILTER (status = 'refunded'), count(*) FILTER (status = 'refunded' AND refunded_at IS NULL), "
        "min(line) FILTER (status = 'refunded' AND refunded_at IS NULL) FROM kept"
    )
    if undated and "refunded_at" in found.recognised.columns:
        found.note("refunds_undated", rows=undated, refunds=refunds, row=row)
    unknown = found.said("unknown_status")
    if unknown.rows:
        found.note("unknown_after_sale", rows=unknown.rows, text=unknown.sample, row=unknown.row)
    bad = found.said("bad_yuan")
    if bad.rows:
        found.note("bad_amounts", rows=bad.rows, row=bad.row, found=bad.sample, column=found.header("amount_yuan"))
    found.note_round_count()
