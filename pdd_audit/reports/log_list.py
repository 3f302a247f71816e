"""Rows of the log in plain words: what was done, to what, when in China; as CSV too.

Digests of answers and of what people said stay out, and so do the marks of the chain: whoever has them can try out what was answered, and
before the reveal of a review nobody may know. Files are named by theirs.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from pdd_audit.core.log_chain import BACKUPS, FILES, RESTORED, ROWS, PutBack, Row, sort_of
from pdd_audit.core.spreadsheet import safe_cell
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import full_moment

SHANGHAI = ZoneInfo("Asia/Shanghai")
SHOWN_DIGITS = 12
OF_A_FILE = frozenset({"file_imported", "file_removed", "file_restored", "file_purged", "reading_chosen", RESTORED})
COLUMNS = ("seq", "at", "who", "what", "about", "digest")


def log_moment(row: Row) -> str:
    """When, as clocks in China show it; as it is stored where that is no time."""
    try:
        return full_moment(datetime.fromisoformat(row.at).astimezone(SHANGHAI))
    except ValueError:
        return row.at


def put_back_told(one: PutBack, words: Words) -> str:
    """Who put the shop back to which backup, what is known to be missing since, and who has acknowledged that."""
    made = one.row.about.removeprefix(BACKUPS)
    told = words(
        "log.put_back.told", seq=one.row.seq, at=log_moment(one.row), who=one.row.who or words("log.nobody"),
        made=made.replace("T", " ")[:16] or words("log.put_back.no_moment"), digest=one.row.after[:SHOWN_DIGITS],
    )
    lost = words("log.put_back.lost", first=one.row.seq, last=one.last_lost) if one.lost else words("log.put_back.unknown")
    if one.seen is None:
        return told + lost
    return told + lost + words("log.put_back.seen", who=one.seen.who or words("log.nobody"), at=log_moment(one.seen), seq=one.seen.seq)


def log_deed(row: Row, words: Words) -> str:
    """What was done; the code itself where it has no words."""
    return words.coded("log.what", sort_of(row))


def log_thing(row: Row, words: Words, names: Mapping[str, str]) -> str:
    """To what. ``names``: what people call a question, a member, or a file, by its id or digest; without it the id."""
    thing = row.about.partition("/")[2]
    if row.about.startswith(BACKUPS):
        return thing.replace("T", " ")
    if row.about.startswith(ROWS):
        return words("log.row", seq=thing)
    if not row.about.startswith(FILES):
        return names.get(thing, thing)
    kind = words.coded("log.reading" if row.what == "reading_chosen" else "kinds", thing)
    digest = file_digest(row)
    return words("app.dot").join(part for part in (kind, names.get(digest, ""), digest[:SHOWN_DIGITS]) if part)


def file_digest(row: Row) -> str:
    """SHA-256 of the file a row is about; empty for any other row."""
    return row.after or row.before if row.what in OF_A_FILE and row.about else ""


def log_csv(rows: Iterable[Row], words: Words, names: Mapping[str, str]) -> bytes:
    """One line a row, as given; no cell begins a formula. With a mark at its start, without which spreadsheets read it as GBK."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([words(f"log.column.{name}") for name in COLUMNS])
    for row in rows:
        cells = (row.seq, log_moment(row), row.who, log_deed(row, words), log_thing(row, words, names), file_digest(row))
        writer.writerow([safe_cell(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig", "replace")
