"""Turns of chat logs: the same whatever the order of the messages and however the log was cut, and nobody's name in them."""

import hashlib
from datetime import datetime, timedelta

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pdd_audit.core.tables import TURN_COLUMNS
from pdd_audit.data.reading.canonical import chats, service
from pdd_audit.data.reading.import_folder import seal
from pdd_audit.data.relations.replies import joined_turns, reply_rows, turn_rows
from pdd_audit.data.storage.ledger import Ledger
from tests.data.builders import as_csv, import_here
from tests.data.catalogue.test_service import HEADER, SECRET, put_rows, said

START = datetime(2026, 10, 20, 7, 0)
# conversation, second since START, role, agent
MESSAGES = st.lists(
    st.tuples(st.sampled_from(["b1", "b2", "b3"]), st.integers(0, 30 * 3600), st.sampled_from(["buyer", "agent"]), st.sampled_from(["甲", "乙"])),
    min_size=1, max_size=25, unique_by=lambda message: message[:2],
)
ENGINE = duckdb.connect()
UNHURRIED = settings(deadline=None, max_examples=25)
KEPT = ["conversation", "talk_mark", "role", "agent", "sent_at", "rid", "snapshot_at"]


def turns_of(messages, name="a"):
    """The rows that ``chats`` stores of these messages."""
    rows = [
        (conversation, int(conversation[1:]), role, agent if role == "agent" else None, START + timedelta(seconds=second), rid, None)
        for rid, (conversation, second, role, agent) in enumerate(messages)
    ]
    kept = pd.DataFrame(rows, columns=KEPT).astype({"agent": "object", "snapshot_at": "datetime64[ns]"})
    engine = ENGINE.cursor()
    engine.register("kept", kept)
    return engine.execute(chats.reduced(None)).df().assign(import_id=name)


def joined(*logs):
    return joined_turns(pd.concat(logs, ignore_index=True))[[*TURN_COLUMNS, "talk_mark"]]


def shown(frame, *columns):
    return sorted(tuple(str(value) for value in row) for row in frame[list(columns)].itertuples(index=False))


def by_hand(messages):
    """(mark, began, replied) by walking through each conversation once."""
    found = []
    for conversation in {message[0] for message in messages}:
        waiting: list[int] = []
        for _, second, role, _ in sorted((m for m in messages if m[0] == conversation), key=lambda m: m[1]):
            days = [(START + timedelta(seconds=began)).date() for began in waiting]
            if role == "buyer" and (START + timedelta(seconds=second)).date() not in days:
                waiting.append(second)
            elif role == "agent":
                found += [(int(conversation[1:]), began, second) for began in waiting]
                waiting = []
        found += [(int(conversation[1:]), began, None) for began in waiting]
    at = [(mark, *(pd.NaT if s is None else START + timedelta(seconds=s) for s in (began, replied))) for mark, began, replied in found]
    return shown(pd.DataFrame(at, columns=["talk_mark", "began_at", "replied_at"]).astype({"began_at": "datetime64[us]", "replied_at": "datetime64[us]"}),
                 "talk_mark", "began_at", "replied_at")


@UNHURRIED
@given(MESSAGES)
def test_turns_are_those_that_walking_through_the_conversations_finds(messages):
    assert shown(joined(turns_of(messages)), "talk_mark", "began_at", "replied_at") == by_hand(messages)


@UNHURRIED
@given(MESSAGES, st.randoms(use_true_random=False))
def test_the_order_of_messages_does_not_matter(messages, random):
    mixed = list(messages)
    random.shuffle(mixed)
    columns = [*TURN_COLUMNS, "talk_mark"]
    assert shown(joined(turns_of(mixed)), *columns) == shown(joined(turns_of(messages)), *columns)


@UNHURRIED
@given(MESSAGES, st.integers(0, 30 * 3600), st.integers(0, 8 * 3600))
def test_a_log_cut_in_two_and_read_again_gives_the_same_turns(messages, cut, overlap):
    """Whether the two logs meet or overlap; a reply within a day is found in the other one."""
    assume(messages and all(waited <= 86_400 for waited in waits(messages)))
    first = [message for message in messages if message[1] <= cut + overlap]
    second = [message for message in messages if message[1] > cut]
    assume(first and second)
    whole = joined(turns_of(messages))
    again = joined(turns_of(first, "b"), turns_of(second, "a"))  # taken by their times, whatever their names
    assert shown(again, "talk_mark", "began_at", "replied_at") == shown(whole, "talk_mark", "began_at", "replied_at")
    assert set(again["seen_until"]) <= set(whole["seen_until"]) or first_gap(first, second) > 86_400


def waits(messages):
    """Seconds from each message of a buyer to the next reply: nothing is linked over more than a day."""
    for conversation, second, role, _ in messages:
        later = [m[1] for m in messages if m[0] == conversation and m[1] >= second and m[2] == "agent"]
        if role == "buyer" and later:
            yield min(later) - second


def first_gap(first, second):
    return min(message[1] for message in second) - max(message[1] for message in first)


@UNHURRIED
@given(MESSAGES)
def test_a_log_read_twice_counts_once(messages):
    assert shown(joined(turns_of(messages, "a"), turns_of(messages, "b")), *TURN_COLUMNS) == shown(joined(turns_of(messages)), *TURN_COLUMNS)


def test_logs_of_two_agents_stand_beside_each_other():
    own = [("b1", 7200, "buyer", ""), ("b1", 7260, "agent", "甲")]
    other = [("b2", 7200, "buyer", ""), ("b2", 7300, "agent", "乙")]
    assert shown(joined(turns_of(own, "a"), turns_of(other, "b")), "agent", "talk_mark") == [("乙", "2"), ("甲", "1")]


def test_two_buyers_who_share_mark_and_second_are_two():
    messages = [("b1", 7200, "buyer", ""), ("b1", 7260, "agent", "甲"), ("b2", 7200, "buyer", ""), ("b2", 7320, "agent", "甲")]
    log = turns_of(messages).assign(talk_mark=7)
    assert len(joined(log)) == len(joined(log, log.assign(import_id="b"))) == 2


def test_logs_far_apart_are_watched_each_to_its_own_end():
    day = 86_400
    asked, later = [("b1", 7200, "buyer", "")], [("b2", 3 * day, "buyer", ""), ("b2", 3 * day + 60, "agent", "甲")]
    ends = joined(turns_of(asked, "a"), turns_of(later, "b"))["seen_until"]
    assert [int((end - START).total_seconds()) for end in ends] == [7200, 3 * day + 60]
    near = [("b2", day, "buyer", ""), ("b2", day + 60, "agent", "甲")]
    assert set(joined(turns_of(asked, "a"), turns_of(near, "b"))["seen_until"]) == {pd.Timestamp(START + timedelta(seconds=day + 60))}


@UNHURRIED
@given(
    st.lists(st.text(st.characters(codec="gbk", exclude_categories=("Cc", "Cs", "Zs"), exclude_characters='",'), min_size=6, max_size=20),
             min_size=2, max_size=5, unique=True),
)
def test_whatever_a_buyer_is_called_only_a_number_below_4096_is_kept(names):
    mark = [duckdb.execute(f"SELECT {chats.mark_of('?')}", [name]).fetchone()[0] for name in names]
    assert all(isinstance(number, int) and 0 <= number < chats.MARKS for number in mark)


def test_a_mark_stands_for_many_buyers_and_never_changes():
    marks = duckdb.execute(f"SELECT {chats.mark_of('i::VARCHAR')} AS mark, count(*) FROM range(1000000) t(i) GROUP BY 1").fetchall()
    assert len(marks) == chats.MARKS and min(buyers for _, buyers in marks) > 150
    by_hand = int(hashlib.md5(b"buyer-1", usedforsecurity=False).hexdigest()[:8], 16) % chats.MARKS
    assert duckdb.execute(f"SELECT {chats.mark_of('?')}", ["buyer-1"]).fetchone() == (by_hand,)


def test_of_a_log_only_times_agents_and_marks_are_stored(tmp_path):
    talk = "王小明-buyer778899"
    messages = [said(talk, "09:00:00", "买家"), said(talk, "09:00:20", "客服", "甲"), said("other", "10:00:00", "客服", "乙"), said(talk, "10:30:00", "买家")]
    report, rows = import_here(as_csv([HEADER, *messages]), "chat.csv")
    filled = {name for row in rows for name, value in row.items() if value is not None}
    assert filled == {"day", "agent", "from_chat", "source_row", *service.TURN_COLUMNS}
    path = put_rows(tmp_path, "a", rows)
    stored = path.read_bytes() + report.model_dump_json().encode()
    for secret in (talk, "王小明", "778899", SECRET, "13800000000", "261020-000000000000001"):
        assert secret.encode() not in stored
    turns = turn_rows([path])
    assert turns["agent"].tolist() == ["甲", "甲"] and (turns["replied_at"] - turns["began_at"]).dt.total_seconds().tolist()[:1] == [20]


def test_turns_of_files_without_any_are_none(tmp_path):
    _, rows = import_here(as_csv([["日期", "客服账号", "咨询人数", "3分钟未回复人数"], ["2026-10-01", "甲", "10", "1"]]), "service.csv")
    assert turn_rows([put_rows(tmp_path, "a", rows)]).empty and turn_rows([]).empty


@pytest.mark.parametrize("column", service.TURN_COLUMNS)
def test_service_exports_hold_no_turn(column):
    _, rows = import_here(as_csv([["日期", "客服账号", "咨询人数", "3分钟未回复人数"], ["2026-10-01", "甲", "10", "1"]]), "service.csv")
    assert rows[0][column] is None


def test_an_import_from_before_turns_were_kept_is_whole_and_still_counts(tmp_path):
    """Its rows lack the columns of turns; those of a chat log were counts already."""
    ledger = Ledger(tmp_path)
    report, _ = ledger.add(as_csv([["日期", "客服账号", "需要人工回复的咨询人数", "3分钟未回复人数"], ["2026-10-01", "甲", "10", "1"]]), "service.csv")
    (path,) = ledger.paths("pdd_service")
    rows = pq.read_table(path, partitioning=None)
    counted = rows.drop_columns(list(service.TURN_COLUMNS)).set_column(rows.column_names.index("from_chat"), "from_chat", pa.array([True]))
    pq.write_table(counted, path)
    seal(path.parent, report, rows=1)
    assert ledger.verify() == []
    found = reply_rows([path])
    assert (found["inquiries"].tolist(), found["missed_3min_high"].tolist()) == ([10], [1]) and turn_rows([path]).empty
    day = [said("b", "09:00:00", "买家", day="2026-10-02"), said("b", "09:10:00", "客服", "甲", day="2026-10-02")]
    ledger.add(as_csv([HEADER, *day]), "chat2026-10-29-00-00-00.csv")
    both = reply_rows(ledger.paths("pdd_service"))
    assert both["missed_3min_high"].tolist() == [1, 1] and len(turn_rows(ledger.paths("pdd_service"))) == 1
