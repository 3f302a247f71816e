"""From service rows to counts of replies, and from the turns of chat logs, however they were cut, to each turn once."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from pdd_audit.core.reply_hours import FROM_HOUR, LIMIT_SECONDS, QUICK_SECONDS, TO_HOUR
from pdd_audit.core.tables import REPLY_COLUMNS, TURN_COLUMNS

EXACT = 9  # decimals of a rate that was counted, not printed
LINKED = pd.Timedelta(days=1)  # a turn goes on in the next log only this soon: marks are few, and others bear the same


def reply_rows(files: Sequence[Path], exported: Mapping[str, datetime] | None = None) -> pd.DataFrame:
    """Service rows with the counts that the printed percentages allow; the newest file wins for a day and agent. Columns
    ``REPLY_COLUMNS``.

    ``exported``: sha256 -> when that file was exported, where somebody knows better than the file.

    A printed rate of d decimals over n inquiries fits every count k with |100 (1 - k/n) - printed| <= 0.5 / 10^d.
    """
    rows = _stored(files)
    if rows.empty:
        return pd.DataFrame(columns=REPLY_COLUMNS)
    for sha256, moment in (exported or {}).items():
        rows.loc[rows["import_id"] == f"import_id={sha256}", "snapshot_at"] = moment
    is_turn = rows["talk_mark"].notna()
    frame = _settled(pd.concat([rows[~is_turn], _counted(rows[is_turn])], ignore_index=True))
    inquiries = frame["inquiries"].astype("float64").fillna(frame["received"].astype("float64"))
    counted = frame["missed_3min"].astype("float64")
    low3, high3 = _possible_counts(inquiries, frame["rate_3min"], frame["rate_3min_digits"])
    low30, high30 = _possible_counts(inquiries, frame["rate_30s"], frame["rate_30s_digits"])
    return pd.DataFrame({
        "day": pd.to_datetime(frame["day"]), "agent": frame["agent"], "inquiries": inquiries,
        "missed_3min_low": counted.fillna(low3), "missed_3min_high": counted.fillna(high3),
        "missed_30s_low": low30, "missed_30s_high": high30,
        "mean_seconds": frame["mean_seconds"].astype("float64"),
        "replies": frame["received"].astype("float64").fillna(inquiries),
    })


def turn_rows(files: Sequence[Path]) -> pd.DataFrame:
    """Every turn of the chat logs once, oldest first, with ``TURN_COLUMNS``."""
    rows = _stored(files)
    turns = joined_turns(rows[rows["talk_mark"].notna()])[TURN_COLUMNS]
    times = {name: "datetime64[us]" for name in TURN_COLUMNS if name != "agent"}
    return turns.astype({**times, "agent": "object"})  # also where there are none


def _stored(files: Sequence[Path]) -> pd.DataFrame:
    frames = [frame for file in files if len(frame := _service_file(file))]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*TURN_COLUMNS, "talk_mark"])


def _service_file(file: Path) -> pd.DataFrame:
    frame = pd.read_parquet(file, partitioning="hive").assign(import_id=file.parent.name)
    if "from_chat" not in frame:  # an older import
        frame["from_chat"] = False
    if "talk_mark" not in frame:  # one that is older than the keeping of turns
        frame = frame.assign(talk_mark=pd.NA)
    return frame.assign(from_chat=frame["from_chat"].fillna(False).astype(bool))


def joined_turns(rows: pd.DataFrame) -> pd.DataFrame:
    """Turns of all logs as one log would hold them: those that several logs hold once, those that one log cut off continued by the next.

    ``rows``: as ``canonical.chats`` stores them, with their ``import_id``. Conversations are told apart by their mark and the second;
    that two of them agree in both happens about once in 100,000 turns.
    """
    if rows.empty:
        return pd.DataFrame(columns=[*TURN_COLUMNS, "talk_mark"])
    times = ["began_at", "replied_at", "seen_until"]
    rows = rows.assign(**{name: pd.to_datetime(rows[name]) for name in times}, talk_mark=rows["talk_mark"].astype("int64"))
    rows["opens"] = rows["opens"].astype(bool)
    logs = [log[[*TURN_COLUMNS, "talk_mark", "opens"]] for _, log in rows.groupby("import_id", sort=True)]
    logs.sort(key=lambda log: (_first(log), log["seen_until"].max()))
    turns = logs[0][logs[0]["began_at"].notna()]
    for log in logs[1:]:
        turns = _joined(turns, log)
    turns = turns.assign(seen_until=turns["seen_until"].map(_ends(logs)))
    return turns.sort_values(["began_at", "replied_at", "agent", "talk_mark"], ignore_index=True)


def _first(log: pd.DataFrame) -> pd.Timestamp:
    return log[["began_at", "replied_at"]].min().min()  # a log may begin with a reply


def _ends(logs: Sequence[pd.DataFrame]) -> dict[pd.Timestamp, pd.Timestamp]:
    """End of each log -> until when anybody looked: logs that follow within a day are one observation."""
    ends: dict[pd.Timestamp, pd.Timestamp] = {}
    group: list[pd.Timestamp] = []
    for log in logs:
        if group and _first(log) > max(group) + LINKED:
            group = []
        group.append(log["seen_until"].max())
        ends.update(dict.fromkeys(group, max(group)))
    return ends


def _joined(known: pd.DataFrame, log: pd.DataFrame) -> pd.DataFrame:
    known, going_on = _continued(known.reset_index(drop=True), log[log["opens"]])
    fresh = log[log["began_at"].notna()].drop(index=going_on)
    both = pd.concat([_numbered(known), _numbered(fresh)], ignore_index=True)
    # a log that saw the reply knows more than one that ended before it
    both = both.sort_values(["replied_at", "agent"], na_position="last")
    key = ["talk_mark", "began_at", "place"]
    one = both.groupby(key, as_index=False, sort=False).agg(
        agent=("agent", "first"), replied_at=("replied_at", "first"), seen_until=("seen_until", "max"), opens=("opens", "max"),
    )
    return one.drop(columns="place")


def _numbered(turns: pd.DataFrame) -> pd.DataFrame:
    """Turns of one log that agree in mark and second are different conversations: the first, the second of them."""
    ordered = turns.sort_values("replied_at", na_position="last")
    return ordered.assign(place=ordered.groupby(["talk_mark", "began_at"]).cumcount())


def _continued(known: pd.DataFrame, opening: pd.DataFrame) -> tuple[pd.DataFrame, pd.Index]:
    """(known turns with the replies that the next log holds, labels of its rows that are no turn of their own).

    A log that was cut begins in the middle of turns: its first row of a conversation, a reply or one more message of a buyer who
    waits, belongs to the turn that was open then.
    """
    reply = opening["began_at"].isna()
    entries = opening.assign(at=opening["began_at"].fillna(opening["replied_at"]), reply=reply, label=opening.index)
    # by day, as hundreds of thousands of turns share few marks
    days = pd.concat([entries.assign(day=entries["at"].dt.normalize() - back) for back in (pd.Timedelta(0), LINKED)])
    open_then = known.assign(turn=known.index, day=known["began_at"].dt.normalize())
    pairs = open_then.merge(days, on=["talk_mark", "day"], suffixes=("", "_next"))
    waited = pairs["at"] - pairs["began_at"]
    before = (waited > pd.Timedelta(0)) | (pairs["reply"] & (waited >= pd.Timedelta(0)))
    still_waiting = ~(pairs["replied_at"] < pairs["at"])
    pairs = pairs[before & (waited <= LINKED) & still_waiting]
    sooner = pairs[pairs["replied_at_next"].notna() & ~(pairs["replied_at"] <= pairs["replied_at_next"])]
    sooner = sooner.sort_values("replied_at_next").drop_duplicates("turn").set_index("turn")
    known = known.copy()
    known.loc[sooner.index, "replied_at"] = sooner["replied_at_next"]
    known.loc[sooner.index, "agent"] = sooner["agent_next"]
    # on another day the buyer waits a second time
    same_day = pairs["at"].dt.normalize() == pairs["began_at"].dt.normalize()
    return known, pd.Index(pairs.loc[same_day & ~pairs["reply"], "label"].unique())


def _counted(rows: pd.DataFrame) -> pd.DataFrame:
    """The turns as service rows, one per day and agent: those that began within the hours that count and are decided."""
    if rows.empty:
        return rows.iloc[:0]
    turns = joined_turns(rows)
    seconds = (turns["replied_at"] - turns["began_at"]).dt.total_seconds()
    decided = seconds.notna() | (turns["began_at"] <= turns["seen_until"] - pd.Timedelta(seconds=LIMIT_SECONDS))
    counts = decided & turns["began_at"].dt.hour.between(FROM_HOUR, TO_HOUR - 1)
    turns = turns.assign(
        day=turns["began_at"].dt.date, seconds=seconds, missed=~(seconds <= LIMIT_SECONDS), quick=seconds <= QUICK_SECONDS
    )[counts]
    found = turns.groupby(["day", "agent"], dropna=False, as_index=False).agg(
        inquiries=("missed", "size"), received=("seconds", "count"), missed_3min=("missed", "sum"), rate_30s=("quick", "mean"),
        mean_seconds=("seconds", "mean"),
    )
    unknown = dict.fromkeys(("consults", "rate_3min", "rate_3min_digits", "source_row"), math.nan)
    return found.assign(**unknown, rate_30s_digits=EXACT, from_chat=True, import_id="", snapshot_at=rows["snapshot_at"].max())


def _settled(rows: pd.DataFrame) -> pd.DataFrame:
    """Each buyer once: the newest file wins for a day and agent, the platform's own figures for a day win over counted messages, totals
    of a day speak only where no file gives its agents, and totals without a day (of the newest file that gives them) only where no file
    gives days."""
    frame = rows.sort_values(["snapshot_at", "import_id", "source_row"], na_position="first")
    dated = frame.groupby("import_id")["day"].transform("count") > 0
    totals = frame[~dated]
    if dated.any():
        totals = totals.iloc[:0]
    elif not totals.empty:
        totals = totals[totals["import_id"] == totals["import_id"].iloc[-1]]
    daily = frame[dated]
    official = set(daily.loc[~daily["from_chat"], "day"].dropna())
    daily = daily[~(daily["from_chat"] & daily["day"].isin(official))]
    by_agent = set(daily.loc[daily["agent"].notna(), "day"].dropna())
    daily = daily[~(daily["agent"].isna() & ~daily["from_chat"] & daily["day"].isin(by_agent))]  # turns nobody answered are no totals
    named = daily["day"].notna() | daily["agent"].notna()
    return pd.concat([daily[named].drop_duplicates(["day", "agent"], keep="last"), daily[~named], totals], ignore_index=True)


def _possible_counts(inquiries: pd.Series, rate: pd.Series, digits: pd.Series) -> tuple[pd.Series, pd.Series]:
    low, high = [], []
    for n, printed, decimals in zip(inquiries, rate.astype("float64"), digits.astype("float64"), strict=True):
        if math.isnan(n) or math.isnan(printed):
            low.append(math.nan)
            high.append(math.nan)
            continue
        half = 0.5 * 10 ** -(2 + (0 if math.isnan(decimals) else decimals)) + 1e-12
        fewest, most = math.ceil((1 - printed - half) * n - 1e-9), math.floor((1 - printed + half) * n + 1e-9)
        nearest = round((1 - printed) * n)  # a printed rate that fits no count (another denominator was used): the nearest one
        low.append(float(max(0, min(fewest, nearest))))
        high.append(float(min(n, max(most, nearest))))
    return pd.Series(low, index=inquiries.index), pd.Series(high, index=inquiries.index)
