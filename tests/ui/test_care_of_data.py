"""The Data page puts files aside and takes them back, and lets go of a whole shop only when its name is typed."""

import io
import zipfile

import pytest

from pdd_audit.core.questions import Answer
from pdd_audit.core.rounds import Opening, RoundWord
from pdd_audit.services.import_files import list_imports
from pdd_audit.services.ledger_care import removed_imports
from pdd_audit.services.shop_archive import shop_as_bytes
from pdd_audit.services.shops import create_shop, list_shops
from pdd_audit.services.workspace import now, open_workspace


@pytest.fixture
def shop(demo_home):
    """(workspace, shop) of the demo shop."""
    ws = open_workspace(demo_home)
    yield ws, list_shops(ws)[0]
    ws.state.close()


def put_aside(app, sha256):
    return app.button(key=f"remove_{sha256[:16]}").click().run()


def test_a_removed_file_is_listed_and_taken_back(shop, open_page):
    ws, one = shop
    before = ws.ledger(one.id).digest()
    pickups = next(report for report in list_imports(ws, one.id) if report.kind == "courier_pickups")
    app = put_aside(open_page("data"), pickups.sha256)
    assert not app.exception
    assert any("移除的文件（1）" in element.value for element in app.markdown)
    app.button(key=f"restore_{pickups.sha256[:16]}").click().run()
    assert not app.exception
    assert ws.ledger(one.id).digest() == before
    assert not any("移除的文件（" in element.value for element in app.markdown)


def test_a_removed_file_can_be_forgotten_for_good(shop, open_page):
    ws, one = shop
    gone = list_imports(ws, one.id)[0]
    app = put_aside(open_page("data", lang="en"), gone.sha256)
    app.button(key=f"purge_{gone.sha256[:16]}").click().run()
    assert not app.exception
    assert removed_imports(ws, one.id) == [] and gone not in list_imports(ws, one.id)


def test_a_shop_goes_only_when_its_name_is_typed(shop, open_page):
    ws, one = shop
    other = create_shop(ws, "另一家")
    app = open_page("data", shop=one.id)
    app.text_input(key=f"delete_name_{one.id}").set_value("拾光").run()
    app.button(key=f"delete_{one.id}").click().run()
    assert not app.exception
    assert [problem.value for problem in app.error] == ["名字对不上，什么也没删。"]
    assert len(list_shops(ws)) == 2
    app.text_input(key=f"delete_name_{one.id}").set_value(f" {one.name} ").run()
    app.button(key=f"delete_{one.id}").click().run()
    assert not app.exception
    assert list_shops(ws) == [other] and app.session_state["shop"] == other.id
    assert not ws.ledger(one.id).folder.exists()


def test_the_last_shop_can_go_too(shop, open_page):
    ws, one = shop
    app = open_page("data")
    app.text_input(key=f"delete_name_{one.id}").set_value(one.name).run()
    app.button(key=f"delete_{one.id}").click().run()
    assert not app.exception
    assert list_shops(ws) == []


def test_the_whole_shop_is_offered_as_one_file(shop, open_page):
    ws, one = shop
    assert open_page("data").get("download_button")
    with zipfile.ZipFile(io.BytesIO(shop_as_bytes(ws, one))) as archive:
        assert archive.testzip() is None and "contents.json" in archive.namelist()
    opening = Opening(title="十一月", questions=("p.q",), members=("小李",), due=now().date(), template="0" * 64)
    for word in ({"kind": "opened", "opening": opening}, {"kind": "answered", "question": "p.q", "answer": Answer(answer="met")}):
        ws.state.say(one.id, RoundWord(round="r", by="小李", at=now(), **word))
    app = open_page("data")
    assert not app.exception and not app.get("download_button"), "answers given alone are in that file"
    assert any("十一月" in error.value or "十一月" in str(error.proto) for error in app.error)
