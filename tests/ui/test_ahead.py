"""What the other pages show is found while people look at the first one, once for each state of the files."""

import threading

from streamlit.testing.v1 import AppTest

from pdd_audit.core.filters import ALL
from pdd_audit.texts import Words
from pdd_audit.ui import ahead, cache, session
from pdd_audit.ui.ahead import look_ahead


def of_one() -> None:
    import pdd_audit.ui.session as session
    from pdd_audit.ui.ahead import look_ahead

    session.begin()
    look_ahead(session.current())


def test_a_look_that_was_found_ahead_is_not_found_again(demo_home, monkeypatch):
    monkeypatch.setattr(ahead, "look_ahead", look_ahead)
    app = AppTest.from_function(of_one, default_timeout=60).run()
    assert not app.exception
    for thread in threading.enumerate():
        if thread.name == "look-ahead":
            thread.join()
    ws = session.workspace()
    here = session.Here(ws, ws.state.shops()[0], "zh", "full", Words("zh"))

    def look_at_couriers(*_: object) -> object:
        raise AssertionError("asked again")

    look_at_couriers.__qualname__ = "look_at_couriers"
    assert cache.look(here, look_at_couriers, ALL).parcels > 0
