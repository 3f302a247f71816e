"""What no message to a buyer may say: the rules of ``responses/wording.yaml`` and the reader that finds their words, however disguised."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from pdd_audit.core.periods import Fault
from pdd_audit.core.questions import Identifier, Part, Text

Pattern = Annotated[str, Field(min_length=1, max_length=1000)]
Example = Annotated[str, Field(min_length=1, max_length=200)]
Way = Literal["plain", "tight", "digits"]
WAYS: tuple[Way, ...] = ("plain", "tight", "digits")

OWN = "\ue000"  # stands where the order's own numbers and goods stood
SHORTEST_OWN = 4  # a shorter value would blank what it only happens to contain
ENDS = re.compile(r"[。！？!?；;\n]|\.(?=\s|$)")
KEPT_BETWEEN_DIGITS = ":/,–~"  # of a clock, a date, a list; anything else between two digits is a disguise
LIKE_DIGITS = {"o": "0", "l": "1", "i": "1"}  # once a number has begun


class Rule(Part):
    """One thing that is refused, by patterns for the three ways a message is read, with examples it must find and near ones it must not.

    ``unless_time``: allowed in a sentence that names a time. ``before_scan``: refused only while no pickup scan is known.
    """

    id: Identifier
    why: Text
    unless_time: bool = False
    before_scan: bool = False
    plain: tuple[Pattern, ...] = ()
    tight: tuple[Pattern, ...] = ()
    digits: tuple[Pattern, ...] = ()
    refused: Annotated[tuple[Example, ...], Field(min_length=1)]
    passed: Annotated[tuple[Example, ...], Field(min_length=1)]


class Wording(Part):
    """``wording.yaml``. ``letters``: sign -> what it is taken for; ``digits``: word -> digit; ``times``: patterns of a concrete time."""

    schema_version: Literal[1] = Field(alias="schema")
    letters: dict[Annotated[str, Field(min_length=1, max_length=1)], Annotated[str, Field(min_length=1, max_length=1)]]
    digits: dict[Annotated[str, Field(min_length=1, max_length=1)], Annotated[str, Field(pattern=r"^[0-9]$")]]
    times: Annotated[tuple[Pattern, ...], Field(min_length=1)]
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Objection:
    """``words``: the offending ones as they stand in the message, from ``start`` up to ``end``."""

    rule: str
    words: str
    start: int
    end: int


@dataclass(frozen=True)
class _Read:
    """A message read one way. ``places``: of each sign in the message."""

    text: str
    places: tuple[int, ...]


class Linter:
    """The rules, ready to read messages."""

    def __init__(self, wording: Wording) -> None:
        self._letters, self._digits = wording.letters, wording.digits
        self._times = [re.compile(pattern) for pattern in wording.times]
        self._rules = [
            (rule, way, re.compile(pattern)) for rule in wording.rules for way in WAYS for pattern in getattr(rule, way)
        ]

    def objections(self, message: str, own: Collection[str] = (), collected: bool | None = None) -> list[Objection]:
        """Everything to refuse, in the order it stands; what several patterns of a rule find in one place is named once.

        ``own``: numbers and goods of the order itself, which may be written. ``collected``: whether a pickup scan is known (None: it does
        not matter to this message).
        """
        text = _without(message, own)
        reads = self._reads(text)
        found: list[Objection] = []
        for rule, way, pattern in self._rules:
            if rule.before_scan and collected is not False:
                continue
            read = reads[way]
            for match in pattern.finditer(read.text):
                if match.end() == match.start():
                    continue
                start, end = read.places[match.start()], read.places[match.end() - 1] + 1
                if rule.unless_time and self._names_a_time(text, start, end):
                    continue
                found.append(Objection(rule.id, message[start:end], start, end))
        return sorted(_apart(found, message), key=lambda one: (one.start, one.rule))

    def names_a_time(self, text: str) -> bool:
        plain = _joined(self._folded(text)).text
        return any(time.search(plain) for time in self._times)

    def _names_a_time(self, text: str, start: int, end: int) -> bool:
        begins = max((match.end() for match in ENDS.finditer(text, 0, start)), default=0)
        ends = next((match.start() for match in ENDS.finditer(text, end)), len(text))
        return self.names_a_time(text[begins:ends])

    def _reads(self, text: str) -> dict[Way, _Read]:
        signs = list(self._folded(text))
        return {
            "plain": _joined(signs), "tight": _joined((sign, at) for sign, at in signs if sign.isalnum() or sign in f"{OWN}+＋➕"),
            "digits": _joined(self._as_digits(signs)),
        }

    def _folded(self, text: str) -> Iterator[tuple[str, int]]:
        """Signs as what they look like, each with its place: half width, small, without what nobody sees."""
        for at, sign in enumerate(text):
            for part in unicodedata.normalize("NFKC", sign).lower():
                if unicodedata.category(part) not in ("Cf", "Mn", "Me"):
                    yield self._letters.get(part, part), at

    def _as_digits(self, signs: list[tuple[str, int]]) -> Iterator[tuple[str, int]]:
        """Number words as digits; of what stands between two digits only ``KEPT_BETWEEN_DIGITS`` stays."""
        before, gap = "", ""
        gap_at = 0
        for sign, at in signs:
            number = sign if sign.isascii() and sign.isdigit() else self._digits.get(sign, "")
            if not number and before.isdigit() and not gap:
                number = LIKE_DIGITS.get(sign, "")
            if not number and not (sign.isalnum() or sign == OWN):
                gap, gap_at = (sign if not gap or sign in KEPT_BETWEEN_DIGITS else gap), at
                continue
            if gap and not (number and before.isdigit() and gap not in KEPT_BETWEEN_DIGITS):
                yield gap, gap_at
            before, gap = number or sign, ""
            yield before, at


def _joined(signs: Iterator[tuple[str, int]] | list[tuple[str, int]]) -> _Read:
    pairs = list(signs)
    return _Read("".join(sign for sign, _ in pairs), tuple(at for _, at in pairs))


def _without(message: str, own: Collection[str]) -> str:
    """The same length, with the order's own values blanked."""
    for value in sorted((value for value in own if len(value) >= SHORTEST_OWN), key=len, reverse=True):
        message = message.replace(value, OWN * len(value))
    return message


def _apart(found: Collection[Objection], message: str) -> list[Objection]:
    """Findings of one rule that overlap are one."""
    apart: list[Objection] = []
    for one in sorted(found, key=lambda one: (one.rule, one.start)):
        last = apart[-1] if apart else None
        if last is None or last.rule != one.rule or one.start >= last.end:
            apart.append(one)
        else:
            end = max(last.end, one.end)
            apart[-1] = Objection(one.rule, message[last.start : end], last.start, end)
    return apart


# --- what must hold beyond the shape ----------------------------------------------------------------------------------------


def wording_faults(wording: Wording) -> list[Fault]:
    """(path in the file, code, values): patterns that do not compile, examples a rule misses, and good words it finds."""
    faults: list[Fault] = []
    patterns = [(("times", at), pattern) for at, pattern in enumerate(wording.times)]
    patterns += [
        (("rules", at, way, place), pattern)  # type: ignore[misc]  # paths differ in length
        for at, rule in enumerate(wording.rules) for way in WAYS for place, pattern in enumerate(getattr(rule, way))
    ]
    for path, pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            faults.append((path, "response_bad_pattern", {"name": pattern, "detail": str(error)}))
    names = [rule.id for rule in wording.rules]
    faults += [
        (("rules", at, "id"), "response_id_twice", {"name": name}) for at, name in enumerate(names) if name in names[:at]
    ]
    if faults:
        return faults
    linter = Linter(wording)
    for at, rule in enumerate(wording.rules):
        if not (rule.plain or rule.tight or rule.digits):
            faults.append((("rules", at), "response_rule_empty", {"name": rule.id}))
        for place, example in enumerate(rule.refused):
            if rule.id not in {one.rule for one in linter.objections(example, collected=False)}:
                faults.append((("rules", at, "refused", place), "response_rule_misses", {"name": rule.id, "example": example}))
        for place, example in enumerate(rule.passed):
            for one in linter.objections(example, collected=False):
                faults.append((("rules", at, "passed", place), "response_false_alarm", {"name": one.rule, "words": one.words}))
    return faults
