"""Kills imports at random moments and looks at what is left: ``python -m scripts.kill_imports --times 200``.

Each time a process of its own imports an order export into a ledger that holds a pickup sheet already, and is ended by SIGKILL together
with its group: half of the times after a random while, half of the times as soon as a file or folder of the import appears, where the
moments between two steps are short. Every second pair of kills meets an import that reads the same export in another unit, and so takes
the place of what is there. Afterwards ``verify`` must find nothing wrong, and the ledger must hold the old or the new rows, and nothing
put aside. At the end the same imports, left alone, must succeed and the strays be swept.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from pdd_audit.data.storage.ledger import Ledger
from pdd_audit.services.demo_shop import DEMO_AS_OF, write_demo_files
from pdd_audit.services.home import Home
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace

ROOT = Path(__file__).resolve().parents[1]
SHOP = "试店"
SIGNS = ("*.part", "*.part/staged.parquet", "*.part/rows.parquet", "*.part/report.json", "*.part/whole", "*.part/whole/rows.parquet",
         "*.part/whole/report.json", "*.part/whole/seal.json", "pdd_orders/import_id=*")
IN_FEN = "kind: pdd_orders\nunits:\n  received_yuan: fen\n"
POLL_SECONDS = 0.0005
YESTERDAY = 86400.0
Content = dict[str, tuple[int, float]]  # folder -> rows, and the yuan in them, as they were read


@dataclass
class Tally:
    """How many imports were killed, how many of them would have read a file again, how many had ended before, and where the kills fell; how
    often the ledger was the old or the new one afterwards, and how often a stray was left."""

    killed: int = 0
    again: int = 0
    old: int = 0
    new: int = 0
    strays: int = 0
    finished: int = 0
    signs: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """An import with these further arguments, below this root of the ledger, and the rows before and after it."""

    more: tuple[str, ...]
    root: str
    old: Content
    new: Content


class Trial:
    """A home with one shop and one pickup sheet, and imports of an order export that never get to their end."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)  # the same moments for the same seed
        files = folder / "files"
        files.mkdir()
        self.orders, pickups, _ = write_demo_files(files, DEMO_AS_OF)
        units = files / "units.yaml"
        units.write_text(IN_FEN, "utf-8")
        self.home = folder / "home"
        workspace = open_workspace(self.home)
        shop = create_shop(workspace, SHOP)
        workspace.state.close()
        self.ledger = Home(self.home).ledger(shop.id).folder
        Ledger(self.ledger).add(pickups, pickups.name)
        without = self._content()
        started = time.monotonic()
        self._import().wait()
        self.seconds = time.monotonic() - started
        first, self.first = self._content(), folder / "first"
        shutil.copytree(self.ledger / "pdd_orders", self.first)
        in_fen = ("--mapping", str(units))
        self._import(*in_fen).wait()
        self.steps = (Step((), "", without, first), Step(in_fen, "reading-2/", first, self._content()))
        assert len({str(content) for content in (without, first, self._content())}) == 3, "each import changes the ledger"
        self.strays: set[str] = set()

    def _import(self, *more: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "pdd_audit", "import", "--home", str(self.home), "--shop", SHOP, str(self.orders), *more],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, cwd=ROOT,
        )

    def _content(self) -> Content:
        found: Content = {}
        for path, report in (one for kind in ("pdd_orders", "courier_pickups") for one in Ledger(self.ledger).files(kind)):
            table = pq.read_table(path)
            yuan = pc.sum(table["received_yuan"]).as_py() if report.kind == "pdd_orders" else 0
            found[path.parent.name] = len(table), float(yuan)
        return found

    def _there(self, sign: str) -> set[Path]:
        with suppress(FileNotFoundError):  # a part may go while it is being looked at
            return set(self.ledger.glob(sign))
        return set()

    def _ready(self, step: Step) -> None:
        """The ledger as it is before the step."""
        ledger = Ledger(self.ledger)
        for path in ledger.paths("pdd_orders"):
            digest = path.parent.name.partition("=")[2]
            ledger.remove(digest)
            ledger.purge(digest)
        if step.root:
            shutil.copytree(self.first, self.ledger / "pdd_orders", dirs_exist_ok=True)
        assert self._content() == step.old

    def kill_once(self, tally: Tally, step: Step, early: float | None) -> None:
        """One import, killed after ``early`` seconds, or as soon as a sign of the import appears."""
        self._ready(step)
        process = self._import(*step.more)
        sign = "random moment" if early is not None else step.root + self.chance.choice(SIGNS)
        seen = self._there(sign) if early is None else set()
        end = time.monotonic() + (early if early is not None else 3 * self.seconds)
        while time.monotonic() < end and process.poll() is None:
            if early is None and self._there(sign) - seen:
                break
            time.sleep(POLL_SECONDS)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        if process.wait() == -signal.SIGKILL:
            tally.killed += 1
            tally.again += bool(step.root)
            tally.signs[sign] += 1
        else:
            tally.finished += 1
        self._look(tally, step, sign)

    def _look(self, tally: Tally, step: Step, sign: str) -> None:
        ledger = Ledger(self.ledger)
        findings = ledger.verify()
        tally.wrong += [f"{sign}: {one.code} {one.where} {one.detail}" for one in findings if one.grave]
        strays = {one.where for one in findings if not one.grave}
        tally.strays += bool(strays - self.strays)
        self.strays = strays
        content = self._content()
        tally.old += content == step.old
        tally.new += content == step.new
        if content not in (step.old, step.new) or ledger.removed():
            tally.wrong.append(f"{sign}: neither the old nor the new ledger")

    def finish(self, tally: Tally) -> None:
        """Left alone, the imports succeed, and what the killed ones left is swept once it is old."""
        time.sleep(self.seconds)  # a reader outlives its killed parent by a moment
        for stray in self.ledger.rglob("*.part"):
            os.utime(stray, (time.time() - YESTERDAY,) * 2)
        for step in self.steps:
            self._ready(step)
            self._import(*step.more).wait()
            if self._content() != step.new or Ledger(self.ledger).verify() != []:
                tally.wrong.append("an import that was left alone did not end as it should")


def kill_imports(folder: Path, times: int, seed: int) -> Tally:
    """Kills ``times`` imports in ``folder``, which must be empty; those that end before they are hit come on top."""
    trial, tally = Trial(folder, seed), Tally()
    while tally.killed < times and not tally.wrong:
        step = trial.steps[tally.killed // 2 % 2]
        trial.kill_once(tally, step, trial.chance.uniform(0, 1.1 * trial.seconds) if tally.killed % 2 else None)
    trial.finish(tally)
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill imports and verify the ledger each time.")
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="pdd-audit-kills-") as folder:
        tally = kill_imports(Path(folder), options.times, options.seed)
    print(f"killed {tally.killed} times in {time.monotonic() - started:.0f} s, {tally.again} of them while a file was read again "
          f"(besides, {tally.finished} had ended before they were hit): {tally.old} old ledgers, {tally.new} new ones, "
          f"{tally.strays} with a stray beside them, {len(tally.wrong)} wrong")
    for sign, kills in sorted(tally.signs.items()):
        print(f"  {kills:4} at {sign}")
    for wrong in tally.wrong:
        print(f"  WRONG {wrong}")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
