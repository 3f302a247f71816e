"""Fifty people who answer at once, each answer saved by the service that the pages use, and every acknowledged one looked up afterwards.

``python -m scripts.load_answers [--people 50] [--minutes 5] [--every 5] [--processes 1] [--round QUESTIONS] [--database URL | --postgres]``

One process with a thread a person is how the app runs; more of them are app and command line at once, each with connections of its own.
Everybody answers two questions of their own and, each fifth time, one that all share, so that people also meet. Without ``--database`` the
rows lie in SQLite in a temporary home; ``--postgres`` starts a throwaway server that writes to the disk as one in earnest does. A refused
save is no lost one: the person was told. ``--round``: everybody answers alone in one review round of so many questions, half answered when
the clock starts, and looks every four seconds how far the others are: see ``load_round``.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import quantiles

from sqlalchemy import select

from pdd_audit.core.errors import AuditError
from pdd_audit.core.questions import Answer
from pdd_audit.data.storage.tables import AnswerEventRow
from pdd_audit.services.answers import save_answer
from pdd_audit.services.log import check_log
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import Workspace, open_workspace
from scripts import load_round
from scripts.temporary_postgres import TemporaryPostgres

ROOT = Path(__file__).resolve().parents[1]
OWN = 2  # questions of a person's own
SHARED_EACH = 5
MOST_MS = 500  # 95 of 100 saves are to be faster


@dataclass(frozen=True)
class Load:
    """``every``: seconds between two answers of a person, half as much or half as much again; 0: one right after the other.
    ``round``: how many questions the one review round has in which all answer; 0: they answer the shop's own checklist."""

    people: int
    seconds: float
    every: float
    processes: int = 1
    round: int = 0


@dataclass(frozen=True)
class Saved:
    """One acknowledged save. ``mark`` is its note and stands nowhere else."""

    person: int
    question: str
    mark: str
    ms: float


@dataclass
class Tally:
    """``refused``: codes of what people were told instead of "saved". ``lost``: acknowledged, and not there afterwards.
    ``looks``: milliseconds of each look at a round."""

    saved: list[Saved] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)
    log_troubles: int = 0


def press(home: Path, database: str, load: Load) -> Tally:
    """Everybody answers until the time is up; then every acknowledged save is looked for. ``home``: empty or not there."""
    workspace = open_workspace(home, database=database)
    shop = create_shop(workspace, "试店").id
    if load.round:
        load_round.begin(workspace, shop, load.people, load.round)
    if load.processes == 1:
        tally = _answer(workspace, shop, load, range(load.people))
    else:
        tally = _in_processes(home, database, load)
    marks = [(one.person, one.question, one.mark) for one in tally.saved]
    tally.lost = load_round.missing(workspace, shop, marks) if load.round else _missing(workspace, shop, tally.saved)
    tally.log_troubles = len(check_log(workspace, shop).troubles)
    workspace.state.close()
    return tally


def _missing(workspace: Workspace, shop: str, saved: list[Saved]) -> list[str]:
    """Every save must be in the history, and the last one of a question that only one person answers must stand."""
    with workspace.state.reading() as session:
        bodies = session.scalars(select(AnswerEventRow.body).where(AnswerEventRow.shop_id == shop)).all()
    there = {Answer.model_validate_json(body).note for body in bodies if body is not None}
    standing = workspace.state.answers(shop)
    shared = _questions(workspace)[0]
    last = {one.question: one.mark for one in saved if one.question != shared}
    return [one.mark for one in saved if one.mark not in there] + [mark for id, mark in last.items() if standing[id].note != mark]


def _questions(workspace: Workspace) -> list[str]:
    items = (item for practice in workspace.checklists.practices for item in practice.items)
    return [item.id for item in items if item.kind == "question" and not item.retired]


def _answer(workspace: Workspace, shop: str, load: Load, people: range) -> Tally:
    """A thread for each of these people, in a round another one that looks; their saves in the order of each person."""
    tallies = [Tally() for _ in people]
    if load.round:
        seats = {person: load_round.seat_of(workspace, shop, person) for person in people}
        working = [_in_a_round(seats[person], person) for person in people]
    else:
        seats, working = {}, [_in_the_checklist(workspace, shop, person) for person in people]
        # What a server loads once is loaded.
        save_answer(workspace, shop, _questions(workspace)[0], Answer(answer="met", note=f"before {people.start}"))
    over, until = threading.Event(), time.monotonic() + load.seconds
    looking = [
        threading.Thread(target=seat.watch, args=(over, tally.looks)) for seat, tally in zip(seats.values(), tallies, strict=False)
    ]
    threads = [
        threading.Thread(target=_be_one, args=(work, load, person, until, tally))
        for work, person, tally in zip(working, people, tallies, strict=True)
    ]
    for thread in looking + threads:
        thread.start()
    for thread in threads:
        thread.join()
    over.set()
    for thread in looking:
        thread.join()
    return Tally(
        [one for tally in tallies for one in tally.saved], [code for tally in tallies for code in tally.refused],
        looks=[look for tally in tallies for look in tally.looks],
    )


Work = Callable[[int, str, random.Random], tuple[str, float]]  # (number, mark) -> the question that was answered, milliseconds


def _in_the_checklist(workspace: Workspace, shop: str, person: int) -> Work:
    questions = _questions(workspace)

    def work(number: int, mark: str, chance: random.Random) -> tuple[str, float]:
        own = 1 + (person * OWN + number % OWN) % (len(questions) - 1)
        question, started = questions[0 if number % SHARED_EACH == 0 else own], time.perf_counter()
        save_answer(workspace, shop, question, Answer(answer=chance.choice(("met", "unmet")), note=mark), by=f"第{person}人")
        return question, 1000 * (time.perf_counter() - started)

    return work


def _in_a_round(seat: load_round.Seat, person: int) -> Work:
    questions = seat.shown.opening.questions  # the second half of them is open yet

    def work(number: int, mark: str, chance: random.Random) -> tuple[str, float]:
        question, started = questions[(len(questions) // 2 + person + number) % len(questions)], time.perf_counter()
        seat.save(question, mark, chance)
        took = 1000 * (time.perf_counter() - started)
        seat.look()  # the page is drawn again
        return question, took

    return work


def _be_one(work: Work, load: Load, person: int, until: float, tally: Tally) -> None:
    chance, number = random.Random(person), 0
    time.sleep(chance.uniform(0, load.every))
    while time.monotonic() < until:
        number += 1
        mark, started = f"{person}.{number}", time.perf_counter()
        try:
            question, took = work(number, mark, chance)
        except AuditError as refused:
            tally.refused.append(refused.code)
        else:
            tally.saved.append(Saved(person, question, mark, took))
        time.sleep(max(0.0, load.every * chance.uniform(0.5, 1.5) - (time.perf_counter() - started)))


def _in_processes(home: Path, database: str, load: Load) -> Tally:
    command = [sys.executable, "-m", "scripts.load_answers", "--child", str(home), "--database", database]
    children = []
    for number in range(load.processes):
        people = range(load.people * number // load.processes, load.people * (number + 1) // load.processes)
        share = json.dumps([people.start, people.stop, load.seconds, load.every, load.round])
        children.append(subprocess.Popen([*command, "--share", share], stdout=subprocess.PIPE, text=True, cwd=ROOT))
    tally = Tally()
    for child in children:
        said = json.loads(child.communicate()[0])
        tally.saved += [Saved(**one) for one in said["saved"]]
        tally.refused += said["refused"]
        tally.looks += said["looks"]
    return tally


def _child(home: Path, database: str, share: str) -> None:
    start, stop, seconds, every, questions = json.loads(share)
    workspace = open_workspace(home, database=database)
    tally = _answer(workspace, workspace.state.shops()[0].id, Load(stop - start, seconds, every, round=questions), range(start, stop))
    workspace.state.close()
    json.dump(asdict(tally), sys.stdout)


@contextmanager
def _database(options: argparse.Namespace) -> Iterator[str]:
    if not options.postgres:
        yield options.database
        return
    server = TemporaryPostgres(settings=())
    try:
        yield server.url(server.database())
    finally:
        server.close()


def main() -> int:
    parser = argparse.ArgumentParser(description="Fifty people who answer at once, and every acknowledged answer looked up afterwards.")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--every", type=float, default=5, help="seconds between two answers of a person")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--round", type=int, default=0, metavar="QUESTIONS", help="all answer in one review round of so many questions")
    parser.add_argument("--database", default="", help="URL of an empty PostgreSQL database; else SQLite in a temporary home")
    parser.add_argument("--postgres", action="store_true", help="a throwaway PostgreSQL server")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--share", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        _child(options.child, options.database, options.share)
        return 0
    load = Load(options.people, options.minutes * 60, options.every, options.processes, options.round)
    with tempfile.TemporaryDirectory(prefix="pdd-audit-load-") as folder, _database(options) as database:
        tally = press(Path(folder) / "home", database, load)
    times = sorted(one.ms for one in tally.saved)
    cut = quantiles(times, n=100)
    print(f"{load.people} people, {options.minutes:g} min, an answer every {load.every:g} s each, {load.processes} process(es), "
          f"{'PostgreSQL' if options.postgres or options.database else 'SQLite'}")
    print("| saves | p50 ms | p95 ms | max ms | refused | lost | troubles in the log |\n|---:|---:|---:|---:|---:|---:|---:|")
    found = len(tally.refused), len(tally.lost), tally.log_troubles
    print("|", " | ".join([f"{len(times):,}", *(f"{one:.0f}" for one in (cut[49], cut[94], times[-1])), *map(str, found)]), "|")
    if tally.looks:
        looks = quantiles(tally.looks, n=100)
        print(f"a round of {load.round} questions; {len(tally.looks):,} looks: p50 {looks[49]:.0f} ms, p95 {looks[94]:.0f} ms")
    return 1 if tally.lost or tally.log_troubles or cut[94] > MOST_MS else 0


if __name__ == "__main__":
    sys.exit(main())
