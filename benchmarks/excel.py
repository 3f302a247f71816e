"""How long a workbook of orders takes to read and to import, beside openpyxl that only reads its cells.

``python benchmarks/excel.py [--rows 30000] [--rounds 2]``: half a minute on an idle machine. The peer walks over the sheet in its fastest
mode and keeps nothing. "Read" does the same as the importer does it, its look at the container included; "import" also recognises, checks
and stores every row in a process of its own. Each line is a whole process, start-up included: the fewer rows, the more that weighs.
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

READ = """
import sys
from pathlib import Path
from pdd_audit.data.reading.container import look
from pdd_audit.data.reading.limits import COMMAND_LINE
from pdd_audit.data.reading.workbooks import Book

path = Path(sys.argv[1])
with path.open("rb") as stream:
    what = look(stream, path.stat().st_size, path.name, COMMAND_LINE)
    print(sum(len(page.rows) for page in Book(stream, what.since_1904).pages()))
"""


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
    parser.add_argument("--rows", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pdd-audit-bench-") as name:
        folder = Path(name)
        workbook = as_workbook(make_month(folder, arguments.rows)[0])
        runs: dict[str, list[Run]] = {"openpyxl": [], "read": [], "import": []}
        for number in range(arguments.rounds):
            home = {"PDD_AUDIT_HOME": str(folder / f"home{number}"), "PYTHONPATH": str(ROOT)}
            runs["openpyxl"].append(run([sys.executable, "-c", PEER, str(workbook)]))
            runs["read"].append(run([sys.executable, "-c", READ, str(workbook)], home))
            runs["import"].append(run([sys.executable, "-m", "pdd_audit", "import", "--shop", "bench", str(workbook)], home))
    peer, peer_cpu = (median(getattr(one, field) for one in runs["openpyxl"]) for field in ("seconds", "cpu_seconds"))
    print(f"{arguments.rows:,} rows, {len(runs['import'])} rounds, medians\n")
    print("| step | seconds | of openpyxl | CPU seconds | of openpyxl | peak MB |\n|---|---:|---:|---:|---:|---:|")
    for step, several in runs.items():
        seconds, cpu = median(one.seconds for one in several), median(one.cpu_seconds for one in several)
        memory = median(one.peak_mb for one in several)
        print(f"| {step} | {seconds:.2f} | {seconds / peer:.2f} | {cpu:.2f} | {cpu / peer_cpu:.2f} | {memory:,.0f} |")


if __name__ == "__main__":
    main()
