"""Who may do what, for every service there is: none is without a mark, none writes with the right to look, none does anything unasked."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import pdd_audit.services
from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right, Role, allows
from pdd_audit.core.questions import Answer
from pdd_audit.services.access import NAMES, SPEAKER, may, require
from pdd_audit.services.actions import Speaker, actions, by_hand, hand_on, make
from pdd_audit.services.answers import load_answers, save_answer
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.log import log_of
from pdd_audit.services.rounds import Plan, open_round, reveal, round_of, sign, withdraw_signature
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shops import create_shop, rename_shop
from pdd_audit.services.waivers import waivers_of
from pdd_audit.services.workspace import now, open_workspace
from tests.services.team import come, join, who

FOLDER = Path(pdd_audit.services.__file__).parent
MODULES = [
    f"pdd_audit.services.{path.relative_to(FOLDER).with_suffix('').as_posix().replace('/', '.')}"
    for path in sorted(FOLDER.rglob("*.py")) if path.stem != "__init__"
]

# Services that speak of no shop, or of each of several in its turn.
OF_NO_SHOP = {
    "access": {"may", "require", "role_in", "seated", "author"},  # they are what asks
    "doctor": None, "doctor_disks": None, "doctor_program": None, "logins": None, "workspace": None, "home": None,  # the machine, and the gate before anybody is known
    "shops": {"list_shops", "get_shop", "may_found", "create_shop", "refuse_strangers", "name_here", "open_demo_shop"},
    "files_in": {"may_send"},  # it is what asks
    "people": {"person_of", "host_of", "accept"},
    "shop_archive": {"import_shop"},  # as create_shop
    "score_all": {"score_shops", "score_folders"},  # each shop asks; folders become an installation that vanishes
    "measure": {"measure"},  # of tables that were asked for
    "rounds": {"due_after"}, "overlay": {"prover_of", "overlay_from_file", "overlay_as_workbook"},  # content and arithmetic
    "incidents.appeals": {"guide_of", "still_missing"}, "incidents.closing": {"causes_file"}, "look_at_today": {"call_rules"},
    "incidents.tell_buyers": {"responses_of", "write_batch"},
}

# Everything that changes something or hands rows out, and the lowest role that may.
WRITES = {
    Role.MEMBER: {
        "actions.make", "actions.take_up", "actions.hand_on", "actions.act", "actions.finish", "answers.save_answer", "answers.save_over", "answers.clear_answer",
        "changes.add_change", "changes.remove_change", "deeds.do", "deeds.undo", "history.save_audit", "incidents.appeal_file.dossier_of",
        "incidents.appeal_file.evidence_files", "incidents.appeals.open_case", "incidents.appeals.count_down", "incidents.appeals.add_evidence",
        "incidents.appeals.drop_evidence", "incidents.appeals.move", "incidents.closing.close", "incidents.remedies.record_remedy",
        "incidents.remedies.undo_remedy", "incidents.tell_buyers.mark_told", "incidents.tell_buyers.take_back", "note_days.note_stop",
        "proofs.attach", "proofs.detach", "rounds.answer_alone", "rounds.note",
    },
    Role.REVIEWER: {
        "history.delete_audit", "incidents.remedies.assume_cost", "log.accept_loss", "log.check_log", "log.log_of", "log.member_names", "log.names_in_log", "log.newest_of_log", "log.note_head", "look_at_cost.assume",
        "note_days.note_exemption", "note_days.decide", "note_days.take_back", "profile.save_profile", "remind.send", "rounds.open_round",
        "rounds.reveal", "rounds.agree", "rounds.agree_where_all_said_the_same", "rounds.decide", "rounds.drop_round", "rounds.sign",
        "rounds.withdraw_signature",
        "send_report.send_report", "waivers.waive", "waivers.take_back", "watch.tell",
    },
    Role.OWNER: {
        "fetch_traces.open_parcels", "figure_rows.figure_rows", "import_files.import_files", "import_files.read_again",
        "import_files.remove_import", "import_files.set_reading", "ledger_care.restore_import", "ledger_care.purge_import",
        "ledger_care.export_parcels", "map_columns.import_by_hand", "units.say_unit", "map_columns.remember_mapping", "map_columns.forget_mapping",
        "other_shops.in_other_shops", "other_shops.refuse_orders_of_others", "export_times.state_export_time", "overlay.save_overlay", "people.change_role", "people.remove_member", "people.invite",
        "people.invitations", "people.withdraw", "rows.rows_csv", "rules.choose_platform", "rules.confirm_figure", "shop_archive.export_shop",
        "shop_archive.shop_as_bytes", "shop_archive.delete_shop", "shops.rename_shop", "watch.take_in",
    },
}
ON_THE_MACHINE = {"backup.back_up", "ledger_care.verify_home", "ledger_care.nobodys", "people.everybody", "people.disable", "people.make_owner"}
LEAVE = "people.leave"  # changes something, and everybody may


def public():
    """(name, function) of every public function of the services that gets an installation."""
    for module in MODULES:
        loaded = importlib.import_module(module)
        short = module.removeprefix("pdd_audit.services.")
        for name, work in vars(loaded).items():
            if not name.startswith("_") and inspect.isfunction(work) and work.__module__ == module:
                kinds = [str(one.annotation) for one in inspect.signature(work).parameters.values()]
                if any("Workspace" in kind or kind.endswith("Home'>") or "home.Home" in kind or kind == "Home" for kind in kinds):
                    yield f"{short}.{name}", work


SERVICES = dict(public())
MARKED = {name: work for name, work in SERVICES.items() if hasattr(work, "right")}


def test_every_service_about_a_shop_asks_for_a_right():
    silent = []
    for name in SERVICES.keys() - MARKED.keys() - ON_THE_MACHINE:
        module, _, own = name.rpartition(".")
        if module not in OF_NO_SHOP or (OF_NO_SHOP[module] is not None and own not in OF_NO_SHOP[module]):
            silent.append(name)
    assert sorted(silent) == [], "mark it with @needs(Right. ...), or say here why it speaks of no shop"
    assert len(MARKED) > 150
    assert {name for name, work in SERVICES.items() if hasattr(work, "machine_only")} == ON_THE_MACHINE


def test_what_changes_something_or_hands_rows_out_begins_with_the_role_it_should():
    begins = {role: {name for name, work in MARKED.items() if not _looks(work) and _least(work) == role} for role in Role}
    assert begins[Role.VIEWER] == set()
    for role, names in WRITES.items():
        assert begins[role] == names, f"what a {role} may do first; add a new service to the table"


def _looks(work):
    return work.right == Right.LOOK


def _least(work):
    return next(role for role in Role if allows(role, work.right))


WRITING = {  # of the state, the ledger and the proofs
    "say", "save_answers", "change_answer", "add_shop", "rename_shop", "set_reading", "remember_mapping", "forget_mapping", "add_change", "delete_change",
    "assume", "set_profile", "add_audit", "delete_audit", "writing", "purge", "remove", "restore", "attach", "set_role", "offer", "withdraw",
    "claim", "delete_shop_rows", "forget_reading",
}


@pytest.mark.parametrize("module", MODULES)
def test_nothing_that_may_be_done_with_the_right_to_look_writes(module):
    tree = ast.parse((FOLDER / f"{module.removeprefix('pdd_audit.services.').replace('.', '/')}.py").read_text("utf-8"))
    bodies = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}

    def called(name, seen):
        for node in ast.walk(bodies[name]):
            if isinstance(node, ast.Call):
                if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Attribute | ast.Name | ast.Call):
                    on = ast.unparse(node.func.value)
                    if on.endswith("state") or "ledger(" in on or "proofs(" in on or on == "people":
                        yield node.func.attr
                elif isinstance(node.func, ast.Name) and node.func.id in bodies and node.func.id not in seen:
                    yield from called(node.func.id, seen | {node.func.id})

    short = module.removeprefix("pdd_audit.services.")
    for name in bodies:
        work = MARKED.get(f"{short}.{name}")
        if work is not None and _looks(work) and f"{short}.{name}" != LEAVE:
            assert not WRITING & set(called(name, {name})), f"{name} may be called by everybody who sees the shop"


# --- in use -----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    opened = open_workspace(tmp_path_factory.mktemp("home"))
    yield opened
    opened.state.close()


@pytest.fixture(scope="module")
def team(home):
    """(shop, whoever has each role in it, somebody of another shop)"""
    owner = come(home, "负责人")
    shop = create_shop(owner, "权限小店")
    people = {role: join(owner, shop.id, come(home, str(role)), role) for role in (Role.VIEWER, Role.MEMBER, Role.REVIEWER)}
    stranger = come(home, "外人")
    join(owner, create_shop(owner, "外人的店").id, stranger, Role.OWNER)
    return shop, {**people, Role.OWNER: owner}, stranger


def refused(work, *given):
    """The code with which it refuses before it does anything; whatever else it would need is not there."""
    known = inspect.signature(work)
    missing = [one for one in list(known.parameters.values())[2:] if one.default is one.empty and one.kind is not one.KEYWORD_ONLY]
    named = {one.name: None for one in known.parameters.values() if one.kind is one.KEYWORD_ONLY and one.default is one.empty}
    values = [Speaker("", 0) if one.name == SPEAKER else None for one in missing]
    with pytest.raises(AuditError) as error:
        work(*given, *values, **named)
    return error.value


@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_refused_everything_beyond_it_before_anything_is_done(role, home, team):
    shop, people, _ = team
    before = len(home.state.log(shop.id))
    for name, work in MARKED.items():
        if not allows(role, work.right):
            second = shop if "Shop" in str(list(inspect.signature(work).parameters.values())[1].annotation) else shop.id
            error = refused(work, people[role], second)
            assert error.code == "not_allowed", name
    for right in Right:
        assert may(people[role], shop.id, right) == allows(role, right)
    for name in ON_THE_MACHINE:
        assert refused(SERVICES[name], people[role], shop.id).code == "machine_only"
    assert len(home.state.log(shop.id)) == before


def test_a_foreign_shop_answers_as_a_missing_one_to_everything(home, team):
    shop, _, stranger = team
    for name, work in MARKED.items():
        as_shop = "Shop" in str(list(inspect.signature(work).parameters.values())[1].annotation)
        missing = type(shop)("f" * 32, "无此店", False, now())
        foreign, unknown = (refused(work, stranger, one if as_shop else one.id) for one in (shop, missing))
        assert foreign.code == unknown.code == "no_such_shop", name
        assert foreign.values == unknown.values == {"shops": "外人的店"}
    assert load_answers(home, shop.id) == {}, "without a login nobody is asked"


def test_what_is_kept_carries_the_name_of_whoever_is_logged_in(home, team):
    shop, people, _ = team
    member, reviewer, owner = people[Role.MEMBER], people[Role.REVIEWER], people[Role.OWNER]
    with_names = {name for name, work in MARKED.items() if {*NAMES, SPEAKER} & inspect.signature(work).parameters.keys()}
    assert len(with_names) >= 35, "these get the name from the login"
    save_answer(member, shop.id, "shipping_process.open_parcel_list", Answer(answer="met"), "冒名")
    made = make(member, shop.id, by_hand("改截单", "", None), "某人", now().date(), by="冒名")
    hand_on(reviewer, shop.id, made, "另一人", now().date(), Speaker("冒名", 1))
    outcome = import_files(owner, shop.id, [Upload("no.csv", b"nothing")], who="冒名")
    assert outcome[0].report is None, "refused as a file, not as a person"
    rename_shop(owner, shop.id, "权限小店改名")
    assert "冒名" not in {row.who for row in log_of(owner, shop.id)}
    assert [(row.who, row.what) for row in log_of(owner, shop.id)][-4:] == [
        (who(member).name, "answered"), (who(member).name, "said"), (who(reviewer).name, "said"), ("负责人", "renamed"),
    ]
    assert [one.owner for one in actions(member, shop.id)] == ["另一人"]
    assert waivers_of(member, shop.id) is not None


def test_a_reviewer_signs_as_reviewer_and_only_an_owner_as_owner(team):
    shop, people, _ = team
    reviewer, owner = people[Role.REVIEWER], people[Role.OWNER]
    id = open_round(reviewer, shop.id, Plan("签字", ["shipping_process.open_parcel_list"], [who(owner).name], now().date()), "")
    audit = run_audit(reviewer, shop.id)
    reveal(reviewer, shop.id, round_of(reviewer, shop.id, id), "", audit)
    with pytest.raises(AuditError) as refusal:
        sign(reviewer, shop.id, round_of(reviewer, shop.id, id), "owner", "负责人", audit)
    assert refusal.value.code == "not_allowed"
    sign(owner, shop.id, round_of(owner, shop.id, id), "owner", "冒名", audit)
    with pytest.raises(AuditError) as refusal:
        withdraw_signature(reviewer, shop.id, round_of(reviewer, shop.id, id), "冒名")
    assert refusal.value.code == "not_allowed", "it is not the reviewer's own"
    withdraw_signature(owner, shop.id, round_of(owner, shop.id, id), "冒名")
    for withdrawn_by in (reviewer, owner):
        sign(reviewer, shop.id, round_of(reviewer, shop.id, id), "reviewer", "冒名", audit)
        withdraw_signature(withdrawn_by, shop.id, round_of(withdrawn_by, shop.id, id), "冒名")
    sign(reviewer, shop.id, round_of(reviewer, shop.id, id), "reviewer", "冒名", audit)
    sign(owner, shop.id, round_of(owner, shop.id, id), "owner", "冒名", audit)
    assert [word.by for word in round_of(owner, shop.id, id).signatures] == [who(reviewer).name, who(owner).name]


def test_a_right_is_looked_up_anew_for_every_service(home, team):
    from pdd_audit.services.people import change_role

    shop, people, _ = team
    person = join(people[Role.OWNER], shop.id, come(home, "换角色的人"), Role.MEMBER)
    assert require(person, shop.id, Right.ANSWER) == Role.MEMBER
    change_role(people[Role.OWNER], shop.id, who(person).id, Role.VIEWER)
    with pytest.raises(AuditError):
        require(person, shop.id, Right.ANSWER)
