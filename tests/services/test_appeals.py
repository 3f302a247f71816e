"""From a bill and a list of violations to an appeal file; and what the shop's own data do not bear out is refused."""

import csv
import html
import io
import zipfile
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.core.exemptions import waivers
from pdd_audit.data.content.appeals import check_appeals, load_causes, load_guide
from pdd_audit.data.content.checklists import load_rules
from pdd_audit.data.content.folder import default_folder
from pdd_audit.reports.appeal_pack import appeal_pack, letter_docx
from pdd_audit.services.calendars import days_noted
from pdd_audit.services.content import prove_checklists
from pdd_audit.services.demo_shop import DEMO_AS_OF, write_demo_files
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.incidents import appeals
from pdd_audit.services.incidents.appeal_facts import facts_of, windows_in_words
from pdd_audit.services.incidents.appeal_file import dossier_of, evidence_files
from pdd_audit.services.incidents.closing import close, find_incidents, open_incidents
from pdd_audit.services.incidents.learnt import closed_incidents, learnt
from pdd_audit.services.look_at_appeals import find_appealable, look_at_appeals
from pdd_audit.services.note_days import note_exemption, take_back
from pdd_audit.services.rows import list_rows
from pdd_audit.services.shop_archive import export_shop, import_shop
from pdd_audit.services.shops import create_shop, list_shops
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import LANGS, Words, all_texts, error_text

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
BILL = "商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注,业务描述"
LIST = "订单号,发货时间,快递公司,快递单号,违规类型"


def booking(order, taken="-5.00", what="0040005|虚假发货", at="2026-11-18 03:00:07"):
    return f"{order},{at},0.00,{taken},其他支出,,{what}"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """(workspace, shop id, late orders, orders in time): the demo shop's files with a bill that fines two of each, the second late one twice in
    one minute, the first in time twice in two exports (of which one was saved again without seconds), and a list of violations that names one more in time."""
    folder = tmp_path_factory.mktemp("appeals")
    workspace = open_workspace(folder / "home")
    shop_id = create_shop(workspace, "甲").id
    files = write_demo_files(folder, DEMO_AS_OF)
    import_files(workspace, shop_id, [Upload(file.name, file) for file in files[:2]])
    late = list(list_rows(workspace, shop_id, "late", limit=None)["order_no"])
    missed = set(list_rows(workspace, shop_id, "promise_missed", limit=None)["order_no"])
    good = [order for order in list_rows(workspace, shop_id, "on_time", limit=None)["order_no"] if order not in missed]
    sheets = {
        "bill_1.csv": [BILL, booking(late[0]), booking(late[1]), booking(late[1]), booking(good[0]), booking(good[1]), booking("")],
        "bill_2.csv": [BILL, booking(late[1], at="2026/11/18 3:00"), booking(good[0]), booking(good[0], "-3.00", "0040004|延迟发货")],
        "list.csv": [LIST, f"{good[2]},2026-10-22 09:00:00,中通快递,,未揽收"],
    }
    for name, rows in sheets.items():
        (folder / name).write_text("\n".join(rows), "utf-8-sig")
    outcomes = import_files(workspace, shop_id, [Upload(name, folder / name) for name in sheets])
    assert [outcome.error for outcome in outcomes] == [None, None, None]
    yield workspace, shop_id, late, good, files
    workspace.state.close()


@pytest.fixture
def look(shop):
    workspace, shop_id, *_ = shop
    return look_at_appeals(workspace, shop_id, find_appealable(workspace, shop_id))


def refusal(work):
    with pytest.raises(AuditError) as caught:
        work()
    for lang in LANGS:
        assert "{" not in "".join(error_text(caught.value, lang))
    return caught.value


def with_evidence(workspace, shop_id, orders, reason="collected_in_time"):
    case = appeals.open_case(workspace, shop_id, orders, reason, "王店长")
    appeals.add_evidence(workspace, shop_id, case, "waybill", "面单 13800000000 王某.png", PNG, date(2026, 10, 23), "王店长", shows=["number", "courier", "covered", "no_such_part"])
    return case


def test_every_fact_stands_in_the_file_and_row_it_names(shop):
    workspace, shop_id, late, good, (orders, pickups, _) = shop
    facts = facts_of(workspace, shop_id, [good[0]])[good[0]]
    rows = {orders.name: list(csv.reader(orders.open(encoding="utf-8-sig"))), pickups.name: list(csv.reader(pickups.open(encoding="gb18030")))}
    stamps = [facts.confirmed, facts.promised, *facts.uploads, *facts.scans]
    assert len(stamps) == 4
    for stamp in stamps:
        table = rows[stamp.place.file]
        cell = table[stamp.place.row - 1][table[0].index(stamp.place.column)]
        assert cell.strip() == f"{stamp.at:%Y-%m-%d %H:%M:%S}", "a reader finds the very cell again"
    assert sorted((one.yuan, one.booked) for one in facts.penalties) == [(3.0, True), (5.0, True)], "a booking two exports repeat is one"
    assert facts.taken_yuan == 8.0
    twice = facts_of(workspace, shop_id, [late[1]])[late[1]]
    assert [one.yuan for one in twice.penalties] == [5.0, 5.0], "two bookings of one minute are two, and a copy without seconds adds none"


def test_orders_penalised_in_time_are_found_most_worth_first_and_late_ones_say_why_not(shop, look):
    _, _, late, good, _ = shop
    assert look.candidates[0].facts.order_no == good[0], "eight yuan before five"
    assert {one.facts.order_no for one in look.candidates} == set(good[:3])
    assert {one.chance for one in look.candidates} == {None}, "no outcome yet, no chance named"
    assert {one.facts.order_no for one in look.hopeless} == set(late[:2])
    assert {one.finding.code for one in look.hopeless} == {"appeal_scan_late"}
    listed = next(one for one in look.candidates if one.facts.order_no == good[2])
    assert (listed.facts.penalties[0].kind, listed.facts.penalties[0].booked) == ("late_pickup", False)
    assert listed.facts.yuan == 5.0, "no amount stands in the list: what the rules let expect"


@pytest.fixture
def exempt(shop):
    """The shop while it has noted a notice for the days of its late orders."""
    workspace, shop_id, *_ = shop
    note_exemption(workspace, shop_id, {"from": "2026-10-01", "to": "2026-10-31", "counted_by": "shipped", "waives": ("pickup",), "reason": "台风停运", "source": "站内信"}, "王")
    yield workspace, shop_id
    for entry in days_noted(workspace, shop_id).noted:
        take_back(workspace, shop_id, entry, "王")


def test_an_order_of_a_noted_window_may_be_appealed_by_it(shop, exempt):
    workspace, shop_id, late, *_ = shop
    found = look_at_appeals(workspace, shop_id, find_appealable(workspace, shop_id))
    reasons = {one.facts.order_no: (one.reason, one.claims) for one in found.candidates}
    assert reasons[late[0]] == ("exempt", ("exempt",))


def test_a_letter_names_the_windows_of_the_platform_in_its_own_language():
    official = load_rules(default_folder()).exemptions
    named = windows_in_words(waivers(official, (), {}), official)
    assert named["spring_festival_2018_pickup"] == (
        "2018 春节，揽收时限放宽到 96 小时 2018-02-06 – 2018-02-26", "Spring Festival 2018, pickup limit widened to 96 h 2018-02-06 – 2018-02-26")
    assert all(named[window.id].en.startswith(window.reason.en) for window in official if window.id in named)


def test_a_claim_the_data_contradict_is_refused_with_its_figures_file_and_row(shop):
    workspace, shop_id, late, good, _ = shop
    error = refusal(lambda: appeals.open_case(workspace, shop_id, [good[3], late[0]], "collected_in_time", "王"))
    assert (error.code, error.values["order"], error.values["more"]) == ("appeal_scan_late", late[0], 1)
    assert error.place.file.startswith("courier_first_pickup") and error.place.row > 1
    assert error.values["over"] in error_text(error, "zh")[0] and error.values["due"] in error_text(error, "en")[0]


def test_a_handover_after_the_limit_builds_no_file_and_one_before_it_does(shop):
    workspace, shop_id, late, _, _ = shop
    case = appeals.open_case(workspace, shop_id, [late[1]], "handed_over_unscanned", "王")
    due = facts_of(workspace, shop_id, [late[1]])[late[1]].due
    assert refusal(lambda: dossier_of(workspace, shop_id, case)).code == "appeal_no_handover"
    add = lambda at, data: appeals.add_evidence(workspace, shop_id, case, "handover_list", "x.png", data, date(2026, 10, 23), "王", handed_over_at=at)  # noqa: E731 - three times below
    assert refusal(lambda: add(None, PNG)).code == "appeal_handover_time"
    wrong = add(due + timedelta(seconds=1), PNG)
    assert refusal(lambda: dossier_of(workspace, shop_id, case)).code == "appeal_handover_late"
    appeals.drop_evidence(workspace, shop_id, case, "handover_list", wrong.attachment.sha256, "王")
    add(due - timedelta(hours=2), PNG + b"2")
    assert dossier_of(workspace, shop_id, case).evidence[0].added.handed_over_at == due - timedelta(hours=2)


def test_the_file_opens_equals_itself_runs_nothing_foreign_and_holds_no_phone_number(shop):
    workspace, shop_id, _, good, _ = shop
    dossier = replace(dossier_of(workspace, shop_id, with_evidence(workspace, shop_id, [good[0]])), shop="<b>甲{{ 7*7 }} & {% 13900000000")
    files = evidence_files(workspace, shop_id, dossier.case)
    for lang, said in (("zh", "比时限"), ("en", "before the limit")):
        pack = appeal_pack(dossier, files, lang)
        assert pack == appeal_pack(dossier, files, lang)
        with zipfile.ZipFile(io.BytesIO(pack)) as opened:
            names = opened.namelist()
            index = list(csv.reader(io.StringIO(opened.read("index.csv").decode("utf-8-sig"))))
            assert [row[0] for row in index[1:]] == [name for name in names if name != "index.csv"]
            assert opened.read("letter.pdf").startswith(b"%PDF-")
            text = opened.read("facts.csv").decode("utf-8-sig")
            with zipfile.ZipFile(io.BytesIO(opened.read("letter.docx"))) as letter:
                document = letter.read("word/document.xml").decode()
            assert next(opened.read(name) for name in names if name.startswith("evidence/")) == PNG
        assert good[0] in document and said in document
        assert document.count("&lt;b&gt;甲{{ 7*7 }} &amp; {% ***") == 2 and document.count("{{") == 2, "what is foreign is shown and not run"
        assert f"{dossier.orders[0].own_scans[-1].at:%Y-%m-%d %H:%M:%S}" in document and dossier.orders[0].waybill in text
        assert "13800000000" not in document + text + "".join(names)
        assert Words(lang)("appeal_letter.truth_covered") in html.unescape(document)
    (label,) = dossier.evidence
    unseen = replace(label, added=label.added.model_copy(update={"shows": ("number",)}))
    with zipfile.ZipFile(io.BytesIO(letter_docx(replace(dossier, evidence=(unseen,)), "zh"))) as letter:
        assert "已遮盖" not in letter.read("word/document.xml").decode(), "nobody has looked whether the receiver is covered"


def test_a_case_keeps_its_own_rules(shop):
    workspace, shop_id, _, good, _ = shop
    case = with_evidence(workspace, shop_id, [good[1]])
    assert [one.evidence for one in appeals.still_missing(workspace, appeals.case_of(workspace, shop_id, case))] == ["pickup_record"]
    assert refusal(lambda: appeals.open_case(workspace, shop_id, [good[1]], "trace_not_shown", "王")).code == "appeal_taken"
    assert refusal(lambda: appeals.move(workspace, shop_id, case, "accepted", "王")).code == "appeal_step"
    appeals.count_down(workspace, shop_id, case, datetime(2020, 1, 1), "王")
    assert refusal(lambda: appeals.move(workspace, shop_id, case, "submitted", "王")).code == "appeal_over"
    appeals.count_down(workspace, shop_id, case, datetime(2099, 1, 1), "王")
    appeals.move(workspace, shop_id, case, "submitted", "王")
    assert refusal(lambda: with_more(workspace, shop_id, case)).code == "appeal_closed"
    appeals.move(workspace, shop_id, case, "accepted", "王", yuan=5.0)
    decided = look_at_appeals(workspace, shop_id, find_appealable(workspace, shop_id))
    assert (decided.all_cases.won, decided.all_cases.decided) == (1, 1)
    assert good[1] not in {one.facts.order_no for one in decided.candidates}
    assert refusal(lambda: appeals.open_case(workspace, shop_id, [good[4]], "collected_in_time", " ")).code == "appeal_who"
    assert refusal(lambda: appeals.open_case(workspace, shop_id, ["990101-000000000000001"], "collected_in_time", "王")).code == "appeal_not_here"


def with_more(workspace, shop_id, case):
    appeals.add_evidence(workspace, shop_id, case, "chat", "x.png", PNG, date(2026, 10, 23), "王")


def test_evidence_is_of_its_shop_checked_and_travels_with_it(shop, tmp_path):
    workspace, shop_id, _, good, _ = shop
    case = with_evidence(workspace, shop_id, [good[5]])
    added, = appeals.case_of(workspace, shop_id, case).evidence
    assert added.shows == ("number", "courier", "covered")
    other = create_shop(workspace, "乙").id
    assert refusal(lambda: appeals.evidence_bytes(workspace, other, added)).code == "proof_gone"
    assert refusal(lambda: appeals.case_of(workspace, other, case)).code == "appeal_no_case"
    assert refusal(lambda: appeals.add_evidence(workspace, shop_id, case, "chat", "x.png", b"MZ\x90", date(2026, 10, 23), "王")).code == "proof_kind"
    assert refusal(lambda: appeals.add_evidence(workspace, shop_id, case, "chat", "x.png", PNG, date(2099, 1, 1), "王")).code == "appeal_dated"
    archive = tmp_path / "shop.zip"
    export_shop(workspace, next(one for one in list_shops(workspace) if one.id == shop_id), archive)
    there = import_shop(workspace, archive, "甲二").id
    assert appeals.case_of(workspace, there, case).orders == (good[5],)
    assert appeals.evidence_bytes(workspace, there, added) == PNG


def test_an_incident_closes_with_a_cause_and_points_at_a_question(shop):
    workspace, shop_id, *_ = shop
    found = find_incidents(workspace, shop_id)
    van = found[0]
    assert (van.part, van.proposed, len(van.bands)) == ("van", "missed_van", 2), "waves one after the other are one van"
    assert refusal(lambda: close(workspace, shop_id, van, "missed_van", "shipping_process.stock_count", "王")).code == "incident_question"
    close(workspace, shop_id, van, "missed_van", "courier_coordination.fixed_pickup_time", "王")
    deed, = closed_incidents(workspace, shop_id)
    assert len(deed.subjects) == van.parcels, "every late parcel of the van, and no other"
    assert van.id not in {one.id for one in open_incidents(workspace, shop_id, found)}
    told = learnt(workspace, shop_id)
    assert {id: (one.incidents, one.parcels) for id, one in told.practices.items()} == {"courier_coordination": (1, van.parcels)}


def test_the_shipped_guide_and_causes_are_sound_and_a_wrong_one_is_named(tmp_path):
    assert not [error for error in prove_checklists(None)[1] if (error.place.file or "").startswith("responses/")]
    folder = tmp_path
    (folder / "responses").mkdir()
    shipped = default_folder()
    (folder / "sources.yaml").write_text((shipped / "sources.yaml").read_text("utf-8"), "utf-8")
    for file, old, new in (("appeals.yaml", "needed: [waybill, pickup_record]", "needed: [waybill, pickup_recrod]"),
                           ("causes.yaml", "id: trace_lost", "id: stock_out")):
        (folder / "responses" / file).write_text((shipped / "responses" / file).read_text("utf-8").replace(old, new), "utf-8")
    questions = {id for cause in load_causes(shipped).causes for id in cause.prevented_by}
    wrong = check_appeals(folder, questions - {"shipping_process.stock_sync"}, None)
    assert [(error.code, error.place.file) for error in wrong] == [
        ("checklist_appeal_evidence", "responses/appeals.yaml"), ("checklist_cause_question", "responses/causes.yaml"),
        ("checklist_response_twice", "responses/causes.yaml"),
    ]
    line = (folder / "responses" / "appeals.yaml").read_text("utf-8").splitlines()[wrong[0].place.row - 1]
    assert wrong[0].values["nearest"] == "pickup_record" and "pickup_recrod" in line
    assert refusal(lambda: load_guide(folder)).code == "checklist_appeal_evidence"


def test_every_reason_a_claim_can_fail_for_has_its_words():
    import inspect
    import re

    from pdd_audit.core.incidents import appeal_claims

    codes = set(re.findall(r'"(appeal_[a-z_]+)"', inspect.getsource(appeal_claims))) | {"appeal_not_exempt_pickup", "appeal_not_exempt_promise"}
    assert len(codes) > 12
    assert [code for code in codes if f"errors.{code}.title" not in all_texts()] == []
    assert all(Words(lang).has(f"appeal_letter.rule.{name}") for lang in LANGS for name in ("pickup_limit_hours", "promise_needs_pickup"))
