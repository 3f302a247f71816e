"""The files for containers and proxies. Nothing here is built or started: they are linted, and held to what the program needs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pdd_audit.core.team_settings import CLIENT_HEADER, FROM_FILE, REQUIRED
from pdd_audit.services.home import DATABASE_URL

ROOT = Path(__file__).resolve().parents[2]
HOME = "PDD_AUDIT_HOME"
DOCKERFILE, COMPOSE = ROOT / "deploy" / "Dockerfile", ROOT / "deploy" / "compose.yaml"


def test_the_linters_find_nothing():
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    commands = [[sys.executable, "-m", "compose_lint", str(COMPOSE)]]
    if sys.platform == "linux" and hadolint:
        commands.append([hadolint, "--failure-threshold", "style", str(DOCKERFILE)])
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_image_is_pinned_runs_as_nobody_special_and_says_how_it_is():
    text = DOCKERFILE.read_text("utf-8").replace("\\\n", " ")
    steps = [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith(("#", " "))]
    assert [what for what, _ in steps if what == "ADD"] == []
    assert [re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+[\w.-]*", base) is not None for what, base in steps if what == "FROM"] == [True]
    assert [user for what, user in steps if what == "USER"] == ["10001"]
    assert [what for what, _ in steps].index("USER") < [what for what, _ in steps].index("ENTRYPOINT")
    assert any(what == "HEALTHCHECK" and "/_stcore/health" in how for what, how in steps)
    copied = {words.split()[0] for what, words in steps if what == "COPY"}
    let_in = {line[1:].split("/")[0] for line in (ROOT / "deploy" / "Dockerfile.dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert copied == let_in and all((ROOT / name).exists() for name in copied)


def test_the_services_have_no_more_than_they_need_and_the_tool_what_it_asks_for():
    document = yaml.safe_load(COMPOSE.read_text("utf-8"))
    for service in document["services"].values():
        assert service["read_only"] and service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"] and service["pids_limit"] and service["restart"] and "privileged" not in service
    tool = document["services"]["tool"]
    assert tool["user"] == "10001:10001" and "ports" not in tool, "only the proxy is reached from outside"
    assert any(mount.startswith("/tmp:") for mount in tool["tmpfs"])
    told = set(tool["environment"])
    assert {name for name in REQUIRED if name not in told and name + FROM_FILE not in told} == set()
    assert {HOME, DATABASE_URL} <= told, "after a restore it goes on elsewhere"
    assert told <= {HOME, DATABASE_URL, CLIENT_HEADER, *(name + end for name in REQUIRED for end in ("", FROM_FILE))}
    caddy = (ROOT / "docs" / "team" / "Caddyfile").read_text("utf-8")
    assert f"header_up {tool['environment'][CLIENT_HEADER]} {{remote_host}}" in caddy, "the proxy writes the header that the tool believes"
    assert not any("SECRET" in name and not name.endswith(FROM_FILE) for name in told)


@pytest.mark.parametrize("file", ["Caddyfile", "nginx.conf"])
def test_a_proxy_passes_websockets_on_and_logs_no_addresses(file):
    text = (ROOT / "docs" / "team" / file).read_text("utf-8")
    assert "8501" in text and text.count("{") == text.count("}")
    wanted = {"Caddyfile": ("reverse_proxy", "stream_timeout"), "nginx.conf": ("$http_upgrade", "Host $http_host", "ssl_certificate", "access_log off")}
    assert all(word in text for word in wanted[file]) and not re.search(r"^\s*log\b", text, re.MULTILINE)
