"""``check-checklists --overlay``: a shop's own checklist is proven together with the standard one."""

import pytest

from pdd_audit.cli import main

QUESTION = "courier_coordination.volume_notice"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_sound_file_is_called_sound_and_a_faulty_one_is_refused_with_its_line(tmp_path, capsys, lang):
    file = tmp_path / "own.yaml"
    file.write_text(f"schema: 1\nquestions:\n  {QUESTION}:\n    weight: 2\n", "utf-8")
    assert main(["check-checklists", "--lang", lang, "--overlay", str(file)]) == 0
    assert str(file) in capsys.readouterr().out
    file.write_text(f"schema: 1\nquestions:\n  {QUESTION}:\n    weight: 9\n", "utf-8")
    assert main(["check-checklists", "--lang", lang, "--overlay", str(file)]) == 2
    told = capsys.readouterr()
    assert told.out == "" and "own.yaml" in told.err and f"{QUESTION}.weight" in told.err and "4" in told.err
