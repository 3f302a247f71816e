"""How long each page of a shop takes: its tables counted for the first time, its first opening from kept tables, and every later run.

``python benchmarks/pages.py HOME SHOP``: HOME is an installation with an imported shop (``pdd-audit import --home HOME --shop SHOP ...``).
Server time only: the script of the page, charts included, without the browser.
"""

import os
import shutil
import sys
import threading
import time
from pathlib import Path

from streamlit.testing.v1 import AppTest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pdd_audit.core.details import DETAIL_COLUMNS
from pdd_audit.services.details import detail_tables
from pdd_audit.services.measure import ask_about, compact
from pdd_audit.services.shops import list_shops
from pdd_audit.services.workspace import open_workspace

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    "home", "pickup", "couriers", "trends", "tonight", "service", "cost", "results", "today", "messages", "remedies", "appeals", "actions",
    "data", "checklist",
)


def count_tables(home: Path, name: str) -> str:
    """Counts everything anew, one table after the other; the id of the shop."""
    workspace = open_workspace(home)
    shop = next(shop for shop in list_shops(workspace) if shop.name == name)
    shutil.rmtree(workspace.cache(shop.id), ignore_errors=True)
    ask = ask_about(workspace, shop.id, None)
    assert ask is not None, "a shop without files"
    print("| table | seconds |\n|---|---:|")
    started = time.perf_counter()
    compact(workspace, shop.id, ask)
    print(f"| those of the score | {time.perf_counter() - started:.2f} |")
    for table in DETAIL_COLUMNS:
        started = time.perf_counter()
        detail_tables(workspace, shop.id, ask, [table])
        print(f"| {table} | {time.perf_counter() - started:.2f} |")
    workspace.state.close()
    return shop.id


def open_pages(home: Path, shop_id: str) -> None:
    """Each page in an app of its own kind of session: opened first, then run again."""
    os.environ["PDD_AUDIT_HOME"] = str(home)
    os.chdir(ROOT)
    print("\n| page | first opening, ms | again, ms |\n|---|---:|---:|")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.session_state["shop"] = shop_id
    app.run()
    for thread in threading.enumerate():  # begun by the first run; people need longer than this to choose a page
        if thread.name in ("warm-up", "look-ahead"):
            thread.join()
    for page in PAGES:
        app.switch_page(f"pdd_audit/ui/pages/{page}.py")
        times = []
        for _ in range(4):
            started = time.perf_counter()
            app.run()
            times.append(1000 * (time.perf_counter() - started))
        assert not app.exception, page
        print(f"| {page} | {times[0]:.0f} | {sorted(times[1:])[1]:.0f} |")


if __name__ == "__main__":
    open_pages(Path(sys.argv[1]), count_tables(Path(sys.argv[1]), sys.argv[2]))
