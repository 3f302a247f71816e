"""The peer: what an analyst of the shop writes with pandas in an hour. It reads both files and prints each courier's 24-hour rate.

``python benchmarks/pandas_peer.py ORDERS PICKUPS "2026-11-20 18:00"``. It checks nothing, keeps nothing and explains nothing;
it is here to be beaten on time and memory while doing less.
"""

import sys

import pandas as pd

ID_COLUMNS = ["订单号", "快递单号", "商品id", "样式ID", "手机"]
TIME_COLUMNS = ["支付时间", "订单成交时间", "承诺发货时间", "发货时间", "确认收货时间"]


def without_tabs(frame: pd.DataFrame) -> pd.DataFrame:
    """Strip the TAB that the platform puts behind its cells."""
    for column in frame.columns:
        if pd.api.types.is_string_dtype(frame[column].dtype):
            frame[column] = frame[column].str.strip()
    return frame


def times(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column, format="%Y-%m-%d %H:%M:%S", errors="coerce")


def main() -> None:
    orders_file, pickups_file, as_of = sys.argv[1], sys.argv[2], pd.Timestamp(sys.argv[3])
    orders = without_tabs(pd.read_csv(orders_file, dtype=dict.fromkeys(ID_COLUMNS, str), encoding="utf-8-sig"))
    pickups = without_tabs(pd.read_csv(pickups_file, dtype=str, encoding="gb18030"))
    for column in TIME_COLUMNS:
        orders[column] = times(orders[column])
    pickups["第一条揽收时间"] = times(pickups["第一条揽收时间"])
    parcels = orders[orders["发货时间"].notna()].merge(
        pickups[["运单号", "第一条揽收时间"]].drop_duplicates("运单号"), how="left", left_on="快递单号", right_on="运单号"
    )
    day = pd.Timedelta(hours=24)
    mature = parcels[parcels["发货时间"] <= as_of - day]
    in_time = (mature["第一条揽收时间"] - mature["发货时间"] <= day).groupby(mature["快递公司"])
    print(in_time.agg(["size", "mean"]).to_string())
    print(f"all couriers: {in_time.sum().sum() / len(mature):.4f} of {len(mature)} parcels")


if __name__ == "__main__":
    main()
