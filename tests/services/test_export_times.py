"""When a file was exported, as somebody says: it counts wherever the moment matters, is kept with who said it, and the file stays."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from pdd_audit.cli import main
from pdd_audit.core.errors import AuditError
from pdd_audit.services.export_times import state_export_time, stated_times
from pdd_audit.services.import_files import Upload, import_files, list_imports
from pdd_audit.services.measure import Ask
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.score_all import version_of
from pdd_audit.services.shop_archive import export_shop, import_shop
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import now, open_workspace
from pdd_audit.texts import LANGS, error_text
from tests.data.builders import EXPORT_NAME, as_csv, orders, pickups
from tests.data.catalogue.expected import case

NEWEST = datetime(2026, 10, 21, 5, 40)  # the last upload of forty orders
LATER = datetime(2026, 10, 28, 18)


def test_where_no_file_tells_its_time_the_newest_event_of_each_is_part_of_what_kept_tables_hang_on():
    def key(newest):
        return Ask([SimpleNamespace(version="a" * 64, snapshot_at=None, newest_event=newest)], {}, LATER).key("")

    assert key(NEWEST) == key(NEWEST) != key(NEWEST + timedelta(hours=1))


def imported(workspace, name, *files):
    shop = create_shop(workspace, name)
    outcomes = import_files(workspace, shop.id, [Upload(*file) for file in files])
    assert [outcome.error for outcome in outcomes] == [None] * len(files)
    return shop, [outcome.report.sha256 for outcome in outcomes]


def told(result):
    return {warning.code for warning in result.warnings}


@case("BF-137 stated")
def test_a_stated_time_moves_every_number_that_hangs_on_it_and_leaves_the_sealed_file_alone(workspace, tmp_path):
    shop, (orders_file, sheet) = imported(workspace, "甲店", ("订单.csv", as_csv(orders(40))), ("揽收.csv", as_csv(pickups(30, total=False))))
    before, version, digest = run_audit(workspace, shop.id).result, version_of(workspace, shop), workspace.ledger(shop.id).digest()
    assert NEWEST <= before.as_of < LATER and "snapshot_lower_bound" in told(before)
    state_export_time(workspace, shop.id, orders_file, LATER, "小林")
    after = run_audit(workspace, shop.id).result
    assert after.as_of == LATER and "snapshot_lower_bound" not in told(after) and after.fingerprint != before.fingerprint
    assert after.parcels["open_over_limit"] > before.parcels["open_over_limit"]
    assert version_of(workspace, shop) != version
    ledger = workspace.ledger(shop.id)
    assert ledger.verify() == [] and ledger.digest() == digest
    report = next(one for one in ledger.reports() if one.sha256 == orders_file)
    assert (report.snapshot_at, report.snapshot_from) == (LATER, "stated")
    assert [(row.who, row.what, row.about) for row in workspace.state.log(shop.id)][-1] == ("小林", "said", "export_times")

    export_shop(workspace, shop, tmp_path / "shop.zip")
    other = open_workspace(tmp_path / "elsewhere")
    arrived = import_shop(other, tmp_path / "shop.zip")
    assert stated_times(other, arrived.id)[orders_file].by == "小林" and run_audit(other, arrived.id).result.as_of == LATER
    other.state.close()

    state_export_time(workspace, shop.id, orders_file, None, "小王")
    again = run_audit(workspace, shop.id).result
    assert (again.as_of, again.score, again.parcels) == (before.as_of, before.score, before.parcels)
    state_export_time(workspace, shop.id, sheet, None, "小王")  # nothing was said of it: nothing to take back
    assert len([row for row in workspace.state.log(shop.id) if row.about == "export_times"]) == 2


def test_of_two_exports_the_one_that_was_exported_later_speaks_as_stated(workspace):
    early, late = orders(5), orders(5)
    late[1][late[0].index("快递单号")] = "780000000000777"
    shop, (first, second) = imported(
        workspace, "两份", ("orders_export2026-10-25-10-00-00.csv", as_csv(early)), ("订单.csv", as_csv(late)),
    )
    assert [report.sha256 for report in list_imports(workspace, shop.id)] == [second, first]  # a file of unknown age is taken for the older
    before = run_audit(workspace, shop.id, as_of=LATER).result
    state_export_time(workspace, shop.id, second, LATER, "小林")
    assert [report.sha256 for report in list_imports(workspace, shop.id)] == [first, second]
    after = run_audit(workspace, shop.id, as_of=LATER).result
    old, new = (next(warning.text for warning in result.warnings if warning.code == "reshipped") for result in (before, after))
    assert old.index("780000000000777") < old.index("780000000000001") and new.index("780000000000001") < new.index("780000000000777")


def test_a_time_before_what_the_file_holds_or_in_the_future_or_of_nobody_is_refused(workspace):
    shop, (sha256,) = imported(workspace, "甲店", (EXPORT_NAME, as_csv([["十月"], *orders(40)])))
    for moment, by, code in (
        (NEWEST - timedelta(hours=1), "小林", "export_time_early"), (now() + timedelta(days=1), "小林", "export_time_future"),
        (LATER, " ", "export_time_who"),
    ):
        with pytest.raises(AuditError) as caught:
            state_export_time(workspace, shop.id, sha256, moment, by)
        assert caught.value.code == code
        for lang in LANGS:
            assert all(error_text(caught.value, lang))
        if code == "export_time_early":
            place = caught.value.place
            assert (place.row, place.column, caught.value.values["newest"]) == (42, "发货时间", f"{NEWEST}")
    assert stated_times(workspace, shop.id) == {}
    state_export_time(workspace, shop.id, sha256, NEWEST, "小林")  # at the newest event itself nothing speaks against it


def test_the_command_states_it_for_what_it_imports_and_refuses_what_the_file_contradicts(tmp_path, capsys):
    home = ["--home", str(tmp_path / "home"), "--lang", "en"]
    (tmp_path / "orders.csv").write_bytes(as_csv(orders(40)))
    yearless = orders(5)
    at = yearless[0].index("发货时间")
    for row in yearless[1:]:
        row[at] = "10-21 05:01:00"
    (tmp_path / "no_year.csv").write_bytes(as_csv(yearless))

    def run(*words):
        code = main(["import", *home, "--shop", "S", *words])
        return code, capsys.readouterr().err

    code, said = run("--exported-at", "2026-10-20 18:00", str(tmp_path / "orders.csv"))
    assert code == 2 and f"{NEWEST}" in said
    code, said = run("--exported-at", "2126-10-20 18:00", str(tmp_path / "orders.csv"))
    assert code == 2 and "2126-10-20 18:00" in said
    workspace = open_workspace(tmp_path / "home")
    (shop,) = workspace.state.shops()
    assert list_imports(workspace, shop.id) == []  # refused as a whole: nothing is left behind
    code, said = run("--exported-at", "2026-10-28 18:00", str(tmp_path / "orders.csv"), str(tmp_path / "no_year.csv"))
    assert code == 0 and said.count("2026-10-28 18:00") == 2
    assert [report.snapshot_at for report in list_imports(workspace, shop.id)] == [LATER, LATER]
    code, said = run("--exported-at", "2026-10-20 18:00", str(tmp_path / "orders.csv"))  # there already, and contradicted
    assert code == 2 and [report.snapshot_at for report in list_imports(workspace, shop.id)] == [LATER, LATER]
    assert main(["ledger", "list", *home, "--shop", "S"]) == 0
    assert capsys.readouterr().out.count("exported 2026-10-28 18:00 (stated)") == 2
    workspace.state.close()
