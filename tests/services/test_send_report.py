"""A signed review reaches the shop's people: the whole report by e-mail, the summary everywhere, nothing before both have signed."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from pdd_audit.cli import main
from pdd_audit.core.errors import AuditError
from pdd_audit.core.result import PlanStep
from pdd_audit.services.rounds import Plan, agree_where_all_said_the_same, decide, open_round, reveal, sign
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.send_report import Attachment, newest_signed, send_report, written
from pdd_audit.services.shops import create_shop
from pdd_audit.texts import LANGS
from tests.data.live.notifier_server import SECRETS, programs_running
from tests.services.test_rounds import ASKED, MEMBERS, say_all, the_round

TITLE = "十一月复盘 13812345678"


@pytest.fixture
def signed(workspace):
    shop = create_shop(workspace, "拾光家居")
    open_round(workspace, shop.id, Plan(TITLE, ASKED, MEMBERS, date(2026, 11, 30)), "老板")
    say_all(workspace, shop)
    reveal(workspace, shop.id, the_round(workspace, shop), "老板", run_audit(workspace, shop.id))
    agree_where_all_said_the_same(workspace, shop.id, the_round(workspace, shop), "老板")
    for what, owner, due in (("写下夜班名单", "老板", None), ("打 13812345678 约加班车", "小李", date(2026, 12, 5))):
        decide(workspace, shop.id, the_round(workspace, shop), what, owner, due, None, "老板")
    sign(workspace, shop.id, the_round(workspace, shop), "reviewer", "老板", run_audit(workspace, shop.id))
    with pytest.raises(AuditError, match="no_signed_round"):
        newest_signed(workspace, shop.id)
    sign(workspace, shop.id, the_round(workspace, shop), "owner", "小李", run_audit(workspace, shop.id))
    return workspace, shop


def test_mail_brings_the_report_and_robots_the_summary(signed, monkeypatch, capsys):
    workspace, shop = signed
    review = newest_signed(workspace, shop.id)
    assert review.round.opening.title == TITLE and review.result.fingerprint[:12] in written(shop.name, review, "zh", attached=False)[1]
    assert list(review.asked.practices) and {"小李，2026-12-05 前", "老板"} <= {
        line.rpartition("（")[2].rstrip("）") for line in written(shop.name, review, "zh", attached=False)[1].splitlines() if line.startswith("· ")
    }
    with pytest.raises(AuditError, match="no_signed_round"):
        newest_signed(workspace, shop.id, "十二月复盘")
    command = ["send-report", "--home", str(workspace.home)]
    with programs_running(monkeypatch) as programs:
        monkeypatch.delenv("PDD_AUDIT_NOTIFY", raising=False)
        for lang in LANGS:
            assert main([*command, "--lang", lang]) == 0
            assert review.result.fingerprint[:12] in capsys.readouterr().out
        for name, value in programs.environ().items():
            monkeypatch.setenv(name, value)
        programs.moods["feishu"] = "refuse"
        assert main(command) == 3, "one program said no, the others were told all the same"
        ((name, mime, pdf),) = programs.files
        assert (name.endswith(".pdf"), mime, pdf[:5]) == (True, "application/pdf", b"%PDF-")
        for program in ("dingtalk", "wecom", "email"):
            (text,) = programs.texts[program]
            assert "老板" in text and ("附件" in text) == (program == "email")
            assert "13812345678" not in text and "约加班车" in text
    said = "".join(capsys.readouterr())
    assert "飞书" in said and not [secret for secret in SECRETS if secret in said]


def test_a_program_of_short_messages_is_told_of_fewer_steps(signed):
    workspace, shop = signed
    review = newest_signed(workspace, shop.id)
    step = PlanStep(
        action="长" * 300, question="none.such", practice="none", points=1, yuan_low=None, yuan=None, yuan_high=None, hours=1, orders=None, why="",
    )
    long = replace(review, result=review.result.model_copy(update={"plan": [step] * 3}))
    told = {}
    for program in ("wecom", "dingtalk"):
        channel = SimpleNamespace(program=program, send=lambda title, body, _, at=program: told.update({at: f"{title}\n{body}"}) or "sent")
        send_report(workspace, shop, long, Attachment("r.pdf", "application/pdf", b""), [channel], "zh")
    assert told["dingtalk"].count("长" * 300) == 3
    assert len(told["wecom"].encode()) <= 2000 and told["wecom"].count("长" * 300) == 1
