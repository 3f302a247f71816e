"""Many shops as one table: text for a terminal, JSON, and CSV that opens safely in a spreadsheet."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from pdd_audit.core.errors import AuditError
from pdd_audit.core.result import MetricRecord
from pdd_audit.core.shop_row import ShopRow, worst_first
from pdd_audit.core.spreadsheet import safe_cell
from pdd_audit.reports.columns import placed, printable, width
from pdd_audit.texts import Lang, Words, error_text
from pdd_audit.texts.numbers import DASH, count, number_range, percent, percent_range, points, yuan

NAME_WIDTH = 20
GAP = "  "
COLUMNS = ("shop", "late", "pickup", "verdict", "score", "open", "loss", "reply", "files", "problems")
TO_THE_LEFT = {"shop", "verdict"}
CSV_COLUMNS = (
    "shop", "as_of", "scored", "score", "score_low", "score_high", "grade", "late_parcels", "mature_parcels", "pickup_24h_ratio",
    "pickup_24h_low", "pickup_24h_high", "pickup_24h_verdict", "open_over_limit", "loss_yuan_month", "first_step_yuan_month",
    "reply_3min_ratio", "reply_3min_low", "reply_3min_high", "files", "problems",
)


def render_table(rows: Sequence[ShopRow], lang: Lang) -> str:
    """The table, worst shop first, and under it every problem with its cure."""
    words = Words(lang)
    ordered = worst_first(rows)
    table = [[words(f"score_all.column.{name}") for name in COLUMNS]]
    for row in ordered:
        cells = _cells(row, words)
        table.append([printable(cells[name]) for name in COLUMNS])
    widths = [max(width(cell) for cell in column) for column in zip(*table, strict=True)]
    lines = [
        GAP.join(placed(cell, wide, name in TO_THE_LEFT) for cell, wide, name in zip(cells, widths, COLUMNS, strict=True)).rstrip()
        for cells in table
    ]
    lines.insert(1, "─" * (sum(widths) + len(GAP) * (len(widths) - 1)))
    unscored = sum(not row.scored for row in rows)
    head = words("score_all.head" if not unscored else "score_all.head_unscored", n=len(rows), unscored=unscored)
    blocks = [head, "\n".join(lines), words("score_all.legend"), _problems(ordered, words)]
    return "\n\n".join(block for block in blocks if block)


def render_json(rows: Sequence[ShopRow], lang: Lang) -> str:
    """The same facts; ratios 0..1, times Asia/Shanghai, worst shop first."""
    return json.dumps({"schema_version": 1, "shops": [_record(row, lang) for row in worst_first(rows)]}, ensure_ascii=False, indent=1)


def render_csv(rows: Sequence[ShopRow], lang: Lang) -> str:
    """One line a shop; every cell quoted, none starting a formula. A score that rests on too little is left blank."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for row in worst_first(rows):
        score, pickup, reply = row.score, row.pickup, row.reply
        told = "; ".join(f"{error.place.file or row.shop}: {error_text(error, lang)[0]}" for error in row.problems)
        cells: list[object] = [
            row.shop, row.as_of, "yes" if row.scored else "no", score.value if score and score.enough else None, score and score.low,
            score and score.high, score and score.grade, row.late, row.mature, pickup and pickup.value, pickup and pickup.low,
            pickup and pickup.high, pickup and pickup.verdict, row.open_over_limit, row.loss_yuan, row.step_yuan, reply and reply.value,
            reply and reply.low, reply and reply.high, row.files, told,
        ]
        writer.writerow([safe_cell(cell) for cell in cells])
    return out.getvalue()


def score_told(row: ShopRow, words: Words) -> str:
    """72 (60–80), or that it is not enough, or a dash for a shop that could not be scored."""
    if row.score is None:
        return DASH
    if row.score.value is None:
        return words("score_all.not_enough")
    span = number_range(row.score.low, row.score.high)
    if not row.score.enough:
        return words("score_all.not_enough_range", range=span)
    return words("score_all.ranged", value=points(row.score.value), range=span)


def ratio_told(metric: MetricRecord | None, words: Words) -> str:
    """97.2% (96.9–97.5%), or a dash."""
    if metric is None or metric.value is None:
        return DASH
    span = percent_range(metric.low, metric.high)
    return words("score_all.ranged", value=percent(metric.value), range=span) if span else percent(metric.value)


def verdict_told(row: ShopRow, words: Words) -> str:
    if row.pickup is None or row.pickup.verdict is None:
        return DASH
    return words(f"verdicts.metric.{row.pickup.verdict}.name")


def _cells(row: ShopRow, words: Words) -> dict[str, str]:
    return {
        "shop": _shortened(row.shop),
        "late": DASH if row.late is None or row.mature is None else f"{count(row.late)} / {count(row.mature)}",
        "pickup": ratio_told(row.pickup, words),
        "verdict": verdict_told(row, words),
        "score": score_told(row, words),
        "open": DASH if row.open_over_limit is None else count(row.open_over_limit),
        "loss": yuan(row.loss_yuan),
        "reply": percent(row.reply.value if row.reply else None),
        "files": count(row.files),
        "problems": count(len(row.problems)) if row.problems else DASH,
    }


def _problems(rows: Sequence[ShopRow], words: Words) -> str:
    lines = []
    for row in rows:
        for error in row.problems:
            title, body = error_text(error, words.lang)
            key = "score_all.problem_of_file" if error.place.file else "score_all.problem"
            text = words(key, shop=row.shop, file=error.place.file, title=title, body=body)
            lines.append("\n".join(printable(line) for line in text.split("\n")))
    return "\n".join([words("score_all.problems"), *lines]) if lines else ""


def _record(row: ShopRow, lang: Lang) -> dict[str, Any]:
    score = row.score
    return {
        "shop": row.shop,
        "as_of": row.as_of.isoformat() if row.as_of else None,
        "scored": row.scored,
        "score": score and score.model_dump(include={"value", "low", "high", "grade", "enough", "scope"}),
        "late_parcels": row.late,
        "mature_parcels": row.mature,
        "pickup_24h_ratio": _metric(row.pickup),
        "open_over_limit": row.open_over_limit,
        "loss_yuan_month": row.loss_yuan,
        "first_step_yuan_month": row.step_yuan,
        "reply_3min_ratio": _metric(row.reply),
        "files": row.files,
        "problems": [_problem(error, lang) for error in row.problems],
    }


def _metric(metric: MetricRecord | None) -> dict[str, Any] | None:
    return None if metric is None else metric.model_dump(include={"value", "low", "high", "n", "verdict", "target"})


def _problem(error: AuditError, lang: Lang) -> dict[str, Any]:
    title, body = error_text(error, lang)
    return {"file": error.place.file, "code": error.code, "message": title, "cure": body}


def _shortened(name: str) -> str:
    if width(name) <= NAME_WIDTH:
        return name
    short = name
    while width(short) > NAME_WIDTH - 1:
        short = short[:-1]
    return short + "…"
