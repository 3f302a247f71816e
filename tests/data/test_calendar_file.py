"""``calendar.yaml`` over the published holidays: read whole, or refused with file, line, key and cure."""

from datetime import date

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.data.content.calendar import CODES, load_calendar, published
from pdd_audit.data.content.checklists import check_checklists, load_rules
from pdd_audit.data.content.folder import default_folder
from pdd_audit.data.reading.sources import couriers
from pdd_audit.texts import LANGS, all_texts, error_text
from tests.data.checklist_files import a_folder, changed, rules_text

COURIERS = tuple(couriers())
FILE = """\
schema: 1
sources:
  notice_2027:
    title: 放假安排的通知
    trust: A
years:
  2027:
    holidays:
      - {name: new_year, from: "2027-01-01", to: "2027-01-03"}
      - {name: spring_festival, from: "2027-02-05", to: "2027-02-11"}
    worked: ["2027-02-13"]
    source: notice_2027
    checked: "2026-12-01"
sales:
  - name: {zh: 年货节, en: New Year shopping}
    from: "2027-01-10"
    to: "2027-01-20"
    source: notice_2027
    trust: C
    checked: "2026-12-01"
  - name: {zh: 双 11, en: Double 11}
    yearly: "11-11"
    source: notice_2027
    trust: C
    checked: "2026-12-01"
stops:
  - courier: 极兔
    from: "2027-02-03"
    to: "2027-02-12"
    reason: 春节停运
    source: 网点通知
"""


def written(tmp_path, text):
    folder = a_folder(tmp_path / "c")
    (folder / "calendar.yaml").write_text(text, "utf-8")
    return folder


# --- what is known without a file --------------------------------------------------------------------------------------------


def test_the_published_holidays_have_names_we_have_words_for():
    names = set(published().holidays.values())
    assert names == set(CODES.values())
    assert {f"days.holiday.{name}" for name in {*names, "other"}} <= all_texts().keys()


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 2, 17), "off"), (date(2026, 10, 7), "off"), (date(2026, 10, 8), "work"), (date(2026, 10, 10), "work"),
        (date(2025, 10, 6), "off"), (date(2026, 11, 22), "off"), (date(2026, 11, 23), "work"),
    ],
)
def test_published_days_are_those_of_the_notices(day, kind):
    assert published().day_type(day) == kind


def test_a_folder_without_a_calendar_has_the_published_one(tmp_path):
    assert load_calendar(a_folder(tmp_path / "c")) == published()


def test_the_calendar_that_ships_is_sound():
    calendar = load_calendar(default_folder(), COURIERS)
    assert {2024, 2025, 2026} <= calendar.years
    assert [calendar.sale(date(2026, *day)).name["zh"] for day in ((6, 18), (11, 11), (12, 12))] == ["618 大促", "双 11", "双 12"]
    assert calendar.stops == ()


# --- what a file adds --------------------------------------------------------------------------------------------------------


def test_a_year_of_the_file_is_known_from_then_on(tmp_path):
    calendar = load_calendar(written(tmp_path, FILE), COURIERS)
    assert published().day_type(date(2027, 2, 5)) == "unknown"
    kinds = [calendar.day_type(date(2027, *day)) for day in ((2, 5), (2, 13), (2, 14), (2, 12), (1, 4))]
    assert kinds == ["off", "work", "off", "work", "work"]
    assert calendar.holidays[date(2027, 1, 2)] == "new_year"
    assert calendar.day_type(date(2026, 10, 1)) == "off"  # the published years stay
    assert calendar.sale(date(2027, 1, 20)) and calendar.is_stopped("极兔", None, date(2027, 2, 12))


def test_a_year_of_the_file_takes_the_place_of_the_published_one(tmp_path):
    text = FILE.replace("  2027:\n", "  2026:\n").replace('"2027-0', '"2026-0').replace('worked: ["2026-02-13"]', 'worked: ["2026-02-14"]')
    calendar = load_calendar(written(tmp_path, text), COURIERS)
    assert calendar.day_type(date(2026, 10, 1)) == "work"  # the file names no holiday in October
    assert calendar.day_type(date(2026, 10, 10)) == "off"  # so nobody makes up for it
    assert calendar.day_type(date(2025, 10, 1)) == "off"


def test_adding_a_year_takes_a_few_lines(tmp_path):
    text = """\
schema: 1
sources:
  notice: {title: 放假安排的通知, trust: A}
years:
  2027:
    holidays: [{name: new_year, from: "2027-01-01", to: "2027-01-03"}]
    source: notice
    checked: "2026-12-01"
"""
    assert load_calendar(written(tmp_path, text)).day_type(date(2027, 1, 4)) == "work"


# --- wrong files -------------------------------------------------------------------------------------------------------------

WRONG = [
    # what is changed, the refusal, the key it points at, what its English title says
    ('from: "2027-01-01", to: "2027-01-03"', 'from: "2027-01-03", to: "2027-01-01"', "checklist_calendar_ends_before", "years.2027.holidays[0].to", "It ends on 2027-01-01, before it starts on 2027-01-03"),
    ('from: "2027-02-05"', 'from: "2027-02-30"', "checklist_bad_date", "years.2027.holidays[1].from", "2027-02-30 is not a date"),
    ('from: "2027-02-05"', 'from: "5 Feb"', "checklist_bad_pattern", "years.2027.holidays[1].from", None),
    ('from: "2027-02-05"', "from: 20270205", "checklist_needs_text", "years.2027.holidays[1].from", None),
    ('from: "2027-02-05", to: "2027-02-11"', 'from: "2027-02-05", to: "2027-03-11"', "checklist_calendar_too_long", "years.2027.holidays[1].to", "This spans 35 days; a year was probably mistyped"),
    ('from: "2027-01-01"', 'from: "2026-12-31"', "checklist_calendar_other_year", "years.2027.holidays[0]", "2026-12-31 is not a day of 2027"),
    ('from: "2027-02-05"', 'from: "2027-01-31"', None, None, None),  # twelve days are possible
    ('to: "2027-01-03"', 'to: "2027-01-05"', None, None, None),
    ('from: "2027-02-05", to: "2027-02-11"', 'from: "2027-01-03", to: "2027-01-05"', "checklist_calendar_day_twice", "years.2027.holidays[1]", "2027-01-03 is given twice"),
    ('["2027-02-13"]', '["2027-02-12"]', "checklist_calendar_worked_weekday", "years.2027.worked[0]", "2027-02-12 is no weekend, so it need not be listed as worked"),
    ('["2027-02-13"]', '["2027-02-06"]', "checklist_calendar_day_twice", "years.2027.worked[0]", "2027-02-06 is given twice"),
    ('["2027-02-13"]', '["2027-02-13", "2027-02-13"]', "checklist_calendar_day_twice", "years.2027.worked[1]", "2027-02-13 is given twice"),
    ('["2027-02-13"]', '["2026-02-14"]', "checklist_calendar_other_year", "years.2027.worked[0]", "2026-02-14 is not a day of 2027"),
    ('["2027-02-13"]', '["2027-02-31"]', "checklist_bad_date", "years.2027.worked[0]", "2027-02-31 is not a date"),
    ("worked: [", "works: [", "checklist_unknown_key", "years.2027.works", None),
    ("name: spring_festival", "name: spring_fest", "checklist_not_in_list", "years.2027.holidays[1].name", "calendar.yaml has a value that is not in the list"),
    ("  2027:\n", "  27:\n", "checklist_bad_pattern", "years.27", None),
    ("    source: notice_2027\n    checked", "    checked", "checklist_missing_key", "years.2027.source", None),
    ("    source: notice_2027\n    checked", "    source: notice\n    checked", "checklist_source_unknown", "years.2027.source", "The source notice is not registered"),
    ('    source: notice_2027\n    checked: "2026-12-01"', '    source: notice_2027\n    checked: "2026-12-32"', "checklist_bad_date", "years.2027.checked", "2026-12-32 is not a date"),
    ('    to: "2027-01-20"\n', "", "checklist_calendar_sale_when", "sales[0]", "The days of New Year shopping are incomplete or given in two ways"),
    ('yearly: "11-11"', 'yearly: "11-31"', "checklist_bad_date", "sales[1].yearly", "11-31 is not a date"),
    ('yearly: "11-11"', 'yearly: "11-11"\n    from: "2027-11-01"', "checklist_calendar_sale_when", "sales[1]", "The days of Double 11 are incomplete or given in two ways"),
    ('    yearly: "11-11"\n', "", "checklist_calendar_sale_when", "sales[1]", None),
    ('to: "2027-01-20"', 'to: "2028-01-20"', "checklist_calendar_too_long", "sales[0].to", "This spans 376 days; a year was probably mistyped"),
    ("trust: C", "trust: E", "checklist_not_in_list", "sales[0].trust", None),
    ("courier: 极兔", "courier: 极兔速递", "checklist_calendar_courier_unknown", "stops[0].courier", "The courier 极兔速递 is not known"),
    ('to: "2027-02-12"', 'to: "2027-01-12"', "checklist_calendar_ends_before", "stops[0].to", None),
    ("    reason: 春节停运\n", "", "checklist_missing_key", "stops[0].reason", None),
    ("schema: 1", "schema: 2", "checklist_not_in_list", "schema", None),
    ("stops:\n", "stop:\n", "checklist_unknown_key", "stop", None),
    ("years:\n", "years: &y\n", "checklist_yaml_alias", None, None),
    ("  2027:\n", "  2027:\n    checked: x\n", "checklist_yaml_duplicate_key", None, None),
    ("sales:\n", "sales\n", "checklist_yaml_syntax", None, None),
]


@pytest.mark.parametrize(("old", "new", "code", "column", "title"), WRONG, ids=[f"{row[2]}-{at}" for at, row in enumerate(WRONG)])
def test_a_wrong_calendar_names_its_line_its_key_and_the_cure(tmp_path, old, new, code, column, title):
    text = changed(FILE, old, new)
    folder = written(tmp_path, text)
    told = [error for error in check_checklists(folder, couriers=COURIERS) if error.place.file == "calendar.yaml"]
    if code is None:
        assert told == []
        return
    error = next(error for error in told if error.code == code)
    assert error.place.row is not None
    if column is not None:
        assert error.place.column == column
    words = {lang: error_text(error, lang) for lang in LANGS}
    assert all(title and body for title, body in words.values())
    if title is not None:
        assert words["en"][0].startswith(title)
    with pytest.raises(AuditError):
        load_calendar(folder, COURIERS)


def test_the_line_is_that_of_the_wrong_day(tmp_path):
    text = changed(FILE, 'worked: ["2027-02-13"]', 'worked:\n      - "2027-02-13"\n      - "2027-02-19"')
    error = next(error for error in check_checklists(written(tmp_path, text)) if error.place.file == "calendar.yaml")
    assert text.splitlines()[error.place.row - 1].strip() == '- "2027-02-19"'


# --- exemption windows of a rule file ----------------------------------------------------------------------------------------

WINDOW = """\
exemptions:
  - id: spring
    kind: holiday
    counted_by: paid
    waives: [promise]
    from: "2026-02-10"
    to: "2026-02-23"
    provinces: [浙江]
    couriers: [极兔]
    reason: {zh: 春节, en: Spring}
    source: article
    trust: D
    checked: "2026-11-22"
"""
WRONG_WINDOWS = [
    ("[promise]", "[]", "checklist_wrong_length", "exemptions[spring].waives"),
    ("[promise]", "[promises]", "checklist_not_in_list", "exemptions[spring].waives[0]"),
    ("counted_by: paid", "counted_by: payed", "checklist_not_in_list", "exemptions[spring].counted_by"),
    ('from: "2026-02-10"', "from: null", "checklist_exemption_half_unknown", "exemptions[spring]"),
    ("trust: D", "trust: null", "checklist_exemption_half_unknown", "exemptions[spring]"),
    ('to: "2026-02-23"', 'to: "2026-02-01"', "checklist_calendar_ends_before", "exemptions[spring].to"),
    ('to: "2026-02-23"', 'to: "2027-02-23"', "checklist_calendar_too_long", "exemptions[spring].to"),
    ('to: "2026-02-23"', 'to: "2026-02-29"', "checklist_bad_date", "exemptions[spring].to"),
    ('checked: "2026-11-22"', 'checked: "2026-13-22"', "checklist_bad_date", "exemptions[spring].checked"),
    ("source: article", "source: articles", "checklist_source_unknown", "exemptions[spring].source"),
    ("[极兔]", "[极兔速递]", "checklist_calendar_courier_unknown", "exemptions[spring].couriers[0]"),
    ("[浙江]", "[Zhejiang]", "checklist_bad_pattern", "exemptions[spring].provinces[0]"),
    ("  - id: spring", WINDOW.partition("\n")[2].rstrip() + "\n  - id: spring", "checklist_exemption_twice", "exemptions[spring].id"),
]


def rules_with(text):
    return rules_text().rstrip("\n") + "\n" + text


def test_a_window_is_read_whole(tmp_path):
    source = next(iter(load_rules(a_folder(tmp_path / "plain")).sources))
    rules = load_rules(a_folder(tmp_path / "c", rules=rules_with(WINDOW.replace("source: article", f"source: {source}"))))
    assert [(window.id, window.first, window.last, window.couriers) for window in rules.exemptions] == [("spring", "2026-02-10", "2026-02-23", ("极兔",))]


@pytest.mark.parametrize(("old", "new", "code", "column"), WRONG_WINDOWS, ids=[f"{row[2]}-{at}" for at, row in enumerate(WRONG_WINDOWS)])
def test_a_wrong_window_names_its_line_and_key(tmp_path, old, new, code, column):
    source = next(iter(load_rules(a_folder(tmp_path / "plain")).sources))
    text = WINDOW.replace("source: article", f"source: {source}")
    old, new = (part.replace("source: article", f"source: {source}") for part in (old, new))
    folder = a_folder(tmp_path / "c", rules=rules_with(changed(text, old, new)))
    error = next(error for error in check_checklists(folder, couriers=COURIERS) if error.code == code)
    assert (error.place.file, error.place.column) == ("rules/pdd.yaml", column)
    assert error.place.row is not None and all(all(error_text(error, lang)) for lang in LANGS)


def test_windows_that_ship_are_dated_and_none_is_called_official():
    windows = load_rules(default_folder()).exemptions
    assert {window.trust for window in windows} <= {"B*", "D", None}
    assert [window.id for window in windows if not window.known] == [f"spring_festival_{year}" for year in (2024, 2025, 2026)]
