"""``pdd-audit watch`` on a growing folder, with a server on this machine for each program: every parcel is told of once, whatever happens."""

import os
import re
from argparse import Namespace
from datetime import timedelta

import pytest

from pdd_audit.cli import main
from pdd_audit.cli.watch import look
from pdd_audit.data.live.notifiers import channels_of
from pdd_audit.services.shops import create_shop, list_shops
from pdd_audit.services.workspace import open_workspace
from tests.data.live.notifier_server import SECRETS, programs_running
from tests.services.arriving import DAY, export, parcel, sheet, waybill

NOON = DAY + timedelta(hours=12)
PARCELS = [parcel(1, 13), parcel(2, 19), parcel(3, 21, "圆通速递"), parcel(4, 2), parcel(5, 22.5), parcel(6, 30)]
LATELY = [(7, "中通快递"), (8, "圆通速递")]  # collected just now, so that the sheet reaches to its own time for both couriers
PROGRAMS = ("dingtalk", "wecom", "feishu", "email")


class Desk:
    """One shop, one folder, a clock that stands where it is put; ``run`` is one look of a watcher that has just been started."""

    def __init__(self, tmp_path, programs, monkeypatch):
        self.home, self.folder, self.programs, self.monkeypatch = tmp_path / "home", tmp_path / "in", programs, monkeypatch
        self.folder.mkdir()
        self.now, self.while_waiting = NOON, lambda: None
        workspace = open_workspace(self.home)
        create_shop(workspace, "甲店")
        workspace.state.close()
        monkeypatch.setattr("pdd_audit.services.workspace.now", lambda: self.now)

    def arrives(self, file):
        (self.folder / file[0]).write_bytes(file[1])

    def files(self, at, parcels=PARCELS, collected=()):
        lately = [(number, at - timedelta(minutes=5), courier) for number, courier in LATELY]
        self.arrives(export(parcels, at))
        self.arrives(sheet([*lately, *collected], at))

    def run(self, at=None, programs=PROGRAMS):
        self.now = at or self.now
        workspace = open_workspace(self.home)
        latest = max((path.stat().st_mtime for path in self.folder.iterdir()), default=0.0)
        options = Namespace(folder=self.folder, settle=10, lang="zh", pause=lambda _: self.while_waiting(), clock=lambda: latest + 60)
        try:
            return look(workspace, list_shops(workspace)[0], channels_of(self.programs.environ(*programs)), options)
        finally:
            workspace.state.close()

    def told(self, program):
        """(waybill, hour) of every line, in the order of sending."""
        found = []
        for text in self.programs.texts[program]:
            hour = None
            for line in text.splitlines():
                if step := re.search(r"上传满(\d+)小时", line):
                    hour = int(step[1])
                elif "｜" in line:
                    found.append((int(line.split("｜")[0][-6:]), hour))
        return found


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.setattr("pdd_audit.services.watch.count_ahead", lambda *_: None)  # the pages' own tables, of no use here
    with programs_running(monkeypatch) as programs:
        yield Desk(tmp_path, programs, monkeypatch)


FIRST = [(5, 22), (2, 18), (1, 12), (3, 20)]


def test_each_parcel_is_told_of_once_an_hour_on_every_program_also_across_restarts(desk, capfd):
    desk.files(NOON)
    assert desk.run() == 0
    for program in PROGRAMS:
        assert desk.told(program) == FIRST, program
        assert len(desk.programs.texts[program]) == 2, "one message per outlet"
    text = "".join(desk.programs.texts["wecom"])
    assert not any(waybill(number) in text for number in range(1, 7)) and "78***000005" in text and "甲店：中通 3 件" in text
    for minutes in (1, 20, 40):  # restarted, with nothing new
        assert desk.run(NOON + timedelta(minutes=minutes)) == 0
    assert desk.told("dingtalk") == FIRST
    later = NOON + timedelta(hours=1, minutes=30)
    desk.files(later, collected=[(1, NOON, "中通快递")])
    assert desk.run(later) == 0
    for program in PROGRAMS:  # 5 is past its deadline, 1 is collected, 2 has reached its next hour, 3 its last
        assert desk.told(program) == [*FIRST, (3, 22), (2, 20)]
    said = "".join(capfd.readouterr())
    assert "通知了 16 件" in said and not [secret for secret in SECRETS if secret in said]


def test_a_file_that_is_still_being_written_waits_until_it_stands_still(desk):
    desk.files(NOON)
    name = next(path for path in desk.folder.iterdir() if "揽收" in path.name)
    content, half = name.read_bytes(), name.read_bytes()[:700]
    name.write_bytes(half)
    desk.while_waiting = lambda: name.write_bytes(content[:900])
    assert desk.run() == 0
    assert desk.told("wecom") == [], "half a sheet says nothing"
    name.write_bytes(content)
    desk.while_waiting = lambda: None
    os.utime(name, (name.stat().st_mtime + 30,) * 2)
    assert desk.run() == 0
    assert desk.told("wecom") == FIRST


def test_a_program_that_fails_is_asked_again_and_the_others_are_not(desk, capfd):
    desk.files(NOON)
    desk.programs.moods |= {"dingtalk": "refuse", "email": "busy"}
    assert desk.run() == 3
    assert desk.told("wecom") == FIRST and desk.told("dingtalk") == desk.told("email") == []
    assert "下次再发" in "".join(capfd.readouterr())
    desk.programs.moods.clear()
    assert desk.run(NOON + timedelta(minutes=5)) == 0
    assert desk.told("dingtalk") == desk.told("email") == desk.told("wecom") == FIRST


@pytest.mark.parametrize("end", ["break", "killed"])
def test_what_may_have_arrived_is_never_sent_again_and_that_is_said(end, desk, capfd):
    desk.files(NOON)
    if end == "break":
        desk.programs.moods["wecom"] = "break"
        assert desk.run(programs=["wecom"]) == 3
    else:
        send = "pdd_audit.data.live.notifiers._posted"
        with desk.monkeypatch.context() as dying:
            dying.setattr(send, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                desk.run(programs=["wecom"])
    desk.programs.moods.clear()
    before = desk.told("wecom")
    assert desk.run(NOON + timedelta(minutes=1), ["wecom"]) == 0
    again = desk.told("wecom")[len(before) :]
    assert again == ([] if end == "break" else FIRST[3:]), "of a killed run only what it had not begun"
    assert "不会再发" in "".join(capfd.readouterr())


def test_missing_old_empty_or_refused_files_tell_nothing(desk, capfd):
    def silent(at=NOON):
        code = desk.run(at)
        assert desk.programs.texts == {}
        return code, "".join(capfd.readouterr())

    desk.arrives(export(PARCELS, NOON))
    assert "没有数据不等于没揽收" in silent()[1]
    desk.arrives((sheet([], NOON)[0], "运单号,快递公司,第一条揽收时间\n".encode()))
    code, said = silent()
    assert code == 2 and "✗" in said
    assert silent()[0] == 0, "a refused file is read again only when it changes"
    desk.arrives(sheet([(7, NOON - timedelta(hours=4), "中通快递")], NOON - timedelta(hours=4)))
    silent()  # the sheet is older than two hours, the export is not
    desk.arrives(sheet([(7, NOON - timedelta(minutes=5), "中通快递"), (8, NOON - timedelta(minutes=5), "圆通速递")], NOON))
    assert "太旧" in silent(NOON + timedelta(hours=3))[1]
    assert desk.run(NOON) == 0
    assert desk.told("feishu") == FIRST


def test_the_command_itself_looks_once_and_names_what_is_wrong(desk, monkeypatch, capfd):
    monkeypatch.setattr("time.sleep", lambda _: None)
    desk.files(NOON)
    for path in desk.folder.iterdir():
        os.utime(path, (1e9, 1e9))  # written long ago
    arguments = ["--shop", "甲店", "--home", str(desk.home), "--once", "--lang", "en"]
    monkeypatch.delenv("PDD_AUDIT_NOTIFY", raising=False)
    assert main(["watch", str(desk.folder), *arguments]) == 0
    assert "nobody is told" in "".join(capfd.readouterr())
    monkeypatch.setenv("PDD_AUDIT_NOTIFY", desk.programs.environ("wecom")["PDD_AUDIT_NOTIFY"])
    assert main(["watch", str(desk.folder), *arguments]) == 0
    assert "4 parcels told of" in "".join(capfd.readouterr()) and len(desk.programs.texts["wecom"]) == 2
    assert main(["watch", str(desk.folder / "none"), *arguments]) == 2
