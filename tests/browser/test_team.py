"""Team mode in a real browser against a real identity provider, both started here on this machine."""

import urllib.error
import urllib.request

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.browser.team import FIRST, Person, Server, session_in

pytestmark = pytest.mark.browser


def resumed(server: Server, cookie: str, session: str) -> str:
    """The session one gets who brings this cookie and asks for that session."""
    asks = BackMsg()
    asks.rerun_script.query_string = ""
    with connect(
        f"{server.url.replace('http', 'ws', 1)}/_stcore/stream", origin=server.url, additional_headers={"Cookie": cookie},
        subprotocols=["streamlit", "none", session], max_size=None,
    ) as wire:
        wire.send(asks.SerializeToString())
        return next(filter(None, (session_in(frame) for frame in wire)))


def test_people_log_in_nobody_takes_over_a_session_and_logging_out_ends_it(browser, team, tmp_path):
    server, anna, bo = team, Person(browser, team, FIRST), Person(browser, team, "Bo Wen")
    anna.come()
    assert anna.status("/setup") == 404
    bo.come()
    assert bo.page.get_by_role("button", name=FIRST).count() == 0

    odd = tmp_path / "odd 文件.csv"
    odd.write_text("hello,world\n1,2\n", "utf-8")
    anna.page.locator('input[type="file"]').set_input_files(odd)
    anna.page.wait_for_url("**/data?**")
    anna.page.get_by_text(odd.name).first.wait_for()  # it came in through our own route, and was read and refused by its name
    anna.page.goto(f"{server.url}/overlay?lang=en")
    with anna.page.expect_download() as taken:
        anna.page.locator(".st-key-overlay_export a").click()
    assert taken.value.suggested_filename == "own_checklist.yaml"
    place = taken.value.url.removeprefix(server.url)
    assert (anna.status(place), bo.status(place)) == (200, 404), "he got her file, or she did not"
    anna.settled()

    hers = anna.session
    assert hers and resumed(server, bo.cookie, hers) != hers, "somebody else went on in her session"
    with pytest.raises(InvalidStatus):
        resumed(server, "", hers)
    anna.page.close()
    assert resumed(server, anna.cookie, hers) == hers, "the proof above would not see a session taken over"

    before = anna.cookie
    anna.page = anna.context.new_page()
    anna.page.goto(f"{server.url}/logout")
    anna.page.get_by_role("button").click()
    anna.page.wait_for_url(lambda url: not url.startswith(f"{server.url}/logout"))
    assert anna.status("/checklist") == 401
    request = urllib.request.Request(f"{server.url}/checklist", headers={"Cookie": before})
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request, timeout=20)
    assert refusal.value.code == 401, "the cookie from before still opened the door"
    with pytest.raises(InvalidStatus):
        resumed(server, before, hers)
    assert bo.status("/checklist") == 200, "she logged out, not he"
    for one in (anna, bo):
        one.context.close()
