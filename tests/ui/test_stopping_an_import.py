"""A running import on the Data page: seen, stopped, and found again after a reload."""

from threading import Event

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.data.storage.ledger import Ledger
from pdd_audit.services.import_files import Upload, list_imports
from pdd_audit.services.map_columns import known_mappings
from pdd_audit.services.shops import list_shops
from pdd_audit.services.workspace import open_workspace
from pdd_audit.ui import importing, uploading
from pdd_audit.ui.to_map import CHOSEN, WAITING, ToMap
from tests.data.builders import as_csv, orders, pickups
from tests.data.catalogue import containers as box
from tests.data.test_mapping import strange_rows

ORDERS = ("订单.csv", as_csv(orders(3)), "text/csv")
ENDLESS = ("揽收.csv", as_csv(pickups(3)), "text/csv")
STOP = {"zh": "取消导入", "en": "Stop importing"}
STOPPED = {"zh": "没有读进来：", "en": "Not read in:"}
SECRET = "Mì码-7788"
LOCKED = ("锁.zip", box.aes_zip({"揽收.csv": as_csv(pickups(3))}, SECRET), "application/zip")


@pytest.fixture
def begun(empty_home, open_page, monkeypatch):
    """The page while one of two files is being read that nobody would ever be done with; the other is stored."""
    real, stored = Ledger.add, Event()

    def add(self, data, name, how):
        if not name.endswith(ENDLESS[0]):
            outcome = real(self, data, name, how)
            stored.set()
            return outcome
        assert how.stop.wait(60)
        raise AuditError("import_stopped")

    monkeypatch.setattr(Ledger, "add", add)
    monkeypatch.setattr(importing, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(uploading, "count_ahead", lambda *_: None)  # not what these tests are about

    def begin(lang, *files):
        app = open_page("data", lang)
        app.file_uploader[0].set_value(list(files or (ORDERS, ENDLESS))).run()
        assert not app.exception and stored.wait(60)
        return app

    yield begin
    with importing._lock:
        jobs = list(importing._jobs.values())
        importing._jobs.clear()
    for job in jobs:
        job.stop()
        assert job.idle.wait(60)


def the_job():
    (job,) = importing._jobs.values()
    return job


def stop_button(app):
    return [button for button in app.button if button.key == "stop_import"]


@pytest.mark.parametrize("lang", STOP)
def test_a_stopped_import_keeps_what_was_read_and_says_what_was_not(lang, begun, monkeypatch):
    app, job = begun(lang), the_job()
    assert stop_button(app)[0].label.endswith(STOP[lang])
    stop_button(app)[0].click().run()
    assert job.idle.wait(60)
    app.run()
    assert not app.exception and not stop_button(app) and not app.error
    assert app.info[0].value.startswith(STOPPED[lang]) and "揽收\\.csv" in app.info[0].value and app.session_state["stopped"] == ["揽收.csv"]
    assert any("订单\\.csv" in element.value for element in app.markdown)
    monkeypatch.setattr(importing, "PATIENCE_SECONDS", 60.0)
    app.file_uploader[0].set_value([ORDERS]).run()
    assert not app.info and app.session_state["already"] == ["订单.csv"]


def test_after_a_reload_it_is_found_and_its_end_is_told_once(begun, open_page, empty_home, monkeypatch):
    first = begun("zh")
    again = open_page("data")
    assert stop_button(again)
    stop_button(again)[0].click().run()
    assert the_job().idle.wait(60)
    again.run()
    assert not again.info, "the session that began may still be there"
    monkeypatch.setattr(importing, "GRACE_SECONDS", 0.0)
    again.run()
    assert again.info[0].value.startswith(STOPPED["zh"]) and not again.exception
    first.run()
    assert not first.exception and not first.info and not stop_button(first)
    ws = open_workspace(empty_home)
    assert [report.file for report in list_imports(ws, list_shops(ws)[0].id)] == ["订单.csv"]
    ws.state.close()


def test_a_shop_that_is_deleted_ends_its_imports_first(begun, empty_home):
    app, job = begun("zh"), the_job()
    (shop,) = list((empty_home / "shops").iterdir())
    app.text_input(key=f"delete_name_{shop.name}").set_value("我的店铺")
    app.button(key=f"delete_{shop.name}").click().run()
    assert not app.exception and job.idle.is_set() and job.batches()[0].stop.is_set()
    assert not shop.exists()


def test_a_locked_file_that_is_stopped_may_be_opened_again(begun, empty_home):
    app = begun("zh", ORDERS, LOCKED)
    assert the_job().idle.wait(60)
    app.run()
    next(field for field in app.text_input if field.key.startswith("password_")).set_value(SECRET)
    next(button for button in app.button if button.key.startswith("open_")).click().run()
    assert stop_button(app) and not any(field.key.startswith("password_") for field in app.text_input), "asked for while it is being read"
    job = the_job()
    stop_button(app)[0].click().run()
    assert job.idle.wait(60)
    app.run()
    assert not app.exception and app.info and [field for field in app.text_input if field.key.startswith("password_")]
    assert not any(SECRET in repr(value) for value in app.session_state.values())


def test_files_that_come_meanwhile_are_read_next(begun):
    app = begun("zh")
    app.file_uploader[0].set_value([("另.csv", as_csv(pickups(4)), "text/csv")]).run()
    job = the_job()
    first, second = job.batches()
    first.stop.set()
    assert job.idle.wait(60) and [outcome.file for outcome in second.result.result()] == ["另.csv"]
    app.run()
    assert not app.exception and app.session_state["stopped"] == ["揽收.csv"]
    assert any("另\\.csv" in element.value for element in app.markdown)


def test_a_file_mapped_by_hand_is_stopped_like_any_other_and_still_waits_to_be_mapped(begun, open_page, empty_home):
    file = ToMap(ENDLESS[0], Upload(ENDLESS[0], as_csv(strange_rows())))
    app = open_page("mapping", "zh", **{CHOSEN: file, WAITING: [file]})
    next(one for one in app.selectbox if one.key and one.key.endswith("_picked_up_at")).set_value("首次扫描").run()
    app.button(key="try").click().run()
    app.button(key="import").click().run()
    job = the_job()
    assert not app.exception and not job.idle.is_set() and CHOSEN not in app.session_state
    app.switch_page("pdd_audit/ui/pages/data.py").run()  # as the browser's address has been since the click
    stop_button(app)[0].click().run()
    assert job.idle.wait(60)
    app.run()
    assert not app.exception and not stop_button(app) and app.session_state["stopped"] == [ENDLESS[0]]
    assert [one.file for one in app.session_state[WAITING]] == [ENDLESS[0]]
    ws = open_workspace(empty_home)
    shop = list_shops(ws)[0].id
    assert list_imports(ws, shop) == [] and known_mappings(ws, shop) == [], "nothing is remembered of a file that is not in"
    ws.state.close()
