"""The Actions page: from a step of the plan to a finished action, overdue first, in both languages."""

from datetime import timedelta

import pytest

from pdd_audit.services.actions import actions, by_hand, make
from pdd_audit.services.changes import list_changes
from pdd_audit.services.shops import list_shops
from pdd_audit.services.workspace import now, open_workspace


def shown(app):
    return "\n".join(str(box.value) for box in [*app.markdown, *app.caption, *app.error, *app.warning])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_opens_without_a_shop(lang, empty_home, open_page):
    assert not open_page("actions", lang).exception


def test_a_step_becomes_an_action_is_begun_and_done_and_is_then_watched(demo_home, open_page):
    workspace = open_workspace(demo_home)
    shop = list_shops(workspace)[0].id
    first = open_page("home").button(key="act_0")
    app = first.click().run()
    (wanted,) = [button for button in app.button if button.key and button.key.startswith("make_wanted_")]
    question = wanted.key.removeprefix("make_wanted_")
    wanted.click().run()
    assert actions(workspace, shop) == []  # nobody's name, nobody's action
    assert len(app.error) == 1
    app.text_input(key="actions_me").set_value("老板").run()
    app.text_input(key=f"owner_wanted_{question}").set_value("小李").run()
    app.button(key=f"make_wanted_{question}").click().run()
    (action,) = actions(workspace, shop)
    assert (action.owner, action.making.question, action.steps[0][1]) == ("小李", question, "老板")
    assert action.making.yuan_low < action.making.yuan < action.making.yuan_high
    app.button(key=f"begin_{action.id}").click().run()
    app.button(key=f"finish_{action.id}").click().run()
    assert actions(workspace, shop)[0].stage == "done" and [change.what for change in list_changes(workspace, shop)] == [action.making.title]
    assert "看效果（1）" in shown(app) and not app.exception
    workspace.state.close()


def test_what_is_overdue_is_said_first_and_the_list_has_everything(demo_home, open_page):
    workspace = open_workspace(demo_home)
    shop = list_shops(workspace)[0].id
    today = now().date()
    for title, days in (("later", 30), ("late", -3)):
        make(workspace, shop, by_hand(title, "", 100.0), "小李", today + timedelta(days=days), "老板")
    workspace.state.close()
    app = open_page("actions", "en")
    assert "Overdue actions: 1. About ¥100" in shown(app) and "3 d overdue" in shown(app)
    app.segmented_control(key="actions_view").set_value("list").run()
    assert list(app.dataframe[0].value["title"]) == ["late", "later"] and not app.exception
