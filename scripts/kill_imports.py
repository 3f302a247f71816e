"""Kills imports at random moments and looks at what is left: ``python -m scripts.kill_imports --times 200``.

Each time a process of its own imports an order export into a ledger that holds a pickup sheet already, and is ended by SIGKILL together
with its group: half of the times after a random while, half of the times as soon as a file or folder of the import appears, where the
moments between two steps are short. Afterwards ``verify`` must find nothing wrong, the ledger must be the old one or the new one, and
reading it must give the rows it had. At the end the same import, left alone, must succeed and the strays be swept.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

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
POLL_SECONDS = 0.0005
YESTERDAY = 86400.0


@dataclass
class Tally:
    """How many imports were killed, how many had ended before, and where the kills fell; how often the ledger was the old or the new one
    afterwards, and how often a stray was left."""

    killed: int = 0
    old: int = 0
    new: int = 0
    strays: int = 0
    finished: int = 0
    signs: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Trial:
    """A home with one shop and one pickup sheet, and an import that never gets to its end."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)  # the same moments for the same seed
        files = folder / "files"
        files.mkdir()
        self.orders, pickups, _ = write_demo_files(files, DEMO_AS_OF)
        self.home = folder / "home"
        workspace = open_workspace(self.home)
        shop = create_shop(workspace, SHOP)
        workspace.state.close()
        self.ledger = Home(self.home).ledger(shop.id).folder
        Ledger(self.ledger).add(pickups, pickups.name)
        self.before = Ledger(self.ledger).digest()
        self.rows = self._rows()
        started = time.monotonic()
        self._import().wait()
        self.seconds = time.monotonic() - started
        self.after = Ledger(self.ledger).digest()
        self.all_rows = self._rows()
        self.strays: set[str] = set()
        self._back()

    def _import(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "pdd_audit", "import", "--home", str(self.home), "--shop", SHOP, str(self.orders)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, cwd=ROOT,
        )

    def _rows(self) -> dict[str, int]:
        return {path.parent.name: len(pq.read_table(path, columns=["source_row"])) for path in Ledger(self.ledger).stored()
                if path.suffix == ".parquet"}

    def _there(self, sign: str) -> set[Path]:
        with suppress(FileNotFoundError):  # a part may go while it is being looked at
            return set(self.ledger.glob(sign))
        return set()

    def _back(self) -> None:
        """The ledger as it was before the import."""
        ledger = Ledger(self.ledger)
        for path in ledger.paths("pdd_orders"):
            digest = path.parent.name.partition("=")[2]
            ledger.remove(digest)
            ledger.purge(digest)
        assert ledger.digest() == self.before

    def kill_once(self, tally: Tally, early: float | None) -> None:
        """One import, killed after ``early`` seconds, or as soon as a sign of the import appears."""
        process = self._import()
        sign = "random moment" if early is not None else self.chance.choice(SIGNS)
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
            tally.signs[sign] += 1
        else:
            tally.finished += 1
        self._look(tally, sign)

    def _look(self, tally: Tally, sign: str) -> None:
        ledger = Ledger(self.ledger)
        findings = ledger.verify()
        tally.wrong += [f"{sign}: {one.code} {one.where} {one.detail}" for one in findings if one.grave]
        strays = {one.where for one in findings if not one.grave}
        tally.strays += bool(strays - self.strays)
        self.strays = strays
        digest = ledger.digest()
        if digest == self.before:
            tally.old += 1
        elif digest == self.after:
            tally.new += 1
        else:
            tally.wrong.append(f"{sign}: neither the old nor the new ledger")
        if self._rows() != (self.rows if digest == self.before else self.all_rows):
            tally.wrong.append(f"{sign}: other rows than before")
        self._back()

    def finish(self, tally: Tally) -> None:
        """Left alone, the import succeeds, and what the killed ones left is swept once it is old."""
        time.sleep(self.seconds)  # a reader outlives its killed parent by a moment
        for stray in self.ledger.glob("*.part"):
            os.utime(stray, (time.time() - YESTERDAY,) * 2)
        self._import().wait()
        ledger = Ledger(self.ledger)
        if ledger.digest() != self.after or ledger.verify() != [] or self._rows() != self.all_rows:
            tally.wrong.append("the import that was left alone did not end as it should")


def kill_imports(folder: Path, times: int, seed: int) -> Tally:
    """Kills ``times`` imports in ``folder``, which must be empty; those that end before they are hit come on top."""
    trial, tally = Trial(folder, seed), Tally()
    while tally.killed < times and not tally.wrong:
        trial.kill_once(tally, trial.chance.uniform(0, 1.1 * trial.seconds) if tally.killed % 2 else None)
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
    print(f"killed {tally.killed} times in {time.monotonic() - started:.0f} s (besides, {tally.finished} had ended before they were hit): "
          f"{tally.old} old ledgers, {tally.new} new ones, {tally.strays} with a stray beside them, {len(tally.wrong)} wrong")
    for sign, kills in sorted(tally.signs.items()):
        print(f"  {kills:4} at {sign}")
    for wrong in tally.wrong:
        print(f"  WRONG {wrong}")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
