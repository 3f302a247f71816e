"""Chat log (one row a message) -> service rows: per day and agent, how many buyers' turns waited for a person, and how long.

The rule, our own (trust C: the platform publishes no definition; it fits the names of its columns, see ``reply_limit_seconds``):

- A turn begins with a buyer's first message after the last reply by a person, and ends with the next reply by a person in the same
  conversation. Messages of the robot, of the system and automatic replies neither end a turn nor begin one. Whoever still waits and
  writes again on another day waits a second time.
- It counts for the day and hour in which it began, if that is from 8:00 up to 23:00, the platform's window.
- It is missed when the reply came later than 180 seconds after its beginning, or never. A turn that began less than 180 seconds before
  the log ends and has no reply is not decided yet and is left out.
- It belongs to the agent who ended it; if nobody did, to the account named beside the buyer's message, else to the last agent before.
- A closing "thanks" without an answer counts as missed: the words of a message are never looked at.

Of a conversation only a hash is used, and only while the file is read. No text, no buyer and no message is kept.
"""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

from pdd_audit.data.reading.canonical import service
from pdd_audit.data.reading.canonical.cells import (
    cell,
    contains_any,
    is_blank,
    is_footer,
    layered,
    one_of,
    real_time,
    thorough,
    time,
    words,
)
from pdd_audit.data.reading.canonical.classes import classed
from pdd_audit.data.reading.canonical.findings import Findings
from pdd_audit.data.reading.sources import Source

COLUMNS = service.COLUMNS
TIMES: tuple[str, ...] = ()
PAST_TIMES: tuple[str, ...] = ()
BAD_ROW = ("bad_message_time", "unknown_sender", "cell_count")
PERIOD = ("sent_at",)
FROM_HOUR, TO_HOUR = 8, 23
LIMIT_SECONDS, QUICK_SECONDS = 180, 30
EXACT = 9  # decimals of a rate that was counted, not printed


def staged(
    columns: dict[str, int], first: int, relation: str, *, source: Source, line: str, snapshot: str, future: str | None, **_: object
) -> str:
    """One row per message: conversation (a hash), role, agent and time."""
    at = columns.get
    talk, when, who = (cell(columns[name]) for name in ("conversation", "sent_at", "sender"))
    blank = " AND ".join(is_blank(key) for key in (talk, when, who))
    fields = [time("t_sent_at", columns["sent_at"]), words("t_sender", columns["sender"]), words("agent", at("agent"))]
    automatic = "FALSE" if at("automatic") is None else contains_any(thorough(cell(at("automatic"))), ("1", "是", "true"))
    late = f"WHEN t_sent_at > {future} THEN 'bad_message_time' " if future else ""
    left_out = (
        f"CASE WHEN {blank} THEN 'blank' WHEN {is_footer([cell(first), talk])} AND t_sent_at IS NULL THEN 'footer' "
        f"WHEN {one_of(thorough(when), source.headers['sent_at'])} THEN 'repeated_header' "
        f"WHEN {real_time('t_sent_at')} IS NULL OR {is_blank(talk)} THEN 'bad_message_time' {late}"
        f"WHEN coalesce(role, 'unknown') = 'unknown' THEN 'unknown_sender' END"
    )
    return f"""
SELECT hash({thorough(talk)}) AS conversation, CASE WHEN role = 'agent' AND ({automatic}) THEN 'robot' ELSE role END AS role,
       agent, {real_time("t_sent_at")} AS sent_at, CAST({snapshot} AS TIMESTAMP) AS snapshot_at, {line} AS source_row,
       '!' || ({left_out}) AS trouble
FROM (SELECT *, {classed("lower(t_sender)", source.extra["sender_marks"], "unknown")} AS role FROM {layered(fields, relation)})"""


def doubles(stage: str) -> str:
    """(rid, left_out) of messages that stand there twice: the same role in the same conversation at the same second waits no longer."""
    return f"""
SELECT rid, 'duplicate_row' AS left_out
FROM (SELECT rid, row_number() OVER (PARTITION BY conversation, role, agent, sent_at ORDER BY rid) AS place FROM {stage})
WHERE place > 1"""


def changed(_: Findings) -> dict[str, str]:
    return {}


def _turns() -> str:
    """One row per decided turn within the window: day, agent, seconds (NULL: never answered)."""
    so_far = "OVER (PARTITION BY conversation ORDER BY sent_at, role = 'agent', rid ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    numbered = f"""
SELECT *, count(*) FILTER (role = 'agent') {so_far} AS turn,
       last_value(CASE WHEN role = 'agent' THEN agent END IGNORE NULLS) {so_far} AS before
FROM kept WHERE role IN ('buyer', 'agent')"""
    answered = f"""
SELECT *, min(sent_at) FILTER (role = 'agent') OVER whole AS replied, max(agent) FILTER (role = 'agent') OVER whole AS replier
FROM ({numbered}) WINDOW whole AS (PARTITION BY conversation, turn)"""
    turns = f"""
SELECT min(sent_at) AS began, any_value(replied) AS replied, any_value(replier) AS replier,
       coalesce(arg_min(agent, sent_at) FILTER (agent IS NOT NULL), any_value(before)) AS expected
FROM ({answered}) WHERE role = 'buyer' GROUP BY conversation, turn, CAST(sent_at AS DATE)"""
    return f"""
SELECT CAST(began AS DATE) AS day, CASE WHEN replied IS NULL THEN expected ELSE replier END AS agent,
       epoch(replied) - epoch(began) AS seconds
FROM ({turns})
WHERE hour(began) BETWEEN {FROM_HOUR} AND {TO_HOUR - 1}
  AND (replied IS NOT NULL OR began <= (SELECT max(sent_at) FROM kept) - INTERVAL {LIMIT_SECONDS} SECOND)"""


def reduced(_: Findings) -> str:
    """SQL of the rows as stored, from the kept messages."""
    counted = f"""
SELECT day, agent, CAST(count(*) AS INTEGER) AS inquiries, CAST(count(seconds) AS INTEGER) AS received, NULL::INTEGER AS consults,
       CAST(count(*) FILTER (coalesce(seconds, 1e9) > {LIMIT_SECONDS}) AS INTEGER) AS missed_3min,
       NULL::DOUBLE AS rate_3min, NULL::INTEGER AS rate_3min_digits,
       count(*) FILTER (seconds <= {QUICK_SECONDS}) / CAST(count(*) AS DOUBLE) AS rate_30s, {EXACT} AS rate_30s_digits,
       avg(seconds) AS mean_seconds, (SELECT max(snapshot_at) FROM kept) AS snapshot_at, NULL::BIGINT AS source_row,
       NULL::VARCHAR AS trouble, TRUE AS from_chat
FROM ({_turns()}) GROUP BY day, agent ORDER BY day, agent NULLS LAST"""
    return f"SELECT {', '.join(COLUMNS)} FROM ({counted})"


def describe(found: Findings) -> None:
    """What became of the messages."""
    turns, missed, never = found.one(
        f"SELECT count(*), count(*) FILTER (coalesce(seconds, 1e9) > {LIMIT_SECONDS}), count(*) FILTER (seconds IS NULL) FROM ({_turns()})"
    )
    found.note("chat_reduced", turns=turns, missed=missed, never=never)
