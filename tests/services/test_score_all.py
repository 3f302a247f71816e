"""Many shops: each on its own, the broken one beside the others, and nothing left behind."""

import re
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.core.questions import Answer
from pdd_audit.core.shop_row import ShopRow, worst_first
from pdd_audit.services.answers import save_answer
from pdd_audit.services.demo_shop import DEMO_AS_OF, write_demo_files
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.score_all import Asked, score_folders, score_shop, score_shops, shop_folders, version_of
from pdd_audit.services.shops import create_shop, list_shops, rename_shop

NOT_AN_EXPORT = "日期,成交金额\n2026-10-01,3\n"


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The files of one shop with two answers beside them."""
    folder = tmp_path_factory.mktemp("good")
    write_demo_files(folder, DEMO_AS_OF)
    (folder / "answers.yaml").write_text("answers:\n  courier_coordination.scan_at_handover: met\n", "utf-8")
    return folder


@pytest.fixture
def shops(good, tmp_path):
    """A folder with a good shop, one that has a wrong file beside its own, one with nothing but a wrong file, and an empty one."""
    folder = tmp_path / "shops"
    for name in ("好店", "半好店"):
        shutil.copytree(good, folder / name)
    (folder / "半好店" / "多余.csv").write_text(NOT_AN_EXPORT, "utf-8")
    (folder / "坏店").mkdir()
    (folder / "坏店" / "日报.csv").write_text(NOT_AN_EXPORT, "utf-8")
    (folder / "空店").mkdir()
    (folder / ".git").mkdir()
    return folder


def by_name(rows):
    return {row.shop: row for row in rows}


@pytest.mark.parametrize("jobs", [1, 2])
def test_one_bad_shop_never_stops_the_others(workspace, shops, jobs):
    rows = by_name(score_folders(workspace, shop_folders(shops), Asked(jobs=jobs)))
    assert set(rows) == {"好店", "半好店", "坏店", "空店"}
    assert [name for name, row in rows.items() if not row.scored and row.problems] == [n for n in rows if n in ("坏店", "空店")]
    assert rows["坏店"].problems[0].place.file == "日报.csv"
    assert rows["空店"].problems[0].code == "no_files_of_shop"
    assert rows["好店"].problems == () and rows["好店"].files == 3
    assert [error.place.file for error in rows["半好店"].problems] == ["多余.csv"]
    assert replace(rows["半好店"], shop="好店", problems=()) == rows["好店"]


def test_a_folder_says_what_its_shop_would_say_in_the_ledger(workspace, good, shops):
    shop = create_shop(workspace, "同样的文件")
    import_files(workspace, shop.id, [Upload(file.name, file) for file in sorted(good.iterdir()) if file.suffix != ".yaml"])
    answers = {"courier_coordination.scan_at_handover": Answer(answer="met")}
    result = run_audit(workspace, shop.id, answers=answers).result
    row = next(score_folders(workspace, [shops / "好店"], Asked()))
    assert row.score == result.score and row.pickup == result.metrics["pickup_24h_ratio"]
    mature = result.metrics["pickup_24h_ratio"].estimates["mature"]
    assert (row.late, row.mature) == (round((1 - mature.value) * mature.n), mature.n)
    assert row.loss_yuan > row.step_yuan > 0


def test_rows_come_as_each_shop_is_done(workspace, shops):
    rows = score_folders(workspace, shop_folders(shops), Asked())
    assert next(rows).shop == "半好店", "the later folders have not been looked at yet"
    rows.close()


def test_nothing_of_a_shop_is_left_behind(workspace, shops, tmp_path, monkeypatch):
    rooms = tmp_path / "rooms"
    rooms.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(rooms))
    list(score_folders(workspace, shop_folders(shops), Asked()))
    assert list(rooms.iterdir()) == []
    assert list_shops(workspace) == []


def test_a_wrong_answers_file_is_named_and_the_data_still_speak(workspace, good, tmp_path):
    folder = tmp_path / "店"
    shutil.copytree(good, folder)
    (folder / "answers.yaml").write_text("answers:\n  no.such_question: met\n", "utf-8")
    row = next(score_folders(workspace, [folder], Asked()))
    assert row.scored and row.late is not None
    assert [error.place.file for error in row.problems] == ["answers.yaml"]


def test_the_answers_file_may_have_another_name(workspace, good, tmp_path):
    folder = tmp_path / "店"
    shutil.copytree(good, folder)
    (folder / "answers.yaml").rename(folder / "回答.yaml")
    row = next(score_folders(workspace, [folder], Asked(answers_name="回答.yaml")))
    assert row.problems == () and row.score.answered_share > 0


def test_an_earlier_moment_holds_for_every_shop(workspace, shops):
    row = next(score_folders(workspace, [shops / "好店"], Asked(as_of=DEMO_AS_OF.replace(day=10))))
    assert row.as_of == DEMO_AS_OF.replace(day=10)


@pytest.mark.parametrize(("name", "code"), [("gone", "no_such_folder"), ("empty", "no_shop_folders")])
def test_a_folder_without_shops_is_refused(name, code, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(AuditError) as refusal:
        shop_folders(tmp_path / name)
    assert refusal.value.code == code


def test_a_damaged_ledger_is_told_in_its_own_row(workspace, good, tmp_path):
    whole = create_shop(workspace, "好店")
    damaged = create_shop(workspace, "坏店")
    _import(workspace, whole.id, good)
    other = shutil.copytree(good, tmp_path / "other")
    for file in other.glob("*orders_export*"):  # an order belongs to one shop
        file.write_bytes(re.sub(rb"(?<=\d{6}-)\d", lambda digit: str(9 - int(digit[0])).encode(), file.read_bytes()))
    _import(workspace, damaged.id, other)
    damage(workspace.home / "shops" / damaged.id)
    rows = by_name(score_shops(workspace, list_shops(workspace), Asked()))
    assert rows["好店"].scored and rows["好店"].shop_id == whole.id
    assert not rows["坏店"].scored and rows["坏店"].problems


def test_a_shop_without_anything_has_a_row_without_invented_numbers(workspace):
    row = score_shop(workspace, create_shop(workspace, "空店"), Asked())
    assert row.scored and row.score.value is None
    assert (row.late, row.mature, row.open_over_limit, row.loss_yuan, row.step_yuan, row.files) == (None, None, None, None, None, 0)


def test_the_version_of_a_shop_changes_with_what_its_row_rests_on(workspace, good):
    shop = create_shop(workspace, "甲")
    seen = {version_of(workspace, shop)}
    _import(workspace, shop.id, good)
    seen.add(version_of(workspace, shop))
    save_answer(workspace, shop.id, "courier_coordination.scan_at_handover", Answer(answer="met"))
    seen.add(version_of(workspace, shop))
    rename_shop(workspace, shop.id, "乙")
    renamed = list_shops(workspace)[0]
    seen.add(version_of(workspace, renamed))
    assert len(seen) == 4
    assert version_of(workspace, renamed) in seen


def test_a_shop_is_renamed_unless_the_name_is_taken_or_empty(workspace):
    shop, other = create_shop(workspace, "甲"), create_shop(workspace, "乙")
    rename_shop(workspace, shop.id, "  丙   店 ")
    rename_shop(workspace, other.id, "乙")
    assert {shop.id: shop.name for shop in list_shops(workspace)} == {shop.id: "丙 店", other.id: "乙"}
    for name, code in (("乙", "shop_exists"), (" ", "shop_name"), ("长" * 101, "shop_name")):
        with pytest.raises(AuditError) as refusal:
            rename_shop(workspace, shop.id, name)
        assert refusal.value.code == code


def test_the_worst_shop_comes_first_and_the_unknown_last(demo):
    workspace, shop = demo
    row = score_shop(workspace, shop, Asked())
    rows = [
        ShopRow("坏"), replace(row, shop="未知", late=None), replace(row, shop="少", late=3), replace(row, shop="多", late=30),
        replace(row, shop="多而贵", late=30, loss_yuan=row.loss_yuan + 1),
    ]
    assert [row.shop for row in worst_first(rows)] == ["多而贵", "多", "少", "未知", "坏"]


def damage(shop_folder: Path) -> None:
    """Overwrite every stored table, as a failing disk might; what was counted before is lost too."""
    shutil.rmtree(shop_folder / "cache", ignore_errors=True)
    for path in (shop_folder / "ledger").rglob("*.parquet"):
        path.chmod(0o600)
        path.write_bytes(b"broken")


def _import(workspace, shop_id, folder):
    files = [Upload(file.name, file) for file in sorted(folder.iterdir()) if file.name != "answers.yaml"]
    assert all(outcome.error is None for outcome in import_files(workspace, shop_id, files))
