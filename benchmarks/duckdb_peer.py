"""The peer that is hard to beat: a hand-written DuckDB script that makes the same archive (typed rows of both files as Parquet, TABs
gone, statuses named, repeated rows once, no personal column) and prints each courier's 24-hour rate.

``python benchmarks/duckdb_peer.py ORDERS PICKUPS "2026-11-20 18:00" FOLDER``. It knows the layout of its two files beforehand, refuses
nothing, explains nothing, and runs without a limit on what a stranger's file may do to it.
"""

import sys
from pathlib import Path

import duckdb

STATUSES = {
    "待付款": "unpaid", "待发货": "to_ship", "已发货，待收货": "shipped", "已收货": "received", "已取消": "cancelled",
    "未发货，退款成功": "refunded_unshipped", "已发货，退款成功": "refunded_shipped", "已收货，退款成功": "refunded_received",
}


def bare(header: str) -> str:
    return f"replace(\"{header}\", chr(9), '')"


def moment(header: str) -> str:
    return f"try_strptime({bare(header)}, '%Y-%m-%d %H:%M:%S')"


def main() -> None:
    orders_file, pickups_file, as_of, folder = sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4])
    engine = duckdb.connect(config={"threads": 2})
    engine.execute("SET enable_progress_bar = false")
    utf8 = folder / "pickups.csv"  # the engine reads no GB18030
    with Path(pickups_file).open(encoding="gb18030", newline="") as source, utf8.open("w", encoding="utf-8", newline="") as copy:
        while block := source.read(1 << 20):
            copy.write(block)
    states = " ".join(f"WHEN '{text}' THEN '{state}'" for text, state in STATUSES.items())
    archive, scans = folder / "orders.parquet", folder / "pickups.parquet"
    engine.execute(f"""COPY (
        SELECT "订单号" AS order_no, nullif({bare("快递单号")}, '') AS waybill, "快递公司" AS courier, "省" AS province,
               {bare("商品id")} AS goods_id, "商品" AS goods_name, CASE "订单状态" {states} ELSE 'unknown' END AS status,
               try_cast({bare("商家实收金额(元)")} AS DECIMAL(12, 2)) AS received_yuan,
               try_cast({bare("商品数量(件)")} AS INTEGER) AS quantity,
               {moment("订单成交时间")} AS confirmed_at, {moment("支付时间")} AS paid_at, {moment("承诺发货时间")} AS promised_ship_at,
               {moment("发货时间")} AS shipped_at
        FROM read_csv('{orders_file}', all_varchar = true, header = true, quote = '"', escape = '"')
        ) TO '{archive}' (FORMAT parquet)""")
    engine.execute(f"""COPY (
        SELECT {bare("运单号")} AS waybill, "快递公司" AS courier, "第一条揽收网点名称" AS outlet,
               {moment("第一条揽收时间")} AS picked_up_at, {moment("第一条分拨扫描时间")} AS first_move_at
        FROM read_csv('{utf8}', all_varchar = true, header = true)) TO '{scans}' (FORMAT parquet)""")
    engine.sql(f"""
        WITH lines AS (SELECT DISTINCT ON (order_no, waybill) waybill, courier, shipped_at FROM '{archive}' WHERE shipped_at IS NOT NULL),
             first AS (SELECT waybill, min(picked_up_at) AS picked_up_at FROM '{scans}' GROUP BY waybill)
        SELECT courier, count(*) AS parcels, avg(CAST(coalesce(picked_up_at - shipped_at <= INTERVAL 24 HOUR, FALSE) AS INTEGER)) AS kept
        FROM lines LEFT JOIN first USING (waybill) WHERE shipped_at <= TIMESTAMP '{as_of}' - INTERVAL 24 HOUR
        GROUP BY ROLLUP (courier) ORDER BY courier NULLS LAST""").show()


if __name__ == "__main__":
    main()
