from dataclasses import replace
from datetime import date, timedelta

import pytest

from pdd_audit.core.questions import Answer
from pdd_audit.services.answers import save_answer
from pdd_audit.services.history import list_audits, save_audit
from pdd_audit.services.import_files import list_imports, readings_of
from pdd_audit.services.rules import confirm_figure, figure_lines
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shops import list_shops
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import Words

NOT_A_TABLE = ("交易日报_10月.csv", "日期,成交金额\n2026-10-01,3\n".encode(), "text/csv")
HOSTILE_NAME = ("![x](https://evil.example).csv", "日期,成交金额\n2026-10-01,3\n".encode(), "text/csv")


def shop_of(home):
    ws = open_workspace(home)
    return ws, list_shops(ws)[0].id


def button_named(app, start):
    return next(button for button in app.button if button.key and button.key.startswith(start))


def test_every_file_is_told_with_rows_that_add_up(demo_home, open_page):
    ws, shop_id = shop_of(demo_home)
    app = open_page("data")
    text = "\n".join(element.value for element in app.markdown)
    for report in list_imports(ws, shop_id):
        assert f"{report.rows_read:,} 行：留下 {report.rows_kept:,}，略去 {report.rows_read - report.rows_kept:,}" in text


def test_removing_a_file_takes_it_out_and_says_what_is_missing(demo_home, open_page):
    ws, shop_id = shop_of(demo_home)
    pickups = next(report for report in list_imports(ws, shop_id) if report.kind == "courier_pickups")
    app = open_page("data")
    app.button(key=f"remove_{pickups.sha256[:16]}").click().run()
    assert not app.exception
    assert pickups.sha256 not in {report.sha256 for report in list_imports(ws, shop_id)}
    assert any("还缺快递揽收表" in element.value for element in app.markdown)


def test_the_reading_of_a_pickup_sheet_can_be_switched(demo_home, open_page):
    ws, shop_id = shop_of(demo_home)
    app = open_page("data")
    button_named(app, "reading_").click().run()
    assert list(readings_of(ws, shop_id).values()) == ["lists_open"]
    assert any("按「也列未揽收」来读" in element.value for element in app.markdown)


def test_the_export_time_of_a_file_can_be_stated_is_refused_when_it_cannot_be_and_taken_back(demo_home, open_page):
    ws, shop_id = shop_of(demo_home)
    orders = next(report for report in list_imports(ws, shop_id) if report.kind == "pdd_orders")
    short, later = orders.sha256[:16], orders.snapshot_at + timedelta(hours=3)

    def state(moment):
        app.datetime_input(key=f"exported_{short}").set_value(moment)
        app.text_input(key=f"exported_by_{short}").set_value("小林")
        app.button(key=f"exported_save_{short}").click().run()
        assert not app.exception
        return next(report.snapshot_at for report in list_imports(ws, shop_id) if report.sha256 == orders.sha256)

    app = open_page("data")
    assert state(orders.snapshot_at - timedelta(days=30)) == orders.snapshot_at
    assert app.error and "太早" in str(app.error[0].proto.title)
    assert state(later) == later and not app.error
    assert any("小林 于" in caption.value for caption in app.caption) and any("（有人填写）" in caption.value for caption in app.caption)
    app.button(key=f"exported_back_{short}").click().run()
    assert next(report for report in list_imports(ws, shop_id) if report.sha256 == orders.sha256) == orders


@pytest.mark.parametrize("file", [NOT_A_TABLE, HOSTILE_NAME], ids=["wrong kind", "hostile name"])
def test_a_refused_file_says_why_and_leaves_the_rest_alone(file, demo_home, open_page):
    ws, shop_id = shop_of(demo_home)
    before = {report.sha256 for report in list_imports(ws, shop_id)}
    app = open_page("data")
    app.file_uploader[0].set_value([file]).run()
    assert not app.exception
    assert len(app.error) == 1
    assert "](https://" not in app.error[0].value + str(app.error[0].proto.title)
    assert {report.sha256 for report in list_imports(ws, shop_id)} == before


def test_files_without_a_shop_create_one(empty_home, open_page):
    app = open_page("data")
    app.file_uploader[0].set_value([NOT_A_TABLE]).run()
    assert not app.exception
    assert len(list_shops(open_workspace(empty_home))) == 1


def test_an_audit_is_kept_under_its_name_and_compared_with_now(demo_home, open_page):
    ws, shop_id = shop_of(demo_home)
    app = open_page("history")
    app.text_input(key="audit_name").set_value("十月 *例会*").run()
    app.button(key="save_audit").click().run()
    assert not app.exception
    assert [audit.name for audit in list_audits(ws, shop_id)] == ["十月 *例会*"]
    digits = list_audits(ws, shop_id)[0].result.fingerprint[:12]
    assert any(f"指纹 {digits}" in element.value for element in [*app.markdown, *app.caption])
    assert app.selectbox(key="compare_first").value
    assert any("总分没有变" in element.value for element in app.markdown)


def test_a_comparison_names_answers_as_they_were_given_and_the_rules_that_changed(demo_home, open_page):
    ws, shop_id = shop_of(demo_home)
    save_answer(ws, shop_id, "courier_choice.second_courier", Answer(answer="mostly"))
    save_answer(ws, shop_id, "courier_choice.missed_scan_liability", Answer(answer="met"))
    audit = run_audit(ws, shop_id)
    save_audit(ws, shop_id, "十月", audit)
    older = audit.result.model_copy(update={"rules": audit.result.rules.model_copy(update={"figures": None})})
    save_audit(ws, shop_id, "从前", replace(audit, result=older))
    save_answer(ws, shop_id, "courier_choice.second_courier", Answer(answer="unmet"))
    save_answer(ws, shop_id, "courier_choice.missed_scan_liability", Answer(answer="na", reason="x"))
    figure = next(line for line in figure_lines(ws, shop_id, date(2026, 11, 1)) if line.name == "late_fixed_yuan")
    confirm_figure(ws, shop_id, figure.pack, figure.name, 7, "小林", "规则中心")
    app = open_page("history")
    app.selectbox(key="compare_first").set_value(next(one.id for one in list_audits(ws, shop_id) if one.name == "十月")).run()
    assert not app.exception
    told = [tuple(row) for table in app.table for row in table.value.astype(str).itertuples(index=False)]
    words = Words("zh")
    assert any(words("rules.figure.late_fixed_yuan") in row[0] and row[2] == "7 元" for row in told)
    assert any(row[1].startswith("大部分") and row[2].startswith("没有") and row[3] == "**−70**" for row in told)
    assert any(row[2].startswith("不适用") and row[3] == "**—**" for row in told)
    app.selectbox(key="compare_first").set_value(next(one.id for one in list_audits(ws, shop_id) if one.name == "从前")).run()
    assert any("「从前」保存时没有记下平台数字" in caption.value for caption in app.caption)


def test_audits_of_different_length_are_not_compared(demo_home, open_page):
    app = open_page("history", scope="full")
    app.text_input(key="audit_name").set_value("全部").run()
    app.button(key="save_audit").click().run()
    app.session_state["scope"] = "quick"
    app.run()
    assert not app.exception
    assert any("题目不同，两个分不能比" in element.value for element in app.markdown)


def test_the_report_downloads_in_both_languages(demo_home, open_page):
    app = open_page("report")
    for lang in ("en", "zh"):
        next(group for group in app.segmented_control if group.key == "report_language").set_value(lang).run()
        assert not app.exception
    assert app.get("download_button")


def test_a_new_shop_with_a_taken_name_is_refused_in_words(demo_home, open_page):
    ws, _ = shop_of(demo_home)
    app = open_page("data")
    app.text_input(key="new_shop_data").set_value(list_shops(ws)[0].name).run()
    app.button(key="create_data").click().run()
    assert not app.exception
    assert app.error and len(list_shops(ws)) == 1


def test_two_saved_results_stand_side_by_side_and_one_can_be_deleted(demo_home, open_page):
    ws, shop_id = shop_of(demo_home)
    app = open_page("history")
    for name in ("例会前", "例会后"):
        app.text_input(key="audit_name").set_value(name).run()
        app.button(key="save_audit").click().run()
    newest, oldest = list_audits(ws, shop_id)
    assert len(app.metric) == 2
    assert any("再存 10 次" in caption.value for caption in app.caption), "two results say nothing of ordinary movement"
    app.button(key=f"delete_{oldest.id}").click().run()
    assert not app.exception
    assert [audit.id for audit in list_audits(ws, shop_id)] == [newest.id]
    assert app.selectbox(key="compare_first").value == newest.id
