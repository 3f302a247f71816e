"""JSON of a known shape as a ``Table``: traces of couriers, or the order list of the merchant's page."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.reading.hand_over import scratch
from pdd_audit.data.reading.json_values import Value, values_in
from pdd_audit.data.reading.limits import Limits
from pdd_audit.data.reading.page_orders import orders_in
from pdd_audit.data.reading.recognise import Recognised
from pdd_audit.data.reading.sources import Source, source
from pdd_audit.data.reading.tables import Table, row_limit
from pdd_audit.data.reading.traces import Answer, answers_in

_EXAMPLE = '{"waybill": "…", "answer": {…}}'
_A_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,29}")


@dataclass
class _Count:
    """What did not become a row, and where the first of each stood."""

    left_out: dict[str, int] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)

    def add(self, reason: str, row: int) -> None:
        self.left_out[reason] = self.left_out.get(reason, 0) + 1
        self.first.setdefault(reason, row)


def read_json(path: str, limits: Limits, folder: Path, expected: str | None) -> tuple[Table, Recognised]:
    """The scans or orders of a JSON file. Raises unknown_json, other_kind, no_traces, and what reading the values raises."""
    values = values_in(path, limits)
    head: list[Value] = []
    found: Source | None = None
    for value in values:
        head.append(value)
        found = _source_of(value.content)
        if found is not None or len(head) > limits.bad_rows:
            break
    if found is None:
        raise AuditError("unknown_json", Place(row=head[0].row if head else 1), found=_shape(head[0].content if head else None))
    if expected is not None and expected != found.kind:
        raise _other_kind(found, expected)
    count = _Count()
    rows = _rows(chain(head, values), found, count)
    names = tuple(found.columns)
    out = scratch("rows", folder)
    records = _write(out, names, rows, limits)
    broken = count.left_out.get("broken_line", 0)
    if broken > limits.tolerated(records):
        raise AuditError("bad_json", Place(row=count.first["broken_line"]), found=f"{broken} / {broken + records}")
    if not records:
        reason = max(count.left_out, key=lambda name: count.left_out[name], default="no_trace")
        raise AuditError("traces_without_waybill" if reason == "no_waybill" else "no_traces", Place(row=count.first.get(reason, 1)),
                         found=f"0 / {sum(count.left_out.values())}", example=_EXAMPLE)
    table = Table(
        path=out, delimiter=",", skip=0, width=2 + len(names), columns={name: 2 + at for at, name in enumerate(names)}, first_column=1,
        first_row=1, records=records, line_column=0, left_out=count.left_out,
        notices=([("page_amounts", {})] if found.kind == "pdd_orders" else [])
        + [(f"json_{reason}", {"rows": number, "row": count.first[reason]}) for reason, number in sorted(count.left_out.items())],
    )
    headers = tuple(found.headers[name][0] for name in names)
    return table, Recognised(found, headers, {name: at for at, name in enumerate(names)}, (), (), ())


def _source_of(value: Any) -> Source | None:
    if next(orders_in(value), None) is not None:
        own = source("pdd_page_orders")
        return replace(own, extra={**source("pdd_orders").extra, **own.extra})  # the page uses the export's words for states
    return source("traces") if next(answers_in(value), None) is not None else None


def _rows(values: Iterator[Value], found: Source, count: _Count) -> Iterator[tuple[int, Mapping[str, str]]]:
    for value in values:
        if not value.readable:
            count.add("broken_line", value.row)
        elif found.id == "traces":
            nothing = True
            for answer in answers_in(value.content):
                nothing = False
                yield from ((value.row, row) for row in _scan_rows(answer, value.row, count))
            if nothing:
                count.add("other_json", value.row)
        else:
            yield from ((value.row, order) for order in orders_in(value.content))


def _scan_rows(answer: Answer, row: int, count: _Count) -> Iterator[dict[str, str]]:
    if not answer.scans:
        count.add("no_trace", row)
    elif not answer.waybill:
        count.add("no_waybill", row)
    else:
        for scan in answer.scans:
            yield {
                "waybill": answer.waybill, "courier": answer.courier, "event": scan.event, "scanned_at": scan.at,
                "outlet": scan.branch if scan.event == "got" else "", "snapshot_at": answer.asked_at,
            }


def _write(out: str, names: tuple[str, ...], rows: Iterator[tuple[int, Mapping[str, str]]], limits: Limits) -> int:
    records = 0
    with Path(out).open("w", encoding="utf-8", errors="replace", newline="") as sink:
        writer = csv.writer(sink, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for row, cells in rows:
            writer.writerow([row, "", *(" ".join(cells[name].replace("\0", "").split()) for name in names)])
            records += 1
            row_limit(records, limits)
    return records


def _other_kind(found: Source, expected: str) -> AuditError:
    wanted = source(expected)  # the first layout of a kind bears its name
    return AuditError(
        "other_kind", found=found.title["zh"], title_zh=found.title["zh"], title_en=found.title["en"], wanted_zh=wanted.title["zh"],
        wanted_en=wanted.title["en"],
    )


def _shape(value: Any) -> str:
    """Names of fields that may be shown."""
    node = next((one for one in value if isinstance(one, dict)), None) if isinstance(value, list) else value
    return ", ".join([name for name in node if _A_NAME.fullmatch(name)][:6]) if isinstance(node, dict) else ""
