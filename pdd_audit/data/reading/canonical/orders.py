"""Order export -> rows of the ledger: one per order and waybill.

A module of this package describes one kind of rows: ``COLUMNS`` as they are stored, ``staged`` (a row of the file as it is stored,
with its ``trouble``), ``doubles``, ``changed`` (what a second writing replaces) and ``describe`` (what the import report says). With a
``KEY``, hashes of it that several sound rows share are in ``twice`` for both.
"""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

from collections.abc import Callable, Iterable, Mapping

from pdd_audit.core.errors import BETWEEN, AuditError, Place
from pdd_audit.core.order_status import STATUSES
from pdd_audit.data.reading.canonical.cells import (
    LOST_DIGITS,
    OLDEST,
    WAYBILL_SHAPE,
    YES,
    ZERO_TIME,
    Dates,
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
    no_time,
    one_of,
    parts,
    quotable,
    quoted,
    real_time,
    shown_time,
    text,
    thorough,
    time,
    time_form,
    trouble,
    untabbed,
    waybills,
    whole,
    without_hours,
    words,
    yuan,
)
from pdd_audit.data.reading.canonical.findings import Findings
from pdd_audit.data.reading.sources import Source, couriers

ORDER_SHAPE = "[0-9]{6}-[0-9]{9,18}|[0-9]{8}-[0-9]{9}"
KEY = "order_no"
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

SHIPPED = ("shipped", "received", "refunded_shipped", "refunded_received")
_CELL_ERROR = "#(REF!|N/A|VALUE!|NAME[?]|DIV/0!|NULL!|NUM!)|#{3,}"
_PROMISES_REACH = 180  # days that a promise without a year may lie after the export


# Words in the place of a waybill (无需物流, 自提): no courier was asked for, and no clock runs for the order.
_NO_WAYBILL = f"NOT regexp_full_match(waybill, '{WAYBILL_SHAPE}') AND NOT contains(waybill, ',')"


def staged(
    columns: Mapping[str, int],
    first: int,
    relation: str,
    *,
    source: Source,
    line: str,
    snapshot: str,
    future: str | None = None,
    first_in_date: Mapping[str, str] | None = None,
    units: Mapping[str, str] = {},
    more: str = "",
    **_: object,
) -> str:
    """One row per row of the file, with ``trouble`` (see ``cells.trouble``). Several waybills of one cell are joined by commas.

    ``first_in_date``: column -> "day" or "month" where its dates begin with one of them; None for a first look that reads the usual
    times and says ``odd_times`` where there are others. ``more``: further columns, each with a comma
    before it, for the layouts that repeat an order.
    """
    at = columns.get
    first_look = first_in_date is None
    latest = future or (f"CAST({snapshot} AS TIMESTAMP)")
    amount = yuan("received_yuan", at("received_yuan"), units.get("received_yuan", "yuan"))
    fields = [*_fields(columns, source), amount, *(_moment(name, at(name), latest, first_in_date) for name in TIMES)]
    contradiction = _status_contradiction()
    said = _said([cell(place) for place in columns.values()], cell(at("status")), cell(at("courier")), contradiction)
    said |= _first_look_at_times() if first_look else _said_of_times()
    samples = _samples(cell(at("quantity")), {name: cell(at(name)) for name in ("status", "courier")}, [] if first_look else TIMES)
    forms = [time_form(name, f"t_{name}") for name in TIMES if name in columns and not first_look]
    times = ", ".join(f"{real_time(f't_{name}')} AS {name}" for name in TIMES)
    marks = _unknown_marks(at)
    said |= {f"unknown_mark_{name}": mark for name, mark in marks.items()}
    samples |= {f"unknown_mark_{name}": quoted(thorough(cell(at(name)))) for name in marks}
    odd = " OR ".join([_odd(contradiction), *marks.values()])
    return f"""
SELECT order_no,
       CASE WHEN o_waybill IS NULL OR contains(waybill, ',') OR regexp_full_match(waybill, '{WAYBILL_SHAPE}') THEN waybill END AS waybill,
       courier, province, goods_id, goods_name, status, received_yuan, quantity,
       {", ".join(TIMES)},
       {flag(at("under_review"))} AS under_review,
       CASE WHEN {flag(at("community_group"))} THEN 'community' WHEN {flag(at("store_pickup"))} THEN 'store_pickup'
            {_delivered_otherwise(at)}WHEN o_waybill IS NOT NULL AND {_NO_WAYBILL} THEN 'no_waybill'
            WHEN status = 'unknown' THEN 'unknown_status'
            WHEN shipped_at IS NOT NULL AND (status = 'to_ship' OR status = 'unpaid') THEN 'status_contradiction'
            WHEN o_t_shipped_at <> '' AND {without_hours("t_shipped_at")} THEN 'ship_day_only' END AS excluded_kind,
       CAST({snapshot} AS TIMESTAMP) AS snapshot_at, {line} AS source_row,
       {trouble(odd, _left_out(columns, first, source), said, samples=samples, more=forms)} AS trouble{more}
FROM (SELECT *, {courier(at("courier"))} AS courier, {times} FROM {layered(fields, relation)})"""


_YES_OR_NO = ("under_review", "community_group", "store_pickup")  # columns that leave orders out
_NEVER = f"({ZERO_TIME}|[否非不没无].*|未预约|1970-01-01.*|2000-01-01 00:00:00|946656000000)?"


def _filled(raw: str, otherwise: str) -> str:
    """``otherwise`` for a cell of a column that only some orders fill; no, and what sources write for "has no time", fills nothing."""
    nothing = f"regexp_full_match(coalesce({thorough(raw)}, ''), '{_NEVER}')"
    return f"CASE WHEN {raw} IS NULL OR {raw} IN ('', chr(9)) OR {nothing} THEN FALSE ELSE {otherwise} END"


def _has_figures(raw: str) -> str:
    return f"regexp_matches({raw}, '[0-9]')"


def _delivered_otherwise(at: Callable[[str], int | None]) -> str:
    """Further branches of ``excluded_kind``: a time was booked, or the goods went to the buyer's community."""
    found = ""
    if (booked := at("booked_delivery")) is not None:
        found += f"WHEN {_filled(cell(booked), _has_figures(cell(booked)))} THEN 'booked_delivery' "
    if (community := at("community_delivery")) is not None:
        found += f"WHEN {_filled(cell(community), 'TRUE')} THEN 'community_delivery' "
    return found


def _unknown_marks(at: Callable[[str], int | None]) -> dict[str, str]:
    """Column that leaves orders out -> whether its cell is none of those known to do so, and none of those known not to."""
    known = ("", *YES, "否", "正常", "n", "no", "false", "0")
    found = {}
    for name in _YES_OR_NO:
        if (place := at(name)) is not None:
            raw = cell(place)
            strange = f"NOT {one_of(f'lower({thorough(raw)})', known)}"
            found[name] = f"CASE WHEN {raw} IS NULL OR {raw} IN ('否', '', chr(9), '是') THEN FALSE ELSE {strange} END"
    if (booked := at("booked_delivery")) is not None:
        found["booked_delivery"] = _filled(cell(booked), f"NOT {_has_figures(cell(booked))}")
    return found


def _merges_orders(source: Source) -> bool:
    """Whether a cell may hold the numbers of several orders that left as one parcel."""
    return bool(source.extra.get("merged_orders"))


def _moment(name: str, at: int | None, latest: str, first_in_date: Mapping[str, str] | None) -> Field:
    reach = f" + INTERVAL {_PROMISES_REACH} DAY" if name == "promised_ship_at" else ""
    return time(f"t_{name}", at, Dates(f"({latest}{reach})", (first_in_date or {}).get(name, ""), first_in_date is None))


def _fields(columns: Mapping[str, int], source: Source) -> list[Field]:
    at = columns.get
    return [
        _order_no(columns["order_no"], _merges_orders(source)),
        waybills("waybill", columns["waybill"]),
        words("province", at("province")),
        identifier("goods_id", at("goods_id"), "[0-9]{4,20}"),
        words("goods_name", at("goods_name")),
        _status(at("status"), source.extra["statuses"]),
        whole("quantity", at("quantity"), 10_000, least=1),
    ]


def _left_out(columns: Mapping[str, int], first: int, source: Source) -> str:
    """Why a row is not kept, NULL for most."""
    keys = [cell(columns.get(name)) for name in ("order_no", "waybill", "status", "shipped_at")]
    blank = " AND ".join(is_blank(key) for key in keys)
    header = one_of(thorough(keys[0]), source.headers["order_no"])
    shape = f"({ORDER_SHAPE})(,({ORDER_SHAPE}))*" if _merges_orders(source) else ORDER_SHAPE
    return (
        f"CASE WHEN status = 'parent' THEN 'merged_parent' WHEN regexp_full_match(order_no, '{shape}') "
        f"THEN CASE WHEN regexp_full_match(waybill, '{LOST_DIGITS}') THEN 'bad_waybill=' || waybill END "
        f"WHEN {is_footer([cell(first), keys[0]])} THEN 'footer' WHEN {blank} THEN 'blank' WHEN {header} THEN 'repeated_header' "
        f"ELSE 'bad_order_no=' || coalesce({quotable('order_no')}, '') END"
    )


def _odd(contradiction: str) -> str:
    """Whether a row needs the dear look for trouble."""
    return (
        f"odd OR order_no IS NULL OR status IN ('unknown', 'parent') OR length(courier) > 2 OR received_yuan < 0 "
        f"OR (quantity IS NULL AND q_quantity IS NOT NULL) "
        f"OR least({', '.join(f't_{name}' for name in TIMES)}) < {OLDEST} OR shipped_at < greatest(paid_at, confirmed_at) "
        f"OR promised_ship_at < confirmed_at OR {_before_order()} OR {contradiction} OR {_other_prefix()}"
    )


def _samples(quantity_cell: str, text_cells: Mapping[str, str], read_times: Iterable[str]) -> dict[str, str]:
    """Code of ``_said`` -> the text that goes with it."""
    return {
        **{f"bad_{name}": quotable(f"o_t_{name}") for name in read_times},
        "bad_yuan": quotable("o_received_yuan"),
        "decimal_comma": quotable("o_received_yuan"),
        "negative_yuan": "CAST(received_yuan AS VARCHAR)",
        "bad_quantity": quotable(f"trim({untabbed(quantity_cell)})"),
        **{f"damaged_{name}": quoted(f"trim({untabbed(raw)})") for name, raw in text_cells.items()},
        "other_prefix": "courier || ' ' || waybill",
        "ship_before_pay": f"{shown_time('shipped_at')} || ' < ' || {shown_time('greatest(paid_at, confirmed_at)')}",
        "ship_before_order": f"{shown_time('shipped_at')} || ' < ' || left(order_no, 6)",
        "promise_before_confirm": f"{shown_time('promised_ship_at')} || ' < ' || {shown_time('confirmed_at')}",
        "status_contradiction": quoted("coalesce(o_status, status)"),
        "unknown_status": quoted("o_status"),
    }


def _said(cells: list[str], status_cell: str, courier_cell: str, contradiction: str) -> dict[str, str]:
    """Code -> condition. What the canonical columns alone cannot tell looks at the raw cells."""
    amount = "regexp_full_match(o_received_yuan, '-?[0-9]{1,3}([.][0-9]{3})*,[0-9]{1,2}')"
    return {
        "damaged_status": f"CASE WHEN status = 'unknown' THEN {damaged(status_cell)} END",
        "damaged_courier": f"CASE WHEN length(courier) > 2 THEN {damaged(courier_cell)} END",
        "cell_error": f"regexp_matches(concat_ws('|', {', '.join(cells)}), '(^|[|]) *({_CELL_ERROR}) *($|[|])')",
        "several_orders": "contains(order_no, ',')",
        "several_waybills": "contains(waybill, ',')",
        "not_a_waybill": _NO_WAYBILL,
        "restored_waybill": f"regexp_full_match(o_waybill, '{LOST_DIGITS}') AND regexp_full_match(waybill, '[0-9]+')",
        "restored_hyphen": "regexp_full_match(o_order_no, '[0-9]{21}')",
        "other_prefix": f"length(courier) = 2 AND {_other_prefix()}",
        "decimal_comma": f"received_yuan IS NULL AND {amount}",
        "bad_yuan": f"received_yuan IS NULL AND o_received_yuan <> '' AND NOT {amount}",
        "negative_yuan": "received_yuan < 0",
        "bad_quantity": "quantity IS NULL AND coalesce(o_quantity, CAST(q_quantity AS VARCHAR)) <> ''",
        "ship_before_pay": "shipped_at < paid_at OR shipped_at < confirmed_at",
        "ship_before_order": f"CASE WHEN shipped_at IS NULL OR confirmed_at <= shipped_at THEN FALSE ELSE {_before_order()} END",
        "promise_before_confirm": "promised_ship_at < confirmed_at",
        "status_contradiction": contradiction,
        "unknown_status": "status = 'unknown'",
    }


def _first_look_at_times() -> dict[str, str]:
    return {
        "odd_times": " OR ".join(f"coalesce(o_t_{name}, '') <> ''" for name in TIMES),
        **{f"sentinel_{name}": f"t_{name} < {OLDEST}" for name in TIMES},
    }


def _said_of_times() -> dict[str, str]:
    return {
        **{f"bad_{name}": bad_time(f"t_{name}", f"t_{name}") for name in TIMES},
        **{f"sentinel_{name}": no_time(f"t_{name}") for name in TIMES},
    }


def _status_contradiction() -> str:
    """A parcel that waits and has gone, or has gone and was never uploaded: no clock can run."""
    gone = " OR ".join(f"status = {text(status)}" for status in SHIPPED)
    return (
        f"CASE WHEN shipped_at IS NULL OR waybill IS NULL THEN {gone} "
        f"ELSE status = 'to_ship' OR status = 'unpaid' END"
    )


def _before_order() -> str:
    """Whether an upload is older than the day in the order number, which is never after the order was confirmed."""
    number = "coalesce(shipped_at < try_strptime(left(order_no, 6), '%y%m%d'), FALSE)"
    return f"CASE WHEN shipped_at IS NULL OR shipped_at >= coalesce(confirmed_at, paid_at) THEN FALSE ELSE {number} END"


_PREFIXES = {"YT": "圆通", "JT": "极兔", "SF": "顺丰", "JD": "京东"}


def _other_prefix() -> str:
    """Whether a waybill begins with the letters of one courier and the file names another one."""
    pairs = " ".join(f"WHEN starts_with(waybill, {text(mark)}) THEN courier <> {text(name)}" for mark, name in _PREFIXES.items())
    return f"CASE WHEN waybill >= 'J' THEN CASE {pairs} ELSE FALSE END ELSE FALSE END"


def _order_no(at: int, several: bool) -> Field:
    plain = identifier("order_no", at, ORDER_SHAPE)
    # Some tools drop the hyphen: 21 digits as text are still the number.
    with_hyphen = "left(o_order_no, 6) || '-' || right(o_order_no, 15)"
    branches = f"WHEN regexp_full_match(o_order_no, '[0-9]{{21}}') THEN {with_hyphen}"
    if several:
        pieces = "regexp_split_to_array(o_order_no, '[,，;；/、\\s]+')"
        good = f"list_distinct(list_filter({pieces}, lambda piece: regexp_full_match(piece, '{ORDER_SHAPE}')))"
        branches += f" WHEN regexp_matches(o_order_no, '[,，;；/、\\s]') THEN array_to_string(list_sort({good}), ',')"
    return Field(plain.name, plain.value, plain.quick, plain.odd, f"CASE {branches} ELSE {plain.tidy} END")


def _status(at: int | None, known: Mapping[str, str]) -> Field:
    """The status; where a file has none, a parcel with an upload has gone."""
    if at is None:
        return Field("status", "CASE WHEN coalesce(q_t_shipped_at::VARCHAR, o_t_shipped_at, '') = '' THEN 'to_ship' ELSE 'shipped' END")
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


SAME_FACTS = "(status, courier, received_yuan, quantity, confirmed_at, paid_at, promised_ship_at, shipped_at)"


def rank_of_status() -> str:
    return "CASE status " + " ".join(f"WHEN {text(name)} THEN {order}" for order, name in enumerate(STATUSES)) + " END"


def doubles(stage: str) -> str:
    """(rid, left_out, line, stays) of rows that repeat another row of the file, ``stays`` being that row."""
    return f"""
WITH rows AS (SELECT rid, line, order_no, waybill, {SAME_FACTS} AS facts, {rank_of_status()} AS rank, shipped_at FROM {stage}
         WHERE hash(order_no) IN (SELECT h FROM twice)),
ranked AS (SELECT rid, line, facts, waybill, max(waybill) OVER (PARTITION BY order_no) AS any_waybill,
                  row_number() OVER best AS place, first_value(facts) OVER best AS best_facts,
                  first_value(line) OVER best AS stays
           FROM rows WINDOW best AS (PARTITION BY order_no, waybill ORDER BY rank DESC, shipped_at DESC NULLS LAST, rid DESC))
SELECT rid, CASE WHEN place > 1 AND facts IS NOT DISTINCT FROM best_facts THEN 'duplicate_row' ELSE 'repeated_order' END AS left_out,
       line, stays
FROM ranked WHERE place > 1 OR (waybill IS NULL AND any_waybill IS NOT NULL)"""


def changed(found: Findings) -> dict[str, str]:
    """Several waybills become a row each; an upload known to the day only runs no clock."""
    replaced = {}
    if found.said("several_waybills").rows:
        replaced["waybill"] = f"unnest(CASE WHEN contains(waybill, ',') THEN {parts('waybill')} ELSE [waybill] END)"
    if "shipped_at" in found.facts.to_the_day:
        replaced["excluded_kind"] = "coalesce(excluded_kind, CASE WHEN shipped_at IS NOT NULL THEN 'ship_day_only' END)"
    return replaced


# Codes of ``trouble`` that are said as they are: how many rows, the first of them, what it holds, and the column it stands in.
_SAID_OF_ROWS = {
    "several_waybills": None, "not_a_waybill": "waybill", "restored_waybill": "waybill", "restored_hyphen": "order_no",
    "other_prefix": "waybill", "negative_yuan": "received_yuan", "bad_quantity": "quantity", "cell_error": None,
    "ship_before_pay": "shipped_at", "ship_before_order": "shipped_at", "promise_before_confirm": "promised_ship_at",
    "status_contradiction": "status",
}
_MIDDLE_OF_FEN = 1000  # a shop's median order in yuan is seldom four digits and never without any decimals


def describe(found: Findings) -> None:
    """Statuses, waybills, amounts and times that say less than they should."""
    unknown = found.said("unknown_status")
    if unknown.rows:
        found.note("unknown_status", **unknown.spots(), text=unknown.sample)
    for code, column in _SAID_OF_ROWS.items():
        said = found.said(code)
        if said.rows:
            header = found.header(column) if column in found.recognised.columns else ""
            found.note(code, **said.spots(), found=said.sample, column=header)
    for name in (*_YES_OR_NO, "booked_delivery"):
        mark = found.said(f"unknown_mark_{name}")
        if mark.rows:
            found.note("unknown_mark", **mark.spots(), found=mark.sample, column=found.header(name))
    _amounts(found)
    repeated = found.one("SELECT count(*), min_by(line, rid), min_by(stays, rid) FROM doubles WHERE left_out = 'repeated_order'")
    if repeated[0]:
        found.note("repeated_order", rows=repeated[0], row=repeated[1], stays=repeated[2])
    found.facts.distinct = _distinct(found)
    if not found.facts.distinct:
        _shared_waybills(found)
    _couriers(found)
    states = dict(found.rows("SELECT status, count(*) - count(confirmed_at) FROM kept GROUP BY status"))
    _confirmed(found, sum(blank for status, blank in states.items() if status not in ("unpaid", "cancelled")))
    if len(states) == 1 and found.kept >= 20:
        found.note("single_status", status=next(iter(states)))
    found.note_round_count()


def _amounts(found: Findings) -> None:
    """Raises decimal_comma when it is how the whole column is written."""
    comma, bad = found.said("decimal_comma"), found.said("bad_yuan")
    if not (comma.rows or bad.rows or "received_yuan" in found.recognised.columns):
        return
    header = found.header("received_yuan")
    if comma.rows:
        read = found.one("SELECT count(received_yuan) FROM kept WHERE received_yuan <> 0 AND received_yuan <> round(received_yuan)")[0]
        if comma.rows > read and comma.rows * 2 >= found.kept:
            raise AuditError("decimal_comma", Place(row=comma.row, column=header), found=comma.sample)
        found.note("decimal_comma", **comma.spots(), found=comma.sample, column=header)
    if bad.rows:
        found.note("unread_amounts", **bad.spots(), found=bad.sample, column=header)
    if "received_yuan" in found.recognised.units or found.recognised.source.extra.get("known_units"):
        return  # there is nothing to ask
    few = "SELECT received_yuan AS y FROM kept WHERE received_yuan > 0 LIMIT 2000"
    count, whole_yuan, middle = found.one(f"SELECT count(*), count(*) FILTER (y = round(y)), median(y) FROM ({few})")
    if count >= 20 and whole_yuan == count and middle >= _MIDDLE_OF_FEN:
        found.note("perhaps_fen", column=header, median=f"{middle:.0f}")


def _shared_waybills(found: Findings) -> None:
    """Waybills that stand with two couriers, or with orders too far apart for one parcel."""
    sql = """
SELECT count(*) FILTER (couriers > 1), min(first) FILTER (couriers > 1), max_by(last, -first) FILTER (couriers > 1),
       count(*) FILTER (apart), min(first) FILTER (apart), max_by(last, -first) FILTER (apart)
FROM (SELECT waybill, count(DISTINCT courier) AS couriers, min(line) AS first, max(line) AS last,
             max(shipped_at) - min(shipped_at) > INTERVAL 30 DAY AS apart
      FROM kept WHERE waybill IS NOT NULL GROUP BY waybill HAVING count(*) > 1)"""
    mixed, one, other, far, early, late = found.one(sql)
    if mixed:
        found.note("two_couriers", rows=mixed, row=one, other=other)
    if far:
        found.note("reused_waybill", rows=far, row=early, other=late)


def _couriers(found: Findings) -> None:
    """Couriers that are none we know, and waybills that are one figure shorter than nearly all of their courier's."""
    sql = "SELECT courier, length(waybill), count(*) FROM kept WHERE courier IS NOT NULL AND waybill IS NOT NULL GROUP BY ALL"
    groups = found.rows(sql)
    known = couriers()
    unknown = sorted({name for name, _, _ in groups} - set(known))
    if unknown:
        found.note("unknown_couriers", names=BETWEEN.join(unknown[:8])[:100], count=len(unknown))
    for name in known:
        lengths = {length: rows for courier, length, rows in groups if courier == name}
        usual = max(lengths, key=lambda length: lengths[length], default=0)
        short = lengths.get(usual - 1, 0)
        if usual and short and lengths[usual] >= 20 * short:
            where = f"courier = {text(name)} AND length(waybill) = {usual - 1} AND regexp_full_match(waybill, '[0-9]+')"
            rows, row, example = found.one(f"SELECT count(*), min(line), min_by(waybill, line) FROM kept WHERE {where}")
            if rows:
                found.note("short_waybill", rows=rows, row=row, found=example, column=found.header("waybill"), courier=name, length=usual)


def _confirmed(found: Findings, blank: int) -> None:
    """Says when order times are blank. The order number still tells the day, too coarse for a clock, good enough for the period."""
    if "confirmed_at" in found.recognised.columns and blank:
        found.note("blank_confirmed_at", rows=blank, column=found.header("confirmed_at"))
    if blank and not found.one("SELECT count(shipped_at) + count(confirmed_at) FROM kept")[0]:
        days = "SELECT try_strptime(left(order_no, 6), '%y%m%d') AS day FROM kept"
        low, high = found.one(f"SELECT min(day), max(day) FROM ({days})")
        found.facts.period = (low, high)


def _distinct(found: Findings) -> bool:
    """Whether every order and every waybill stands in one row. By hash, so in doubt no."""
    if found.said("several_waybills").rows or found.said("several_orders").rows:
        return False
    if found.one("SELECT count(*) FROM twice")[0]:  # of all sound rows; those of them that were left out are not asked now
        rows, orders = found.one("SELECT count(*), count(DISTINCT hash(order_no)) FROM kept")
        if orders < rows:
            return False
    parcels, waybills = found.one("SELECT count(*), count(DISTINCT hash(waybill)) FROM kept WHERE waybill IS NOT NULL")
    return bool(waybills == parcels)
