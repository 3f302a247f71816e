"""Each program gets what it understands, says yes or no in its own way, and no address is ever shown."""

import logging

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.data.live.notifiers import channels_of
from pdd_audit.texts import LANGS, error_text
from tests.data.live.notifier_server import SECRETS, programs_running

ALL = ("dingtalk", "wecom", "feishu", "email")


@pytest.fixture
def programs(monkeypatch):
    with programs_running(monkeypatch) as running:
        yield running


@pytest.mark.parametrize("program", ALL)
def test_a_program_says_taken_refused_or_nothing_at_all(program, programs, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    (channel,) = channels_of(programs.environ(program))
    assert channel.program == program
    expected = {"": "sent", "refuse": "refused", "busy": "refused", "break": "unknown"} | ({} if program == "email" else {"odd": "unknown"})
    for mood, outcome in expected.items():
        programs.moods[program] = mood
        assert (mood, channel.send("标题", "第一行\n第二行 <b>&")) == (mood, outcome)
    text = programs.texts[program][0]
    assert "第一行\n第二行 <b>&" in text.replace("\r\n", "\n") and (program == "email" or text.startswith("标题\n"))
    said = caplog.text + "".join(capfd.readouterr()) + repr(channel)
    assert not [secret for secret in SECRETS if secret in said]


@pytest.mark.parametrize("program", ALL)
def test_a_server_that_is_not_there_has_certainly_not_been_told(program, monkeypatch):
    with programs_running(monkeypatch) as gone:
        (channel,) = channels_of(gone.environ(program))
    assert channel.send("标题", "正文") == "refused"


def test_addresses_stand_apart_by_spaces_lines_or_commas_and_each_counts_once(programs):
    urls = programs.environ()["PDD_AUDIT_NOTIFY"].split()
    for between in (" ", "\n", ",", ", "):
        assert [one.program for one in channels_of({"PDD_AUDIT_NOTIFY": between.join([*urls, urls[0]])})] == list(ALL)
    assert len({one.id for one in channels_of({"PDD_AUDIT_NOTIFY": " ".join(urls)})}) == 4
    assert channels_of({}) == []


@pytest.mark.parametrize(("address", "code"), [
    ("json://10.0.0.1/secret-token", "notify_address"),  # would post to any machine, also a private one
    ("dingtalk://secret-token!", "notify_address"),
    ("secret-token", "notify_address"),
    ("mailto://me:secret-token@mail.example.com?from=a@example.com&to=b@example.com&mode=insecure", "notify_insecure"),
])
def test_an_address_that_cannot_be_used_is_refused_by_its_place_and_stays_unsaid(address, code, programs, caplog):
    good = programs.environ("wecom")["PDD_AUDIT_NOTIFY"]
    with pytest.raises(AuditError) as refused:
        channels_of({"PDD_AUDIT_NOTIFY": f"{good} {address}"})
    said = "".join("".join(error_text(refused.value, lang)) for lang in LANGS)
    assert refused.value.code == code and "2" in said
    assert "secret-token" not in said + caplog.text


def test_the_name_of_an_e_mail_channel_holds_no_password():
    one, two = (
        channels_of({"PDD_AUDIT_NOTIFY": f"mailtos://me:{password}@mail.example.com?from=a@example.com&to=b@example.com"})[0]
        for password in ("first", "second")
    )
    assert one.id == two.id
