"""A review round for ``load_answers --round``: fifty members with a login each, who answer alone and look how far the others are.

Before the clock runs, everybody has answered half of the questions, each with a choice and then with its note, as a page keeps them.
"""

import random
import threading
import time
from dataclasses import dataclass
from datetime import timedelta

from pdd_audit.core.people import Role
from pdd_audit.core.questions import Answer
from pdd_audit.core.rounds import Round, RoundWord
from pdd_audit.services.access import seated
from pdd_audit.services.people import accept, invite, person_of
from pdd_audit.services.profile import questions_for
from pdd_audit.services.rounds import Plan, answer_alone, list_rounds, open_round, round_of
from pdd_audit.services.workspace import Workspace, now

ISSUER = "https://login.example.com"
HOST = "负责人"
LOOK_SECONDS = 4.0  # how often an open page looks what the others did
LEVELS = ("unmet", "partly", "mostly", "met")


def begin(workspace: Workspace, shop: str, people: int, questions: int) -> None:
    """Everybody comes, is asked in and has answered half of the questions."""
    host = _come(workspace, HOST)
    names = [_name(person) for person in range(people)]
    for name in names:
        accept(_come(workspace, name), invite(host, shop, Role.MEMBER).code)
    checklists = questions_for(workspace, shop)
    asked = [item.id for practice in checklists.practices for item in practice.items if item.kind == "question" and not item.retired]
    plan = Plan("五十人的复盘", asked[:questions], names, now().date() + timedelta(days=7))
    id = open_round(host, shop, plan, HOST)
    chance = random.Random(0)
    for name in names:
        for question in asked[: questions // 2]:
            for note in ("", "看过上周的扫描记录，周五来得晚"):
                answer = Answer(answer=chance.choice(LEVELS), note=note)
                workspace.state.say(shop, RoundWord(round=id, kind="answered", by=name, at=now(), question=question, answer=answer))


@dataclass
class Seat:
    """One member at their page. ``shown``: the round as the page shows it."""

    workspace: Workspace
    shop: str
    name: str
    shown: Round

    def save(self, question: str, mark: str, chance: random.Random) -> None:
        """One answer, as a click keeps it."""
        answer_alone(self.workspace, self.shop, self.shown, question, Answer(answer=chance.choice(LEVELS), note=mark), self.name)

    def look(self) -> float:
        """What the page reads when it is drawn, and every few seconds; milliseconds."""
        started = time.perf_counter()
        seen = round_of(self.workspace, self.shop, self.shown.id)
        assert seen is not None, "nobody gives the round up"
        seen.done()
        self.shown = seen
        return 1000 * (time.perf_counter() - started)

    def watch(self, stop: threading.Event, looks: list[float]) -> None:
        """Look until it is over."""
        stop.wait(random.Random(self.name).uniform(0, LOOK_SECONDS))
        while not stop.is_set():
            looks.append(self.look())
            stop.wait(LOOK_SECONDS)


def seat_of(workspace: Workspace, shop: str, person: int) -> Seat:
    own = _come(workspace, _name(person))
    return Seat(own, shop, _name(person), list_rounds(own, shop)[0])


def missing(workspace: Workspace, shop: str, saved: list[tuple[int, str, str]]) -> list[str]:
    """Marks that are not there, of (person, question, mark) in the order of each person: every one must be on record, the last one of a
    member and a question must stand."""
    said = workspace.state.said(RoundWord, shop)
    there = {word.answer.note for word in said if word.answer is not None}
    standing = {(word.by, word.question): word.answer.note for word in said if word.answer is not None}
    last = {(_name(person), question): mark for person, question, mark in saved}
    lost = [mark for _, _, mark in saved if mark not in there]
    return lost + [mark for key, mark in last.items() if standing.get(key) != mark]


def _come(workspace: Workspace, name: str) -> Workspace:
    return seated(workspace, person_of(workspace, ISSUER, name, name, None).id)


def _name(person: int) -> str:
    return f"第{person}人"
