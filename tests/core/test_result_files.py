"""Results of every earlier form stay readable. A file is added here whenever the form changes, and none is ever removed or renewed."""

from pathlib import Path

import pytest

from pdd_audit.core.result import AuditResult

FILES = sorted((Path(__file__).parent / "result_files").glob("*.json"))


def test_there_are_results_of_earlier_forms():
    assert [file.name for file in FILES][:1] == ["v1_first.json"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_result_of_an_earlier_form_opens_and_is_written_anew_without_loss(file):
    result = AuditResult.model_validate_json(file.read_text("utf-8"))
    assert result.score.value == pytest.approx(41.454622, abs=1e-6) and result.score.enough is True
    assert len(result.practices) == 5 and result.findings and result.plan and result.waves
    gaps = {id: practice.gap for id, practice in result.practices.items() if practice.gap is not None}  # each of one question with both
    assert gaps == pytest.approx({"courier_coordination": -30, "shipping_process": 46.194618 - 70, "customer_service": -70}, abs=1e-6)
    assert AuditResult.model_validate_json(result.model_dump_json()) == result


def test_a_result_of_a_later_form_is_refused_and_not_guessed_at():
    text = FILES[0].read_text("utf-8").replace('"schema_version": 1', '"schema_version": 2')
    with pytest.raises(ValueError, match="schema_version"):
        AuditResult.model_validate_json(text)
