"""What the pages draw for somebody who may only look: nothing that a service would refuse can be pressed, and what is shut says who may."""

import inspect
from datetime import date, timedelta
from pathlib import Path

import pytest

from pdd_audit.core.people import ALLOWED, Right, Role
from pdd_audit.core.questions import Answer
from pdd_audit.core.waivers import waivable
from pdd_audit.services.actions import by_hand, make
from pdd_audit.services.answers import save_answer
from pdd_audit.services.changes import add_change
from pdd_audit.services.deeds import do
from pdd_audit.services.demo_bill import fined
from pdd_audit.services.demo_shop import DEMO_AS_OF, demo_orders
from pdd_audit.services.history import save_audit
from pdd_audit.services.import_files import list_imports, remove_import
from pdd_audit.services.incidents.appeals import open_case
from pdd_audit.services.people import change_role
from pdd_audit.services.rounds import Plan, list_rounds, open_round, reveal
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shops import list_shops
from pdd_audit.services.waivers import waive
from pdd_audit.services.workspace import now, open_workspace
from pdd_audit.texts import Words
from pdd_audit.ui import session
from pdd_audit.ui.charts import kept
from tests.services.team import come, join, who
from tests.ui.conftest import ROOT

UI = str(ROOT / "pdd_audit" / "ui")
PAGES = sorted(path.stem for path in Path(UI, "pages").glob("[a-z]*.py"))
ASKED = ("courier_coordination.fixed_pickup_time", "shipping_process.cutoff_time")
ZH = Words("zh")
ONLY = ZH("people.only", roles="\n").partition("\n")[0]


def told_of(right):
    """The tooltip of what needs a right."""
    *more, last = (ZH(f"people.role.{role}.name") for role in reversed(Role) if right in ALLOWED[role])
    return ZH("people.only", roles=("、".join(more) + "或" if more else "") + last)


def rights_of(work, seen):
    """The rights of every service that a callback may come to; a service that asks for a second one names it."""
    if not inspect.isfunction(work):
        return set()
    if hasattr(work, "right"):
        asks_again = inspect.unwrap(work).__code__.co_names
        return {work.right} | {right for right in Right if right.name in asks_again}
    code = work.__code__
    if code in seen or not code.co_filename.startswith(UI):
        return set()
    seen.add(code)
    found, codes = set(), [code]
    for cell in work.__closure__ or ():
        found |= rights_of(cell.cell_contents, seen)
    while codes:
        here = codes.pop()
        codes += [one for one in here.co_consts if inspect.iscode(one)]
        for name in here.co_names:
            value = work.__globals__.get(name)
            ours = inspect.ismodule(value) and value.__name__.startswith("pdd_audit")
            parts = [vars(value).get(part) for part in here.co_names] if ours else [value]
            for part in parts:
                found |= rights_of(part, seen)
    return found


def widgets(app, node, shut=None):
    """(proto, rights its callback may need, the closed popover it lies in) of everything on the page that can be pressed or changed."""
    if hasattr(node, "children"):
        popover = node.proto.popover if node.type == "popover" else None
        for child in node.children.values():
            yield from widgets(app, child, popover if shut is None and popover is not None and popover.disabled else shut)
        return
    known = app.session_state._state._state._new_widget_state.widget_metadata.get(getattr(node.proto, "id", ""))
    if known is not None:
        work = [known.callback, *(known.callbacks or {}).values(), *(known.callback_args or ())]
        yield node.proto, set().union(*(rights_of(one, set()) for one in work)), shut


@pytest.fixture
def lived_in(demo_home):
    """(a viewer, ids of rounds in each phase): a shop in which everything was done that leaves something to press."""
    ws = open_workspace(demo_home)
    host = come(ws, "周主管")
    shop = list_shops(host)[0].id
    viewer = join(host, shop, come(ws, "小林"), Role.MEMBER)
    for title in ("回答中", "讨论中"):
        open_round(host, shop, Plan(title, ASKED, ("周主管", "小林"), date(2026, 11, 30)), "")
    talked = next(one for one in list_rounds(host, shop) if one.opening.title == "讨论中")
    audit = run_audit(host, shop)
    reveal(host, shop, talked, "", audit)
    save_audit(host, shop, "十一月", audit)
    add_change(host, shop, DEMO_AS_OF.date() - timedelta(days=20), "换了车", "courier")
    make(host, shop, by_hand("改截单", "", None), "周主管", now().date(), by="")
    questions = [item for practice in host.checklists.practices for item in practice.items if item.kind == "question" and waivable(item)]
    waive(host, shop, questions[0].id, now().date() + timedelta(days=9), "", "等新车")
    save_answer(host, shop, questions[0].id, Answer(answer="unmet"), "")
    open_case(host, shop, [fined(demo_orders(), DEMO_AS_OF).in_time.number], "collected_in_time", "")
    do(host, shop, "closed", ["YT1"], "周主管", {"incident": "圆通|2026-11-20|van", "cause": "unknown", "question": questions[0].id})
    do(host, shop, "told", ["26-1"], "周主管", {"situation": "near_limit", "version": 1})
    do(host, shop, "remedied", ["26-1"], "周主管", {"remedy": "coupon", "yuan": 1.0})
    spare = next(one for one in list_imports(host, shop) if one.kind == "pdd_service")
    remove_import(host, shop, spare.sha256)
    change_role(host, shop, who(viewer).id, Role.VIEWER)
    yield viewer, {one.opening.title: one.id for one in list_rounds(host, shop)}, questions[0].id
    ws.state.close()


def test_a_viewer_can_press_nothing_that_a_service_refuses_and_reads_who_may(lived_in, open_page, monkeypatch):
    viewer, rounds, waived = lived_in
    monkeypatch.setattr(session, "logged_in", lambda: who(viewer).id)
    monkeypatch.setattr("pdd_audit.ui.incidents.call_card.now", lambda: DEMO_AS_OF)
    monkeypatch.setattr(kept, "CHECK", False)  # charts are drawn as ever
    app = open_page("home", question=waived, appeals_part="cases")
    shut = {}
    for page, state in [
        *((page, {}) for page in ["home", *PAGES]), ("appeals", {"appeals_part": "causes"}),
        *(("rounds", {"round": id}) for id in rounds.values()), ("rounds", {"meeting": now().isoformat()}),
    ]:
        for key, value in state.items():
            app.session_state[key] = value
        if page != "home":
            app.switch_page(f"pdd_audit/ui/pages/{page}.py").run()
        assert not app.exception and not app.error, page
        for proto, needed, popover in widgets(app, app._tree):
            box, name = proto if popover is None else popover, proto.id.rpartition("-")[2]
            assert box.disabled or proto.DESCRIPTOR.name != "FileUploader", f"{page}: {name} asks a viewer for files"
            if needed <= {Right.LOOK}:
                continue
            assert box.disabled, f"{page}: a viewer can use {name}, which needs {needed}"
            tip = getattr(box, "help", "")
            assert not tip.startswith(ONLY) or tip in {told_of(right) for right in needed}, f"{page}: {name} says {tip}"
            shut[name] = max(needed, key=list(Right).index)
    needed = list(shut.values())
    assert needed.count(Right.ANSWER) > 30 and needed.count(Right.DECIDE) > 10 and needed.count(Right.IMPORT_FILES) > 3 and Right.MANAGE in needed
