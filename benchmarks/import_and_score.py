"""How long an invented month of a large shop takes, and how much memory, beside a pandas script that does less.

``python benchmarks/import_and_score.py [--orders 1000000] [--rounds 3]``. Every command is a whole process, start-up and children
included; ours and the peer take turns, so that a busy machine slows both, and the median of the rounds counts. Prints the table of
``docs/performance.md``; a ratio below 1 means less than the peer.
"""

import argparse
import json
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from make_month import AS_OF, make_month
from measure import Run, run

ROOT = Path(__file__).resolve().parent.parent
PEER = "pandas script"
FIRST = "score from the files"
IMPORT = "import into the ledger"
LEDGER = "score from the ledger, first time"
AGAIN = "score from the ledger, nothing new"
WARM = "the same inside a running app"

# In one process: the second run_audit of the same workspace is what a page pays.
WARM_SCRIPT = """
import sys, time
from pathlib import Path
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shops import list_shops
from pdd_audit.services.workspace import open_workspace

workspace = open_workspace(Path(sys.argv[1]))
shop = list_shops(workspace)[0]
run_audit(workspace, shop.id)
started = time.perf_counter()
run_audit(workspace, shop.id)
print(time.perf_counter() - started)
"""


def ours(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pdd_audit", *arguments]


def measure_all(orders_file: Path, pickups_file: Path, folder: Path, rounds: int) -> dict[str, list[Run]]:
    """Every command ``rounds`` times, in turns; each first import starts from an empty home."""
    runs: dict[str, list[Run]] = {name: [] for name in (PEER, FIRST, IMPORT, LEDGER, AGAIN)}
    files = ["--orders", str(orders_file), "--pickups", str(pickups_file)]
    peer = [sys.executable, str(ROOT / "benchmarks" / "pandas_peer.py"), str(orders_file), str(pickups_file), str(AS_OF)]
    for number in range(rounds):
        home = {"PDD_AUDIT_HOME": str(folder / f"home{number}"), "PYTHONPATH": str(ROOT)}
        scratch = home | {"PDD_AUDIT_HOME": str(folder / f"scratch{number}")}
        commands: dict[str, Callable[[], Run]] = {
            PEER: lambda: run(peer),
            FIRST: lambda scratch=scratch: run(ours("score", *files, "--format", "json"), scratch),
            IMPORT: lambda home=home: run(ours("import", "--shop", "bench", str(orders_file), str(pickups_file)), home),
            LEDGER: lambda home=home: run(ours("score", "--shop", "bench", "--format", "json"), home),
            AGAIN: lambda home=home: run(ours("score", "--shop", "bench", "--format", "json"), home),
        }
        for name, command in commands.items():
            runs[name].append(command())
            print(f"round {number + 1}: {name}: {runs[name][-1].seconds:.2f} s, {runs[name][-1].peak_mb:,.0f} MB", file=sys.stderr)
    warm = run([sys.executable, "-c", WARM_SCRIPT, str(folder / f"home{rounds - 1}")], {"PYTHONPATH": str(ROOT)})
    runs[WARM] = [Run(float(warm.output), warm.peak_mb, warm.output)]
    return runs


def table(runs: dict[str, list[Run]]) -> str:
    """The Markdown rows, each beside the peer."""
    peer_seconds = median(r.seconds for r in runs[PEER])
    peer_mb = median(r.peak_mb for r in runs[PEER])
    lines = ["| step | seconds | of the peer | peak MB | of the peer |", "|---|---:|---:|---:|---:|"]
    for name, several in runs.items():
        seconds, mb = median(r.seconds for r in several), median(r.peak_mb for r in several)
        lines.append(f"| {name} | {seconds:.2f} | {seconds / peer_seconds:.2f} | {mb:,.0f} | {mb / peer_mb:.2f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pdd-audit-bench-") as name:
        folder = Path(name)
        orders_file, pickups_file = make_month(folder, arguments.orders)
        megabytes = (orders_file.stat().st_size + pickups_file.stat().st_size) / 1e6
        runs = measure_all(orders_file, pickups_file, folder, arguments.rounds)
    result = json.loads(runs[AGAIN][-1].output)
    print(f"{arguments.orders:,} orders, {megabytes:,.0f} MB in two files; Python {platform.python_version()}, {platform.machine()}\n")
    print(table(runs))
    print(f"\nParcels: {result['parcels']}; pickup_24h_ratio {result['metrics']['pickup_24h_ratio']['value']:.4f}")
    print("The peer said:\n\n" + runs[PEER][-1].output)


if __name__ == "__main__":
    main()
