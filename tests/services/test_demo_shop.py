"""The invented shop: always the same, shaped like real exports, and with answers that fit the checklists."""

from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import yaml

from pdd_audit.services.demo_bill import write_demo_bill
from pdd_audit.services.demo_shop import COURIERS, DEMO_AS_OF, MISSED_VAN_COURIER, demo_answers, write_demo_files
from pdd_audit.services.look_at_appeals import find_appealable, look_at_appeals

ROOT = Path(__file__).resolve().parent.parent.parent
LIMIT = pd.Timedelta(hours=24)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_demo_files(tmp_path_factory.mktemp("demo"), DEMO_AS_OF)


@pytest.fixture(scope="module")
def orders(files):
    frame = pd.read_csv(files[0], dtype=str, encoding="utf-8-sig")
    return frame.apply(lambda column: column.str.strip()).replace("", None)


@pytest.fixture(scope="module")
def pickups(files):
    return pd.read_csv(files[1], dtype=str, encoding="gb18030").iloc[:-1]


@pytest.fixture(scope="module")
def mature(orders, pickups):
    """Shipped parcels whose 24 hours are over, with the hours they waited."""
    parcels = orders[orders["快递单号"].notna()].merge(pickups, how="left", left_on="快递单号", right_on="运单号", suffixes=("", "_sheet"))
    parcels["uploaded"] = pd.to_datetime(parcels["发货时间"])
    parcels["waited"] = pd.to_datetime(parcels["第一条揽收时间"]) - parcels["uploaded"]
    return parcels[parcels["uploaded"] <= pd.Timestamp(DEMO_AS_OF) - LIMIT]


@pytest.fixture(scope="module")
def questions():
    practices = [yaml.safe_load(file.read_text("utf-8")) for file in sorted((ROOT / "checklists" / "practices").glob("*.yaml"))]
    return {item["id"]: (item, practice["practice"]) for practice in practices for item in practice["items"]}


def test_the_same_moment_and_seed_give_the_same_bytes(files, tmp_path):
    again = write_demo_files(tmp_path, DEMO_AS_OF)
    assert [f.name for f in again] == [f.name for f in files]
    assert [f.read_bytes() for f in again] == [f.read_bytes() for f in files]
    bill = write_demo_bill(tmp_path)
    assert write_demo_bill(tmp_path / "again").read_bytes() == bill.read_bytes() and bill.name == write_demo_bill(tmp_path / "again").name


def test_the_bill_fines_one_order_justly_one_in_time_and_one_that_a_notice_exempts(demo):
    workspace, shop = demo
    look = look_at_appeals(workspace, shop.id, find_appealable(workspace, shop.id))
    assert look.found.billed and [(one.reason, one.claims) for one in look.candidates] == [
        ("collected_in_time", ("collected_in_time",)), ("exempt", ("exempt",)),
    ]
    (just,) = look.hopeless
    assert just.finding.code == "appeal_scan_late" and just.finding.contradicted
    assert MISSED_VAN_COURIER.startswith(just.facts.courier), "the van that never came"
    assert look.yuan == 8.0 and just.facts.yuan == 5.0


def test_another_seed_gives_another_shop(files, tmp_path):
    assert write_demo_files(tmp_path, DEMO_AS_OF, seed=1)[0].read_bytes() != files[0].read_bytes()


@pytest.mark.parametrize("as_of", [datetime(2027, 1, 1, 0, 0), datetime(2028, 2, 29, 9, 30)])
def test_nothing_happens_after_the_export(as_of, tmp_path):
    paths = write_demo_files(tmp_path, as_of)
    orders = pd.read_csv(paths[0], dtype=str, encoding="utf-8-sig")
    scans = pd.read_csv(paths[1], dtype=str, encoding="gb18030").iloc[:-1]
    stamps = [orders[name].str.strip() for name in ("支付时间", "发货时间", "确认收货时间")] + [scans["第一条揽收时间"], scans["第一条分拨扫描时间"]]
    newest = max(column.dropna().max() for column in stamps)
    assert newest <= f"{as_of:%Y-%m-%d %H:%M:%S}"


def test_the_files_look_like_exports(files, orders, pickups):
    assert files[0].read_bytes().startswith("\ufeff商品,订单号".encode())
    assert f"orders_export{DEMO_AS_OF:%Y-%m-%d-%H-%M-%S}.csv" in files[0].name
    assert files[1].read_text("gb18030").splitlines()[-1] == f"合计,,{len(pickups)}票,,,"
    assert orders["订单号"].str.fullmatch(r"\d{6}-\d{15}").all()
    assert orders["订单号"].is_unique
    assert orders["快递单号"].dropna().is_unique


def test_about_six_thousand_orders_and_four_late_parcels_in_a_hundred(orders, mature):
    assert 5500 < len(orders) < 6800
    assert 0.95 < (mature["waited"] <= LIMIT).mean() < 0.97
    assert 1.5 < mature["waited"].median() / pd.Timedelta(hours=1) < 3


def test_every_situation_of_the_guide_occurs(orders):
    expected = {"待付款", "待发货", "已发货，待收货", "已收货", "未发货，退款成功", "已发货，退款成功", "已取消"}
    assert set(orders["订单状态"]) == expected


def test_one_van_never_came(mature):
    late = mature[~(mature["waited"] <= LIMIT)]
    worst = late.groupby(["快递公司", late["uploaded"].dt.date]).size()
    assert worst.idxmax() == (MISSED_VAN_COURIER, DEMO_AS_OF.date() - timedelta(days=6))
    assert worst.max() > 3 * worst.sort_values().iloc[-2]


def test_one_courier_is_slow_and_evening_uploads_run_late(mature):
    in_time = mature["waited"] <= LIMIT
    assert in_time.groupby(mature["快递公司"]).mean().idxmin() == max(COURIERS, key=lambda c: c.pace).name
    evening = mature["uploaded"].dt.hour >= 20
    assert in_time[evening].mean() < in_time[~evening].mean() - 0.02


def test_every_demo_answer_fits_its_question(questions):
    for question_id, given in demo_answers().items():
        item, practice = questions[question_id]
        answer = given["answer"] if isinstance(given, dict) else given
        if isinstance(answer, list):
            assert item["scale"] == "criteria_share", question_id
            assert set(answer) <= {criterion["id"] for criterion in item["criteria"]}, question_id
        elif answer == "na":
            assert given["reason"] in practice["na_reasons"], question_id
        else:
            allowed = {"met", "unmet", "unknown"} | ({"mostly", "partly"} if item["scale"].endswith("_4") else set())
            assert answer in allowed, question_id


def test_most_questions_have_an_answer(questions):
    asked = [
        id for id, (item, _) in questions.items()
        if item["kind"] == "question" and not item.get("retired") and "own_warehouse" in item.get("when", ["own_warehouse"])
    ]
    answers = demo_answers()
    assert 0.8 < len(answers) / len(asked) < 0.95
    kinds = [given["answer"] if isinstance(given, dict) else given for given in answers.values()]
    assert kinds.count("unknown") == 1
    assert kinds.count("na") == 1
