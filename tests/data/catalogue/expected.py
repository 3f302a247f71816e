"""What a file of the catalogue must answer, and how it is asked: once in the quick way and once in the strict one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from pdd_audit.core.errors import AuditError
from pdd_audit.texts import LANGS, Words, all_texts, error_text
from tests.data.builders import EXPORT_NAME, import_here


@dataclass(frozen=True)
class Refused:
    """``found``: texts that must be among what was found."""

    code: str
    row: int | None = None
    column: str | None = None
    found: tuple[str, ...] = ()


@dataclass(frozen=True)
class Read:
    """``kept`` rows, ``rows``: their numbers in the file, ``notices``: code -> values that must be said."""

    kept: int
    rows: list[int] | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    notices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    kind: str = "pdd_orders"


@dataclass(frozen=True)
class Case:
    content: bytes
    answer: Read | Refused
    name: str = EXPORT_NAME
    more: Mapping[str, Any] = field(default_factory=dict)


def case(number: str) -> pytest.MarkDecorator:
    """Names the entry of the catalogue in the id of its test."""
    return pytest.mark.parametrize((), [pytest.param(id=number)])


def ask(case: Case) -> None:
    """Asserts the answer of a case in both ways of reading."""
    for strict in (False, True):
        if isinstance(case.answer, Refused):
            _refused(case, case.answer, strict)
        else:
            _read(case, case.answer, strict)


def _refused(case: Case, answer: Refused, strict: bool) -> None:
    with pytest.raises(AuditError) as caught:
        import_here(case.content, case.name, strict=strict, **case.more)
    error = caught.value
    assert (error.code, error.place.row) == (answer.code, answer.row)
    if answer.column is not None:
        assert error.place.column == answer.column
    for text in answer.found:
        assert text in error.found
    for lang in LANGS:
        title, body = error_text(error, lang)
        assert title and body and "{" not in title + body


def _read(case: Case, answer: Read, strict: bool) -> None:
    report, rows = import_here(case.content, case.name, strict=strict, **case.more)
    assert (report.kind, report.rows_kept, report.left_out) == (answer.kind, answer.kept, answer.left_out)
    assert report.rows_read == report.rows_kept + sum(report.left_out.values())
    if answer.rows is not None:
        assert [row["source_row"] for row in rows] == answer.rows
    said = {notice.code: notice.values for notice in report.notices}
    for code, values in answer.notices.items():
        assert {name: said[code][name] for name in values} == values
        for lang in LANGS:
            assert "{" not in Words(lang).told(f"warnings.{code}", said[code])
    assert not said.keys() & set(answer.silent)
    for reason in report.left_out:
        assert f"left_out.{reason}" in all_texts()
