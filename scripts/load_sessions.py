"""People who answer in the app itself: real Streamlit sessions over websockets against ``pdd-audit serve``, each of them logged in.

``python -m scripts.load_sessions [--people 50] [--minutes 5] [--every 10] [--shops 5] [--postgres] [--together] [--storm]
[--no-looks]``

Each opens the checklist of a shop with the demo's files, picks a level as a browser would, waits for the page to say "saved", and some time
later turns to the next question: one answer every ten seconds each, between five and fifteen. ``--together``: all of them at the
same instant, then all wait for the next. ``--storm``: in the middle somebody takes two bombs and half a million orders in (load_storm.py).

Between these its page looks every four seconds by itself for what others said of the question, as it does in a browser; ``--no-looks``:
not here, to tell what that costs.

Nobody goes through the login page: their logins are written into the store before the server starts, as a login writes them. A save takes
from the pick to the arrival of the word; what a browser needs to show it is not in it. Afterwards every answer whose word came is looked up
in history and log, under the name of whoever gave it. Client and server share this machine and speak to nobody else. Processor, memory,
threads and open files come from /proc: Linux only.
"""

import argparse
import asyncio
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

from sqlalchemy import select
from streamlit.proto.Radio_pb2 import Radio
from websockets.exceptions import WebSocketException

from pdd_audit.core.people import Role
from pdd_audit.core.questions import Answer
from pdd_audit.data.storage.tables import AnswerEventRow
from pdd_audit.services.access import seated
from pdd_audit.services.demo_shop import DEMO_SEED, write_demo_files
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.log import check_log, log_of
from pdd_audit.services.logins import log_in
from pdd_audit.services.people import accept, invite, person_of
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import Workspace, now, open_workspace
from pdd_audit.team.gate import LOGIN_COOKIE
from pdd_audit.texts import Words
from scripts.load_storm import PARTS, Importer, Storm, storm_files, take_in
from scripts.process_use import Used, used
from scripts.raw_session import LONGEST_SECONDS, RawSession, Run, RunFailedError, raw_session
from scripts.temporary_postgres import TemporaryPostgres

ROOT = Path(__file__).resolve().parents[1]
ISSUER = "http://127.0.0.1:1"  # nobody logs in while this runs, so nobody is there
MOST_PEOPLE, MOST_MINUTES, MOST_MS = 200, 30.0, 500
MOST_TOGETHER_MS = 2_000  # the slowest of all who press at one instant
MOST_TURNS = 5  # to find a question with levels
STORM_FROM = 1 / 3  # of the time, so that some is left behind it
SAVED = Words("zh")("checklist.saved", time="").strip()
ANSWERED = re.compile(r"answer:[0-9a-f]+:([a-z0-9_.]+):\d+$")
START_SECONDS = 60
CALM_SECONDS = 90
LEVELS = 2  # of those of a question, the first ones are picked in turn


@dataclass(frozen=True)
class Load:
    """``every``: seconds between two answers of a person, half as much or half as much again; ``together``: between two waves of all.
    ``looks``: whether pages do what they do by themselves."""

    people: int
    seconds: float
    every: float
    shops: int
    together: bool = False
    looks: bool = True


@dataclass(frozen=True)
class Guest:
    """Somebody with a login. ``cookie``: as their browser sends it."""

    name: str
    shop: str
    cookie: str


@dataclass(frozen=True)
class Given:
    """An answer whose word came. ``option``: the place of the level among those shown, best first."""

    guest: Guest
    question: str
    option: int


@dataclass(frozen=True)
class Took:
    """``at``: when it was asked for, by the monotonic clock."""

    at: float
    ms: float
    shop: str = ""


@dataclass
class Tally:
    """Times in ms. ``begun``: when all began to answer. ``refused``: what people read instead of "saved"; ``broken``: runs and connections
    that did not end well; ``at_the_end``: who has stopped answering, and is still there; ``looks``: how often a page looked by itself."""

    begun: float = 0.0
    at_the_end: int = 0
    looks: int = 0
    storm: Storm | None = None
    saves: list[Took] = field(default_factory=list)
    whole_runs: list[float] = field(default_factory=list)
    turns: list[Took] = field(default_factory=list)
    openings: list[float] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


# --- before and after ---


def settle(workspace: Workspace, folder: Path, load: Load) -> list[Guest]:
    """Shops with files that have been counted, and people in them who are logged in."""
    shops = []
    for number in range(load.shops):
        shop = create_shop(workspace, f"试店{number + 1}").id
        files = write_demo_files(folder / str(number), seed=DEMO_SEED + number)
        refused = [outcome.error for outcome in import_files(workspace, shop, [Upload(file.name, file) for file in files]) if outcome.error]
        if refused:
            raise refused[0]
        run_audit(workspace, shop)
        shops.append(shop)
    person_of(workspace, ISSUER, "host", "店主", None)  # whoever comes first owns the shops that nobody owns
    return [arrived(workspace, f"第{number + 1}人", shops[number % load.shops]) for number in range(load.people)]


def arrived(workspace: Workspace, name: str, shop: str, role: Role = Role.MEMBER) -> Guest:
    person = person_of(workspace, ISSUER, name, name, None)
    accept(seated(workspace, person.id), invite(workspace, shop, role).code)
    return Guest(name, shop, f"{LOGIN_COOKIE}={log_in(workspace, person.id, now())}")


def lost(workspace: Workspace, given: list[Given]) -> list[Given]:
    """Answers whose word came and which the store does not hold, under that name and in that order; an altered log counts as one each."""
    missing: list[Given] = []
    for shop in dict.fromkeys(one.guest.shop for one in given):
        stored = _stored(workspace, shop)
        for key in dict.fromkeys((one.guest.name, one.question) for one in given if one.guest.shop == shop):
            kept = iter(stored.get(key, []))
            of_key = [one for one in given if one.guest.shop == shop and (one.guest.name, one.question) == key]
            missing += [one for one in of_key if _code(workspace, one) not in kept]  # goes on behind the last one found
    return missing


def _stored(workspace: Workspace, shop: str) -> dict[tuple[str, str], list[str]]:
    """(name, question) -> what they answered, oldest first. The history holds what was said, the log beside it who said it."""
    said: dict[str, list[str]] = {}
    with workspace.state.reading() as session:
        wanted = select(AnswerEventRow.question_id, AnswerEventRow.body).where(AnswerEventRow.shop_id == shop).order_by(AnswerEventRow.id)
        for question, body in session.execute(wanted):
            if body is not None:  # else it was taken back
                said.setdefault(question, []).append(str(Answer.model_validate_json(body).answer))
    found: dict[tuple[str, str], list[str]] = {}
    by_question = {question: iter(answers) for question, answers in said.items()}
    for row in log_of(workspace, shop):
        if row.what == "answered":
            question = row.about.partition("/")[2]
            found.setdefault((row.who, question), []).append(next(by_question[question]))
    return found


def _code(workspace: Workspace, one: Given) -> str:
    scale = workspace.checklists.question(one.question).scale
    assert scale is not None, "only questions with levels were answered"
    return list(reversed(workspace.checklists.scales[scale].levels))[one.option].code


# --- the server and those who come ---


@contextmanager
def serving(home: Path, database: str, told: Path) -> Iterator[tuple[str, int]]:
    """Its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    url = f"http://127.0.0.1:{port}"
    settings = {
        "PDD_AUDIT_HOME": str(home), "PDD_AUDIT_PUBLIC_URL": url, "PDD_AUDIT_OIDC_ISSUER": ISSUER, "PDD_AUDIT_OIDC_CLIENT_ID": "load",
        "PDD_AUDIT_OIDC_CLIENT_SECRET": "never-shown-to-anybody-7d31", "PDD_AUDIT_DATABASE_URL": database,
    }
    with told.open("wb") as out:
        command = [sys.executable, "-m", "pdd_audit", "serve", "--port", str(port)]
        server = subprocess.Popen(command, cwd=ROOT, env=os.environ | settings, stdout=out, stderr=out)
    try:
        _wait_for(f"{url}/_stcore/health", server, told)
        yield url, server.pid
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(url: str, server: subprocess.Popen[bytes], told: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the server did not start:\n{told.read_text('utf-8')[-2000:]}") from None
            time.sleep(0.2)


@dataclass(frozen=True)
class Bells:
    """``begin``: all may answer; ``end``: all may go."""

    begin: asyncio.Event
    end: asyncio.Event


async def press(url: str, guests: list[Guest], load: Load, pid: int, importer: Importer | None = None) -> tuple[Tally, Used, Used]:
    """Everybody comes, one after the other, and waits for the last and for the server to calm down; then all answer until the time is up.
    What the server had used before and after, with everybody there both times."""
    tally, bells = Tally(), Bells(asyncio.Event(), asyncio.Event())
    people = [asyncio.create_task(_come(url, guest, load, bells, tally, number)) for number, guest in enumerate(guests)]
    while len(tally.openings) + sum(one.done() for one in people) < len(people):
        await asyncio.sleep(0.1)
    await _calm(pid)
    before, tally.begun = used(pid), time.monotonic()
    bells.begin.set()
    if importer is not None:
        await asyncio.sleep(load.seconds * STORM_FROM)
        tally.storm = await take_in(url, importer)
    while tally.at_the_end + sum(one.done() for one in people) < len(people):
        await asyncio.sleep(0.1)
    after = used(pid)
    bells.end.set()
    await asyncio.gather(*people)
    return tally, before, after


async def _calm(pid: int) -> None:
    """Until the server has loaded and counted what it does beside its first pages, or was given time enough for it."""
    for _ in range(CALM_SECONDS):
        spent = used(pid).cpu_seconds
        await asyncio.sleep(1)
        if used(pid).cpu_seconds - spent < 0.1:
            return


async def _come(url: str, guest: Guest, load: Load, bells: Bells, tally: Tally, number: int) -> None:
    chance = random.Random(number)
    await asyncio.sleep(number * 0.4)
    try:
        async with raw_session(url, guest.cookie, f"lang=zh&shop={guest.shop}") as session:
            run = await asyncio.wait_for(session.open("checklist"), LONGEST_SECONDS)
            tally.openings.append(1000 * run.seconds)
            await bells.begin.wait()
            await _rest(session, _to_the_next_wave(load, tally) if load.together else chance.uniform(0, load.every), load, tally)
            while time.monotonic() < tally.begun + load.seconds:
                started = time.monotonic()
                run = await _one_more(session, guest, run, chance, load, tally)
                pause = load.every * chance.uniform(0.5, 1.5) - (time.monotonic() - started)
                await _rest(session, _to_the_next_wave(load, tally) if load.together else max(0.0, pause), load, tally)
            tally.at_the_end += 1
            while not bells.end.is_set():
                await _rest(session, 0.5, load, tally)
    except (WebSocketException, RunFailedError, OSError, TimeoutError) as error:
        tally.broken.append(f"{guest.name}: {type(error).__name__} {error}")


def _to_the_next_wave(load: Load, tally: Tally) -> float:
    return load.every - (time.monotonic() - tally.begun) % load.every


async def _one_more(session: RawSession, guest: Guest, run: Run, chance: random.Random, load: Load, tally: Tally) -> Run:
    """One answer, and some time later the next question."""
    radio = _asked(run)
    if radio is not None:
        question = ANSWERED.search(radio.id)[1]  # type: ignore[index]  # it was chosen by it
        option, at = (_shown(radio) + 1) % LEVELS, time.monotonic()
        run = await asyncio.wait_for(session.pick(radio, radio.options[option], SAVED), LONGEST_SECONDS)
        if run.told is None:
            tally.refused += run.alerts or ["no word"]
        else:
            tally.saves.append(Took(at, 1000 * run.told, guest.shop))
            tally.whole_runs.append(1000 * run.seconds)
            tally.given.append(Given(guest, question, option))
        await _rest(session, load.every * chance.uniform(0.1, 0.4), load, tally)
    at = time.monotonic()
    run = await asyncio.wait_for(_turned(session, run), LONGEST_SECONDS)
    tally.turns.append(Took(at, 1000 * run.seconds, guest.shop))
    for _ in range(MOST_TURNS if load.together else 0):  # so that the next wave is one of all
        if _asked(run) is None:
            run = await asyncio.wait_for(_turned(session, run), LONGEST_SECONDS)
    return run


async def _rest(session: RawSession, seconds: float, load: Load, tally: Tally) -> None:
    if load.looks:
        ran = await session.rest(seconds)  # first: others add to the sum meanwhile
        tally.looks += ran
    else:
        await asyncio.sleep(seconds)


async def _turned(session: RawSession, run: Run) -> Run:
    """The next question; behind the last one it goes back."""
    button = run.button("next") or run.button("previous")
    if button is None:
        raise RunFailedError("no way on: " + "; ".join(run.alerts))
    return await session.press(button)


def _asked(run: Run) -> Radio | None:
    return next((radio for radio in run.radios if ANSWERED.search(radio.id)), None)


def _shown(radio: Radio) -> int:
    """Which option is picked; -1: none."""
    if radio.set_value:
        return list(radio.options).index(radio.raw_value) if radio.raw_value in radio.options else -1
    return radio.default if radio.HasField("default") else -1


# --- the report ---


def told(load: Load, tally: Tally, before: Used, after: Used, missing: int, troubles: int) -> str:
    cpu, grown = after.cpu_seconds - before.cpu_seconds, after.megabytes - before.megabytes
    actions = len(tally.whole_runs) + len(tally.turns)
    return "\n".join([
        "| ms | n | p50 | p95 | max |\n|---|---:|---:|---:|---:|",
        *_lines("pick to \"saved\"", tally.saves, tally.storm),
        *([_line("– the slowest of each wave", [max(times) for times in waves(load, tally)])] if load.together else []),
        _line("pick to the end of the run", tally.whole_runs),
        *_lines("next question", tally.turns, tally.storm), _line("first opening", tally.openings),
        *([f"saves in each wave: {' '.join(str(len(times)) for times in waves(load, tally))}"] if load.together else []),
        *(tally.storm.told() if tally.storm else []),
        f"refused {len(tally.refused)}, broken {len(tally.broken)}, lost {missing}, troubles in the logs {troubles}",
        f"server: {cpu:.0f} s of CPU in {after.at - before.at:.0f} s, {1000 * cpu / max(1, actions):.0f} ms a run with {tally.looks} looks",
        f"memory: {before.megabytes:.0f} MB with all there, {after.megabytes:.0f} at the end ({grown:+.0f}), at most {after.most:.0f}",
        f"threads {before.threads} → {after.threads}, open files and sockets {before.files} → {after.files}",
        f"load of the machine {' '.join(f'{one:.1f}' for one in os.getloadavg())}; client {used('self').cpu_seconds:.0f} s of CPU in all",
        *sorted(set(tally.broken[:5] + tally.refused[:5])),
    ])


def _lines(name: str, took: list[Took], storm: Storm | None) -> list[str]:
    """All of them; with a storm also those before, during and after it, and of each those in shops into which nothing came."""
    lines = [_line(name, [one.ms for one in took])]
    if storm is not None:
        for part in PARTS:
            of_part = [one for one in took if storm.part(one.at, one.at + one.ms / 1000) == part]
            elsewhere = [one.ms for one in of_part if one.shop != storm.shop]
            lines += [_line(f"– {part} the storm", [one.ms for one in of_part]), _line(f"– {part} it, in other shops", elsewhere)]
    return lines


def _line(name: str, times: list[float]) -> str:
    if len(times) < 2:
        return f"| {name} | {len(times)} | – | – | {max(times, default=0):.0f} |"
    return f"| {name} | {len(times):,} | {percentile(times, 50):.0f} | {percentile(times, 95):.0f} | {max(times):.0f} |"


def percentile(times: list[float], share: int) -> float:
    return quantiles(times, n=100, method="inclusive")[share - 1]


def waves(load: Load, tally: Tally) -> list[list[float]]:
    """The times of each wave."""
    found: dict[int, list[float]] = {}
    for save in tally.saves:
        found.setdefault(round((save.at - tally.begun) / load.every), []).append(save.ms)
    return [found[number] for number in sorted(found)]


def main() -> int:
    parser = argparse.ArgumentParser(description="People who answer in the app itself, and every answer looked up afterwards.")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--every", type=float, default=10, help="seconds between two answers of a person")
    parser.add_argument("--shops", type=int, default=5, help="the people are spread over so many shops")
    parser.add_argument("--together", action="store_true", help="all answer at the same instant, then all wait for the next")
    parser.add_argument("--storm", action="store_true", help="two bombs and half a million rows come in the middle of it")
    parser.add_argument("--no-looks", dest="looks", action="store_false", help="pages do not look by themselves for what others said")
    parser.add_argument("--postgres", action="store_true", help="a throwaway PostgreSQL server; else SQLite in a temporary home")
    options = parser.parse_args()
    if not (1 <= options.people <= MOST_PEOPLE and 0 < options.minutes <= MOST_MINUTES and options.every > 0 and options.shops > 0):
        parser.error(f"needed: at most {MOST_PEOPLE} people and {MOST_MINUTES:g} minutes, and nothing negative")
    load = Load(options.people, options.minutes * 60, options.every, min(options.shops, options.people), options.together, options.looks)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pdd-audit-load-")))
        database = ""
        if options.postgres:
            server = TemporaryPostgres(settings=())
            stack.callback(server.close)
            database = server.url(server.database())
        workspace = open_workspace(folder / "home", database=database)
        guests = settle(workspace, folder, load)
        importer = None
        if options.storm:
            owner = arrived(workspace, "送文件的人", guests[0].shop, Role.OWNER)
            importer = Importer(owner.cookie, owner.shop, storm_files(next((folder / "0").glob("*orders_export*.csv"))))
        with serving(folder / "home", database, folder / "told.txt") as (url, pid):
            tally, before, after = asyncio.run(press(url, guests, load, pid, importer))
        missing = len(lost(workspace, tally.given))
        troubles = sum(len(check_log(workspace, shop).troubles) for shop in dict.fromkeys(guest.shop for guest in guests))
        workspace.state.close()
    how = "PostgreSQL" if options.postgres else "SQLite"
    how += (", all at one instant" if load.together else "") + ("" if load.looks else ", without looks")
    print(f"{load.people} people in {load.shops} shop(s), {options.minutes:g} min, an answer every {load.every:g} s each, {how}")
    print(told(load, tally, before, after, missing, troubles))
    times = [save.ms for save in tally.saves]
    slow = len(times) < 2 or (max(times) > MOST_TOGETHER_MS if load.together else percentile(times, 95) > MOST_MS)
    stormed = tally.storm is None or tally.storm.went_well
    return 1 if missing or troubles or tally.broken or slow or not stormed else 0


if __name__ == "__main__":
    sys.exit(main())
