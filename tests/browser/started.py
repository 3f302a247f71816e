"""Programs that browser tests start here: a free port for one, and when it answers."""

import socket
import subprocess
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90
WAIT_MS = 45_000  # a busy machine of two cores
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            assert process.poll() is None, "it ended by itself"
            assert time.monotonic() < deadline, f"no answer within {START_SECONDS} s"
            time.sleep(0.1)  # there is nothing to wait on before it listens
