"""What to tell a buyer, situation by situation: the shape of ``responses/messages.yaml``, how a message is filled, and what must hold."""

import re
import string
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Literal

from pydantic import Field

from pdd_audit.core.incidents.message_linter import Linter
from pdd_audit.core.periods import Fault
from pdd_audit.core.questions import Identifier, Part, Text

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Said = Annotated[str, Field(min_length=1, max_length=60)]

LONGEST: Mapping[Lang, int] = {"zh": 90, "en": 320}  # Chinese characters; signs of an English message
GOODS_LONGEST = 16
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_BREAKS = re.compile(r"[\s【】\[\]()（）/|,，、]+")


class Placeholder(Part):
    """One blank. ``unknown``: what stands there while nothing is known; without it a message waits. ``sample``: for checks."""

    comes_from: Literal["files", "shop"]
    kind: Literal["words", "number", "moment", "date", "yuan"]
    means: Text
    unknown: Text | None = None
    sample: Text


class SaidPart(Part):
    """What a message must say: one of these words, or one of these ``{placeholders}``, shows that it does."""

    title: Text
    chinese: Annotated[tuple[Said, ...], Field(min_length=1)]
    english: Annotated[tuple[Said, ...], Field(min_length=1)]

    def is_in(self, template: str, lang: Lang) -> bool:
        marks = self.chinese if lang == "zh" else self.english
        return any(mark.lower() in template.lower() for mark in marks)


class Message(Part):
    """One text in both languages. ``version`` grows with every change of its words."""

    id: Identifier
    version: Annotated[int, Field(ge=1)]
    zh: Annotated[str, Field(min_length=1, max_length=400)]
    en: Annotated[str, Field(min_length=1, max_length=600)]

    def in_language(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en


class SendHours(Part):
    """Hours of the day in which a message may go out; an ``end`` before the ``start`` lies on the next day."""

    start: Clock
    end: Clock

    def allow(self, moment: datetime) -> bool:
        clock = f"{moment:%H:%M}"
        return self.start <= clock < self.end if self.start < self.end else clock >= self.start or clock < self.end


class Situation(Part):
    """When to write, to whom, what to say and what not. ``remedies``: ids of ``remedies.yaml`` that go with it."""

    id: Identifier
    found: Literal["files", "deeds", "choice"]
    scan: Literal["none", "seen", "any"]
    audience: Literal["waiting", "refunding", "choosing", "asking"]
    title: Text
    applies: Text
    not_say: Text
    send: SendHours
    must_say: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    remedies: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    messages: Annotated[tuple[Message, ...], Field(min_length=1)]

    @property
    def collected(self) -> bool | None:
        """Whether a pickup scan is known to those it is written to; None: it does not matter."""
        return {"none": False, "seen": True, "any": None}[self.scan]


class Messages(Part):
    """``messages.yaml``."""

    schema_version: Literal[1] = Field(alias="schema")
    placeholders: dict[Identifier, Placeholder]
    parts: dict[Identifier, SaidPart]
    situations: Annotated[tuple[Situation, ...], Field(min_length=1)]

    def situation(self, name: str) -> Situation:
        return next(one for one in self.situations if one.id == name)


# --- filling ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filled:
    """A text to send, or what it waits for (``missing``: names of unfilled placeholders)."""

    text: str
    missing: tuple[str, ...] = ()


def names_in(template: str) -> list[str]:
    """Placeholders in the order they stand, each once. Raises ValueError for unpaired braces or a name that is no word."""
    names = []
    for _, name, form, conversion in string.Formatter().parse(template):
        if name is None:
            continue
        if not re.fullmatch(r"[a-z_]+", name) or form or conversion:
            raise ValueError(name)
        names.append(name)
    return list(dict.fromkeys(names))


def fill(template: str, values: Mapping[str, str | None], placeholders: Mapping[str, Placeholder], lang: Lang) -> Filled:
    """The template with its blanks filled. A value is plain text: braces in it stay what they are."""
    text, missing = "", []
    for words, name, _, _ in string.Formatter().parse(template):
        text = _beside(text, words, lang)
        if name is None:
            continue
        known = placeholders.get(name)
        value = values.get(name) or (known.unknown.in_language(lang) if known is not None and known.unknown is not None else None)
        if not value:
            missing.append(name)
        text = _beside(text, value or "{" + name + "}", lang)
    return Filled(text, tuple(dict.fromkeys(missing)))


def _beside(before: str, after: str, lang: Lang) -> str:
    """Two pieces side by side; in Chinese a space stands between a Chinese character and a digit or letter, and nowhere else."""
    if lang != "zh" or not before.strip() or not after.strip():
        return before + after
    before, after = before.rstrip(" "), after.lstrip(" ")
    return before + (" " if {_is_chinese(before[-1]), _is_chinese(after[0])} == {True, False} else "") + after


@cache
def _is_chinese(sign: str) -> bool | None:
    """None: neither a Chinese character nor a digit or letter."""
    if _CHINESE.match(sign):
        return True
    return False if sign.isascii() and sign.isalnum() else None


def short_goods(name: str | None) -> str | None:
    """The beginning of a goods title that still says what it is: such titles are written for search, not for people."""
    if not name:
        return None
    parts = [part for part in _BREAKS.split(name.strip().translate({ord("{"): None, ord("}"): None})) if part]
    if not parts:
        return None
    first, latin = parts[0], not _CHINESE.search(name)
    for part in parts[1:]:
        joined = f"{first} {part}" if latin else first + part
        if len(joined) > (2 * GOODS_LONGEST if latin else GOODS_LONGEST) or (len(first) >= 4 and not latin):
            break
        first = joined
    longest = 2 * GOODS_LONGEST if latin else GOODS_LONGEST
    return first if len(first) <= longest else first[: longest - 1] + "…"


def length(text: str, lang: Lang) -> int:
    """Chinese characters with their punctuation, as an agent counts them; signs in English."""
    return len(re.sub(r"\s", "", text)) if lang == "zh" else len(text)


def unsaid(template: str, situation: Situation, messages: Messages, lang: Lang) -> list[str]:
    """The parts a message of this situation should say and does not."""
    return [name for name in situation.must_say if not messages.parts[name].is_in(template, lang)]


# --- whose situation it is --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Buyer:
    """One order as far as files and deeds know it, for choosing what to write.

    ``state``: not_uploaded, open, collected. ``left_minutes``: to the earlier deadline, 0 or less: past it (of a collected parcel: how it
    was). ``asked``: an open refund request; ``refunded``: agreed. ``said_collected``: the outlet said so before the files were exported.
    ``promised_by``: the last time a message named; ``warned``: a message spoke of a delay. ``stopped``: its courier does not collect.
    """

    state: Literal["not_uploaded", "open", "collected"]
    left_minutes: int | None
    asked: bool = False
    refunded: bool = False
    stopped: bool = False
    said_collected: bool = False
    promised_by: datetime | None = None
    warned: bool = False


NEAR_MINUTES = 6 * 60


def situation_of(buyer: Buyer, as_of: datetime, near_minutes: int = NEAR_MINUTES) -> str | None:
    """The one situation to write about, None: nothing to say. What the buyer asked for comes before what we have to tell.

    ``near_minutes``: from how little time left on a buyer is told before the deadline."""
    if buyer.state == "collected":
        if buyer.asked:
            return "refund_after_pickup"
        late = buyer.left_minutes is not None and buyer.left_minutes <= 0
        return "collected_now" if (late or buyer.warned) and not buyer.refunded else None
    if buyer.refunded:
        return "refund_before_pickup"
    if buyer.asked:
        return "refund_waits"
    left = buyer.left_minutes
    if buyer.state == "not_uploaded":
        if left is None or left > near_minutes:
            return None
        return "promise_at_risk" if left > 0 else "exceeded"
    if buyer.promised_by is not None and buyer.promised_by <= as_of:
        return "second_delay"
    if buyer.said_collected:
        return "scan_missing"
    if buyer.stopped:
        return "courier_suspended"
    if left is None or left > near_minutes:
        return None
    return "about_to_exceed" if left > 0 else "exceeded"


# --- what must hold beyond the shape ----------------------------------------------------------------------------------------


def message_faults(messages: Messages, linter: Linter, remedies: Collection[str] | None = None) -> list[Fault]:
    """(path in the file, code, values). ``remedies``: the ids that exist; None: not looked at."""
    faults: list[Fault] = []
    ids = [situation.id for situation in messages.situations]
    faults += [(("situations", at, "id"), "response_id_twice", {"name": name}) for at, name in enumerate(ids) if name in ids[:at]]
    used: set[str] = set()
    for at, situation in enumerate(messages.situations):
        path = ("situations", at)
        for place, part in enumerate(situation.must_say):
            if part not in messages.parts:
                faults.append(((*path, "must_say", place), "response_part_unknown", {"name": part, "choices": list(messages.parts)}))
        for place, remedy in enumerate(situation.remedies):
            if remedies is not None and remedy not in remedies:
                faults.append(((*path, "remedies", place), "response_remedy_unknown", {"name": remedy, "choices": sorted(remedies)}))
        if situation.send.start == situation.send.end:
            faults.append(((*path, "send"), "response_no_hours", {"name": situation.id}))
        for place, message in enumerate(situation.messages):
            faults += [
                ((*path, "messages", place, *where), code, values)
                for where, code, values in _message_faults(message, situation, messages, linter)
            ]
            used.update(*(_safe_names(message.in_language(lang)) for lang in LANGS))
    faults += [
        (("placeholders", name), "response_placeholder_unused", {"name": name}) for name in messages.placeholders if name not in used
    ]
    for code, said in messages.parts.items():
        inside = [name for mark in (*said.chinese, *said.english) for name in _safe_names(mark)]
        faults += [
            (("parts", code), "response_placeholder_unknown", {"name": name, "choices": list(messages.placeholders)})
            for name in inside if name not in messages.placeholders
        ]
    return faults


def _safe_names(template: str) -> list[str]:
    try:
        return names_in(template)
    except ValueError:
        return []


def _message_faults(message: Message, situation: Situation, messages: Messages, linter: Linter) -> Iterable[Fault]:
    names: dict[str, list[str]] = {}
    for lang in LANGS:
        try:
            names[lang] = names_in(message.in_language(lang))
        except ValueError as error:
            yield (lang,), "response_braces", {"name": str(error)}
            return
        for name in names[lang]:
            if name not in messages.placeholders:
                yield (lang,), "response_placeholder_unknown", {"name": name, "choices": list(messages.placeholders)}
                return
    if set(names["zh"]) != set(names["en"]):
        odd = sorted(set(names["zh"]) ^ set(names["en"]))
        yield ("en",), "response_placeholders_differ", {"name": ", ".join(odd)}
    if not _CHINESE.search(message.zh):
        yield ("zh",), "checklist_text_not_chinese", {}
    if _CHINESE.search(message.en) or not re.search("[a-z]", message.en):
        yield ("en",), "checklist_text_not_english", {}
    for lang in LANGS:
        yield from _read(message, situation, messages, linter, lang)


def _read(message: Message, situation: Situation, messages: Messages, linter: Linter, lang: Lang) -> Iterable[Fault]:
    """The text as a buyer would read it: with samples, and with nothing known that may be unknown."""
    template = message.in_language(lang)
    for part in situation.must_say:
        if part in messages.parts and not messages.parts[part].is_in(template, lang):
            yield (lang,), "response_part_missing", {"name": part, "part_zh": messages.parts[part].title.zh,
                                                     "part_en": messages.parts[part].title.en}
    samples: dict[str, str | None] = {name: one.sample.in_language(lang) for name, one in messages.placeholders.items()}
    bare = {name: None if messages.placeholders[name].unknown else value for name, value in samples.items()}
    own = [value for name, value in samples.items() if value and messages.placeholders[name].kind == "number"]
    for values in (samples, bare):
        text = fill(template, values, messages.placeholders, lang).text
        for objection in linter.objections(text, own, situation.collected):
            yield (lang,), "response_refused", {"name": objection.rule, "words": objection.words}
            return
        if length(text, lang) > LONGEST[lang]:
            yield (lang,), "response_too_long", {"name": message.id, "length": length(text, lang), "longest": LONGEST[lang]}
            return
