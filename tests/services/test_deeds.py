"""What a shop did about parcels: kept, told again, taken back, carried to another machine, gone with the shop."""

import pytest

from pdd_audit.core.deeds import Deed
from pdd_audit.core.errors import AuditError
from pdd_audit.services.deeds import deeds, do, undo
from pdd_audit.services.shop_archive import delete_shop, export_shop, import_shop
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import LANGS, error_text


@pytest.fixture
def shop(tmp_path):
    workspace = open_workspace(tmp_path / "home")
    return workspace, create_shop(workspace, "甲")


def test_a_deed_on_thirty_parcels_is_one_deed_and_can_be_taken_back_but_not_unsaid(shop):
    workspace, one = shop
    called = do(workspace, one.id, "called", ["T1", "T2", "T1"], " 老板 ", {"outlet": "城东", "wait": 3})
    do(workspace, one.id, "told", ["O1"], "小李")
    assert [(deed.kind, deed.subjects, deed.by) for deed in deeds(workspace, one.id)] == [
        ("called", ("T1", "T2"), "老板"), ("told", ("O1",), "小李"),
    ]
    assert deeds(workspace, one.id, ["called"])[0].what == {"outlet": "城东", "wait": 3.0}
    undo(workspace, one.id, called, "小李")
    undo(workspace, one.id, called, "小李")  # a second click says nothing new
    assert [deed.kind for deed in deeds(workspace, one.id)] == ["told"]
    assert [deed.kind for deed in workspace.state.said(Deed, one.id)] == ["called", "told", "undone"]


@pytest.mark.parametrize(("subjects", "by", "code"), [(["T1"], " ", "deed_who"), ([], "老板", "deed_subjects")])
def test_a_deed_without_a_name_or_a_parcel_is_refused_in_words(shop, subjects, by, code):
    workspace, one = shop
    with pytest.raises(AuditError) as refused:
        do(workspace, one.id, "called", subjects, by)
    assert refused.value.code == code and all(all(error_text(refused.value, lang)) for lang in LANGS)
    assert not deeds(workspace, one.id)


def test_deeds_travel_with_the_shop_and_go_with_it(shop, tmp_path):
    workspace, one = shop
    do(workspace, one.id, "called", ["T1"], "老板")
    export_shop(workspace, one, tmp_path / "one.zip")
    there = import_shop(workspace, tmp_path / "one.zip", "乙")
    assert deeds(workspace, there.id) == deeds(workspace, one.id)
    delete_shop(workspace, one.id)
    assert not workspace.state.said(Deed, one.id) and deeds(workspace, there.id)
