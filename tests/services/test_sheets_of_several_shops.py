"""A sheet of an ERP holds several shops: the one it is imported into is read, under the name people gave it."""

from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.shops import create_shop, rename_shop
from pdd_audit.services.workspace import open_workspace
from tests.data.builders import an_order, as_csv

HEADERS = ["线上订单号", "原始线上订单号", "店铺", "付款日期", "发货日期", "状态", "店铺状态", "快递公司", "快递单号", "平台站点"]


def _sheet(*shops):
    rows = []
    for number, shop in enumerate(shops, 1):
        order = an_order(number)
        times = [order["支付时间"], order["发货时间"]]
        rows.append([order["订单号"], order["订单号"], shop, *times, "已发货", "", "中通", f"78{number:013d}", "拼多多"])
    return Upload("聚水潭.csv", as_csv([HEADERS, *rows]))


def test_the_shop_s_own_rows_are_read_once_its_name_is_that_of_the_sheet(tmp_path):
    workspace = open_workspace(tmp_path)
    shop = create_shop(workspace, "丙店")
    (refused,) = import_files(workspace, shop.id, [_sheet("甲店", "乙店", "甲店")])
    assert refused.error.code == "several_shops" and refused.error.found == "甲店、乙店"
    rename_shop(workspace, shop.id, "甲店")
    (read,) = import_files(workspace, shop.id, [_sheet("甲店", "乙店", "甲店")])
    assert read.error is None and (read.report.rows_kept, read.report.left_out) == (2, {"other_shop": 1})
