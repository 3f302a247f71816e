"""How long each compact table of a shop takes, from lines that are there already.

``python benchmarks/tables.py HOME SHOP``: HOME is an installation with an imported shop (``pdd-audit import --home HOME --shop SHOP ...``).
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from pdd_audit.data.relations import compact
from pdd_audit.services.measure import ask_about, ground_of
from pdd_audit.services.shops import list_shops
from pdd_audit.services.workspace import open_workspace


def timed(name: str, action: Callable[[], object]) -> None:
    started = time.perf_counter()
    action()
    print(f"| {name} | {time.perf_counter() - started:.2f} |")


def main() -> None:
    workspace = open_workspace(Path(sys.argv[1]))
    shop = next(shop for shop in list_shops(workspace) if shop.name == sys.argv[2])
    ask = ask_about(workspace, shop.id, None)
    assert ask is not None, "a shop without files"
    print("| table | seconds |\n|---|---:|")
    started = time.perf_counter()
    with ground_of(workspace, shop.id, ask) as ground:
        print(f"| lines, if not there yet | {time.perf_counter() - started:.2f} |")
        inside = ground.parcels.filter(ground.parcels.excluded.isnull())
        watched = ground.parcels.filter(compact._watched(ground.parcels))
        timed("counts", lambda: compact._counts(ground, inside))
        timed("excluded", lambda: compact._excluded(ground))
        timed("lags: pickup", lambda: compact._pickup_lags(watched).execute())
        timed("lags: ship", lambda: compact._ship_lags(ground).execute())
        timed("lags: first move", lambda: compact._move_lags(inside, ground.moment).execute())
        timed("cells", lambda: compact._cells(ground))
        timed("outlets", lambda: compact._outlets(inside))
        timed("promises", lambda: compact._promises(ground))
        timed("samples of all lists", lambda: compact.samples(ground, compact.reply_rows([])))


if __name__ == "__main__":
    main()
