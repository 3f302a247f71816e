"""``responses/calls.yaml``: the shipped file is sound, a folder without one uses it, and what is wrong is named with its line."""

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.data.content.call_rules import FILE, check_call_rules, load_call_rules
from pdd_audit.data.content.folder import default_folder


def test_the_shipped_hours_are_those_at_which_something_can_still_be_done(tmp_path):
    assert check_call_rules(default_folder()) == []
    rules = load_call_rules(tmp_path)  # a folder of checklists alone
    assert rules == load_call_rules(default_folder()) and max(rules.notify_hours) < 24
    assert rules.longest_bytes.wecom <= 2048 and rules.longest_bytes.dingtalk <= 20_000


@pytest.mark.parametrize(("line", "instead", "key"), [
    ("list_from_chance: 0.2", "list_from_chance: 1.2", "list_from_chance"),
    ("notify_hours: [12, 18, 20, 22]", "notify_hours: [12, 20, 18]", ""),
    ("zh: \"{waybill}｜{due} 到期\"", "zh: \"{waybill} 到期\"", "message"),  # a line that does not say when
    ("van_minutes: 60", "van_minuets: 60", "van_minu"),
])
def test_a_wrong_file_is_refused_with_its_place(line, instead, key, tmp_path):
    (tmp_path / "responses").mkdir()
    text = (default_folder() / FILE).read_text("utf-8")
    assert line in text
    (tmp_path / FILE).write_text(text.replace(line, instead, 1), "utf-8")
    with pytest.raises(AuditError) as refused:
        load_call_rules(tmp_path)
    assert refused.value.place.file == FILE and refused.value.place.row is not None and key in (refused.value.place.column or "")
    assert len(check_call_rules(tmp_path)) == 1
