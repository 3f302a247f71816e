"""Waivers of a shop: the score stays, a second one stands beside it, and they are seen wherever the result is read."""

from datetime import date, datetime, timedelta

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.core.questions import Answer
from pdd_audit.core.waivers import Waiver
from pdd_audit.reports.html import render_report
from pdd_audit.reports.terminal import render_text
from pdd_audit.services import waivers
from pdd_audit.services.answers import save_answer
from pdd_audit.services.profile import save_profile
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.score_all import version_of
from pdd_audit.services.shop_archive import export_shop, import_shop
from pdd_audit.services.shops import create_shop
from pdd_audit.services.trust import trust_in
from pdd_audit.services.workspace import now, open_workspace
from pdd_audit.texts import LANGS, Words, error_text

LET_GO = "shipping_process.cutoff_time"
MUST = "shipping_process.open_parcel_list"
SOON = timedelta(days=20)


@pytest.fixture
def shop(workspace):
    shop = create_shop(workspace, "某店")
    for practice in workspace.checklists.practices:
        for item in practice.items:
            if item.kind == "question" and not item.retired:
                save_answer(workspace, shop.id, item.id, Answer(answer="unmet" if item.id == LET_GO else "met"))
    return shop


def let_go(workspace, shop, question=LET_GO, days=SOON, by="王经理", reason="网点十二月加车 <b>"):
    return waivers.waive(workspace, shop.id, question, now().date() + days, by, reason)


def test_a_waiver_never_moves_the_score_and_shows_what_it_would_be_without(workspace, shop):
    before = run_audit(workspace, shop.id).result
    version = version_of(workspace, shop)
    said = let_go(workspace, shop)
    after = run_audit(workspace, shop.id).result
    assert after.score == before.score and after.practices == before.practices
    assert (before.waivers, before.after_waivers) == ([], None)
    assert after.after_waivers.value == pytest.approx(100.0) and after.score.value < 100
    record = after.waivers[0]
    assert (record.question, record.by, record.until) == (LET_GO, "王经理", said.until)
    assert record.points == pytest.approx(next(step.points for step in before.plan if step.question == LET_GO))
    assert LET_GO in {step.question for step in before.plan} and LET_GO not in {step.question for step in after.plan}
    assert version_of(workspace, shop) != version and after.fingerprint != before.fingerprint


def test_it_is_said_in_every_report_and_in_the_second_look(workspace, shop):
    let_go(workspace, shop, days=timedelta(days=3))
    let_go(workspace, shop)
    save_profile(workspace, shop.id, ["presale"])
    audit = run_audit(workspace, shop.id)
    assert audit.result.profile == ["presale"]
    until = f"{audit.result.waivers[0].until:%Y-%m-%d}"
    for lang in LANGS:
        html = render_report(audit.result, audit.inputs.checklists, lang)
        assert "王经理" in html and until in html and "网点十二月加车 &lt;b&gt;" in html
        assert Words(lang)("report.profile", names=Words(lang)("checklist.profile.presale")) in html
        assert until in render_text(audit.result, audit.inputs.checklists, lang)
    found = {sign.code: (sign.n, sign.of) for sign in trust_in(workspace, shop.id, audit).signs}
    assert found["waived"] == (1, workspace.waiver_rules.most_at_once) and found["waived_again"] == (1, 1)


def test_it_ends_by_itself_and_what_was_said_stays(workspace, shop, monkeypatch):
    before = run_audit(workspace, shop.id).result
    said = let_go(workspace, shop)
    version = waivers.waivers_version(workspace, shop.id)
    last = datetime.combine(said.until, datetime.min.time())
    monkeypatch.setattr(waivers, "now", lambda: last + timedelta(hours=23))
    assert run_audit(workspace, shop.id).result.after_waivers is not None
    monkeypatch.setattr(waivers, "now", lambda: last + timedelta(hours=24))
    assert run_audit(workspace, shop.id).result.model_dump() == before.model_dump(), "as before, without a word"
    assert waivers.waivers_version(workspace, shop.id) != version
    assert [one.question for one in workspace.state.said(Waiver, shop.id)] == [LET_GO], "what has ended stays on record"


def test_taken_back_it_holds_no_longer(workspace, shop):
    let_go(workspace, shop)
    waivers.take_back(workspace, shop.id, LET_GO, "王经理")
    waivers.take_back(workspace, shop.id, LET_GO, "王经理")  # a second click says nothing new
    assert waivers.waivers_of(workspace, shop.id) == []
    assert [one.until is None for one in workspace.state.said(Waiver, shop.id)] == [False, True]


@pytest.mark.parametrize(("given", "code"), [
    ({"question": MUST}, "waiver_blocker"), ({"question": "shipping_process.nothing"}, "waiver_question"), ({"by": " "}, "waiver_who"),
    ({"reason": " "}, "waiver_reason"), ({"days": timedelta(days=-1)}, "waiver_until"), ({"days": timedelta(days=400)}, "waiver_until"),
])
def test_what_cannot_be_waived_is_refused_in_words(workspace, shop, given, code):
    with pytest.raises(AuditError) as refused:
        let_go(workspace, shop, **given)
    assert refused.value.code == code and all(all(error_text(refused.value, lang)) for lang in LANGS)
    assert workspace.state.said(Waiver, shop.id) == []


def test_no_more_than_the_checklists_allow(workspace, shop):
    asked = [q.id for p in workspace.checklists.practices for q in p.items if q.kind == "question" and q.weight and not q.blocker and not q.when]
    most = workspace.waiver_rules.most_at_once
    for question in asked[:most]:
        let_go(workspace, shop, question)
    with pytest.raises(AuditError) as refused:
        let_go(workspace, shop, asked[most])
    assert (refused.value.code, refused.value.values["most"]) == ("waiver_ceiling", most)
    assert all(all(error_text(refused.value, lang)) for lang in LANGS)
    let_go(workspace, shop, asked[0], days=timedelta(days=40))  # prolonging one of them is no more of them


def test_waivers_travel_with_the_shop(workspace, shop, tmp_path):
    let_go(workspace, shop)
    box = tmp_path / "shop.zip"
    export_shop(workspace, shop, box)
    there = open_workspace(tmp_path / "elsewhere")
    arrived = import_shop(there, box)
    assert [one.question for one in waivers.waivers_of(there, arrived.id)] == [LET_GO]
    assert isinstance(waivers.waivers_of(there, arrived.id)[0].until, date)
    there.state.close()
