"""What a process uses, as /proc tells it: Linux only."""

import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Used:
    """By one process. ``at``: when, by the monotonic clock; ``cpu_seconds``: since it began; ``megabytes``: held now; ``most``: at most so
    far; ``files``: open descriptors, sockets among them."""

    at: float
    cpu_seconds: float
    megabytes: float
    most: float
    threads: int
    files: int


def used(pid: int | str) -> Used:
    """``pid``: or "self"."""
    spent = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines())
    held, most = (int(status[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    cpu = (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")
    return Used(time.monotonic(), cpu, held, most, int(status["Threads"]), sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()))
