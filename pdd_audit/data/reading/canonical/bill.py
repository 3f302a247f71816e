"""Settlement bill -> rows of the ledger: one per booking. A booking without an order number is kept, never given to an order by guess."""

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
    text,
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
    "booked_at",
    "income_yuan",
    "expense_yuan",
    "code",
    "code_name",
    "category",
    "snapshot_at",
    "source_row",
    "trouble",
)
TIMES = ("booked_at",)
PAST_TIMES = TIMES
BAD_ROW = ("bad_amount", "cell_count")
PERIOD = ("booked_at",)
AMOUNTS = ("income_yuan", "expense_yuan")


def staged(
    columns: dict[str, int], first: int, relation: str, *, source: Source, line: str, snapshot: str, units: Mapping[str, str] = {},
    **_: object,
) -> str:
    """One row per booking. Exports differ in the sign of an expense: its size is kept. Of the wording only code, name and class stay."""
    at = columns.get
    keys = [cell(at("order_no")), cell(columns["booked_at"])]
    amounts = [cell(at(name)) for name in AMOUNTS if at(name) is not None]
    blank = " AND ".join(is_blank(key) for key in [*keys, *amounts])
    fields = [
        identifier("order_no", at("order_no"), ORDER_SHAPE),
        *(yuan(name, at(name), units.get(name, "yuan")) for name in AMOUNTS),
        words("t_business", at("business")),
        words("t_type", at("bill_type")),
        time("t_booked_at", columns["booked_at"]),
    ]
    unread = " OR ".join(f"({name} IS NULL AND o_{name} <> '')" for name in AMOUNTS)
    left_out = (
        f"CASE WHEN {is_footer([cell(first), keys[0], keys[1]])} THEN 'footer' WHEN {blank} THEN 'blank' "
        f"WHEN {one_of(thorough(keys[1]), source.headers['booked_at'])} THEN 'repeated_header' "
        f"WHEN {unread} OR coalesce(income_yuan, expense_yuan) IS NULL THEN 'bad_amount' END"
    )
    said = {"bad_booked_at": bad_time("t_booked_at", "t_booked_at")}
    samples = {"bad_booked_at": quotable("o_t_booked_at")}
    odd = "odd OR t_booked_at IS NULL OR coalesce(income_yuan, expense_yuan) IS NULL"
    return f"""
SELECT CASE WHEN regexp_full_match(order_no, '{ORDER_SHAPE}') THEN order_no END AS order_no, {real_time("t_booked_at")} AS booked_at,
       income_yuan, abs(expense_yuan) AS expense_yuan, code, {_name(source)} AS code_name,
       {_category(source)} AS category,
       CAST({snapshot} AS TIMESTAMP) AS snapshot_at, {line} AS source_row, {trouble(odd, left_out, said, samples=samples)} AS trouble
FROM (SELECT *, nullif(regexp_extract(t_business, '^([0-9]{{7}})', 1), '') AS code,
             concat_ws(' ', t_business, t_type) AS wording FROM {layered(fields, relation)})"""


def _by_code(known: Mapping[str, str]) -> str:
    return " ".join(f"WHEN {text(code)} THEN {text(value)}" for code, value in known.items())


def _category(source: Source) -> str:
    by_name = classed("nullif(wording, '')", source.extra["category_marks"], "other")
    return f"CASE code {_by_code(source.extra['categories'])} ELSE coalesce({by_name}, 'other') END"


def _name(source: Source) -> str:
    """The platform's own name of the code, or the known name that the wording holds: free text is not kept."""
    marks = [mark for names in source.extra["category_marks"].values() for mark in names]
    by_mark = " ".join(f"WHEN contains(wording, {text(mark)}) THEN {text(mark)}" for mark in marks)
    of_code = "nullif(left(regexp_extract(t_business, '^[0-9]{7}[|｜](.*)$', 1), 40), '')"
    return f"CASE code {_by_code(source.extra['names'])} ELSE coalesce({of_code}, CASE {by_mark} END) END"


def doubles(stage: str) -> str:
    """None: two equal deductions of one second are two deductions. Re-exports are told apart where bills meet (``data.neighbours``)."""
    return f"SELECT rid, '' AS left_out FROM {stage} WHERE FALSE"


def changed(_: Findings) -> dict[str, str]:
    return {}


def describe(found: Findings) -> None:
    """The sums that matter here: fines for late and for false shipping, what appeals brought back, and what names no order."""
    rows = found.rows(
        "SELECT category, count(*), sum(coalesce(expense_yuan, 0) - coalesce(income_yuan, 0)), count(*) FILTER (order_no IS NULL) "
        "FROM kept GROUP BY category"
    )
    sums = {category: (count, float(total), unlinked) for category, count, total, unlinked in rows}
    nothing = (0, 0.0, 0)
    late, false = sums.get("fine_late_shipping", nothing), sums.get("fine_false_shipping", nothing)
    won = sums.get("appeal_refund", nothing)
    found.note(
        "bill_fines", late=late[0], late_yuan=f"{late[1]:.2f}", false=false[0], false_yuan=f"{false[1]:.2f}",
        won=won[0], won_yuan=f"{-won[1] + 0.0:.2f}",
    )
    unlinked = late[2] + false[2]
    if unlinked:
        found.note("bill_unlinked", rows=unlinked, fines=late[0] + false[0])
    found.note_round_count()
