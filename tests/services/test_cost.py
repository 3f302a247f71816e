"""Bookings of the bill held against the orders they name: late, in time, not known, nobody's."""

import pytest

from pdd_audit.core.errors import AuditError
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




CASES = "售后编号,订单编号,售后状态,售后类型,售后原因,申请时间,同意退款时间,退款金额(元)"


def case(number, order, reason, yuan, status="退款成功", when="2026-11-18 10:00:00"):
    return f"{number},{order},{status},仅退款,{reason},2026-11-18 09:00:00,{when},{yuan}"


def test_refunds_for_want_of_a_pickup_count_each_order_once(tmp_path):
    workspace = open_workspace(tmp_path / "home")
    shop_id = create_shop(workspace, "乙").id
    files = write_demo_files(tmp_path, DEMO_AS_OF)
    import_files(workspace, shop_id, [Upload(file.name, file) for file in files[:2]])
    late = list(dict.fromkeys(list_rows(workspace, shop_id, "late", limit=None)["order_no"]))
    good = next(order for order in list_rows(workspace, shop_id, "on_time", limit=None)["order_no"] if order not in late)
    before = count_cost(workspace, shop_id)
    affected = int(before.cost.loc[before.cost["category"] == "affected", "orders"].iloc[0])
    rows = [
        CASES, case("10000001", late[0], "未揽收", "3.00"), case("10000002", late[0], "未揽收", "2.00", when="2026-11-18 11:00:00"),
        case("10000003", late[1], "其他", "4.00"), case("10000004", late[2], "质量问题", "9.00"), case("10000005", good, "没有物流信息", "6.00"),
        case("10000006", good, "未揽收", "5.00", status="买家撤销"), case("10000007", late[3], "未揽收", "100000"),
        case("10000008", "990101-000000000000001", "未揽收", "7.00"),
    ]
    again = [*rows[:2], case("10000009", late[3], "未揽收", "1.00")]
    for number, content in enumerate((rows, again)):  # two exports that overlap
        path = tmp_path / f"cases-{number}.csv"
        path.write_text("\n".join(content), "utf-8-sig")
        assert not import_files(workspace, shop_id, [Upload(path.name, path)])[0].error
    look = look_at_cost(workspace, shop_id, count_cost(workspace, shop_id))
    lines = {line.line: line for line in look.lines}
    said = list_rows(workspace, shop_id, "refunded", at={"because": "said"}).set_index("order_no")["refunded_yuan"]
    assert set(said.index) == {late[0], late[3], good} and len(said) == lines["refunds_said"].orders == 3
    assert (said[late[0]], said[good]) == (5.0, 6.0), "two cases of one order, one of them in two exports"
    assert said[late[3]] < 1000, "never more than the order had brought in"
    inferred = list_rows(workspace, shop_id, "refunded", at={"because": "inferred"})
    assert late[1] in set(inferred["order_no"]) and late[2] not in set(inferred["order_no"]), "a broken plate is no missing pickup"
    assert lines["refunds_said"].given_back == pytest.approx(float(said.sum())) and lines["refunds_said"].yuan is None
    assert look.orders == affected + 1, "of all these only the order in time was not late before"
    assume(workspace, shop_id, "refund_loss_ratio", 0.5)
    told = {line.line: line for line in look_at_cost(workspace, shop_id, count_cost(workspace, shop_id)).lines}
    assert told["refunds_said"].yuan == pytest.approx(float(said.sum()) / 2)
    with pytest.raises(AuditError, match="figure_value"):
        assume(workspace, shop_id, "refund_loss_ratio", 1.5)
    workspace.state.close()
