"""An invented month of a large shop: one order export and one pickup sheet, as big as real ones and with nothing real in them.

``python benchmarks/make_month.py FOLDER [--orders 1000000]`` writes both and prints their sizes. Every value is a hash of the
row's number, so the files are the same on each run. Names, phones and addresses only look like some: they are there because
real exports carry them and an importer has to drop them.
"""

import argparse
from datetime import datetime
from pathlib import Path

import duckdb

AS_OF = datetime(2026, 11, 20, 18, 0)
ORDERS_FILE = f"0123456789abcdef0123456789abcdeforders_export{AS_OF:%Y-%m-%d-%H-%M-%S}.csv"
PICKUPS_FILE = "courier_first_pickup.csv"

# u(k) is a number in [0, 1) that belongs to row i and stream k.
RANDOM = "CREATE MACRO u(i, k) AS (hash(i * 64 + k) % 1000003) / 1000003.0"

# The lag from upload to the first scan: usually hours, sometimes a night, now and then more than a day, rarely never.
PARCELS = """
CREATE TABLE parcels AS
WITH drawn AS (
    SELECT i, u(i, 1) AS created_u, u(i, 2) AS hour_u, u(i, 3) AS ship_u, u(i, 4) AS lag_u, u(i, 5) AS fate_u, u(i, 6) AS courier_u
    FROM range($orders) AS numbers(i)
), placed AS (
    SELECT *, $as_of - to_seconds(CAST(created_u * 30 * 86400 AS BIGINT)) AS paid,
        CASE WHEN courier_u < 0.45 THEN '中通快递' WHEN courier_u < 0.70 THEN '圆通速递'
             WHEN courier_u < 0.87 THEN '极兔速递' ELSE '韵达快递' END AS courier
    FROM drawn
), shipped AS (
    SELECT *, CASE WHEN fate_u < 0.06 THEN NULL
                   ELSE paid + to_seconds(CAST(1200 + 20 * 3600 * ship_u * ship_u AS BIGINT)) END AS uploaded
    FROM placed
)
SELECT i, fate_u, courier, paid, lag_u,
    CASE WHEN uploaded <= $as_of THEN uploaded END AS shipped_at,
    CASE WHEN fate_u > 0.998 OR uploaded > $as_of THEN NULL
         WHEN lag_u < 0.96 THEN uploaded + to_seconds(CAST(600 + 14 * 3600 * pow(lag_u, 3) AS BIGINT))
         ELSE uploaded + to_seconds(CAST((20 + 900 * (lag_u - 0.96)) * 3600 AS BIGINT)) END AS scanned_at,
    CASE courier WHEN '中通快递' THEN '76' WHEN '圆通速递' THEN 'YT' WHEN '极兔速递' THEN 'JT' ELSE '43' END
        || lpad(CAST(i AS VARCHAR), 13, '0') AS waybill
FROM shipped
"""

ORDER_ROWS = """
SELECT
    '收纳箱 ' || (i % 40) AS "\ufeff商品",
    strftime(paid, '%y%m%d') || '-' || (100000000000000 + i) AS "订单号",
    CASE WHEN fate_u < 0.05 THEN '未发货，退款成功' WHEN shipped_at IS NULL THEN '待发货'
         WHEN received <= $as_of THEN '已收货' ELSE '已发货，待收货' END AS "订单状态",
    price || tab AS "商品总价(元)", '0.00' || tab AS "邮费(元)", '2.00' || tab AS "店铺优惠折扣(元)", '0.00' || tab AS "平台优惠折扣(元)",
    '0.00' || tab AS "多多支付立减金额(元)", price || tab AS "用户实付金额(元)", price || tab AS "商家实收金额(元)",
    '1' || tab AS "商品数量(件)",
    '测试' || (i % 997) AS "收货人", '1990000' || lpad(CAST(i % 10000 AS VARCHAR), 4, '0') || tab AS "手机",
    ['广东省', '浙江省', '江苏省', '山东省', '四川省', '河南省'][1 + i % 6] AS "省", '某某市' AS "市", '某某区' AS "区",
    '某某路' || (i % 900) || '号' || (i % 30) || '室' AS "街道",
    stamp(paid) AS "支付时间", stamp(paid) AS "订单成交时间", stamp(paid + INTERVAL 48 HOUR) AS "承诺发货时间",
    stamp(shipped_at) AS "发货时间", stamp(CASE WHEN received <= $as_of THEN received END) AS "确认收货时间",
    (613800000000 + i % 40) || tab AS "商品id", '标准款' AS "商品规格", (1500000000 + i % 200) || tab AS "样式ID",
    'SKU-' || (i % 200) || tab AS "商家编码-规格维度", tab AS "商家编码-商品维度", '' AS "商家备注",
    CASE WHEN i % 50 = 0 THEN '请发,结实的箱子' ELSE '' END AS "买家留言",
    CASE WHEN shipped_at IS NULL THEN tab ELSE waybill || tab END AS "快递单号",
    CASE WHEN shipped_at IS NULL THEN '' ELSE courier END AS "快递公司",
    CASE WHEN fate_u < 0.05 THEN '退款成功' ELSE '无售后或售后取消' END AS "售后状态"
FROM (
    SELECT *, chr(9) AS tab, format('{:.2f}', 12 + (i % 400) / 10) AS price,
        scanned_at + to_seconds(CAST((48 + 60 * lag_u) * 3600 AS BIGINT)) AS received
    FROM parcels
)
ORDER BY i
"""

PICKUP_ROWS = """
SELECT waybill AS "运单号", courier AS "快递公司", strftime(scanned_at, '%Y-%m-%d %H:%M:%S') AS "第一条揽收时间",
    courier || '第' || (i % 5 + 1) || '网点' AS "第一条揽收网点名称",
    coalesce(strftime(least(hub, $as_of), '%Y-%m-%d %H:%M:%S'), '') AS "第一条分拨扫描时间", '运输中' AS "最新状态"
FROM (SELECT *, scanned_at + to_seconds(CAST((2 + 20 * lag_u) * 3600 AS BIGINT)) AS hub FROM parcels)
WHERE scanned_at <= $as_of ORDER BY i
"""


def make_month(folder: Path, orders: int = 1_000_000) -> tuple[Path, Path]:
    """Write the two files into ``folder`` and return (order export, pickup sheet)."""
    folder.mkdir(parents=True, exist_ok=True)
    order_file, pickup_file, plain = folder / ORDERS_FILE, folder / PICKUPS_FILE, folder / "pickups.utf8.csv"
    with duckdb.connect() as engine:
        engine.execute(RANDOM)
        engine.execute("CREATE MACRO stamp(t) AS coalesce(strftime(t, '%Y-%m-%d %H:%M:%S'), '') || chr(9)")
        engine.execute(f"SET VARIABLE as_of = TIMESTAMP '{AS_OF}'")
        engine.execute(PARCELS.replace("$as_of", "getvariable('as_of')").replace("$orders", str(int(orders))))
        for rows, target in ((ORDER_ROWS, order_file), (PICKUP_ROWS, plain)):
            query = rows.replace("$as_of", "getvariable('as_of')")
            engine.execute(f"COPY ({query}) TO '{str(target).replace(chr(39), chr(39) * 2)}' (FORMAT csv, HEADER)")
    with plain.open(encoding="utf-8", newline="") as source, pickup_file.open("w", encoding="gb18030", newline="") as sheet:
        rows_written = -1  # the header is not a parcel
        for line in source:
            sheet.write(line)
            rows_written += 1
        sheet.write(f"合计,,{rows_written}票,,,\n")
    plain.unlink()
    return order_file, pickup_file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--orders", type=int, default=1_000_000)
    arguments = parser.parse_args()
    for path in make_month(arguments.folder, arguments.orders):
        print(f"{path}  {path.stat().st_size / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
