"""``pdd-audit people``: who may log in, seen and changed at the machine."""

import json

import pytest

from pdd_audit.cli import main
from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Role
from pdd_audit.services.people import members
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace
from tests.services.team import come, join, who


def test_people_are_listed_locked_out_let_in_and_made_owners(tmp_path, capsys):
    home = ["--home", str(tmp_path)]
    assert main(["people", "list", *home, "--lang", "en"]) == 0
    assert "Nobody has logged in" in capsys.readouterr().err
    ws = open_workspace(tmp_path)
    host = come(ws, "周主管", "host@example.com")
    shop = create_shop(host, "团队小店")
    member = join(host, shop.id, come(ws, "小李"), Role.MEMBER)
    assert main(["people", "disable", "小李", *home]) == 0
    with pytest.raises(AuditError):
        members(member, shop.id)
    assert main(["people", "list", *home, "--format", "json"]) == 0
    told = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert told["小李"]["disabled_at"] and told["小李"]["shops"] == {"团队小店": "member"} and told["周主管"]["host"] is True
    assert main(["people", "enable", who(member).id, *home]) == 0
    assert main(["people", "make-owner", "小李", "--shop", "团队小店", *home]) == 0
    assert {one.person.name: one.role for one in members(host, shop.id)} == {"周主管": Role.OWNER, "小李": Role.OWNER}
    assert main(["people", "list", *home]) == 0
    assert "团队小店：负责人" in capsys.readouterr().out
    assert main(["people", "disable", "无此人", *home]) == 2
    ws.state.close()
