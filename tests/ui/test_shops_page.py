"""The shops side by side: none, one, several, one of them broken, in both languages."""

import shutil

import pytest

from pdd_audit.services.demo_shop import DEMO_AS_OF, write_demo_files
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.score_all import Asked, score_shop
from pdd_audit.services.shops import create_shop, list_shops
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import Words
from pdd_audit.ui import cache
from pdd_audit.ui.charts.shops import pickup_line, score_line
from tests.ui.test_pages import shown

HOSTILE = "![x](https://evil.example) =1+1"
LANGS = pytest.mark.parametrize("lang", ["zh", "en"])


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.forget_shop_rows()


@pytest.fixture
def three(demo_home, tmp_path):
    """The demo shop, one with orders and pickups of its own, and an empty one with a hostile name."""
    ws = open_workspace(demo_home)
    second = create_shop(ws, "青禾").id
    files = write_demo_files(tmp_path / "files", DEMO_AS_OF, seed=7)
    assert all(outcome.error is None for outcome in import_files(ws, second, [Upload(file.name, file) for file in files[:2]]))
    create_shop(ws, HOSTILE)
    return demo_home


def demo_and_second(home):
    """By name: shops made within one second stand in no promised order."""
    by_name = {shop.name: shop for shop in list_shops(open_workspace(home))}
    second = by_name.pop("青禾")
    del by_name[HOSTILE]
    (demo,) = by_name.values()
    return demo, second


def damage(shop_folder):
    shutil.rmtree(shop_folder / "cache", ignore_errors=True)
    for path in (shop_folder / "ledger").rglob("*.parquet"):
        path.chmod(0o600)
        path.write_bytes(b"broken")


@LANGS
def test_without_a_shop_the_page_offers_to_create_one(lang, empty_home, open_page):
    app = open_page("shops", lang)
    assert not app.exception and not app.error
    assert Words(lang)("shops.none") in shown(app)
    assert not app.get("vega_lite_chart") and not app.dataframe
    app.text_input(key="new_shop_shops").set_value("第一家").run()
    app.button(key="create_shops").click().run()
    assert not app.exception
    assert [shop.name for shop in list_shops(open_workspace(empty_home))] == ["第一家"]


@LANGS
def test_a_single_shop_is_shown_and_the_next_step_is_said(lang, demo_home, open_page):
    app = open_page("shops", lang)
    assert not app.exception and not app.error
    assert Words(lang)("shops.one", name="|").split("|")[1] in shown(app)
    assert len(app.get("vega_lite_chart")) == 2
    assert not [box for box in app.selectbox if str(box.key).startswith("open_shop")]


@LANGS
def test_several_shops_stand_side_by_side_worst_first(lang, three, open_page):
    app = open_page("shops", lang)
    assert not app.exception and not app.error
    frame = app.dataframe[0].value
    late = frame["late"].tolist()
    assert len(frame) == 3 and late[0] >= late[1] > 0 and late[2] != late[2], "nothing is known of the empty one"
    assert frame["shop"].tolist()[2] == HOSTILE
    charts = app.get("vega_lite_chart")
    assert len(charts) == 2 and all("青禾" in chart.proto.alt and "NaN" not in chart.proto.spec for chart in charts)
    assert "](https://" not in shown(app)


@LANGS
def test_a_broken_shop_is_told_and_the_others_are_shown(lang, three, open_page):
    broken, second = demo_and_second(three)
    damage(three / "shops" / broken.id)
    app = open_page("shops", lang, shop=second.id)
    assert not app.exception
    assert len(app.error) == 1 and Words(lang)("shops.not_scored") in app.dataframe[0].value["verdict"].tolist()
    assert "青禾" in app.dataframe[0].value["shop"].tolist()
    app.button(key="again").click().run()
    assert not app.exception and len(app.error) == 1


def test_a_chosen_shop_is_opened_on_home(three, open_page):
    first, second = demo_and_second(three)
    app = open_page("shops", shop=first.id)
    next(box for box in app.selectbox if str(box.key).startswith("open_shop")).set_value(second.id).run()
    app.button(key="open_shop").click().run()
    assert not app.exception
    assert app.session_state["shop"] == second.id
    assert app.query_params["shop"] == [second.id] or app.query_params["shop"] == second.id


def test_a_shop_is_renamed_and_a_taken_name_is_refused_in_words(three, open_page):
    ws = open_workspace(three)
    first = list_shops(ws)[0]
    app = open_page("shops", shop=first.id)
    app.text_input(key=f"rename_{first.id}").set_value("新名字").run()
    app.button(key="rename").click().run()
    assert not app.exception and not app.error
    assert list_shops(ws)[0].name == "新名字"
    app.text_input(key=f"rename_{first.id}").set_value("青禾").run()
    app.button(key="rename").click().run()
    assert not app.exception
    assert len(app.error) == 1 and list_shops(ws)[0].name == "新名字"


def test_counting_goes_on_until_every_shop_is_there(three, open_page, monkeypatch):
    """Each run counts at least one more, however little time it has; what is kept costs none of it."""
    counted = []
    monkeypatch.setattr(cache, "SECONDS_A_RUN", -1.0)
    monkeypatch.setattr(cache, "score_shop", lambda *asked: counted.append(asked[1].name) or score_shop(*asked))
    app = open_page("shops")
    assert not app.exception
    assert len(app.dataframe[0].value) == 3 and len(counted) == len(set(counted)) == 3
    assert not app.get("progress")


def test_a_score_that_rests_on_too_little_has_a_range_and_no_dot(three):
    ws = open_workspace(three)
    empty = next(shop for shop in list_shops(ws) if shop.name == HOSTILE)
    demo, second, empty = (score_shop(ws, shop, Asked()) for shop in (*demo_and_second(three), empty))
    assert score_line(demo).value == demo.score.value
    assert score_line(second).value is None and score_line(second).low is not None
    assert pickup_line(empty).low is None and pickup_line(empty).number == "—"
    assert pickup_line(demo).bad == (demo.pickup.verdict == "fail")
