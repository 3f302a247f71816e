"""What an outlet reads: its parcels, most urgent first, waybills masked, cut between lines to what a chat program takes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pdd_audit.core.incidents.calls import CallRules, OutletTexts
from pdd_audit.core.incidents.urgency import Call
from pdd_audit.core.questions import Text

MASK = "***"


@dataclass(frozen=True)
class Wording:
    """The words of one message: language, how the outlet is named, how moments read, and until when an answer is asked for."""

    lang: Literal["zh", "en"]
    outlet: str
    as_of: str
    answer_by: str
    whole_numbers: bool = False


def masked(waybills: Iterable[str], head: int, tail: int) -> dict[str, str]:
    """waybill -> its masked form, in which no two of them look the same: the end that is shown grows until they differ."""
    names = list(dict.fromkeys(waybills))
    found: dict[str, str] = {}
    left = names
    shown = tail
    while left:
        tried = {name: name if len(name) <= head + shown else f"{name[:head]}{MASK}{name[-shown:]}" for name in left}
        counts = Counter(tried.values())
        found |= {name: text for name, text in tried.items() if counts[text] == 1}
        left = [name for name in left if counts[tried[name]] > 1]
        shown += 1
    return found


def outlet_message(call: Call, rules: CallRules, wording: Wording, longest: int) -> list[str]:
    """The message in as many parts as ``longest`` bytes need; a line is never cut."""
    texts, lang = rules.message, wording.lang
    names = call.subjects if wording.whole_numbers else ()
    shown = {name: name for name in names} or masked(call.subjects, rules.waybill_head, rules.waybill_tail)
    lines = [_in(texts.greeting, lang).format(outlet=wording.outlet, as_of=wording.as_of, count=len(call.subjects))]
    lines += _section(texts.open, [_line(texts, lang, shown[parcel.waybill], parcel.late, f"{parcel.due_at:%m-%d %H:%M}")
                                   for parcel in (*call.late, *call.urgent)], lang)
    lines += _section(texts.said_collected, [_line(texts, lang, shown[parcel.waybill], parcel.late, f"{parcel.due_at:%m-%d %H:%M}")
                                             for parcel in call.said], lang)
    if call.waiting:
        lines.append(_in(texts.waiting, lang).format(count=call.waiting))
    lines.append(_in(texts.closing, lang).format(answer_by=wording.answer_by))
    return in_parts(lines, _in(texts.part, lang), longest)


def in_parts(lines: Sequence[str], part: str, longest: int) -> list[str]:
    """Lines as few texts of at most ``longest`` bytes of UTF-8, each numbered by ``part`` where there are several. A line that alone is
    longer stands alone."""
    room = longest - len(part.format(part=999, parts=999).encode()) - 1
    texts: list[list[str]] = [[]]
    used = 0
    for line in lines:
        size = len(line.encode()) + 1
        if texts[-1] and used + size > room:
            texts.append([])
            used = 0
        texts[-1].append(line)
        used += size
    if len(texts) == 1:
        return ["\n".join(texts[0])]
    return ["\n".join([part.format(part=number, parts=len(texts)), *some]) for number, some in enumerate(texts, 1)]


def _section(title: Text, lines: list[str], lang: Literal["zh", "en"]) -> list[str]:
    return [_in(title, lang), *lines] if lines else []


def _line(texts: OutletTexts, lang: Literal["zh", "en"], waybill: str, late: bool, due: str) -> str:
    return _in(texts.late_line, lang).format(waybill=waybill) if late else _in(texts.line, lang).format(waybill=waybill, due=due)


def _in(text: Text, lang: Literal["zh", "en"]) -> str:
    return text.zh if lang == "zh" else text.en
