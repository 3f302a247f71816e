"""Bookings of the bill held against the orders they name: late, in time, not known, nobody's."""

import pytest

from pdd_audit.services.demo_shop import DEMO_AS_OF, write_demo_files
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.look_at_cost import assume, count_cost, look_at_cost
from pdd_audit.services.rows import list_rows
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace

HEAD = "商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注,业务描述"


def booking(order, taken="-5.00", back="0.00", what="0040005|虚假发货", when="2026-11-18 03:00:07"):
    return f"{order},{when},{back},{taken},其他支出,,{what}"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """(workspace, shop id, late order, order in time) of the demo shop's files with a bill that fines one of each, twice nobody, and an
    order of another shop."""
    folder = tmp_path_factory.mktemp("cost")
    workspace = open_workspace(folder / "home")
    shop_id = create_shop(workspace, "甲").id
    files = write_demo_files(folder, DEMO_AS_OF)
    import_files(workspace, shop_id, [Upload(file.name, file) for file in files[:2]])
    late = list_rows(workspace, shop_id, "late")["order_no"].iloc[0]
    missed = set(list_rows(workspace, shop_id, "promise_missed", limit=None)["order_no"])
    good = next(order for order in list_rows(workspace, shop_id, "on_time", limit=None)["order_no"] if order not in missed)
    rows = [HEAD, booking(late), booking(good), booking(""), booking("", "-7.00"), booking("990101-000000000000001")]
    bill = folder / "pdd-mall-bill-detail.csv"
    bill.write_text("\n".join(rows), "utf-8-sig")
    outcomes = import_files(workspace, shop_id, [Upload(bill.name, bill)])
    assert not outcomes[0].error
    yield workspace, shop_id, late, good
    workspace.state.close()


def lines_of(workspace, shop_id):
    return {line.line: line for line in look_at_cost(workspace, shop_id, count_cost(workspace, shop_id)).lines}


def test_a_booking_counts_where_its_order_belongs(shop):
    workspace, shop_id, _, _ = shop
    lines = lines_of(workspace, shop_id)
    assert (lines["fined_late"].orders, lines["fined_late"].yuan) == (1, 5.0)
    assert (lines["fined_in_time"].orders, lines["fined_in_time"].yuan) == (1, 5.0)
    assert (lines["unlinked"].orders, lines["unlinked"].yuan) == (2, 12.0), "nobody's bookings are laid on nobody"
    assert (lines["elsewhere"].orders, lines["elsewhere"].yuan) == (1, 5.0)
    assert lines["expected"].orders + 1 == lines["handling"].orders, "a fined order is not expected once more"


def test_the_orders_behind_a_line_are_there(shop):
    workspace, shop_id, late, good = shop
    assert list(list_rows(workspace, shop_id, "fined", at={"verdict": "in_time"})["order_no"]) == [good]
    assert list(list_rows(workspace, shop_id, "fined", at={"verdict": "late"})["order_no"]) == [late]
    rest = list_rows(workspace, shop_id, "not_fined", limit=None)
    assert len(rest) == lines_of(workspace, shop_id)["expected"].orders and late not in set(rest["order_no"])


def test_what_the_shop_assumes_is_kept_and_can_be_taken_back(shop):
    workspace, shop_id, _, _ = shop
    assert lines_of(workspace, shop_id)["handling"].yuan is None
    assume(workspace, shop_id, "minutes_per_case", 6)
    assume(workspace, shop_id, "wage_yuan_per_hour", 30)
    handling = lines_of(workspace, shop_id)["handling"]
    assert handling.yuan == pytest.approx(handling.orders * 3.0)
    assume(workspace, shop_id, "wage_yuan_per_hour", None)
    assert lines_of(workspace, shop_id)["handling"].yuan is None
    with pytest.raises(ValueError, match="no such assumption"):
        assume(workspace, shop_id, "anything", 1)


