"""People, invitations and roles: who comes in, as what, and what stays of those who leave."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Role
from pdd_audit.core.questions import Answer
from pdd_audit.core.rounds import RoundWord
from pdd_audit.data.storage.tables import InvitationRow, MemberRow
from pdd_audit.services import people as services
from pdd_audit.services import shops
from pdd_audit.services.access import seated
from pdd_audit.services.answers import save_answer
from pdd_audit.services.log import check_log, log_of, member_names, names_in_log, newest_of_log
from pdd_audit.services.people import (
    accept,
    change_role,
    disable,
    everybody,
    invitations,
    invite,
    leave,
    members,
    person_of,
    remove_member,
    withdraw,
)
from pdd_audit.services.rounds import Plan, answer_alone, drop_round, list_rounds, open_round, reveal, round_of
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shop_archive import export_shop, import_shop
from pdd_audit.services.shops import create_shop, list_shops, open_demo_shop, rename_shop
from pdd_audit.services.workspace import now, open_workspace
from tests.services.team import ISSUER, come, join, who

QUESTION = "shipping_process.open_parcel_list"


def refusal(code, work):
    with pytest.raises(AuditError) as refused:
        work()
    assert refused.value.code == code
    return refused.value


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def home(request, tmp_path_factory):
    database = ""
    if request.param == "postgresql":
        database = request.getfixturevalue("postgres").room(request.getfixturevalue("postgres_database"))
    opened = open_workspace(tmp_path_factory.mktemp("home"), database=database)
    opened.state.add_shop("登录之前的店", is_demo=False, now=now())
    yield opened
    opened.state.close()


@pytest.fixture(scope="module")
def host(home):
    return come(home, "周主管", "host@example.com")


@pytest.fixture(scope="module")
def team(host):
    """(shop, owner, members by role), made once; tests that change a place make a shop of their own."""
    shop = create_shop(host, "团队小店")
    return shop, host, {role: join(host, shop.id, come(host, f"同事 {role}"), role) for role in Role if role != Role.OWNER}


def test_the_first_person_is_the_host_and_owns_what_was_there_before_the_login(home, host, team):
    assert who(host).host and not any(who(one).host for one in team[2].values())
    assert "登录之前的店" in [shop.name for shop in list_shops(host)]
    assert {shop.name for shop in list_shops(home)} > {shop.name for shop in list_shops(team[2][Role.VIEWER])}, "the machine sees all shops"


def test_a_person_is_known_by_issuer_and_subject_alone(home):
    first = person_of(home, ISSUER, "s-1", "陈一", "chen@example.com")
    again = person_of(home, ISSUER, "s-1", "陈一", "new@example.com")
    other = person_of(home, "https://elsewhere.example.com", "s-1", "陈一", "chen@example.com")
    assert again.id == first.id and again.email == "new@example.com"
    assert other.id != first.id and other.name == "陈一 (2)", "the same name and address at another provider is another person"
    assert person_of(home, "https://elsewhere.example.com", "s-1", "陈一", None).name == "陈一 (2)", "and keeps the number"
    refusal("person_identity", lambda: person_of(home, ISSUER, "x" * 256, "某人", None))


def test_a_former_name_is_given_to_nobody_else(home):
    person = person_of(home, ISSUER, "s-2", "林二", None)
    assert person_of(home, ISSUER, "s-2", "林二郎", None).name == "林二郎"
    assert person_of(home, ISSUER, "s-3", "林二", None).name == "林二 (2)"
    assert person_of(home, ISSUER, "s-2", "林二", None) == person, "one's own former name comes back"


def test_a_code_opens_once_and_only_its_digest_is_stored(home, team):
    shop, owner, _ = team
    made = invite(owner, shop.id, Role.MEMBER, days=3)
    with home.state.reading() as session:
        row = session.get(InvitationRow, made.id)
        assert row is not None and made.code not in repr(vars(row))
    assert [(one.role, one.code) for one in invitations(owner, shop.id)] == [(Role.MEMBER, "")]
    new = come(home, "新来的")
    assert list_shops(new) == []
    assert accept(new, f" {made.code}\n").id == shop.id and [one.name for one in list_shops(new)] == [shop.name]
    refusal("invitation_gone", lambda: accept(come(home, "后来的"), made.code))
    again = invite(owner, shop.id, Role.OWNER)
    refusal("already_member", lambda: accept(new, again.code))
    withdraw(owner, shop.id, again.id)
    for code in (again.code, "", "x" * 5000, "无此码"):
        refusal("invitation_gone", lambda code=code: accept(come(home, "后来的"), code))


def test_an_invitation_ends_and_may_be_for_one_address_alone(home, team, monkeypatch):
    shop, owner, _ = team
    made = invite(owner, shop.id, Role.VIEWER, email="Zhao@Example.com", days=7)
    for address in (None, "zhao@example.com.evil.example"):
        refusal("invitation_gone", lambda address=address: accept(come(home, "冒名", address), made.code))
    late = now() + timedelta(days=7)
    monkeypatch.setattr(services, "now", lambda: late)
    refusal("invitation_gone", lambda: accept(come(home, "赵三", "zhao@example.com"), made.code))
    monkeypatch.setattr(services, "now", lambda: late - timedelta(seconds=1))
    assert accept(come(home, "赵三", "zhao@example.com"), made.code).id == shop.id
    for days, email in ((0, None), (31, None), (7, "no address")):
        refusal("invitation_form", lambda days=days, email=email: invite(owner, shop.id, Role.VIEWER, email, days))


def test_the_last_owner_stays_and_what_a_former_owner_offered_is_void(home, host):
    shop = create_shop(host, "两位负责人")
    for gone in (lambda: remove_member(host, shop.id, who(host).id), lambda: change_role(host, shop.id, who(host).id, Role.MEMBER),
                 lambda: leave(host, shop.id)):
        refusal("last_owner", gone)
    second = join(host, shop.id, come(home, "副手"), Role.OWNER)
    code = invite(second, shop.id, Role.OWNER).code
    change_role(host, shop.id, who(second).id, Role.REVIEWER)
    refusal("invitation_gone", lambda: accept(come(home, "副手的朋友"), code))
    change_role(host, shop.id, who(second).id, Role.OWNER)
    disable(home, who(second).id)
    refusal("last_owner", lambda: leave(host, shop.id))
    refusal("no_such_person", lambda: change_role(host, shop.id, "0" * 32, Role.MEMBER))
    assert check_log(host, shop.id).troubles == ()


def test_whoever_leaves_sees_nothing_at_once_and_their_words_stay(home, host):
    shop = create_shop(host, "有人离开")
    left = join(host, shop.id, come(home, "孙五"), Role.MEMBER)
    save_answer(left, shop.id, QUESTION, Answer(answer="met"), by="别人的名字")
    remove_member(host, shop.id, who(left).id)
    refusal("no_such_shop", lambda: save_answer(left, shop.id, QUESTION, Answer(answer="unmet")))
    rows = log_of(host, shop.id)
    assert [(row.who, row.what) for row in rows if row.about == f"answers/{QUESTION}"] == [("孙五", "answered")]
    told = [(row.who, row.what) for row in rows]
    assert told == [
        ("周主管", "shop_made"), ("周主管", "member_joined"), ("周主管", "invited"), ("孙五", "member_joined"), ("孙五", "answered"),
        ("周主管", "member_left"),
    ]
    newest, found = newest_of_log(host, shop.id, "孙五", most=1)
    assert [row.what for row in newest] == ["answered"] and found == 2 and member_names(host, shop.id, rows)[who(left).id] == "孙五"
    assert set(names_in_log(host, shop.id).people) == {"周主管", "孙五"} and "member_left" in names_in_log(host, shop.id).sorts


def test_a_role_changed_behind_the_programs_back_is_found(home, host):
    shop = create_shop(host, "有人动了库")
    viewer = join(host, shop.id, come(home, "钱四"), Role.VIEWER)
    assert check_log(host, shop.id).troubles == ()
    with home.state.writing() as session:
        session.get(MemberRow, (shop.id, who(viewer).id)).role = Role.OWNER
    assert [(one.code, one.about) for one in check_log(host, shop.id).troubles] == [("altered", f"members/{who(viewer).id}")]


def test_somebody_disabled_may_do_nothing_and_comes_back_as_they_were(home, host, team):
    shop, owner, _ = team
    person = join(owner, shop.id, come(home, "吴六"), Role.MEMBER)
    disable(home, who(person).id)
    refusal("no_such_shop", lambda: members(person, shop.id))
    refusal("not_logged_in", lambda: seated(home, who(person).id))
    refusal("person_disabled", lambda: come(home, "吴六"))
    assert who(person).name not in [one.person.name for one in members(owner, shop.id)]
    assert next(one.disabled_at for one in everybody(home) if one.person.id == who(person).id) is not None
    disable(home, who(person).id, disabled=False)
    assert [one.role for one in members(come(home, "吴六"), shop.id) if one.person.name == "吴六"] == [Role.MEMBER]
    refusal("machine_only", lambda: disable(host, who(person).id))


def test_only_whoever_owns_a_shop_makes_more_and_nobody_learns_of_the_others(home, host, team):
    shop, _, by_role = team
    for role in (Role.VIEWER, Role.MEMBER, Role.REVIEWER):
        refusal("not_founder", lambda role=role: create_shop(by_role[role], "自己的店"))
        refusal("not_founder", lambda role=role: open_demo_shop(by_role[role]))
    second = join(host, create_shop(host, "给二号").id, come(home, "郑七"), Role.OWNER)
    assert create_shop(second, shop.name).name == f"{shop.name} (2)", "as if the name were free"
    mine = create_shop(second, "会改名的店")
    rename_shop(second, mine.id, "登录之前的店")
    assert "登录之前的店 (2)" in [one.name for one in list_shops(second)]


def test_everybody_who_may_make_shops_has_a_demo_of_their_own(home, host, team, monkeypatch):
    monkeypatch.setattr(shops, "write_demo_files", lambda folder, as_of: [])
    monkeypatch.setattr(shops, "write_demo_bill", lambda folder, as_of: Path(__file__))
    for made in ("import_files", "demo_notice", "note_exemption"):
        monkeypatch.setattr(shops, made, lambda *given: [])
    own = open_demo_shop(host)
    join(host, own.id, team[2][Role.MEMBER], Role.OWNER)
    other = open_demo_shop(team[2][Role.MEMBER])
    assert own.id != other.id and open_demo_shop(host).id == own.id and open_demo_shop(team[2][Role.MEMBER]).id == other.id
    assert other.name == f"{own.name} (2)"


def test_a_shop_travels_without_its_people_and_belongs_to_whoever_takes_it_in(home, host, team, tmp_path):
    shop, owner, _ = team
    export_shop(owner, shop, tmp_path / "shop.zip")
    taken = import_shop(host, tmp_path / "shop.zip", "搬来的店")
    assert [(one.person.name, one.role) for one in members(host, taken.id)] == [(who(host).name, Role.OWNER)]
    assert check_log(host, taken.id).troubles == ()
    refusal("not_founder", lambda: import_shop(team[2][Role.REVIEWER], tmp_path / "shop.zip", "别的店"))


def test_a_round_is_between_members_and_nobody_is_handed_anothers_answer_before_the_reveal(home, host):
    shop = create_shop(host, "评审店")
    one, other = (join(host, shop.id, come(home, name), Role.MEMBER) for name in ("甲", "乙"))
    viewer = join(host, shop.id, come(home, "丙"), Role.VIEWER)
    plan = Plan("十一月", [QUESTION], ["甲", "乙"], now().date())
    for stranger in ("丙", "不认识的人"):
        refusal("round_stranger", lambda stranger=stranger: open_round(host, shop.id, Plan("x", [QUESTION], ["甲", stranger], now().date()), ""))
    id = open_round(host, shop.id, plan, by="不是他")
    answer_alone(one, shop.id, round_of(one, shop.id, id), QUESTION, Answer(answer="met", note="甲的话"), by="乙")
    seen = round_of(other, shop.id, id)
    assert (seen.opened_by, seen.done()) == ("周主管", {"甲": 1, "乙": 0}), "said as oneself, whatever name was handed in"
    for onlooker in (other, viewer, host):
        for shown in (round_of(onlooker, shop.id, id), *list_rounds(onlooker, shop.id)):
            assert shown.answers_of("甲")[QUESTION] == Answer(answer="unknown")
    assert round_of(one, shop.id, id).answers_of("甲")[QUESTION].note == "甲的话"
    refusal("round_member", lambda: answer_alone(host, shop.id, seen, QUESTION, Answer(answer="met"), by="乙"))
    assert person_of(home, ISSUER, "sub-甲", "甲改了名", None).name == "甲", "the review is open: another name would be another person"
    reveal(host, shop.id, round_of(host, shop.id, id), "", run_audit(host, shop.id))
    assert round_of(other, shop.id, id).answers_of("甲")[QUESTION].note == "甲的话"
    assert {word.by for word in home.state.said(RoundWord, shop.id)} == {"周主管", "甲"}
    drop_round(host, shop.id, round_of(host, shop.id, id), "")
    assert person_of(home, ISSUER, "sub-甲", "甲改了名", None).name == "甲改了名"
    assert [(row.who, row.what) for row in log_of(host, shop.id)][-2:] == [("周主管", "said"), ("甲改了名", "person_renamed")]
    assert check_log(host, shop.id).troubles == ()


def test_of_those_who_take_one_code_at_once_one_gets_in(home, host, team):
    shop, owner, _ = team
    made = invite(owner, shop.id, Role.VIEWER)
    people = [come(home, f"同时 {number}") for number in range(4)]
    start = Barrier(len(people))

    def take(person):
        start.wait()
        try:
            return accept(person, made.code).id
        except AuditError as refused:
            return refused.code

    with ThreadPoolExecutor(len(people)) as threads:
        assert sorted(threads.map(take, people)) == sorted([shop.id, *["invitation_gone"] * 3])
