"""A source on this machine and a way to ask it without waiting."""

from contextlib import contextmanager
from datetime import datetime

import pytest

from pdd_audit.data.live.bounded_post import Bounds
from pdd_audit.services.fetch_traces import Parcel, Patience, fetch_traces, live_source
from tests.data.live.source_server import ENVIRON, running

AT = datetime(2026, 11, 20, 9, 30, 5)
QUICK = Bounds(connect_seconds=1.0, read_seconds=0.15, whole_seconds=0.15)


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now, self.slept = 0.0, []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def patience(self, **changed) -> Patience:
        return Patience(**{"rate": 5.0, "attempts": 3, "clock": lambda: self.now, "sleep": self.sleep, **changed})


@pytest.fixture
def server():
    with running() as source:
        yield source


@pytest.fixture
def time_():
    return FakeTime()


@pytest.fixture
def fetch(server, time_, tmp_path):
    """``fetch("kuaidi100", "75000000000001", ...)`` -> summary; the answers are in tmp_path/traces.jsonl."""

    @contextmanager
    def live(name, environ, codes):
        with live_source(name, codes, url=server.url, environ=environ, bounds=QUICK) as source:
            yield source

    def run(name, *waybills, courier="中通快递", codes=None, environ=ENVIRON, out=tmp_path / "traces.jsonl", **patience):
        if name == "pdd" and codes is None:
            codes = tmp_path / "codes.yaml"
            codes.write_text("pdd:\n  中通: ZTO-7\n", "utf-8")
        parcels = [one if isinstance(one, Parcel) else Parcel(one, courier) for one in waybills]
        with live(name, environ, codes) as source:
            return fetch_traces(source, parcels, out, patience=time_.patience(**patience), clock=lambda: AT)

    return run
