"""What one click on an answer costs the server: the answer is saved, then the demo shop is scored again.

``python benchmarks/save_answer.py [--clicks 60]``. Prints the median and the slowest of ten for each part, in milliseconds.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pdd_audit.core.questions import Answer
from pdd_audit.services.answers import save_answer
from pdd_audit.services.demo_shop import demo_answers
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shops import open_demo_shop
from pdd_audit.services.workspace import open_workspace


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clicks", type=int, default=60)
    clicks = parser.parse_args().clicks
    with tempfile.TemporaryDirectory(prefix="pdd-audit-bench-") as folder:
        workspace = open_workspace(Path(folder))
        shop = open_demo_shop(workspace)
        run_audit(workspace, shop.id)  # the first audit of a process loads modules; a click never pays for that
        question = next(key for key, answer in demo_answers().items() if answer == "met")
        saving, scoring = [], []
        for click in range(clicks):
            started = time.perf_counter()
            save_answer(workspace, shop.id, question, Answer(answer="unmet" if click % 2 else "met"))
            saved = time.perf_counter()
            run_audit(workspace, shop.id)
            saving.append(1000 * (saved - started))
            scoring.append(1000 * (time.perf_counter() - saved))
    print("| part of a click | median ms | slowest of ten ms |\n|---|---:|---:|")
    for name, values in (("save the answer", saving), ("score again", scoring)):
        print(f"| {name} | {median(values):.1f} | {quantiles(values, n=10)[-1]:.1f} |")


if __name__ == "__main__":
    main()
