"""Archives and passwords on the command line: every table of a ZIP is told, a password comes from a file or is asked for."""

import io
import sys

import pytest

from pdd_audit.cli import main, passwords
from tests.data.builders import as_csv, as_xlsx, orders, pickups
from tests.data.catalogue import containers as box

SECRET = "Mì码-7788"


def times(rows):
    """Seconds that are not all zero, as real clocks write them."""
    return [[cell.replace(":00\t", ":07\t").replace(":00", ":09") if cell.startswith("2026-") else cell for cell in row] for row in rows]


TABLES = {"订单.csv": as_csv(times(orders(30))), "网点/揽收.xlsx": as_xlsx(times(pickups(30))), "说明.pdf": b"%PDF"}


@pytest.fixture
def locked(tmp_path):
    file = tmp_path / "锁.zip"
    file.write_bytes(box.aes_zip(TABLES, SECRET))
    return file


def take(tmp_path, *arguments):
    return main(["import", "--home", str(tmp_path / "home"), "--shop", "甲", *map(str, arguments)])


def test_every_table_of_a_zip_is_told_and_the_rest_named(tmp_path, capsys):
    file = tmp_path / "包.zip"
    file.write_bytes(box.zipped(TABLES))
    assert take(tmp_path, file) == 0
    err = capsys.readouterr().err
    assert "✓ 包.zip › 订单.csv" in err and "✓ 包.zip › 网点 › 揽收.xlsx" in err and "说明.pdf" in err


def test_a_zip_can_be_scored_whatever_it_is_given_as(tmp_path, capsys):
    file = tmp_path / "包.zip"
    file.write_bytes(box.zipped(TABLES))
    assert main(["score", "--orders", str(file), "--format", "json"]) == 0
    assert '"shipped": 30' in capsys.readouterr().out


def test_without_a_terminal_a_locked_file_is_refused_and_says_what_to_do(tmp_path, locked, capsys):
    assert take(tmp_path, locked) == 2
    assert "--password-file" in capsys.readouterr().err


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n第二行\n"])
def test_the_first_line_of_a_password_file_opens_it(tmp_path, locked, end, capsys):
    (tmp_path / "secret").write_text(SECRET + end, "utf-8", newline="")
    assert take(tmp_path, "--password-file", tmp_path / "secret", locked) == 0
    out, err = capsys.readouterr()
    assert SECRET not in out + err


@pytest.mark.parametrize(("content", "says"), [(b"guess\n", "密码不对"), (b"", "密码文件不能用"), (b"\xff\xfe\x00", "密码文件不能用"), (b"x" * 300, "密码文件不能用")])
def test_a_wrong_or_empty_password_file_is_named(tmp_path, locked, content, says, capsys):
    (tmp_path / "secret").write_bytes(content)
    assert take(tmp_path, "--password-file", tmp_path / "secret", locked) == 2
    assert says in capsys.readouterr().err


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("typed", "code", "questions"), [([SECRET], 0, 1), (["guess", SECRET], 0, 2), ([""], 2, 1), (["a", "b", "c", SECRET], 2, 3)])
def test_at_a_terminal_the_password_is_asked_for(tmp_path, locked, typed, code, questions, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(passwords.getpass, "getpass", lambda prompt: asked.append(prompt) or typed[len(asked) - 1])
    assert take(tmp_path, locked) == code
    assert len(asked) == questions and "锁.zip" in asked[0]
    assert SECRET not in "".join(capsys.readouterr())
