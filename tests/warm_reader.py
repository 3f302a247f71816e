"""Reading children without their start-up: each is forked from a clean process that has loaded what they all load.

A quarter of the suite's time was Python loading the same packages for every file. Everything else is as in use: a process of its own
with its own limits, pipes, working folder and session. Tests of the start itself, the command line and the benchmarks start them for real.
"""

import json
import os
import select
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

from pdd_audit.data.reading import hand_over, read_file

AVAILABLE = sys.platform == "linux"
STARTED = subprocess.Popen
ENTRY = read_file._ENTRY

# The clean process. A request: a JSON line with descriptors for the answer, stdin, stdout and what is to be inherited.
TEMPLATE = """
import importlib, json, os, signal, socket, sys, time
sys.path.insert(0, {root!r})
for name in {modules!r}:
    importlib.import_module(name)
from pdd_audit.data.reading import sources
sources.sources(), sources.other_files(), sources.all_known_headers()
requests = socket.socket(fileno={requests})
while True:
    line, fds, _, _ = socket.recv_fds(requests, 65536, 16)
    if not line:
        os._exit(0)
    asked = json.loads(line)
    if os.fork():
        for fd in fds:
            os.close(fd)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        continue
    answer = socket.socket(fileno=fds[0])
    child = os.fork()
    if child:
        for fd in fds[1:]:
            os.close(fd)
        _, status = os.waitpid(child, 0)
        answer.sendall(os.waitstatus_to_exitcode(status).to_bytes(8, "little", signed=True))
        os._exit(0)
    os.setsid()
    answer.sendall(os.getpid().to_bytes(8, "little"))  # only now can it be ended as a group
    wanted = [0, 1, *asked["fds"]]
    high = max(400, *wanted) + 1  # out of the way of what came and of what is wanted
    for place, fd in enumerate(fds[1:]):
        os.dup2(fd, high + place)
    os.closerange(3, high)
    for place, number in enumerate(wanted):
        os.dup2(high + place, number, inheritable=True)
        os.close(high + place)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    time.tzset()
    try:
        exec(asked["entry"])
    except BaseException:
        os._exit(1)
    os._exit(0)
"""
MODULES = [
    "duckdb", "pyarrow.parquet", "python_calamine",
    *(f"pdd_audit.data.reading.{name}" for name in (
        "child", "container", "canonical.findings", "engine", "quick_table", "recognise", "strict_table", "tables", "text_files",
        "pages", "workbooks", "json_tables", "html_tables",
    )),
]


class WarmReaders:
    """Starts children of one clean process, which itself starts with the first of them and ends with the socket to it."""

    def __init__(self) -> None:
        self.requests: socket.socket | None = None
        self.one = threading.Lock()

    def ask(self, request: dict[str, Any], fds: list[int]) -> None:
        with self.one:
            if self.requests is None:
                self.requests = self._begun()
            socket.send_fds(self.requests, [json.dumps(request).encode()], fds)

    def _begun(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        program = TEMPLATE.format(root=str(read_file._ROOT), modules=MODULES, requests=theirs.fileno())
        environment = {"LANG": "C.UTF-8", "TZ": "Asia/Shanghai", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2", **hand_over.environment()}
        self.process = STARTED(
            [sys.executable, "-I", "-c", program], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=environment | {"PYTHONDONTWRITEBYTECODE": "1"}, pass_fds=(theirs.fileno(),), start_new_session=True,
        )  # fmt: skip
        theirs.close()
        return ours

    def start(self, command: list[str], **more: Any) -> "WarmChild | subprocess.Popen[bytes]":
        """As ``subprocess.Popen`` is called by ``read_file``; a test that has changed how a child starts gets what it changed."""
        if subprocess.Popen is not STARTED or read_file._ENTRY != ENTRY:
            return subprocess.Popen(command, **more)
        return WarmChild(self, command[-1], more)

    def close(self) -> None:
        if self.requests is not None:
            self.requests.close()
            self.process.wait(timeout=20)


class WarmChild:
    """As much of ``subprocess.Popen`` as ``read_file`` uses."""

    def __init__(self, readers: WarmReaders, entry: str, more: dict[str, Any]) -> None:
        read_in, write_in = os.pipe()
        read_out, write_out = os.pipe()
        self.told, theirs = socket.socketpair()
        request = {"entry": entry, "cwd": str(more["cwd"]), "env": more["env"], "fds": list(more["pass_fds"])}
        readers.ask(request, [theirs.fileno(), read_in, write_out, *more["pass_fds"]])
        for fd in (read_in, write_out):
            os.close(fd)
        theirs.close()
        self.stdin, self.stdout = os.fdopen(write_in, "wb"), os.fdopen(read_out, "rb")
        self.pid = int.from_bytes(self.told.recv(8), "little")
        self.returncode: int | None = None
        self.one = threading.Lock()

    def poll(self) -> int | None:
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        if (code := self._ended(timeout)) is None:
            raise subprocess.TimeoutExpired("reader", timeout or 0)
        return code

    def _ended(self, seconds: float | None) -> int | None:
        with suppress(OSError, ValueError):  # another thread was first and has closed it
            if self.returncode is None and select.select([self.told], [], [], seconds)[0]:
                with self.one:
                    if self.returncode is None:
                        self.returncode = int.from_bytes(self.told.recv(8), "little", signed=True)
                        self.told.close()
        return self.returncode


def as_subprocess(readers: WarmReaders) -> SimpleNamespace:
    """What ``read_file`` knows of ``subprocess``."""
    names = ("PIPE", "DEVNULL", "TimeoutExpired")
    return SimpleNamespace(Popen=readers.start, **{name: getattr(subprocess, name) for name in names})
