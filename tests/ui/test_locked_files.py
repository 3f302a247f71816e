"""Files with a password on the Data page: asked for beside the refusal, used once, kept nowhere."""

from pathlib import Path

import pytest

from pdd_audit.services.import_files import list_imports
from pdd_audit.services.shops import list_shops
from pdd_audit.services.workspace import open_workspace
from tests.data.builders import as_csv, as_xlsx, orders, pickups
from tests.data.catalogue import containers as box

SECRET = "Mì码-7788"
ZIP = ("十月.zip", box.zipped({"订单.csv": as_csv(orders(3)), "揽收.xlsx": as_xlsx(pickups(3)), "说明.pdf": b"%PDF"}), "application/zip")
LOCKED = ("锁.zip", box.aes_zip({"揽收.xlsx": as_xlsx(pickups(3))}, SECRET), "application/zip")


def kinds(home: Path) -> list[str]:
    ws = open_workspace(home)
    try:
        return sorted(report.kind for report in list_imports(ws, list_shops(ws)[0].id))
    finally:
        ws.state.close()


def one(app, kind, start):
    return next(element for element in app.get(kind) if element.key and element.key.startswith(start))


@pytest.fixture
def asked(empty_home, open_page):
    """The page after a locked file was handed in with an open one."""
    app = open_page("data")
    app.file_uploader[0].set_value([("订单.csv", as_csv(orders(3)), "text/csv"), LOCKED]).run()
    assert not app.exception
    assert kinds(empty_home) == ["pdd_orders"]
    assert [error.proto.title for error in app.error] == ["锁\\.zip：压缩包有密码"]
    return app


def answer(app, password):
    one(app, "text_input", "password_").set_value(password)
    one(app, "button", "open_").click().run()
    assert not app.exception
    return app


def test_the_right_password_opens_the_file_and_is_forgotten(asked, empty_home):
    app = answer(asked, SECRET)
    assert kinds(empty_home) == ["courier_pickups", "pdd_orders"]
    assert not app.error
    assert not [element for element in app.text_input if element.key and element.key.startswith("password_")]
    assert app.session_state["locked"] == []
    assert not any(SECRET in repr(value) for value in app.session_state.values())
    assert not any(SECRET.encode() in path.read_bytes() for path in empty_home.rglob("*") if path.is_file())


def test_a_wrong_password_is_named_and_can_be_tried_again(asked, empty_home):
    app = answer(asked, "guess")
    assert [error.proto.title for error in app.error] == ["锁\\.zip：密码不对"]
    assert kinds(empty_home) == ["pdd_orders"]
    answer(app, SECRET)
    assert kinds(empty_home) == ["courier_pickups", "pdd_orders"]


def test_a_locked_file_can_be_left_out(asked, empty_home):
    one(asked, "button", "leave_").click().run()
    assert not asked.exception and not asked.error
    assert kinds(empty_home) == ["pdd_orders"]
    assert asked.session_state["locked"] == []


def test_a_zip_shows_its_tables_and_what_was_not_read(empty_home, open_page):
    app = open_page("data")
    app.file_uploader[0].set_value([ZIP]).run()
    assert not app.exception and not app.error
    assert kinds(empty_home) == ["courier_pickups", "pdd_orders"]
    text = "\n".join(element.value for element in [*app.markdown, *app.caption])
    assert "十月\\.zip › 订单\\.csv" in text and "说明\\.pdf" in text
