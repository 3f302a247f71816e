"""The command line as its users meet it: exit codes, streams, messages in their language, documented JSON."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from pdd_audit.cli import main
from pdd_audit.cli.talk import put
from pdd_audit.core.result import AuditResult
from pdd_audit.data.reading import read_file
from pdd_audit.data.storage.archive import appearing
from pdd_audit.services.demo_shop import DEMO_AS_OF, write_demo_files


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    orders, pickups, service = write_demo_files(tmp_path_factory.mktemp("files"), DEMO_AS_OF)
    return {"--orders": str(orders), "--pickups": str(pickups), "--service": str(service)}


def pairs(files):
    return [part for pair in files.items() for part in pair]


def test_json_goes_to_stdout_and_messages_to_stderr(files, capsys):
    assert main(["score", *pairs(files), "--format", "json", "--shop", "拾光"]) == 0
    out, err = capsys.readouterr()
    result = AuditResult.model_validate_json(out)
    assert result.shop == "拾光" and result.parcels["shipped"] > 5000
    assert "✓" in err and "✓" not in out


def test_the_result_of_a_ledger_is_the_result_of_its_files(files, capsys, tmp_path):
    assert main(["import", "--home", str(tmp_path), "--shop", "甲", *files.values()]) == 0
    assert main(["score", "--home", str(tmp_path), "--shop", "甲", "--format", "json"]) == 0
    stored = json.loads(capsys.readouterr().out)
    assert main(["score", *pairs(files), "--shop", "甲", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == stored


def test_importing_twice_changes_nothing(files, capsys, tmp_path):
    for _ in range(2):
        assert main(["import", "--home", str(tmp_path), "--shop", "甲", *files.values()]) == 0
    assert "内容和已导入的文件一样" in capsys.readouterr().err
    assert len(list((tmp_path / "shops").rglob("ledger/*/import_id=*/rows.parquet"))) == 3


def test_an_earlier_moment_is_a_replay_that_knows_nothing_later(files, capsys):
    assert main(["score", *pairs(files), "--as-of", "2026-11-10 18:00", "--format", "json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["as_of"] == "2026-11-10T18:00:00"
    assert result["parcels"]["shipped"] < 5000
    assert all(wave["day"] <= "2026-11-10" for wave in result["waves"])


@pytest.mark.parametrize("unclear", ["11/12/2026", "2026-13-01", "12.11.2026 18:00", "today"])
def test_a_moment_that_could_be_read_in_two_ways_is_refused(unclear, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["score", "--as-of", unclear])
    assert stopped.value.code == 2
    assert unclear in capsys.readouterr().err


def test_answers_of_a_file_are_scored(files, capsys, tmp_path):
    answers = tmp_path / "answers.yaml"
    answers.write_text("answers:\n  courier_coordination.scan_at_handover: met\n", "utf-8")
    assert main(["score", *pairs(files), "--answers", str(answers), "--format", "json"]) == 0
    findings = {finding["question"]: finding for finding in json.loads(capsys.readouterr().out)["findings"]}
    assert findings["courier_coordination.scan_at_handover"]["verdict"] == "contradicted"


@pytest.mark.parametrize(("lang", "words"), [("zh", "处理办法"), ("en", "What to do")])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""), ("page.xls", b"<html><body>login</body></html>"), ("header.csv", "订单号,订单状态,发货时间,快递单号,样式ID\n".encode()),
        ("douyin.csv", "主订单编号,子订单编号,选购商品,达人ID\n1,2,3,4\n".encode()), ("broken.csv", b"\xff\xfe\x00\x81\x82" * 50),
        ("no_waybill.csv", "订单号,订单状态,发货时间,样式ID\n260101-123456789012345,已收货,2026-01-01 10:00:00,1\n".encode()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_refused_file_exits_2_with_one_message_and_its_cure(name, content, lang, words, capsys, tmp_path):
    file = tmp_path / name
    file.write_bytes(content)
    assert main(["score", "--orders", str(file), "--lang", lang]) == 2
    out, err = capsys.readouterr()
    assert out == "" and words in err and err.count("✗") == 1 and name in err


@pytest.mark.parametrize(("lang", "what"), [("zh", "揽收表，放错了位置"), ("en", "In the wrong place: Courier first-pickup sheet")])
def test_a_courier_sheet_given_as_orders_is_named_for_what_it_is(lang, what, files, capsys):
    assert main(["score", "--orders", files["--pickups"], "--lang", lang]) == 2
    refusal = capsys.readouterr().err.partition("✗")[2]
    assert what in refusal and Path(files["--pickups"]).name in refusal and "--pickups" in refusal


@pytest.fixture
def ctrl_c():
    """As a terminal has it; whoever spreads tests over processes switches it off in them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("lang", "line"), [("zh", "已停止。"), ("en", "Stopped. ")])
@pytest.mark.parametrize("command", ["import", "score"])
@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_ends_the_reading_and_says_so_in_one_line(command, lang, line, files, capsys, tmp_path, monkeypatch):
    @contextmanager
    def interrupted():
        yield lambda *_: signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    home = tmp_path / "home"
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr("pdd_audit.cli.import_files.progress", interrupted)
    monkeypatch.setattr(read_file, "_ENTRY", "import json, time; print(json.dumps(dict(progress=0.5)), flush=True); time.sleep(300)")
    given = ["--home", str(home), "--shop", "甲", files["--orders"]] if command == "import" else ["--orders", files["--orders"]]
    assert main([command, *given, "--lang", lang]) == 130
    out, err = capsys.readouterr()
    assert out == "" and err.startswith(line) and err.count("\n") == 1
    assert [path for path in tmp_path.rglob("*") if path.name.endswith(".part") or path.name.startswith("pdd-audit-")] == []


def test_a_refused_file_leaves_the_ledger_as_it_was(files, capsys, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"\x00" * 100)
    assert main(["import", "--home", str(tmp_path / "home"), "--shop", "甲", files["--orders"]]) == 0
    assert main(["import", "--home", str(tmp_path / "home"), "--shop", "甲", str(bad)]) == 2
    assert main(["score", "--home", str(tmp_path / "home"), "--shop", "甲", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["parcels"]["shipped"] > 5000


@pytest.mark.parametrize("arguments", [["score"], ["score", "--shop", "没有"], ["score", "--orders", "no/such.csv"]])
def test_what_does_not_exist_is_refused_in_words(arguments, capsys, tmp_path):
    assert main([*arguments, "--home", str(tmp_path)]) == 2
    assert "✗" in capsys.readouterr().err


def test_html_is_written_whole_or_not_at_all(files, tmp_path):
    out = tmp_path / "report.html"
    assert main(["score", *pairs(files), "--format", "html", "--out", str(out), "--lang", "en"]) == 0
    assert out.read_text("utf-8").rstrip().endswith("</html>")
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_the_shipped_checklists_are_sound(capsys):
    assert main(["check-checklists"]) == 0


def test_a_wrong_checklist_is_refused_with_file_line_key_and_cure(capsys, tmp_path, root):
    folder = tmp_path / "checklists"
    (folder / "practices").mkdir(parents=True)
    for file in (root / "checklists").rglob("*.yaml"):
        target = folder / file.relative_to(root / "checklists")
        target.parent.mkdir(exist_ok=True)
        text = file.read_text("utf-8")
        target.write_text(text.replace("    weight: 5\n", "    wieght: 5\n", 1) if file.name.startswith("10_") else text, "utf-8")
    assert main(["check-checklists", str(folder), "--lang", "en"]) == 2
    message = capsys.readouterr().err
    assert "10_courier_choice.yaml" in message and "wieght" in message and "weight" in message and "row" in message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes among its files")
def test_what_is_no_file_is_written_to_and_nothing_takes_its_place(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as reader:
        read = reader.submit(pipe.read_bytes)
        put(Namespace(out=pipe), "text")
        assert read.result(10) == b"text\n" and pipe.is_fifo()
    with pytest.raises(FileExistsError), appearing(pipe):
        pass
    assert pipe.is_fifo() and list(tmp_path.iterdir()) == [pipe]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has another word for it")
@pytest.mark.parametrize("lines", [1, 50_000], ids=["read out at the end", "in the middle"])
def test_a_command_whose_output_nobody_reads_any_more_ends_without_a_traceback(lines):
    script = f"import pdd_audit.cli as cli; cli.main = lambda: print('row\\n' * {lines}) or 0; from pdd_audit.__main__ import run; run()"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as command:
        command.stdout.close()
        assert (command.stderr.read(), command.wait()) == (b"", 141)
