"""What a shop changed is kept, travels with the shop, and goes with it."""

import json
from datetime import date

import pytest

from pdd_audit.core.changes import fits
from pdd_audit.core.errors import AuditError
from pdd_audit.data.storage.shop_rows import UnfitRowError, add_shop_rows, rows_of_shop
from pdd_audit.services.changes import LONGEST, add_change, list_changes, remove_change
from pdd_audit.services.shop_archive import delete_shop, export_shop, import_shop
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace

DAY = date(2026, 10, 17)


@pytest.fixture
def shop(workspace):
    return create_shop(workspace, "青柠杂货铺")


def told(workspace, shop):
    return [(change.day, change.what, change.kind, change.created_at) for change in list_changes(workspace, shop.id)]


def test_changes_come_by_day_and_a_removed_one_is_gone(workspace, shop):
    late = add_change(workspace, shop.id, date(2026, 10, 20), "极兔换网点", "courier")
    add_change(workspace, shop.id, DAY, "  17:30 后\n不再上传 ", "cut_off")
    assert [(change.day, change.what) for change in list_changes(workspace, shop.id)] == [(DAY, "17:30 后 不再上传"), (late.day, late.what)]
    remove_change(workspace, shop.id, late.id)
    assert [change.kind for change in list_changes(workspace, shop.id)] == ["cut_off"]


def test_a_change_belongs_to_its_shop(workspace, shop):
    other = create_shop(workspace, "另一家")
    change = add_change(workspace, shop.id, DAY, "加一班车", "courier")
    remove_change(workspace, other.id, change.id)
    assert list_changes(workspace, other.id) == [] and list_changes(workspace, shop.id) == [change]


@pytest.mark.parametrize("what", ["", " \n ", "长" * (LONGEST + 1)])
def test_a_change_says_what_it_is_in_few_words(workspace, shop, what):
    with pytest.raises(AuditError) as refused:
        add_change(workspace, shop.id, DAY, what, "other")
    assert refused.value.code == "change_words" and list_changes(workspace, shop.id) == []


def test_changes_travel_in_the_archive_and_leave_with_the_shop(workspace, shop, tmp_path_factory):
    add_change(workspace, shop.id, DAY, "独一无二的改动", "staff")
    outside = tmp_path_factory.mktemp("outside")
    export_shop(workspace, shop, outside / "shop.zip")
    elsewhere = open_workspace(outside / "home")
    arrived = import_shop(elsewhere, outside / "shop.zip")
    assert told(elsewhere, arrived) == told(workspace, shop)
    elsewhere.state.close()
    delete_shop(workspace, shop.id)
    held = [path for path in workspace.home.rglob("*") if path.is_file() and "独一无二的改动".encode() in path.read_bytes()]
    assert held == []


@pytest.mark.parametrize("wrong", [{"day": "2026-13-40"}, {"day": "20261017"}, {"what": ""}, {"what": " 空格"}, {"kind": "magic"}])
def test_an_archive_with_a_change_that_is_none_is_refused_whole(workspace, shop, wrong):
    add_change(workspace, shop.id, DAY, "加一班车", "courier")
    lines = [json.loads(line) for line in rows_of_shop(workspace.state, shop.id)]
    for line in lines:
        line["row"] |= wrong if line["table"] == "changes" else {}
    with pytest.raises(UnfitRowError):
        add_shop_rows(workspace.state, iter(json.dumps(line) for line in lines), "新店", lambda _: None)
    assert [found.name for found in workspace.state.shops()] == ["青柠杂货铺"]


def test_only_a_plain_date_some_words_and_a_known_kind_fit():
    assert fits("2026-10-17", "加一班车", "courier")
    assert not fits("2026-W42-6", "加一班车", "courier")
