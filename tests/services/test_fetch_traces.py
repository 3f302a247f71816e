"""Which of a shop's parcels are asked for, and that nothing else of the shop goes out."""

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.services.demo_shop import DEMO_AS_OF, write_demo_files
from pdd_audit.services.fetch_traces import open_parcels
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.rows import list_rows
from pdd_audit.services.shops import create_shop

ORDERS = """订单号,订单状态,商品数量(件),样式ID,收货人,订单成交时间,发货时间,快递公司,快递单号
260101-000000000000001,已发货，待收货,1,1,周测试,2026-01-01 09:00:00,2026-01-01 12:00:00,中通快递,75000000000001
260101-000000000000002,已收货,1,1,周测试,2026-01-01 09:30:00,2026-01-01 12:10:00,圆通速递,YT1000000000001
260101-000000000000003,待发货,1,1,周测试,2026-01-01 09:40:00,\t,\t,\t
"""


def test_the_open_parcels_are_those_of_both_lists_once_with_their_courier(workspace, tmp_path):
    shop = create_shop(workspace, "甲")
    import_files(workspace, shop.id, [Upload(file.name, file) for file in write_demo_files(tmp_path, DEMO_AS_OF)])
    asked = open_parcels(workspace, shop.id)
    listed = [list_rows(workspace, shop.id, what, limit=None) for what in ("open_over_limit", "open_at_risk")]
    unknown = list_rows(workspace, shop.id, "excluded", limit=None)
    unknown = unknown[unknown["excluded"] == "pickup_unknown"]
    expected = {waybill for rows in [*listed, unknown] for waybill in rows["waybill"]}
    assert len(listed[0]) > 5
    assert {parcel.waybill for parcel in asked} == expected
    assert len(asked) == len(expected)
    couriers = dict(zip(listed[0]["waybill"], listed[0]["courier"], strict=True))
    assert all(parcel.courier == couriers[parcel.waybill] for parcel in asked if parcel.waybill in couriers)


def test_without_a_pickup_sheet_every_uploaded_parcel_is_unknown_and_asked_for(workspace):
    shop = create_shop(workspace, "甲")
    (outcome,) = import_files(workspace, shop.id, [Upload("orders.csv", ORDERS.encode())])
    assert outcome.error is None
    assert {(parcel.waybill, parcel.courier) for parcel in open_parcels(workspace, shop.id)} == {
        ("75000000000001", "中通"), ("YT1000000000001", "圆通")}


def test_a_shop_without_files_has_nothing_to_ask_for(workspace):
    assert open_parcels(workspace, create_shop(workspace, "空店").id) == []


def test_invented_waybills_are_never_asked_for(demo):
    workspace, shop = demo
    with pytest.raises(AuditError, match="live_demo_shop"):
        open_parcels(workspace, shop.id)
