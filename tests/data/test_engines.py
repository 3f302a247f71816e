"""One set of expressions, two engines: whatever is counted of a shop is the same on both, and who lacks Spark is told what to do."""

import csv
import shutil
import stat
import sys
from dataclasses import replace
from datetime import datetime

import pandas as pd
import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.data.relations.engines import java, opened, usable
from pdd_audit.data.relations.lines import first_scans
from pdd_audit.metrics import registry
from pdd_audit.services.demo_shop import DEMO_AS_OF, write_demo_files
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.ledger_care import export_parcels
from pdd_audit.services.measure import ask_about, compact
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace
from tests.data.remote_folder import served

FRAMES = ("lags", "cells", "outlets", "promises", "fines", "replies", "scan_hours")
FACTS = ("as_of", "cut", "mature_until", "limit_minutes", "counts", "excluded", "flags", "flag_values", "samples")
CLOSE = 1e-9


@pytest.fixture
def home(tmp_path):
    """A folder whose name would be a pattern, were it read as one."""
    folder = tmp_path / "店铺 [1] {a} b"
    folder.mkdir()
    return folder


def shop_of(home, files):
    workspace = open_workspace(home)
    shop = create_shop(workspace, "甲")
    outcomes = import_files(workspace, shop.id, [Upload(file.name, file) for file in files])
    assert not [outcome.error for outcome in outcomes if outcome.error]
    return workspace, shop.id


def tables_by(workspace, shop_id, engine):
    """Counted anew: nothing of an earlier count is left."""
    shutil.rmtree(workspace.cache(shop_id), ignore_errors=True)
    return compact(replace(workspace, engine=engine), shop_id, ask_about(workspace, shop_id, None))[1]


def sorted_frame(frame):
    return frame.sort_values(list(frame.columns), ignore_index=True)


def assert_same_tables(found, expected):
    for name in FACTS:
        assert getattr(found, name) == getattr(expected, name), name
    for name in FRAMES:
        frames = [sorted_frame(getattr(tables, name)) for tables in (found, expected)]
        pd.testing.assert_frame_equal(*frames, check_dtype=False, rtol=CLOSE, atol=CLOSE)


def assert_same_metrics(found, expected):
    for name, metric in registry.items():
        one, other = metric.compute(found), metric.compute(expected)
        assert (one.n, one.reason) == (other.n, other.reason), name
        numbers = [{part: value for part in ("value", "low", "high") if (value := getattr(of, part)) is not None} for of in (one, other)]
        assert numbers[0] == pytest.approx(numbers[1], rel=CLOSE, abs=CLOSE), name


def neighbours_of(orders_file, folder):
    """After-sale export, bill and label list that speak of some of the orders."""
    with orders_file.open(encoding="utf-8-sig", newline="") as source:
        orders = [{header: cell.strip() for header, cell in row.items()} for row in csv.DictReader(source)]
    shipped = [order for order in orders if order["快递单号"] and order["发货时间"]]
    refunded = [order for order in shipped if order["订单状态"].endswith("退款成功")]
    sheets = {
        "after_sales": ["售后编号,订单编号,订单状态,售后状态,退款金额(元),售后类型,申请时间,同意退款时间"]
        + [f"9{at:09d},{o['订单号']},{o['订单状态']},退款成功,5.00,仅退款,{o['发货时间']},{o['发货时间']}" for at, o in enumerate(refunded)],
        "bill": ["商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注,业务描述"]
        + [f"{o['订单号'] if at % 3 else ''},2026-11-18 03:00:07,0.00,-5.00,其他支出,,0040005|虚假发货" for at, o in enumerate(shipped[:30])],
        "labels": ["电子面单号,快递公司,网点名称,状态,取号时间,订单号"]
        + [f"{o['快递单号']},{o['快递公司']},一号网点,已使用,{o['发货时间']},{o['订单号']}" for o in shipped[-500:]],
    }
    for name, rows in sheets.items():
        (folder / f"{name}.csv").write_text("\n".join(rows), "utf-8")
    return [folder / f"{name}.csv" for name in sheets]


@pytest.mark.spark
def test_the_demo_shop_has_the_same_tables_and_metrics_on_both_engines(spark, home):
    files = write_demo_files(home, DEMO_AS_OF)
    workspace, shop_id = shop_of(home, [*files, *neighbours_of(files[0], home)])
    found, expected = (tables_by(workspace, shop_id, engine) for engine in ("spark", "duckdb"))
    assert expected.counts["shipped"] > 5000 and not expected.fines.empty and "outlet_by_label" in expected.flags
    assert expected.excluded["refunded_before_limit"] > 0
    assert_same_tables(found, expected)
    assert_same_metrics(found, expected)


@pytest.mark.spark
@pytest.mark.shared
def test_a_shop_with_real_timings_has_the_same_tables_and_metrics_on_both_engines(spark, shared_data, home):
    folder = shared_data / "october_shop"
    files = [next(folder.glob("*orders_export*.csv")), folder / "courier_first_pickup.csv", folder / "service_team.xlsx"]
    workspace, shop_id = shop_of(home, files)
    found, expected = (tables_by(workspace, shop_id, engine) for engine in ("spark", "duckdb"))
    assert_same_tables(found, expected)
    assert_same_metrics(found, expected)


@pytest.mark.spark
def test_workers_may_find_the_rows_on_another_machine(spark, home, tmp_path, monkeypatch):
    """As on object storage: here lie the reports, there, behind an address, lie the rows."""
    workspace, shop_id = shop_of(home, write_demo_files(home, DEMO_AS_OF)[:2])
    expected = tables_by(workspace, shop_id, "duckdb")
    shutil.copytree(home / "shops", tmp_path / "bucket" / "shops")
    for rows in (home / "shops").rglob("rows.parquet"):
        rows.unlink()
    with served(tmp_path / "bucket") as address:
        monkeypatch.setenv("PDD_AUDIT_SPARK_HOME", f"{address}/")
        assert_same_tables(tables_by(workspace, shop_id, "spark"), expected)


@pytest.mark.spark
def test_the_list_of_all_parcels_is_the_same_file_on_both_engines(spark, home):
    workspace, shop_id = shop_of(home, write_demo_files(home, DEMO_AS_OF)[:2])
    lists = []
    for engine in ("duckdb", "spark"):
        shutil.rmtree(workspace.cache(shop_id), ignore_errors=True)
        assert export_parcels(replace(workspace, engine=engine), shop_id, home / f"{engine}.csv") > 5000
        lists.append((home / f"{engine}.csv").read_text("utf-8"))
    assert lists[0] == lists[1]


SCANS = [("a", "10 09:00", "二号"), ("b", "10 09:00", "一号"), ("c", "10 08:00", None)]  # file, time, outlet


@pytest.mark.parametrize("order", [SCANS, SCANS[::-1]], ids=["forwards", "backwards"])
def test_of_two_scans_in_one_second_every_engine_takes_the_same_and_a_nameless_one_never(engine, tmp_path, order):
    files = []
    for file, time, outlet in order:
        path = tmp_path / f"import_id={file}" / "rows.parquet"
        path.parent.mkdir()
        at = datetime.fromisoformat(f"2026-03-{time}")
        frame = pd.DataFrame({"waybill": ["W"], "outlet": pd.Series([outlet], dtype="str"), "picked_up_at": [at], "first_move_at": [at], "collected_time_unknown": [False]})
        frame.astype({"picked_up_at": "datetime64[us]", "first_move_at": "datetime64[us]"}).to_parquet(path)
        files.append(path)
    row = first_scans(engine.rows(files), several_files=True).execute().iloc[0]
    assert (row["outlet"], row["picked_up_at"]) == ("一号", pd.Timestamp("2026-03-10 08:00"))


def test_rows_know_their_file_and_their_place_in_it_and_a_digest_of_digits_stays_a_text(engine, tmp_path):
    paths = [tmp_path / folder / "import_id=0042" / "rows.parquet" for folder in ("pdd_orders", "reading-2/pdd_orders")]
    paths[1] = paths[1].parent.with_name("import_id=0043") / "rows.parquet"  # a file that was read another time
    for path, first in zip(paths, "VW", strict=True):
        path.parent.mkdir(parents=True)
        pd.DataFrame({"waybill": [f"{first}{n}" for n in range(5)]}).to_parquet(path)
    frame = engine.rows(paths).execute().sort_values("waybill")
    assert frame["import_id"].tolist() == ["0042"] * 5 + ["0043"] * 5
    assert frame["file_row_number"].tolist() == [0, 1, 2, 3, 4] * 2


def fake_java(folder, version):
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2020-01-01' >&2\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.mark.skipif(sys.platform == "win32", reason="the made-up Java is a shell script")
@pytest.mark.parametrize(("version", "found"), [("1.8.0_402", "Java: 8"), ("11.0.2", "Java: 11"), (None, "Java: -")])
def test_without_a_java_of_today_one_is_told_which_was_found(tmp_path, monkeypatch, version, found):
    monkeypatch.setattr(java, "find_spec", lambda name: object())
    if version:
        fake_java(tmp_path, version)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(AuditError) as refused:
        usable("spark")
    assert (refused.value.code, refused.value.found) == ("engine_missing", found)


def test_without_pyspark_one_is_told_so(monkeypatch):
    monkeypatch.setattr(java, "find_spec", lambda name: None)
    with pytest.raises(AuditError) as refused:
        usable("spark")
    assert (refused.value.code, refused.value.found) == ("engine_missing", "pyspark: -")


def test_the_environment_names_the_engine_and_a_wrong_name_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("PDD_AUDIT_ENGINE", "oracle")
    workspace = open_workspace(tmp_path)
    with pytest.raises(AuditError) as refused, opened(workspace.engine, tmp_path, tmp_path):
        pass
    assert (refused.value.code, refused.value.found) == ("engine_unknown", "oracle")
    assert usable("duckdb") == "duckdb"
