"""Courier first-pickup sheet -> rows of the ledger: one per waybill."""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

from collections.abc import Mapping, Sequence

from pdd_audit.core.errors import BETWEEN, AuditError, Place
from pdd_audit.data.reading.canonical.cells import (
    LOST_DIGITS,
    WAYBILL_SHAPE,
    Dates,
    Field,
    bad_time,
    cell,
    contains_any,
    courier,
    damaged,
    is_blank,
    is_footer,
    layered,
    one_of,
    quoted,
    real_time,
    shown_time,
    text,
    thorough,
    time,
    time_form,
    trouble,
    waybills,
    words,
)
from pdd_audit.data.reading.canonical.findings import Findings
from pdd_audit.data.reading.sources import Source, fold, other_platforms

KEY = "waybill"
COLUMNS = (
    "waybill",
    "courier",
    "outlet",
    "picked_up_at",
    "first_move_at",
    "collected_time_unknown",
    "snapshot_at",
    "source_row",
    "trouble",
)
TIMES = ("picked_up_at", "hub_scan_at", "hub_handover_at", "delivering_at", "signed_at", "snapshot_at")
PAST_TIMES = ("picked_up_at",)
ORDER_NUMBER = "[0-9]{6}-[0-9]{15}"  # a waybill column that holds the platform's order numbers
BAD_ROW = ("bad_waybill", "order_number", "bad_time", "future_time", "cell_count")
PERIOD = ("picked_up_at",)
_MOVE = "coalesce(hub_scan_at, hub_handover_at)"
_DELIVERY = "least(delivering_at, signed_at)"


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
    """One row per row of the sheet. A pickup cell that cannot be read leaves the row out: as a blank it would look uncollected.
    The first move is the hub scan, else the hand-over to the hub; one before the pickup is said, and is left off the clock. Going out for
    delivery and a signature prove that the parcel was collected; those before the pickup are said."""
    at = columns.get
    key, pickup = cell(columns["waybill"]), cell(columns["picked_up_at"])
    blank = f"{is_blank(key)} AND {is_blank(pickup)}"
    header = one_of(thorough(key), source.headers["waybill"])
    foreign = "FALSE"
    if at("platform") is not None:
        named = cell(at("platform"))
        foreign = f"{contains_any(named, other_platforms())} AND NOT contains({named}, '拼多多')"
    dated = moments(TIMES, columns, future or snapshot, first_in_date)
    fields = [waybills("waybill", columns["waybill"]), words("outlet", at("outlet")), *dated]
    left_out = (
        f"CASE WHEN waybill IS NULL OR NOT regexp_full_match(waybill, '{WAYBILL_SHAPE}') "
        f"THEN CASE WHEN {is_footer([cell(first), key])} THEN 'footer' WHEN {blank} THEN 'blank' WHEN {header} THEN 'repeated_header' "
        f"ELSE 'bad_waybill' END "
        f"WHEN regexp_full_match(waybill, '{LOST_DIGITS}') THEN 'bad_waybill' "
        f"WHEN regexp_full_match(waybill, '{ORDER_NUMBER}') THEN 'order_number' WHEN {foreign} THEN 'other_platform' "
        f"WHEN {bad_time('t_picked_up_at', 't_picked_up_at')} THEN 'bad_time' "
        f"{f'WHEN picked_up_at > {future} THEN ' + text('future_time') if future else ''} END"
    )
    early, too_soon = (f"coalesce({scan} < picked_up_at, FALSE)" for scan in (_MOVE, _DELIVERY))
    said = {
        "damaged_courier": f"length(courier) > 2 AND {damaged(cell(at('courier')))}",
        "damaged_latest_status": damaged(cell(at("latest_status"))),
        **{f"bad_{name}": bad_time(f"t_{name}", f"t_{name}") for name in TIMES},
        "collected_time_unknown": "collected_time_unknown",
        "move_before_pickup": early,
        "signed_before_pickup": too_soon,
    }
    samples = {
        "move_before_pickup": f"{shown_time(_MOVE)} || ' < ' || {shown_time('picked_up_at')}",
        "signed_before_pickup": f"{shown_time(_DELIVERY)} || ' < ' || {shown_time('picked_up_at')}",
        **{f"damaged_{name}": quoted(cell(at(name))) for name in ("courier", "latest_status")},
    }
    odd = " OR ".join(
        ["odd", "waybill IS NULL", "contains(waybill, '-')", "collected_time_unknown", "length(courier) > 2", early, too_soon]
        + ([foreign] if foreign != "FALSE" else [])
        + ([damaged(cell(at("latest_status")))] if at("latest_status") is not None else [])
        + ([f"coalesce(picked_up_at > {future}, FALSE)"] if future else [])
    )
    proofs = [*(_later(cell(at(name)), source) for name in ("latest_status", "latest_trace")), _yes(cell(at("collected")), source)]
    later = f"CASE WHEN {real_time('t_picked_up_at')} IS NULL THEN {' OR '.join(proofs)} ELSE FALSE END"
    moved = f"CASE WHEN {_MOVE} <= {future} THEN {_MOVE} END" if future else _MOVE
    return f"""
SELECT waybill, courier, outlet, picked_up_at, {moved} AS first_move_at, collected_time_unknown, snapshot_at, {line} AS source_row,
       {trouble(odd, left_out, said, samples=samples, more=[time_form(name, f"t_{name}") for name in TIMES if name in columns])} AS trouble
FROM (SELECT *, picked_up_at IS NULL AND (later_scan OR {_MOVE} IS NOT NULL OR {_DELIVERY} IS NOT NULL) AS collected_time_unknown
      FROM (SELECT *, {courier(at("courier"))} AS courier, {later} AS later_scan,
                   {", ".join(f"{real_time(f't_{name}')} AS {name}" for name in TIMES)}
            FROM {layered(fields, relation)}))"""


def moments(names: Sequence[str], columns: dict[str, int], latest: str, first_in_date: Mapping[str, str] | None) -> list[Field]:
    """``t_<name>`` of each column of times; a date without a year is the last one not after ``latest``."""
    dated = {name: Dates(f"CAST({latest} AS TIMESTAMP)", (first_in_date or {}).get(name, "")) for name in names}
    return [time(f"t_{name}", columns.get(name), dates) for name, dates in dated.items()]


def _later(raw: str, source: Source) -> str:
    """Whether a latest status proves that the courier holds the parcel."""
    if raw.startswith("NULL"):
        return "FALSE"
    lists = ("collected_if", "not_collected_if", "waiting_if", "waiting_for_buyer_if")
    marks = {name: contains_any(raw, source.extra[name]) for name in lists}
    denial = f"{marks['not_collected_if']} OR ({marks['waiting_if']} AND NOT {marks['waiting_for_buyer_if']})"
    return f"coalesce({marks['collected_if']} AND NOT ({denial}), FALSE)"


def _yes(raw: str, source: Source) -> str:
    """Whether the sheet says of itself that the parcel was collected."""
    if raw.startswith("NULL"):
        return "FALSE"
    odd = one_of(f"lower({thorough(raw)})", source.extra["yes"])
    return f"CASE WHEN {raw} = '是' THEN TRUE WHEN coalesce({raw}, '') IN ('', '否') THEN FALSE ELSE {odd} END"


def doubles(stage: str) -> str:
    """(rid, left_out) of rows whose waybill stands there before; the first pickup counts."""
    same = "(courier, outlet, picked_up_at, first_move_at)"
    return f"""
WITH ranked AS (SELECT rid, {same} AS facts, row_number() OVER best AS place, first_value({same}) OVER best AS best_facts
           FROM {stage} WHERE hash(waybill) IN (SELECT h FROM twice)
           WINDOW best AS (PARTITION BY waybill ORDER BY picked_up_at NULLS LAST, collected_time_unknown DESC, rid))
SELECT rid, CASE WHEN facts IS NOT DISTINCT FROM best_facts THEN 'duplicate_row' ELSE 'repeated_waybill' END AS left_out
FROM ranked WHERE place > 1"""


def changed(_: Findings) -> dict[str, str]:
    return {}


def describe(found: Findings) -> None:
    """What absence from this sheet means, and for which couriers."""
    filled, blank, first = found.one("SELECT count(picked_up_at), count(*) - count(picked_up_at), min(picked_up_at) FROM kept")
    if not filled:
        place = Place(row=found.header_row, column=found.header("picked_up_at"))
        raise AuditError("blank_pickup_column", place, found=f"0 / {blank}")
    found.facts.first_scan = first
    found.facts.reading = "lists_open" if blank else "collected_only"
    if not blank:
        found.note("collected_only")
    header = found.header("picked_up_at")
    if found.recognised.mapped_on is None and fold(header) in found.recognised.source.extra.get("doubtful_pickups", ()):
        found.note("doubtful_pickup_column", column=header)
    _note_other_pickups(found)
    unknown = found.said("collected_time_unknown")
    if unknown.rows:
        found.note("collected_time_unknown", rows=unknown.rows)
    said_early = {"move_before_pickup": ("hub_scan_at", "hub_handover_at"), "signed_before_pickup": ("delivering_at", "signed_at")}
    for code, names in said_early.items():
        early = found.said(code)
        if early.rows:
            columns = BETWEEN.join(found.header(name) for name in names if name in found.recognised.columns)
            found.note(code, rows=early.rows, row=early.row, found=early.sample, column=columns)
    rows = found.rows("SELECT DISTINCT courier FROM kept WHERE courier IS NOT NULL ORDER BY 1 LIMIT 200")
    found.facts.couriers = [courier for (courier,) in rows]
    found.note_round_count()


def _note_other_pickups(found: Findings) -> None:
    """Waybills that stand there again with another time: the rows of the first one, and how far apart such times are at most."""
    if not found.facts.left_out.get("repeated_waybill"):
        return
    others, row, other, apart = found.one(
        "SELECT count(DISTINCT kept.waybill), arg_min(kept.line, kept.line), arg_min(sound.line, kept.line), "
        "max(date_diff('hour', kept.picked_up_at, sound.picked_up_at)) "
        "FROM doubles JOIN sound USING (rid) JOIN kept USING (waybill) WHERE sound.picked_up_at <> kept.picked_up_at"
    )
    if others:
        found.note("several_pickup_times", rows=others, row=row, other=other, hours=apart)
