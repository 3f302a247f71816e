"""What others rely on: the schemas in the repository are those of the models, and the metrics of the contract exist."""

import re
import string
from pathlib import Path

import pytest

from pdd_audit.core.errors import BETWEEN, AuditError
from pdd_audit.core.lineage import METRICS_FROM, REPLY_KINDS, ROWS_BEHIND
from pdd_audit.data.relations.rows import ROWS
from pdd_audit.metrics import registry
from pdd_audit.texts import Words, all_texts, error_text
from scripts.write_schemas import ROOT, SCHEMAS
from scripts.write_scoring_page import pages

WITHOUT_ROWS = {
    "ship_hours_p50", "refund_before_pickup_ratio", "courier_share_max", "same_day_pickup_ratio", "uploads_after_cutoff_ratio",
}  # no list of single parcels stands behind these
PROMISED = (
    "promise_kept_ratio", "pickup_24h_ratio", "pickup_hours_p50", "pickup_hours_p90", "pickup_hours_p95", "first_move_24h_ratio",
    "ship_hours_p50", "refund_before_pickup_ratio", "open_over_limit_count", "reply_3min_ratio", "reply_30s_ratio", "reply_seconds_mean",
)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_in_the_repository_is_the_one_of_the_models(name):
    assert (Path(ROOT) / name).read_text("utf-8") == SCHEMAS[name](), "run python -m scripts.write_schemas"


@pytest.mark.parametrize("name", pages())
def test_the_page_of_the_scoring_rule_is_the_one_the_code_and_the_checklists_give(name):
    assert (Path(ROOT) / name).read_text("utf-8") == pages()[name](), "run python -m scripts.write_scoring_page"


@pytest.mark.parametrize("metric", PROMISED)
def test_a_metric_of_the_contract_exists(metric):
    assert metric in registry


@pytest.mark.parametrize("metric", registry)
def test_a_metric_has_its_names_its_files_and_only_known_rows(metric):
    texts = all_texts()
    assert f"metric_names.{metric}.name" in texts and f"metric_names.{metric}.definition" in texts
    assert metric in METRICS_FROM
    assert metric in ROWS_BEHIND or metric in WITHOUT_ROWS
    assert ROWS_BEHIND.get(metric) in (None, *ROWS, *REPLY_KINDS)


def test_every_text_exists_in_both_languages():
    empty = [key for key, text in all_texts().items() if not isinstance(text.get("zh"), str) or not isinstance(text.get("en"), str)]
    assert empty == []


def test_placeholders_agree_between_the_languages():
    def names(text):
        # a name in the reader's language comes in as {kind_zh} or {kind_en}
        return {name.removesuffix("_zh").removesuffix("_en") for _, name, _, _ in string.Formatter().parse(text) if name}

    assert [key for key, text in all_texts().items() if names(text["zh"]) != names(text["en"])] == []


COUNTED = re.compile(r"\{(\w+):((?:[^{}|]|\{\w+\})*)\|((?:[^{}]|\{\w+\})*)\}")  # {rows:row is|rows are}
NEVER_ONE = {  # a limit, or a number with its decimals
    "couriers.van.last_days", "errors_checklists.sheet_too_large.needed", "home.points", "results.practice_facts",
    "results.practice_facts_unchecked", "trends.line.dispersion", "trends.sigma.more", "warnings.round_row_count",
}


def test_english_tells_one_from_many_wherever_a_number_stands_before_what_it_counts():
    english = {key: text["en"] for key, text in all_texts().items()}
    counted = [part for text in english.values() for part in COUNTED.findall(text)]
    numbers, nouns = {name for name, _, _ in counted}, {many.split()[0] for _, _, many in counted}
    bare = re.compile(rf"\{{({'|'.join(numbers)})\}}(\*\*)? (more |late )?({'|'.join(map(re.escape, nouns))})\b")
    assert {key for key, text in english.items() if bare.search(COUNTED.sub("", text))} == NEVER_ONE


def test_one_is_told_from_many():
    words = Words("en")
    assert words("data.rows", read="1", kept=1, out=0) == "1 row: 1 kept, 0 left out"
    assert words("data.rows", read="1,001", kept=1, out=1000) == "1,001 rows: 1 kept, 1000 left out"
    assert words("appeals.all_closed", n=1) == "The one incident is closed."
    assert words("appeals.all_closed", n=4) == "All 4 incidents are closed."


@pytest.mark.parametrize(("lang", "sign"), [("zh", "、"), ("en", ", ")])
def test_names_in_a_row_are_set_apart_as_in_the_language_of_the_reader(lang, sign):
    names, told = BETWEEN.join(("一", "二")), f"一{sign}二"
    refused = error_text(AuditError("incident_question", found=names, allowed=names), lang)[1]
    assert refused.count(told) == 2
    noticed = Words(lang).notice("personal_dropped", {"columns": names, "rows": 3, "named": [5, 6]})
    assert told in noticed and f"5{sign}6" in noticed
    unquotable = {"column": "发货时间", "rows": 1, "row": 21, "found": ""}
    assert "…" in Words(lang).notice("unread_times", unquotable), "a cell that is not quoted leaves no empty quotes"


def test_every_error_that_is_raised_has_its_words():
    raised = {
        found
        for file in (ROOT / "pdd_audit").rglob("*.py")
        for found in re.findall(r'AuditError\(\s*"([a-z_0-9]+)"', file.read_text("utf-8"))
    }
    assert len(raised) > 20
    texts = all_texts()
    silent = [code for code in sorted(raised) if f"errors.{code}.title" not in texts and f"errors_checklists.{code}.title" not in texts]
    assert silent == []
