import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from pdd_audit.services.demo_shop import write_demo_files
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.shops import DEMO_AS_OF, create_shop
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import Words, all_texts
from tests.ui.conftest import ROOT

PAGES = ["home", "checklist", "pickup", "couriers", "trends", "tonight", "today", "service", "cost", "results", "history", "report", "data", "rules", "overlay", "shops", "mapping",
         "actions", "rounds", "messages", "remedies", "appeals", "people"]  # fmt: skip
# Words that only one language has; foreign text (courier names, file names) may still be Chinese on an English page.
CHINESE_ONLY = ["数据截至", "预防得分", "全部指标", "每一题的分从哪里来", "下载报告"]


def shown(app):
    """Everything a reader sees, as one text."""
    kinds = (
        "title",
        "header",
        "subheader",
        "markdown",
        "caption",
        "text",
        "error",
        "warning",
        "metric",
        "radio",
        "button",
        "selectbox",
        "expander",
    )
    parts = []
    for kind in kinds:
        for element in app.get(kind):
            parts += [str(getattr(element, name, "") or "") for name in ("value", "label", "body")]
    return "\n".join(parts)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_without_any_shop(page, lang, empty_home, open_page):
    app = open_page(page, lang)
    assert not app.exception and not app.error
    assert shown(app).strip()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_with_the_demo_shop_and_every_chart_says_its_conclusion(page, lang, shown_demo, open_page):
    app = open_page(page, lang)
    assert not app.exception and not app.error
    text = shown(app)
    assert not re.search(r"\{[a-z_]+\}", text), "a placeholder was left unfilled"
    if lang == "en":
        assert [word for word in CHINESE_ONLY if word in text] == []
    for chart in app.get("vega_lite_chart") + app.get("arrow_vega_lite_chart"):
        assert chart.proto.alt.strip(), chart.proto.id


def test_language_and_shop_stay_in_the_address(shown_demo, open_page):
    app = open_page("home", "en")
    assert app.query_params["lang"] == "en"
    assert app.query_params["shop"]
    app.switch_page("pdd_audit/ui/pages/results.py").run()
    assert app.query_params["lang"] == "en"


def test_the_language_switch_changes_every_word_and_the_address(shown_demo, open_page):
    app = open_page("home", "zh")
    assert Words("zh")("home.rests_on") in shown(app)
    next(group for group in app.segmented_control if group.key == "language").set_value("en").run()
    assert Words("en")("home.rests_on") in shown(app)
    assert app.query_params["lang"] == "en"


def test_a_wrong_language_or_shop_in_the_address_is_ignored(shown_demo, open_page):
    app = open_page(
        "home",
        "xx",
    )
    assert app.query_params["lang"] == "zh"


def test_the_empty_home_leads_with_the_demo_shop(empty_home, open_page):
    app = open_page("home", "zh")
    primary = [button for button in app.button if button.proto.type == "primary"]
    assert [button.key for button in primary] == ["open_demo"]


def test_starting_the_checklist_from_nothing_makes_a_shop_and_asks_quick_questions(empty_home, open_page):
    app = open_page("home", "zh")
    app.button(key="start_checklist").click().run()
    assert not app.exception
    assert app.session_state["scope"] == "quick"
    assert app.session_state["shop"]


def test_texts_hold_no_markup_that_was_not_meant():
    """Words are Markdown: an unbalanced bracket or a tilde would strike text through."""
    assert [key for key, text in all_texts().items() for lang in ("zh", "en") if text[lang].count("**") % 2] == []


def test_the_charts_are_valid_json_without_nan(shown_demo, open_page):
    for page in ("home", "pickup", "results"):
        for chart in open_page(page).get("vega_lite_chart"):
            assert "NaN" not in json.dumps(json.loads(chart.proto.spec))


def test_a_shop_with_orders_only_is_shown_what_its_file_tells_and_what_is_missing(empty_home, open_page, tmp_path):
    ws = open_workspace(empty_home)
    shop = create_shop(ws, "只有订单").id
    orders = next(file for file in write_demo_files(tmp_path, DEMO_AS_OF) if "orders" in file.name)
    assert import_files(ws, shop, [Upload(orders.name, orders.read_bytes())])[0].error is None
    home = open_page("home", shop=shop)
    assert not home.exception
    assert Words("zh")("home.so_far") in shown(home)
    assert {"go_data", "go_answer"} <= {button.key for button in home.button}
    pickup = open_page("pickup", shop=shop)
    assert not pickup.exception
    assert not pickup.metric, "no tile without a number"
    assert Words("zh")("pickup.no_sheet") in shown(pickup)


def test_the_length_of_the_check_survives_a_refresh(demo_home):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.query_params["scope"] = "quick"
    app.run()
    assert app.session_state["scope"] == "quick"
    assert app.query_params["scope"] == "quick"
