"""Kills a program in the middle of saving answers, again and again, and looks whether every answer it acknowledged is there.

A child saves a member's answers of a round and answers of the shop in turn and writes a line after each save has returned. It is killed
without warning at a random moment. Afterwards every acknowledged save must be there, at most one more (killed between commit and line),
the log must be whole and tell of exactly what is stored, and SQLite must find the file sound. With ``PDD_AUDIT_DATABASE_URL`` set, to an
empty database, the rows lie there.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pdd_audit.core.questions import Answer
from pdd_audit.data.storage.shop_rows import troubles_of_state
from pdd_audit.services.answers import save_answer
from pdd_audit.services.home import database_url
from pdd_audit.services.log import check_log
from pdd_audit.services.rounds import Plan, answer_alone, list_rounds, open_round
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace

ROOT = Path(__file__).resolve().parents[1]
QUESTION = "courier_coordination.fixed_pickup_time"
MEMBER = "小李"
LONGEST_SECONDS = 0.4


@dataclass
class Tally:
    """``acknowledged``: saves that returned before the kills; ``one_more``: kills between a commit and its line."""

    killed: int = 0
    acknowledged: int = 0
    one_more: int = 0
    wrong: list[str] = field(default_factory=list)


def save_for_ever(home: Path) -> None:
    """The child. Each save carries its number as the note of the answer."""
    workspace = open_workspace(home)
    shop = workspace.state.shops()[0]
    number = _stored(home)
    while True:
        number += 1
        answer = Answer(answer="met", note=str(number))
        if number % 2:
            answer_alone(workspace, shop.id, list_rounds(workspace, shop.id)[0], QUESTION, answer, MEMBER)
        else:
            save_answer(workspace, shop.id, QUESTION, answer)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


def _stored(home: Path) -> int:
    """The number of the newest save that is there."""
    workspace = open_workspace(home)
    shop = workspace.state.shops()[0]
    alone = list_rounds(workspace, shop.id)[0].answers_of(MEMBER).get(QUESTION)
    shops_own = workspace.state.answers(shop.id).get(QUESTION)
    workspace.state.close()
    return max(int(one.note) if one else 0 for one in (alone, shops_own))


def kill_saves(folder: Path, times: int, seed: int) -> Tally:
    """Kills ``times`` children that save into a home in ``folder``, which must be empty."""
    chance, tally, home = random.Random(seed), Tally(), folder / "home"
    workspace = open_workspace(home)
    shop = create_shop(workspace, "试店")
    open_round(workspace, shop.id, Plan("试", [QUESTION], [MEMBER], date(2026, 11, 30)), MEMBER)
    workspace.state.close()
    while tally.killed < times and not tally.wrong:
        _kill_once(home, tally, chance.uniform(0, LONGEST_SECONDS))
    return tally


def _kill_once(home: Path, tally: Tally, seconds: float) -> None:
    before = _stored(home)
    child = subprocess.Popen(
        [sys.executable, "-m", "scripts.kill_saves", "--child", str(home)], stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert child.stdout is not None
    first = child.stdout.readline()
    time.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    lines = [first, *child.stdout.read().splitlines()]
    child.wait()
    told = max(int(line) for line in lines if line.strip())
    stored = _stored(home)
    tally.killed += 1
    tally.acknowledged += told - before
    tally.one_more += stored == told + 1
    if stored not in (told, told + 1):
        tally.wrong.append(f"acknowledged {told}, stored {stored}")
    workspace = open_workspace(home)
    check = check_log(workspace, workspace.state.shops()[0].id)
    workspace.state.close()
    tally.wrong += [json.dumps(trouble.__dict__) for trouble in check.troubles]
    if database_url() is None:
        tally.wrong += troubles_of_state(home / "state.db")
    if check.rows != stored + 2:  # the shop made, the round opened, and one row a save
        tally.wrong.append(f"{stored} saves, {check.rows} rows in the log")


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill a program that saves answers, and look for every answer it acknowledged.")
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        save_for_ever(options.child)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="pdd-audit-kills-") as folder:
        tally = kill_saves(Path(folder), options.times, options.seed)
    print(f"killed {tally.killed} times in {time.monotonic() - started:.0f} s: {tally.acknowledged} saves acknowledged, "
          f"{tally.one_more} kills between a commit and its word, {len(tally.wrong)} wrong")
    for wrong in tally.wrong:
        print(f"  WRONG {wrong}")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
