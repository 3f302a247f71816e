"""``pdd-audit fetch`` as its users meet it: off without keys, exit codes, words in both languages, taken up again."""

import json
import subprocess
import sys

import pytest

from pdd_audit.cli import main
from tests.data.live.source_server import ENVIRON, NO_RECORD, SECRETS, refused, running


@pytest.fixture
def keys(monkeypatch):
    """A source on this machine that the environment points at."""
    with running() as server:
        for name, value in {**ENVIRON, "PDD_AUDIT_KUAIDI100_URL": server.url, "PDD_AUDIT_PDD_URL": server.url}.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def waybills(tmp_path):
    file = tmp_path / "waybills.csv"
    file.write_text("快递单号,快递公司\n75000000000001,中通快递\n75000000000002,某某快递\n75000000000003,中通快递\n", "utf-8")
    return file


def fetch(tmp_path, waybills, *more):
    return main(["fetch", "--source", "kuaidi100", "--waybills", str(waybills), "--out", str(tmp_path / "traces.jsonl"), "--rate", "50", *more])


@pytest.mark.parametrize(("lang", "words"), [("zh", "处理办法"), ("en", "What to do")])
@pytest.mark.parametrize("source", ["kuaidi100", "pdd"])
def test_without_keys_it_is_refused_and_leaves_no_file(tmp_path, waybills, capsys, monkeypatch, source, lang, words):
    for name in ENVIRON:
        monkeypatch.delenv(name, raising=False)
    out = tmp_path / "traces.jsonl"
    assert main(["fetch", "--source", source, "--waybills", str(waybills), "--out", str(out), "--lang", lang]) == 2
    stdout, stderr = capsys.readouterr()
    assert stdout == "" and words in stderr and f"PDD_AUDIT_{source.upper()}" in stderr
    assert not out.exists()


@pytest.mark.parametrize(("lang", "again", "unknown"), [("zh", "再运行一次", "仍是未知"), ("en", "run the same command again", "stays unknown")])
def test_waybills_left_open_are_named_exit_3_and_the_same_command_goes_on(tmp_path, waybills, keys, capsys, lang, again, unknown):
    keys.answers["75000000000003"] = [NO_RECORD]
    assert fetch(tmp_path, waybills, "--lang", lang) == 3
    stdout, stderr = capsys.readouterr()
    assert stdout == ""
    assert "75000000000002" in stderr and "75000000000003" in stderr and again in stderr and unknown in stderr
    codes = tmp_path / "codes.yaml"
    codes.write_text("kuaidi100:\n  某某快递: moumou\n", "utf-8")
    assert fetch(tmp_path, waybills, "--lang", lang, "--courier-codes", str(codes)) == 0
    assert keys.asked == ["75000000000001", "75000000000003", "75000000000002", "75000000000003"]
    assert [json.loads(line)["waybill"] for line in (tmp_path / "traces.jsonl").open()] == ["75000000000001", "75000000000002"]


@pytest.mark.parametrize(("lang", "words"), [("zh", "不接受密钥"), ("en", "refused the key")])
def test_a_refused_key_exits_2_says_the_code_and_no_secret(tmp_path, waybills, keys, capsys, lang, words):
    keys.answers["75000000000003"] = [refused("503", " ".join(SECRETS))]
    assert fetch(tmp_path, waybills, "--lang", lang) == 2
    shown = "".join(capsys.readouterr())
    assert words in shown and "503" in shown and "traces.jsonl" in shown
    assert [secret for secret in SECRETS if secret in shown] == []


def test_an_interrupted_run_exits_3_and_says_how_to_go_on(tmp_path, waybills, keys, capsys, monkeypatch):
    def stopped(*_arguments, **_named):
        raise KeyboardInterrupt

    monkeypatch.setattr("pdd_audit.services.fetch_traces.ask_all", stopped)
    assert fetch(tmp_path, waybills) == 3
    assert "再运行一次" in capsys.readouterr().err


def test_many_waybills_of_one_reason_are_counted_not_poured_out(tmp_path, keys, capsys):
    file = tmp_path / "many.txt"
    file.write_text("".join(f"75000000000{n:03},某某快递\n" for n in range(100)) + "\x1b[2Jevil,中通\n", "utf-8")
    assert fetch(tmp_path, file) == 3
    shown = capsys.readouterr().err
    assert "80" in shown and "75000000000019" in shown and "75000000000020" not in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("arguments", [["--rate", "0"], ["--rate", "nan"], ["--rate", "1e9"], ["--rate", "x"], ["--shop", "甲"]])
def test_arguments_that_make_no_sense_are_refused(tmp_path, waybills, arguments):
    with pytest.raises(SystemExit) as left:
        fetch(tmp_path, waybills, *arguments)
    assert left.value.code == 2


def test_a_shop_without_orders_has_nothing_to_ask(tmp_path, keys, capsys):
    home = tmp_path / "home"
    assert main(["fetch", "--source", "pdd", "--shop", "没有", "--out", str(tmp_path / "x.jsonl"), "--home", str(home)]) == 2
    from pdd_audit.services.shops import create_shop
    from pdd_audit.services.workspace import open_workspace

    workspace = open_workspace(home)
    create_shop(workspace, "空店")
    workspace.state.close()
    assert main(["fetch", "--source", "pdd", "--shop", "空店", "--out", str(tmp_path / "x.jsonl"), "--home", str(home)]) == 0
    assert keys.asked == []
    assert "没有要查的运单" in capsys.readouterr().err


def test_neither_the_app_nor_the_command_line_loads_the_network_part_by_itself():
    code = "import sys, pdd_audit.cli, pdd_audit.ui.session; print('httpx' in sys.modules, any('data.live' in m for m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_only_live_sources_notifiers_and_the_login_know_a_network_library(root):
    users = [
        file.relative_to(root).as_posix() for file in (root / "pdd_audit").rglob("*.py")
        if any(word in file.read_text("utf-8") for word in ("import httpx", "import requests", "urllib.request", "http.client"))
    ]
    assert sorted(users) == ["pdd_audit/data/live/bounded_post.py", "pdd_audit/data/live/notifiers.py", "pdd_audit/team/provider.py"]
