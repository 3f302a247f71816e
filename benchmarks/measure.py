"""One command's wall time and peak memory, its children included. Linux tells both; elsewhere the memory is the largest process's."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.02
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass(frozen=True)
class Run:
    """``peak_mb`` is the highest sum of resident memory over the process and everything it started; ``cpu_seconds`` is of all of them,
    and depends less on what else the machine does."""

    seconds: float
    peak_mb: float
    output: str
    cpu_seconds: float = float("nan")


def run(command: list[str], environment: dict[str, str] | None = None) -> Run:
    """Run a command to its end; a failure shows what it said and stops the benchmark."""
    cpu_before, started = _cpu_of_children(), time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env={**os.environ, **(environment or {})}
    )
    peaks = [0.0]
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, peaks, done), daemon=True)
    watcher.start()
    output, messages = process.communicate()
    seconds = time.perf_counter() - started
    done.set()
    watcher.join()
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {process.returncode}:\n{messages[-2000:]}")
    return Run(seconds, peaks[0] or _largest_child_mb(), output, _cpu_of_children() - cpu_before)


def _cpu_of_children() -> float:
    spent = os.times()
    return spent.children_user + spent.children_system


def _watch(pid: int, peaks: list[float], done: threading.Event) -> None:
    while not done.wait(SAMPLE_SECONDS):
        peaks[0] = max(peaks[0], _tree_mb(pid))


def _tree_mb(pid: int) -> float:
    """Resident memory of a process and its descendants; one that ends meanwhile counts nothing."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = [int(c) for task in Path(f"/proc/{pid}/task").iterdir() for c in (task / "children").read_text().split()]
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * PAGE_BYTES / 1e6 + sum(_tree_mb(child) for child in children)


def _largest_child_mb() -> float:
    if sys.platform == "win32":
        return float("nan")
    import resource

    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
