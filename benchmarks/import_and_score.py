"""How long an invented month of a large shop takes, and how much memory, beside two scripts that do less: pandas and DuckDB.

``python benchmarks/import_and_score.py [--orders 1000000] [--rounds 3] [--without-pandas]``. Every command is a whole process, start-up
and children included; ours and the peers take turns, so that a busy machine slows all, and the median of the rounds counts. Prints the
table of ``docs/performance.md``; a ratio below 1 means less than the peer.
"""

import argparse
import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from make_month import AS_OF, make_month
from measure import Run, run

ROOT = Path(__file__).resolve().parent.parent
PANDAS = "pandas script"
DUCKDB = "DuckDB script"
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


def measure_all(orders_file: Path, pickups_file: Path, folder: Path, rounds: int, pandas: bool) -> dict[str, list[Run]]:
    """Every command ``rounds`` times, in turns; each first import starts from an empty home."""
    runs: dict[str, list[Run]] = {name: [] for name in (PANDAS, DUCKDB, FIRST, IMPORT, LEDGER, AGAIN) if pandas or name != PANDAS}
    files = ["--orders", str(orders_file), "--pickups", str(pickups_file)]
    peer = [str(orders_file), str(pickups_file), str(AS_OF)]
    for number in range(rounds):
        home = {"PDD_AUDIT_HOME": str(folder / f"home{number}"), "PYTHONPATH": str(ROOT)}
        scratch = home | {"PDD_AUDIT_HOME": str(folder / f"scratch{number}")}
        archive = folder / f"archive{number}"
        archive.mkdir()
        commands: dict[str, Callable[[], Run]] = {
            PANDAS: lambda: run([sys.executable, str(ROOT / "benchmarks" / "pandas_peer.py"), *peer]),
            DUCKDB: lambda archive=archive: run([sys.executable, str(ROOT / "benchmarks" / "duckdb_peer.py"), *peer, str(archive)]),
            FIRST: lambda scratch=scratch: run(ours("score", *files, "--format", "json"), scratch),
            IMPORT: lambda home=home: run(ours("import", "--shop", "bench", str(orders_file), str(pickups_file)), home),
            LEDGER: lambda home=home: run(ours("score", "--shop", "bench", "--format", "json"), home),
            AGAIN: lambda home=home: run(ours("score", "--shop", "bench", "--format", "json"), home),
        }
        for name in runs:
            runs[name].append(commands[name]())
            print(f"round {number + 1}: {name}: {runs[name][-1].seconds:.2f} s, {runs[name][-1].peak_mb:,.0f} MB", file=sys.stderr)
        shutil.rmtree(archive)
    warm = run([sys.executable, "-c", WARM_SCRIPT, str(folder / f"home{rounds - 1}")], {"PYTHONPATH": str(ROOT)})
    runs[WARM] = [Run(float(warm.output), warm.peak_mb, warm.output)]
    return runs


def table(runs: dict[str, list[Run]]) -> str:
    """The Markdown rows, each beside the peers."""
    peers = [name for name in (PANDAS, DUCKDB) if name in runs]
    lines = ["| step | seconds | peak MB |" + "".join(f" time of {name} | memory of {name} |" for name in peers),
             "|---|---:|---:|" + "---:|---:|" * len(peers)]
    middle = {name: (median(r.seconds for r in several), median(r.peak_mb for r in several)) for name, several in runs.items()}
    for name, (seconds, mb) in middle.items():
        beside = "".join(f" {seconds / middle[peer][0]:.2f} | {mb / middle[peer][1]:.2f} |" for peer in peers)
        lines.append(f"| {name} | {seconds:.2f} | {mb:,.0f} |{beside}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without-pandas", action="store_true", help="for sizes that do not fit its memory")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pdd-audit-bench-") as name:
        folder = Path(name)
        orders_file, pickups_file = make_month(folder, arguments.orders)
        megabytes = (orders_file.stat().st_size + pickups_file.stat().st_size) / 1e6
        runs = measure_all(orders_file, pickups_file, folder, arguments.rounds, not arguments.without_pandas)
    result = json.loads(runs[AGAIN][-1].output)
    print(f"{arguments.orders:,} orders, {megabytes:,.0f} MB in two files; Python {platform.python_version()}, {platform.machine()}\n")
    print(table(runs))
    print(f"\nParcels: {result['parcels']}; pickup_24h_ratio {result['metrics']['pickup_24h_ratio']['value']:.4f}")
    for peer in (PANDAS, DUCKDB):
        if peer in runs:
            print(f"The {peer} said:\n\n" + runs[peer][-1].output)


if __name__ == "__main__":
    main()
