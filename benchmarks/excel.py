"""How long a workbook of orders takes to import, beside openpyxl that only reads its cells.

``python benchmarks/excel.py [--rows 100000] [--rounds 3]``. Ours recognises, checks and stores every row; the peer walks over the sheet in
its fastest mode and keeps nothing.
"""

import argparse
import csv
import sys
import tempfile
from pathlib import Path
from statistics import median

import xlsxwriter
from make_month import make_month
from measure import Run, run

ROOT = Path(__file__).resolve().parent.parent
PEER = "import sys, openpyxl\nfor row in openpyxl.load_workbook(sys.argv[1], read_only=True).active.iter_rows(values_only=True): pass"


def as_workbook(orders_file: Path) -> Path:
    """The same cells as text in an .xlsx, named as the export is."""
    path = orders_file.with_suffix(".xlsx")
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    with orders_file.open(encoding="utf-8-sig", newline="") as source:
        for number, row in enumerate(csv.reader(source)):
            sheet.write_row(number, 0, row)
    book.close()
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pdd-audit-bench-") as name:
        folder = Path(name)
        workbook = as_workbook(make_month(folder, arguments.rows)[0])
        runs: dict[str, list[Run]] = {"openpyxl": [], "import": []}
        for number in range(arguments.rounds):
            home = {"PDD_AUDIT_HOME": str(folder / f"home{number}"), "PYTHONPATH": str(ROOT)}
            runs["openpyxl"].append(run([sys.executable, "-c", PEER, str(workbook)]))
            runs["import"].append(run([sys.executable, "-m", "pdd_audit", "import", "--shop", "bench", str(workbook)], home))
    peer = median(one.seconds for one in runs["openpyxl"])
    print(f"{arguments.rows:,} rows, {len(runs['import'])} rounds, medians\n")
    print("| step | seconds | of openpyxl | peak MB |\n|---|---:|---:|---:|")
    for step, several in runs.items():
        seconds = median(one.seconds for one in several)
        print(f"| {step} | {seconds:.2f} | {seconds / peer:.2f} | {median(one.peak_mb for one in several):,.0f} |")


if __name__ == "__main__":
    main()
