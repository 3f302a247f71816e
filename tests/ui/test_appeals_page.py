"""The Appeals page: what it shows with and without penalties, and a case from its opening to its file."""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from pdd_audit.services.demo_bill import fined as fined_orders
from pdd_audit.services.demo_shop import DEMO_AS_OF, demo_orders
from pdd_audit.services.incidents.appeals import add_evidence, cases, open_case
from pdd_audit.services.rows import list_rows
from pdd_audit.services.shops import list_shops
from pdd_audit.services.workspace import open_workspace


def shown(app: AppTest) -> str:
    boxes = [*app.markdown, *app.caption, *app.error, *app.warning, *app.info, *app.success, *app.header]
    return "\n".join(str(box.value) for box in boxes)


def refusals(app: AppTest) -> list[str]:
    return [box.proto.title.replace("\\", "").replace("\u2060", "") for box in app.error]


@pytest.fixture
def fined(demo_home):
    """(workspace, shop id, late order, order in time): the demo shop and two of the three orders its bill fines."""
    workspace = open_workspace(demo_home)
    shop_id = list_shops(workspace)[0].id
    orders = fined_orders(demo_orders(), DEMO_AS_OF)
    yield workspace, shop_id, orders.late.number, orders.in_time.number
    workspace.state.close()


def test_without_files_or_penalties_the_page_says_what_is_missing(empty_home, open_page):
    assert "货款明细" in shown(open_page("appeals"))


def test_the_demo_shop_shows_the_path_and_its_incidents(demo_home, open_page):
    app = open_page("appeals", lang="en")
    assert "2 orders were penalised although the files bear them out: ¥8" in shown(app)
    assert "Log in and find the door" in shown(app) and "trust A" in shown(app)
    app.segmented_control(key="appeals_part").set_value("causes").run()
    assert not app.exception
    app.text_input(key="incident_by").set_value("Li").run()
    app.button(key="incident_closed").click().run()
    assert not app.exception and not refusals(app)
    assert "1 incident closed in 30 days" in shown(app)
    app.switch_page("pdd_audit/ui/pages/home.py").run()
    assert not app.exception


def test_a_fined_order_becomes_a_case_and_a_file_and_a_wrong_claim_does_not(fined, open_page):
    workspace, shop_id, late, good = fined
    app = open_page("appeals")
    assert "2 单被罚，文件却能证明不该罚：¥8" in shown(app)
    assert app.multiselect(key="appeal_orders").value == [good]
    app.text_area(key="hand_orders").set_value(late)
    app.text_input(key="hand_by").set_value("王店长").run()
    app.button(key="hand_opened").click().run()
    assert late in refusals(app)[0] and "晚" in refusals(app)[0], "refused with the figures"
    assert any("courier" in str(box.value) for box in app.error), "and with the file they stand in"
    app.button(key="appeal_opened").click().run()
    assert not app.exception and not refusals(app)
    case, = cases(workspace, shop_id)
    assert (case.orders, case.by) == ((good,), "王店长")
    app.button(key=f"build_{case.id}").click().run()
    assert "还没有证据" in refusals(app)[0]
    add_evidence(workspace, shop_id, case.id, "waybill", "x.png", b"\x89PNG\r\n\x1a\n", date(2026, 10, 23), "王店长", shows=["number"])
    app.button(key=f"build_{case.id}").click().run()
    assert not app.exception and not refusals(app)
    assert "1 单都和数据对得上" in shown(app) and "还要能看到：快递公司" in shown(app).replace("\\", "").replace("\u2060", "")
    app.radio(key=f"to_{case.id}").set_value("submitted")
    app.button(key=f"move_{case.id}").click().run()
    assert cases(workspace, shop_id)[0].status == "submitted"
    app.segmented_control(key="appeals_part").set_value("outcomes").run()
    assert not app.exception and "还没有结果" in shown(app)


def test_outcomes_and_countdowns_are_shown(fined, open_page):
    from datetime import timedelta

    from pdd_audit.services.incidents.appeals import count_down, move
    from pdd_audit.services.workspace import now

    workspace, shop_id, _, good = fined
    more = [order for order in list_rows(workspace, shop_id, "on_time", limit=40)["order_no"] if order != good][:1]
    one = open_case(workspace, shop_id, [good], "collected_in_time", "王")
    count_down(workspace, shop_id, one, now() + timedelta(hours=5), "王")
    other = open_case(workspace, shop_id, more, "collected_in_time", "王")
    move(workspace, shop_id, other, "submitted", "王")
    move(workspace, shop_id, other, "accepted", "王", yuan=5.0)
    app = open_page("appeals", lang="en", appeals_part="outcomes")
    assert "left to appeal" in shown(app), "reminded at the top, whatever part is looked at"
    assert "Decided: 1, won: 1, ¥5" in shown(app)
    assert "4 more outcomes are needed" in shown(app)
