"""The quick way: the bytes go to the engine unchanged, and are believed only if it finds exactly as many records as there are lines."""

from pathlib import Path

from pdd_audit.data.reading.marks import FOOTERS
from pdd_audit.data.reading.recognise import Recognised
from pdd_audit.data.reading.tables import Table
from pdd_audit.data.reading.text_files import Text

_LAST_LINE = 4096  # bytes in which a line of totals has to stand


def quick_table(text: Text, found: Recognised) -> Table | None:
    """The file as it is, or None when only the strict pass can read it."""
    if text.lone_returns or text.nuls or text.long_lines or text.header_lines != text.header_index + 1 or text.lines <= text.header_lines:
        return None
    width = len(found.headers)
    body = [len(row) for row in text.sample[:8]]
    if (
        body
        and min(body) == max(body)
        and body[0] > width
        and not any(any(cell.strip() for cell in row[width:]) for row in text.sample[:8])
    ):
        width = body[0]  # every row ends with an extra delimiter
    _cut_totals(text, found)
    return Table(
        path=text.path,
        delimiter=text.delimiter,
        skip=text.header_lines,
        width=width,
        columns=dict(found.columns),
        first_column=0,
        first_row=text.header_lines + 1,
        records=text.lines - text.header_lines,
        left_out={"footer": text.totals} if text.totals else {},
        twins=found.repeated,
        mixed_dates=text.mixed_dates,
    )


def _cut_totals(text: Text, found: Recognised) -> None:
    """Takes the last line off our own copy of a pickup sheet if it holds the totals, and notes it in ``totals``. A row that is left out
    later costs writing all the others a second time."""
    ours = text.encoding not in {"utf-8", "utf-8-sig"} and text.damage is None
    if not ours or found.source.kind != "courier_pickups" or found.columns["waybill"] != 0 or text.lines - text.header_lines < 2:
        return
    with Path(text.path).open("r+b") as copy:
        copy.seek(-min(_LAST_LINE, copy.seek(0, 2)), 2)
        end = copy.read()
        start = end.rfind(b"\n", 0, -1) + 1
        line = end[start:].decode("utf-8", "replace")
        # a quote may end a record that began on a line before
        if start and '"' not in line and line.split(text.delimiter)[0].strip() in FOOTERS:
            copy.seek(start - len(end), 2)
            copy.truncate()
            text.lines -= 1
            text.totals = 1


__all__ = ["quick_table"]
