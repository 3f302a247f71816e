"""Whether a courier's words or codes mean that the parcel was collected. The words themselves stand in ``sources/track_wordings.yaml``.

In this order: the code of a known list decides alone; words before collection; words of other events; words of collection.
What none of them knows is unknown, which is never taken for "not collected".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal, get_args

from pdd_audit.data.reading.sources import own_lists

Event = Literal["got", "pre", "move", "held", "other", "unknown"]
EVENTS: tuple[Event, ...] = get_args(Event)
CodeList = Literal["pdd", "kuaidi100", "kuaidi100_parcel", "kdniao", "jt_subscription", "jt_scan_type", "sf", "ems"]
LONGEST_TEXT = 500  # what a sentence says stands at its beginning; a bound for strangers' files


@dataclass(frozen=True)
class _Words:
    pre: re.Pattern[str]
    waiting: re.Pattern[str]
    delivery: re.Pattern[str]
    places: re.Pattern[str]
    arrivals: re.Pattern[str]
    got_strong: re.Pattern[str]
    got_weak: re.Pattern[str]
    announced: re.Pattern[str]
    moves: re.Pattern[str]
    hopes: re.Pattern[str]
    labels: Mapping[str, Event]
    codes: Mapping[tuple[str, str], Event]
    branch: re.Pattern[str]


@cache
def _words() -> _Words:
    lists = own_lists("track_wordings.yaml")
    codes = {
        (name, code): event for name, entry in lists["codes"].items() for event in EVENTS for code in entry.get(event, ())
    }
    parts = ("pre", "waiting", "delivery", "places", "arrivals", "got_strong", "got_weak", "announced", "moves", "hopes")
    return _Words(
        **{part: re.compile("|".join(_pattern(entry) for entry in lists[part])) for part in parts},
        labels={word: entry["event"] for entry in lists["labels"] for word in entry["words"]},
        codes=codes,
        branch=re.compile(rf"[【\[]([^【】\[\]\d]{{1,24}}(?:{'|'.join(lists['branch_endings'])}))[】\]]"),
    )


def _pattern(entry: Mapping[str, Any]) -> str:
    if "first" in entry:
        most = entry.get("within")
        return f"{re.escape(entry['first'])}.{{0,{most}}}{re.escape(entry['then'])}" if most else f"{entry['first']}.*{entry['then']}"
    if "last" in entry:
        return rf"(?:^|[】\]\s])(?:{'|'.join(map(re.escape, entry['last']))})$"
    unless = f"(?!{re.escape(entry['not_before'])})" if "not_before" in entry else ""
    return f"(?:{'|'.join(map(re.escape, entry['words']))}){unless}"


@lru_cache(maxsize=100_000)
def event_of_text(text: str) -> Event:
    """What one sentence of a trace says."""
    words, said = _words(), " ".join(text[:LONGEST_TEXT].split())
    delivered = words.delivery.search(said) is not None
    if words.pre.search(said):
        return "pre"
    if words.waiting.search(said):
        return "held" if delivered or words.places.search(said) else "pre"
    if words.arrivals.search(said):
        return "move"
    collected = words.got_strong.search(said) or (words.got_weak.search(said) and not words.places.search(said))
    if collected and not delivered:
        return "got"
    if words.announced.search(said):
        return "other" if delivered else "pre"
    if delivered or words.places.search(said):
        return "held"
    return "move" if words.moves.search(said) and not words.hopes.search(said) else "unknown"


def event_of_label(label: str) -> Event:
    """What the short name of a kind of scan says; a sentence in its place is read as one."""
    return _words().labels.get(" ".join(label[:LONGEST_TEXT].split())) or event_of_text(label)


def event_of_code(code_list: CodeList, code: str) -> Event:
    """What a code of one source says; "unknown" for a code the list does not explain."""
    return _words().codes.get((code_list, code.strip()), "unknown")


def event_of(*, code_list: CodeList | None = None, code: str = "", label: str = "", text: str = "") -> Event:
    """One event from all that is known of it. A known code decides alone; a sentence that says "not yet" overrules a mere label,
    because labels are coarse: kuaidi100 files an order that waits for the courier under 揽收 too."""
    by_code = event_of_code(code_list, code) if code_list and code else "unknown"
    if by_code != "unknown":
        return by_code
    by_text = event_of_text(text)
    if by_text == "pre":
        return by_text
    by_label = event_of_label(label)
    return by_text if by_label == "unknown" else by_label


def code_list_of(courier: str) -> CodeList | None:
    """Whose list an ``opCode`` belongs to, by the courier's short name."""
    found: CodeList | None = own_lists("track_wordings.yaml")["op_codes"].get(courier)
    return found


def branch_in(text: str) -> str:
    """The branch that a sentence names in brackets, or ""; a bracket that may hold a person or a number is passed over."""
    found = _words().branch.search(text[:LONGEST_TEXT])
    return found.group(1).strip() if found else ""
