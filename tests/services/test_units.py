"""BF-121 and BF-143 answered by the shop: the unit of a column is said on the card of its file, and files are read by it from then on."""

from datetime import datetime

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.core.mapping import Mapping
from pdd_audit.data.relations.replies import reply_rows
from pdd_audit.data.storage.stored_rows import first_stored_rows
from pdd_audit.services.import_files import Upload, import_files, list_imports
from pdd_audit.services.map_columns import forget_mapping, known_mappings, with_known_mappings
from pdd_audit.services.measure import ask_about, key_of
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.score_all import version_of
from pdd_audit.services.shops import create_shop
from pdd_audit.services.units import say_unit, unit_questions
from tests.data.builders import EXPORT_NAME, as_csv, as_xlsx, orders
from tests.data.catalogue.test_money import YUAN
from tests.data.catalogue.test_service import unitless

NOW = datetime(2026, 11, 20, 18)


@pytest.fixture
def shop(home):
    return create_shop(home, "拾光")


def in_fen():
    rows = orders(30)
    for row in rows[1:]:
        row[rows[0].index(YUAN)] = "178000"
    return rows


def taken(home, shop, name, content):
    return import_files(home, shop.id, with_known_mappings(home, shop.id, [Upload(name, content)]))[0]


def first_amount(home, shop, report):
    path = next(path for path, one in home.ledger(shop.id).files("pdd_orders") if one == report)
    return first_stored_rows(path.parents[2], report, 1)[0]["received_yuan"]


def standing(home, shop):
    """What hangs on how the files were read: tables, the list of shops, and the result's own name."""
    asked = ask_about(home, shop.id, None)
    return key_of(home, shop.id, asked), version_of(home, shop), run_audit(home, shop.id).result.fingerprint


def test_amounts_in_fen_are_said_once_and_the_same_file_is_read_again_by_it(home, shop):
    asking = taken(home, shop, EXPORT_NAME, as_csv(in_fen())).report
    [question] = unit_questions(home, shop.id, asking)
    assert (question.column, question.header, question.units, question.sample) == ("received_yuan", YUAN, ("yuan", "fen"), "178000")
    assert question.said is None and not question.waits
    before = standing(home, shop)
    say_unit(home, shop.id, asking, "received_yuan", "fen", NOW)
    [waiting] = unit_questions(home, shop.id, asking)
    assert (waiting.said, waiting.waits, first_amount(home, shop, asking)) == ("fen", True, 178000)
    again = taken(home, shop, EXPORT_NAME, as_csv(in_fen()))
    assert again.error is None and not again.already and again.report.sha256 == asking.sha256
    assert first_amount(home, shop, again.report) == 1780 and list_imports(home, shop.id) == [again.report]
    assert all(old != new for old, new in zip(before, standing(home, shop), strict=True))
    ledger = home.ledger(shop.id)
    assert ledger.removed() == [] and ledger.verify() == []
    [settled] = unit_questions(home, shop.id, again.report)
    assert (settled.said, settled.waits, settled.sample) == ("fen", False, "")
    assert taken(home, shop, EXPORT_NAME, as_csv(in_fen())).already
    ledger.remove(asking.sha256)
    say_unit(home, shop.id, again.report, "received_yuan", "yuan", NOW)  # it was a mistake: nor does what was put aside come back as it was
    assert first_amount(home, shop, taken(home, shop, EXPORT_NAME, as_csv(in_fen())).report) == 178000


def test_what_is_said_holds_for_these_headers_in_this_shop_whatever_the_file(home, shop):
    asking = taken(home, shop, EXPORT_NAME, as_csv(in_fen())).report
    say_unit(home, shop.id, asking, "received_yuan", "fen", NOW)
    rows = in_fen()
    turned = [row[::-1] for row in rows[:21]]  # the same headers in another order, in a workbook, below a title
    month = as_xlsx([["十一月"], *turned])
    assert first_amount(home, shop, taken(home, shop, "十一月.xlsx", month).report) == 1780
    fewer = [row[:-1] for row in rows]
    assert first_amount(home, shop, taken(home, shop, "x.csv", as_csv(fewer)).report) == 178000
    other = create_shop(home, "别家")
    assert with_known_mappings(home, other.id, [Upload("y.csv", b"")])[0].by_hand is None
    forget_mapping(home, shop.id, known_mappings(home, shop.id)[0].fingerprint)
    assert taken(home, shop, "z.csv", as_csv(rows[:24])).report.units == {}


def test_a_new_reading_that_is_refused_leaves_the_old_one_where_it_was(home, shop, monkeypatch):
    asking = taken(home, shop, EXPORT_NAME, as_csv(in_fen())).report
    say_unit(home, shop.id, asking, "received_yuan", "fen", NOW)

    def refused(*_):
        raise AuditError("disk_full")

    monkeypatch.setattr("pdd_audit.data.reading.read_file._placed", refused)  # when all is written
    assert taken(home, shop, EXPORT_NAME, as_csv(in_fen())).error.code == "disk_full"
    assert list_imports(home, shop.id) == [asking] and home.ledger(shop.id).removed() == []


def test_a_bare_response_time_counts_once_its_unit_is_said(home, shop):
    asking = taken(home, shop, "客服.csv", as_csv(unitless("1.5"))).report
    [question] = unit_questions(home, shop.id, asking)
    assert (question.column, question.units, question.sample) == ("mean_seconds", ("seconds", "minutes"), "1.5")
    assert reply_rows(home.ledger(shop.id).paths("pdd_service"))["mean_seconds"].isna().all()
    say_unit(home, shop.id, asking, "mean_seconds", "minutes", NOW)
    taken(home, shop, "客服.csv", as_csv(unitless("1.5")))
    assert reply_rows(home.ledger(shop.id).paths("pdd_service"))["mean_seconds"].tolist() == [90, 90, 90]


def test_a_unit_joins_the_columns_somebody_has_mapped_and_none_is_taken_that_does_not_fit(home, shop):
    asking = taken(home, shop, EXPORT_NAME, as_csv(in_fen())).report
    before = unit_questions(home, shop.id, asking)
    with pytest.raises(AuditError) as caught:
        say_unit(home, shop.id, asking, "received_yuan", "minutes", NOW)
    assert (caught.value.code, caught.value.found) == ("mapping_unit", "received_yuan: minutes")
    assert known_mappings(home, shop.id) == [] and unit_questions(home, shop.id, asking) == before
    say_unit(home, shop.id, asking, "received_yuan", "fen", NOW)
    [known] = known_mappings(home, shop.id)
    columns = {"order_no": "订单号", "status": "订单状态", "waybill": "快递单号", "shipped_at": "发货时间", "received_yuan": YUAN}
    home.state.remember_mapping(shop.id, known.fingerprint, Mapping(kind="pdd_orders", columns=columns), "x", NOW)
    say_unit(home, shop.id, asking, "received_yuan", "fen", NOW)
    assert known_mappings(home, shop.id)[0].mapping == Mapping(kind="pdd_orders", columns=columns, units={"received_yuan": "fen"})
    again = taken(home, shop, EXPORT_NAME, as_csv(in_fen())).report
    assert again.by_hand and first_amount(home, shop, again) == 1780 and not unit_questions(home, shop.id, again)[0].waits
