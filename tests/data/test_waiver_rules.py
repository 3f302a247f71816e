"""How many waivers may stand is content: read whole, or refused with file, line and cure; a folder without it waives nothing."""

import shutil

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.data.content.checklists import check_checklists
from pdd_audit.data.content.folder import default_folder
from pdd_audit.data.content.waiver_rules import FILE, load_waiver_rules
from pdd_audit.texts import LANGS, error_text


def test_the_rules_that_ship_leave_most_questions_unwaived():
    rules = load_waiver_rules(default_folder())
    assert rules is not None and 0 < rules.most_at_once <= 10 and rules.longest_days <= 100


def test_a_folder_without_the_file_waives_nothing(tmp_path):
    assert load_waiver_rules(tmp_path) is None


@pytest.mark.parametrize(("old", "new", "code"), [
    ("most_at_once: 5", "most_at_once: 500", "checklist_out_of_range"), ("most_at_once: 5", 'most_at_once: "5"', "checklist_needs_number"),
    ("longest_days: 92", "longest_day: 92", "checklist_missing_key"), ("longest_days: 92", "longest_days: 0", "checklist_out_of_range"),
    ("schema: 1", "schema: 2", "checklist_not_in_list"),
])
def test_a_wrong_file_names_its_line_and_stops_the_checklists(tmp_path, old, new, code):
    folder = shutil.copytree(default_folder(), tmp_path / "c")
    text = (folder / FILE).read_text("utf-8")
    (folder / FILE).write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(AuditError) as refused:
        load_waiver_rules(folder)
    error = refused.value
    assert (error.code, error.place.file) == (code, FILE) and all(all(error_text(error, lang)) for lang in LANGS)
    if code != "checklist_missing_key":
        assert error.place.row == text[: text.index(old)].count("\n") + 1
    assert code in {found.code for found in check_checklists(folder)}
