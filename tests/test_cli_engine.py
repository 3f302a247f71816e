"""The score command on Spark: the same result, nothing else on stdout or stderr, nothing left behind."""

import json
import os
import subprocess
import sys

import pytest

from pdd_audit.cli import main
from pdd_audit.services.demo_shop import DEMO_AS_OF, write_demo_files

CLOSE = 1e-9


@pytest.fixture(scope="module")
def demo_files(tmp_path_factory):
    orders, pickups, service = map(str, write_demo_files(tmp_path_factory.mktemp("files"), DEMO_AS_OF))
    return ["--orders", orders, "--pickups", pickups, "--service", service, "--format", "json"]


def assert_close(one, other, place="result"):
    assert type(one) is type(other), place
    if isinstance(one, dict):
        assert one.keys() == other.keys(), place
        for key in one:
            assert_close(one[key], other[key], f"{place}.{key}")
    elif isinstance(one, list):
        assert len(one) == len(other), place
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            assert_close(left, right, f"{place}[{number}]")
    elif isinstance(one, float):
        assert one == pytest.approx(other, rel=CLOSE, abs=CLOSE), place
    else:
        assert one == other, place


@pytest.mark.spark
def test_the_command_gives_the_same_result_on_spark_quietly_and_leaves_nothing_behind(spark, root, demo_files, tmp_path, capsys):
    assert main(["score", *demo_files]) == 0
    expected = capsys.readouterr()
    here, temporary = tmp_path / "here", tmp_path / "temporary"
    here.mkdir()
    temporary.mkdir()
    command = [sys.executable, "-m", "pdd_audit", "score", *demo_files, "--engine", "spark"]
    environment = os.environ | {"PYTHONPATH": str(root), "TMPDIR": str(temporary), "TZ": "America/New_York"}
    done = subprocess.run(command, cwd=here, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=300)
    assert (done.returncode, done.stderr) == (0, expected.err)
    assert_close(json.loads(done.stdout), json.loads(expected.out))
    assert not list(here.iterdir())
    assert not list(temporary.glob("pdd-audit-*"))


def test_without_spark_the_command_says_what_to_install(demo_files, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert main(["score", *demo_files, "--engine", "spark", "--lang", "en"]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert 'pip install "pdd-audit[spark]"' in err and "Java 17" in err
    assert "Traceback" not in err
