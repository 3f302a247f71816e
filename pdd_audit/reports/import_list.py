"""Imports as lines of text: when, what, which, from when to when, how many rows, by whom."""

from collections.abc import Sequence

from pdd_audit.core.imports import ImportReport
from pdd_audit.texts import Lang, Words
from pdd_audit.texts.numbers import DASH, count, full_moment

SHOWN_DIGITS = 12


def render_imports(here: Sequence[ImportReport], removed: Sequence[ImportReport], lang: Lang) -> str:
    """Two or three lines an import; the removed ones below, under a heading of their own."""
    words = Words(lang)
    if not here and not removed:
        return words("ledger.nothing")
    blocks = [words("ledger.listed", n=len(here)), *(_lines(report, words) for report in here)]
    if removed:
        blocks += [words("ledger.listed_removed", n=len(removed)), *(_lines(report, words) for report in removed)]
    return "\n".join(blocks)


def _lines(report: ImportReport, words: Words) -> str:
    period = f"{report.period_from:%Y-%m-%d} – {report.period_to:%Y-%m-%d}" if report.period_from and report.period_to else DASH
    first = words("ledger.line", digest=report.sha256[:SHOWN_DIGITS], kind=words(f"kinds.{report.kind}.name"), layout=report.source,
                  file="".join(letter if letter.isprintable() else "�" for letter in report.file))
    second = words("ledger.line_more", at=full_moment(report.imported_at), by=report.imported_by or DASH, period=period,
                   read=count(report.rows_read), kept=count(report.rows_kept))
    stated = "ledger.exported_at_stated" if report.snapshot_from == "stated" else "ledger.exported_at"
    third = "" if report.snapshot_at is None else "\n  " + words(stated, at=full_moment(report.snapshot_at))
    return f"{first}\n  {second}{third}"
