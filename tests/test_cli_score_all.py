"""``pdd-audit score-all``: a table of many shops, its JSON and its CSV."""

import csv
import io
import json
import shutil
import tempfile
from threading import Event

import pytest

from pdd_audit.cli import main
from pdd_audit.services import score_all
from pdd_audit.services.demo_shop import DEMO_AS_OF, write_demo_files

FORMULA = "=HYPERLINK(1) 店"


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files") / "shops"
    write_demo_files(folder / FORMULA, DEMO_AS_OF)
    return folder


@pytest.fixture
def mixed(good, tmp_path):
    folder = tmp_path / "shops"
    shutil.copytree(good, folder)
    (folder / "坏店\x1b[31m").mkdir()
    (folder / "坏店\x1b[31m" / "日报.csv").write_text("日期,成交金额\n2026-10-01,3\n", "utf-8")
    return folder


def test_all_scored_exits_0_and_tells_its_progress_on_stderr(good, capsys):
    assert main(["score-all", str(good), "--format", "json"]) == 0
    out, err = capsys.readouterr()
    shops = json.loads(out)["shops"]
    assert [shop["shop"] for shop in shops] == [FORMULA]
    assert shops[0]["scored"] and shops[0]["files"] == 3 and shops[0]["late_parcels"] > 0
    assert shops[0]["pickup_24h_ratio"]["verdict"] == "fail"
    assert "[1/1]" in err and "[1/1]" not in out


@pytest.mark.parametrize(("lang", "words"), [("zh", "处理办法"), ("en", "What to do")])
def test_a_shop_that_cannot_be_scored_exits_2_with_its_file_reason_and_cure(mixed, lang, words, capsys):
    assert main(["score-all", str(mixed), "--lang", lang]) == 2
    out, err = capsys.readouterr()
    assert FORMULA[:10] in out and "日报.csv" in out and words in out
    assert "\x1b" not in out + err, "a name must not colour the terminal"


def test_the_columns_of_the_table_stand_under_their_heads(mixed, capsys):
    main(["score-all", str(mixed)])
    lines = capsys.readouterr().out.splitlines()
    at = next(i for i, line in enumerate(lines) if set(line) == {"─"})
    wide = [sum(2 if sign > "\u2e7f" else 1 for sign in line) for line in (lines[at - 1], lines[at], lines[at + 1], lines[at + 2])]
    assert len(set(wide)) == 1


def test_the_csv_never_starts_a_formula_and_opens_in_a_spreadsheet(mixed, tmp_path):
    out = tmp_path / "shops.csv"
    assert main(["score-all", str(mixed), "--format", "csv", "--out", str(out)]) == 2
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert [row["scored"] for row in rows] == ["yes", "no"]
    assert rows[0]["shop"] == "'" + FORMULA
    assert rows[0]["score"] == "", "two answers are not enough for a score"
    assert 0.9 < float(rows[0]["pickup_24h_ratio"]) < 1
    assert "日报.csv" in rows[1]["problems"]


def test_without_a_folder_the_shops_of_the_ledger_are_scored(good, capsys, tmp_path):
    files = [str(file) for file in (good / FORMULA).iterdir()]
    assert main(["import", "--home", str(tmp_path), "--shop", "甲", *files]) == 0
    assert main(["score", "--home", str(tmp_path), "--shop", "甲", "--format", "json"]) == 0
    alone = json.loads(capsys.readouterr().out)
    assert main(["score-all", "--home", str(tmp_path), "--format", "json"]) == 0
    row = json.loads(capsys.readouterr().out)["shops"][0]
    assert row["score"]["low"] == alone["score"]["low"]
    assert row["pickup_24h_ratio"]["value"] == alone["metrics"]["pickup_24h_ratio"]["value"]


@pytest.mark.parametrize("arguments", [["score-all"], ["score-all", "no/such/folder"]])
def test_what_does_not_exist_is_refused_in_words(arguments, capsys, tmp_path):
    assert main([*arguments, "--home", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("✗") == 1


@pytest.mark.parametrize("jobs", ["0", "-1", "many", "1000"])
def test_a_wrong_number_of_jobs_is_refused(jobs, good, capsys):
    with pytest.raises(SystemExit) as refusal:
        main(["score-all", str(good), "--jobs", jobs])
    assert refusal.value.code == 2
    assert "needed 1 to" in capsys.readouterr().err


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_exits_130_ends_what_is_being_read_and_leaves_nothing(jobs, tmp_path, monkeypatch):
    folder, rooms, out, begun, ended = tmp_path / "shops", tmp_path / "rooms", tmp_path / "out.csv", Event(), []
    for name in ("甲店", "乙店"):
        (folder / name).mkdir(parents=True)
        (folder / name / "订单.csv").write_text("x", "utf-8")
    rooms.mkdir()

    def read(_home, _shop, uploads, stop):
        if uploads[0].data.parent.name == "甲店" and jobs == "2":
            begun.set()
            ended.append(stop.wait(30))
            return []
        assert jobs == "1" or begun.wait(30)
        raise KeyboardInterrupt

    monkeypatch.setattr(score_all, "import_files", read)
    monkeypatch.setattr(tempfile, "tempdir", str(rooms))
    assert main(["score-all", str(folder), "--jobs", jobs, "--format", "csv", "--out", str(out)]) == 130
    assert ended == [True] * (jobs == "2") and list(rooms.iterdir()) == [] and not out.exists()
