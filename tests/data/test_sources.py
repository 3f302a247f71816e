"""The descriptions of file kinds are complete, and every code that reading can give has its words."""

import re
from pathlib import Path

import pytest

from pdd_audit.data.reading import sources
from pdd_audit.data.reading.canonical import CANONICAL
from pdd_audit.texts import LANGS, all_texts

DATA = Path(sources.__file__).parent
CODE = "\n".join(path.read_text("utf-8") for path in DATA.parent.rglob("*.py") if path.parent.name != "content" and path.stem != "state")
SOURCES = [source.id for source in sources.sources()]


@pytest.mark.parametrize("name", SOURCES)
def test_no_header_feeds_two_columns_and_both_languages_are_there(name):
    source = sources.source(name)
    headers = [header for headers in source.columns.values() for header in headers]
    assert len(headers) == len(set(headers))
    assert source.id == name and source.kind in CANONICAL
    assert all(source.title[lang] and source.download[lang] for lang in LANGS)
    assert set(source.required) | set(source.absent) <= set(source.columns)


@pytest.mark.parametrize("name", SOURCES)
def test_no_wanted_column_is_personal(name):
    assert not [header for headers in sources.source(name).headers.values() for header in headers if sources.is_personal(header)]


def test_every_refusal_and_notice_has_its_words():
    texts = all_texts()
    for code in set(re.findall(r'AuditError\(\s*"([a-z_0-9]+)"', CODE)) - {"no_such_file"}:
        if f"errors_checklists.{code}.title" in texts:
            continue
        assert {f"errors.{code}.{part}" for part in ("title", "needed", "cure")} <= set(texts), code
    notices = set(re.findall(r'\.note\(\s*"([a-z_0-9]+)"', CODE)) | {code for one in sources.sources() for code in one.absent.values()}
    assert {f"warnings.{code}" for code in notices} <= set(texts)
    for code in re.findall(
        r"'(blank|footer|repeated_header|bad_[a-z_]+|duplicate_row|repeated_[a-z]+|other_platform|future_time|contradictory_row)'", CODE
    ):
        assert f"left_out.{code}" in texts or code in {"bad_times"}, code
