"""Chat log (one row a message) -> service rows: one per buyer's turn, when it began and when a person answered.

The rule, our own (trust C: the platform publishes no definition; it fits the names of its columns, see ``reply_limit_seconds``):

- A turn begins with a buyer's first message after the last reply by a person, and ends with the next reply by a person in the same
  conversation. Messages of the robot, of the system and automatic replies neither end a turn nor begin one. Whoever still waits and
  writes again on another day waits a second time.
- It counts for the day and hour in which it began, if that is from 8:00 up to 23:00, the platform's window.
- It is missed when the reply came later than 180 seconds after its beginning, or never. A turn that began less than 180 seconds before
  the log ends and has no reply is not decided yet and is left out of counts.
- It belongs to the agent who ended it; if nobody did, to the account named beside the buyer's message, else to the last agent before.
- A closing "thanks" without an answer counts as missed: the words of a message are never looked at.

Stored are all turns, those outside the window too, and of a conversation that begins with a reply that reply (``began_at`` null): the
turn it ends may stand in another log. ``seen_until`` is the log's last message, ``opens`` marks the first row of a conversation.

Which conversation a turn belongs to is known only while the file is read. What is stored of it is ``talk_mark``: one of ``MARKS``
numbers, by which ``data.relations.replies`` tells that two overlapping logs speak of one turn, together with the second in which it
began. A mark names nobody: even against a list of all buyers each number stands for hundreds of thousands of them, and a few thousand
conversations of a shop fill most of the numbers, so that finding one of them proves nothing. It needs no secret, as there is nothing to
give away. No text, no buyer, no conversation and no message is kept.
"""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

from pdd_audit.core.reply_hours import FROM_HOUR, LIMIT_SECONDS, TO_HOUR
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
MARKS = 4096


def staged(
    columns: dict[str, int], first: int, relation: str, *, source: Source, line: str, snapshot: str, future: str | None, **_: object
) -> str:
    """One row per message: conversation (a hash that goes with the file), its mark, role, agent and time."""
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
SELECT hash({thorough(talk)}) AS conversation, {mark_of(thorough(talk))} AS talk_mark,
       CASE WHEN role = 'agent' AND ({automatic}) THEN 'robot' ELSE role END AS role,
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


def mark_of(conversation: str) -> str:
    """0 to ``MARKS`` - 1; the same for a conversation in every log and with every version of the engine."""
    return f"CAST(('0x' || left(md5({conversation}), 8))::BIGINT % {MARKS} AS SMALLINT)"


def _turns() -> str:
    """One row per turn, and one per conversation that begins with a reply (``began_at`` NULL): the stored columns but the snapshot."""
    so_far = "OVER (PARTITION BY conversation ORDER BY sent_at, role = 'agent', rid ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    numbered = f"""
SELECT *, count(*) FILTER (role = 'agent') {so_far} AS turn, count(*) {so_far} = 0 AS opening,
       last_value(CASE WHEN role = 'agent' THEN agent END IGNORE NULLS) {so_far} AS before
FROM kept WHERE role IN ('buyer', 'agent')"""
    answered = f"""
SELECT *, min(sent_at) FILTER (role = 'agent') OVER whole AS replied, max(agent) FILTER (role = 'agent') OVER whole AS replier
FROM ({numbered}) WINDOW whole AS (PARTITION BY conversation, turn)"""
    turns = f"""
SELECT min(sent_at) AS began_at, any_value(replied) AS replied_at, any_value(replier) AS replier,
       coalesce(arg_min(agent, sent_at) FILTER (agent IS NOT NULL), any_value(before)) AS expected,
       bool_or(opening) AS opens, any_value(talk_mark) AS talk_mark
FROM ({answered}) WHERE role = 'buyer' GROUP BY conversation, turn, CAST(sent_at AS DATE)"""
    return f"""
SELECT CAST(began_at AS DATE) AS day, CASE WHEN replied_at IS NULL THEN expected ELSE replier END AS agent, began_at, replied_at,
       (SELECT max(sent_at) FROM kept) AS seen_until, opens, talk_mark
FROM ({turns})
UNION ALL
SELECT NULL, agent, NULL, sent_at, (SELECT max(sent_at) FROM kept), TRUE, talk_mark
FROM ({numbered}) WHERE opening AND role = 'agent'"""


def reduced(_: Findings) -> str:
    """SQL of the rows as stored, from the kept messages."""
    known = {
        **dict.fromkeys((*service.COUNTS, "rate_3min_digits", "rate_30s_digits"), "NULL::INTEGER"),
        **dict.fromkeys(("rate_3min", "rate_30s", "mean_seconds"), "NULL::DOUBLE"),
        "from_chat": "TRUE",
        "snapshot_at": "(SELECT max(snapshot_at) FROM kept)",
        "source_row": "NULL::BIGINT",
        "trouble": "NULL::VARCHAR",
    }
    columns = ", ".join(f"{known[name]} AS {name}" if name in known else name for name in COLUMNS)
    return f"SELECT {columns} FROM ({_turns()}) ORDER BY coalesce(began_at, replied_at), replied_at, agent, talk_mark"


def describe(found: Findings) -> None:
    """What became of the messages."""
    seconds = "coalesce(epoch(replied_at) - epoch(began_at), 1e9)"
    decided = f"(replied_at IS NOT NULL OR began_at <= seen_until - INTERVAL {LIMIT_SECONDS} SECOND)"
    turns, missed, never = found.one(
        f"SELECT count(*), count(*) FILTER ({seconds} > {LIMIT_SECONDS}), count(*) FILTER (replied_at IS NULL) FROM ({_turns()}) "
        f"WHERE hour(began_at) BETWEEN {FROM_HOUR} AND {TO_HOUR - 1} AND {decided}"
    )
    found.note("chat_reduced", turns=turns, missed=missed, never=never)
