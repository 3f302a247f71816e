"""The people page without a login and with one; what a member sees of the other pages; who is in no shop."""

import re

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Role
from pdd_audit.services.people import change_role, disable, invitations, members
from pdd_audit.services.rounds import list_rounds
from pdd_audit.services.shops import create_shop, list_shops
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import Words
from pdd_audit.ui import session
from tests.services.team import come, join, who

ZH = Words("zh")


def said(app):
    return " ".join(str(each.value) for kind in (app.markdown, app.caption, app.error, app.code) for each in kind)


def test_where_a_login_is_needed_a_request_without_one_gets_nothing(empty_home, monkeypatch):
    monkeypatch.setattr(session, "named_by_headers", lambda: True)
    assert session.logged_in() == ""
    with pytest.raises(AuditError) as refused:
        session.workspace()
    assert refused.value.code == "not_logged_in"


def press(app, key):
    app.button(key=key).click().run()
    assert not app.exception
    return app


def test_without_a_login_the_page_says_what_there_would_be(empty_home, open_page):
    app = open_page("people")
    assert ZH("people.local") in said(app)
    assert not app.exception and not [one for one in app.text_input if one.key == "invitation_code"]


def test_with_a_login_everybody_sees_and_does_what_their_role_allows(empty_home, open_page, monkeypatch):
    ws = open_workspace(empty_home)
    host = come(ws, "周主管", "host@example.com")
    shop = create_shop(host, "团队小店")
    member = join(host, shop.id, come(ws, "小李"), Role.MEMBER)
    stranger = come(ws, "新人 [x](http://evil.example)", "new@example.com")
    monkeypatch.setenv("PDD_AUDIT_PUBLIC_URL", "https://audit.example.com")

    def as_(person):
        monkeypatch.setattr("pdd_audit.ui.session.logged_in", lambda: who(person).id)

    as_(host)
    app = open_page("people")
    app.text_input(key="invite_email").set_value("new@example.com")
    app.selectbox(key="invite_role").set_value(Role.VIEWER)
    press(app, "make_invitation")
    link = next(each.value for each in app.code)
    code = re.fullmatch(r"https://audit\.example\.com/\?invite=([\w-]{32})", link)
    assert code and len(invitations(host, shop.id)) == 1
    assert code[1] not in said(app.run()), "shown once"

    as_(stranger)
    app = open_page("checklist")
    assert ZH("people.no_shop_title") in said(app) and "周主管" in said(app)
    assert [(each.proto.label, each.proto.url) for each in app.get("link_button")] == [(ZH("people.log_out"), "/logout")]
    app.text_input(key="invitation_code").set_value("wrong")
    assert ZH("errors.invitation_gone.cure") in said(press(app, "join_shop"))
    app.query_params["invite"] = code[1]
    app.run()
    assert "invite" not in app.query_params, "the code does not stay in the address"
    assert list_shops(stranger) == [], "nobody joins without pressing"
    app.text_input(key="invitation_code").set_value(code[1])
    press(app, "join_shop")
    assert [one.name for one in list_shops(stranger)] == ["团队小店"]
    app.switch_page("pdd_audit/ui/pages/people.py").run()
    assert not [one for one in app.button if one.key in ("make_invitation", "change_role")], "a viewer manages nobody"

    as_(member)
    app = open_page("rounds", me="周主管")
    assert ZH("people.only_look", role="成员", roles="负责人或复核人") in said(app) and not [one for one in app.button if one.key == "open_round"]
    for role in (Role.MEMBER, Role.REVIEWER):
        change_role(host, shop.id, who(member).id, Role.REVIEWER)
        app.run()
        assert app.text_input(key="round_by").disabled and app.text_input(key="round_by").value == "小李"
        app.multiselect(key="round_members").set_value(["小李"])
        app.text_input(key="round_title").set_value("十一月")
        assert list_rounds(host, shop.id) == []
        change_role(host, shop.id, who(member).id, role)
        press(app, "open_round")
        assert (ZH("errors.not_allowed.cure") in said(app)) == (role == Role.MEMBER), "who may no longer is refused, whatever is on the screen"
    assert [one.opened_by for one in list_rounds(host, shop.id)] == ["小李"], "not the name in the address"

    as_(host)
    app = open_page("people")
    app.selectbox(key="member_chosen").set_value(who(stranger).id)
    press(app, "remove_member")
    assert [one.person.name for one in members(host, shop.id)] == ["周主管", "小李"]
    press(app, "leave_shop")
    assert ZH("errors.last_owner.cure") in said(app)

    disable(ws, who(member).id)
    as_(member)
    app = open_page("people")
    assert len(app.error) == 1 and not app.button, "nothing is drawn for somebody who is disabled"
    ws.state.close()
