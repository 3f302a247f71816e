"""The log on the History page: closed, whole, narrowed, tampered with, and shut for whoever may not decide."""

import sqlite3

from pdd_audit.core.people import Role
from pdd_audit.services.import_files import Upload, import_files, remove_import
from pdd_audit.services.ledger_care import purge_import
from pdd_audit.services.people import members
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import Words
from tests.data.builders import as_csv, orders
from tests.services.team import come, join, who

ZH = Words("zh")


def shown(app):
    return [dict(zip(table.value.columns, row, strict=True)) for table in app.table for row in table.value.itertuples(index=False)]


def said(app):
    return " ".join(str(each.value) for kind in (app.markdown, app.caption, app.error) for each in kind)


def test_the_log_is_read_when_it_is_opened_narrowed_by_person_and_sort_and_says_when_it_was_changed(empty_home, open_page, monkeypatch):
    ws = open_workspace(empty_home)
    owner = come(ws, "周主管")
    shop = create_shop(owner, "甲店")
    member = join(owner, shop.id, come(ws, "小李 [x](http://evil.example)"), Role.MEMBER)
    (outcome,) = import_files(owner, shop.id, [Upload("订单.csv", as_csv(orders(3)))])
    remove_import(owner, shop.id, outcome.report.sha256)
    purge_import(owner, shop.id, outcome.report.sha256)
    monkeypatch.setattr("pdd_audit.ui.session.logged_in", lambda: who(member).id)
    app = open_page("history", log_row=True)
    assert not app.exception and not app.table and "周主管" not in said(app)

    monkeypatch.setattr("pdd_audit.ui.session.logged_in", lambda: who(owner).id)
    app = open_page("history")
    assert not app.table and not app.selectbox, "closed"
    app = open_page("history", log_row=True)
    assert not app.exception and ZH("log.whole") in said(app)
    first = shown(app)[0]
    what = ZH("log.column.what")
    assert first[what].startswith(ZH("log.what.file_purged")) and outcome.report.sha256[:12] in first[what]
    joined = next(row[what] for row in shown(app) if row[what].startswith(ZH("log.what.member_joined")))
    assert "](http" not in joined and "小李" in joined, "a name is no link"
    assert ZH("log.take") in [button.proto.label for button in app.get("download_button")]
    app.selectbox(key=f"log_what_{shop.id}").set_value("file_removed").run()
    assert [row[what].partition("：")[0] for row in shown(app)] == [ZH("log.what.file_removed")]
    app.selectbox(key=f"log_who_{shop.id}").set_value("by:" + who(member).name).run()
    assert shown(app) == [] and len(members(owner, shop.id)) == 2

    with sqlite3.connect(ws.database) as tampering:
        tampering.execute("DROP TRIGGER log_rows_stay")
        tampering.execute("UPDATE log_rows SET who = '别人' WHERE what = 'file_removed'")
    app = open_page("history", log_row=True)
    assert ZH("log.whole") not in said(app) and any("被改过" in str(error.value) for error in app.error)
    ws.state.close()
