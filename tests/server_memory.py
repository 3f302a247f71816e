"""The memory of a process that these tests have started, as it is at one moment."""

import mmap
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

PAGE = mmap.PAGESIZE
HERE = np.uint64(62)  # the two bits from this one on say that a page is in memory, or swapped out


def pages_of(pid: int) -> Iterator[tuple[str, bytes]]:
    """Every stretch of memory the process may write to: its name, and those of its pages that were ever touched, one after the other.

    It stands still meanwhile. Where the system does not show them the test skips, or fails where PDD_AUDIT_MEMORY_TESTS=required.
    """
    try:
        of_it = Path(f"/proc/{pid}")
        with _still(pid), (of_it / "mem").open("rb", buffering=0) as memory, (of_it / "pagemap").open("rb") as table:
            for line in (of_it / "maps").read_text().splitlines():
                ends, rights, _, _, _, *name = line.split(maxsplit=5)
                if rights.startswith("rw"):
                    begin, end = (int(one, 16) for one in ends.split("-"))
                    table.seek(begin // PAGE * 8)
                    touched = np.frombuffer(table.read((end - begin) // PAGE * 8), np.uint64) >> HERE != 0
                    yield f"{begin:x} {''.join(name) or 'no name'}", b"".join(_read(memory, begin, touched))
    except (FileNotFoundError, PermissionError) as error:
        reason = f"{sys.platform} does not show the memory of a child process: {error}"
        if os.environ.get("PDD_AUDIT_MEMORY_TESTS") == "required":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


def _read(memory: BinaryIO, begin: int, touched: np.ndarray) -> Iterator[bytes]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], touched, [0]])))
    for first, behind in zip(edges[::2], edges[1::2], strict=True):
        memory.seek(begin + int(first) * PAGE)
        left = int(behind - first) * PAGE
        while left:
            part = memory.read(left)
            assert part, "memory that is there could not be read"
            left -= len(part)
            yield part


@contextmanager
def _still(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
