"""A shop's own checklist on the command line: proven together with the standard one, and tried for one score."""

import json

import pytest

from pdd_audit.cli import main
from pdd_audit.core.overlay import Adjustment, Overlay
from pdd_audit.core.questions import Answer
from pdd_audit.core.targets import OwnTarget
from pdd_audit.services.answers import save_answer
from pdd_audit.services.overlay import overlay_as_file, overlay_as_workbook, overlay_words
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace

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


@pytest.mark.parametrize("ending", ["yaml", "xlsx"])
def test_a_score_can_be_tried_with_a_file_and_nothing_is_stored(tmp_path, capsys, ending):
    home, file = tmp_path / "home", tmp_path / f"own.{ending}"
    workspace = open_workspace(home)
    shop = create_shop(workspace, "某店")
    for practice in workspace.checklists.practices:
        for item in practice.items:
            if item.kind == "question":
                save_answer(workspace, shop.id, item.id, Answer(answer="unmet" if item.id == QUESTION else "met"))
    left_out = {QUESTION: Adjustment(ignore=True, reason="只有一个网点")}
    overlay = Overlay(questions=left_out, targets={"pickup_24h_ratio": OwnTarget(value=0.98, reason="合同")})
    file.write_bytes(overlay_as_file(overlay, "试") if ending == "yaml" else overlay_as_workbook(workspace, overlay, "zh"))
    score = ["score", "--home", str(home), "--shop", "某店", "--format", "json"]

    def told(*more):
        assert main([*score, *more]) == 0
        return json.loads(capsys.readouterr().out)

    plain, tried = told(), told("--overlay", str(file))
    assert plain["official"] is None and plain["score"]["value"] < tried["score"]["value"] == 100
    assert tried["official"]["value"] == plain["score"]["value"]
    assert (tried["metrics"]["pickup_24h_ratio"]["target"], tried["metrics"]["pickup_24h_ratio"]["standard_target"]) == (0.98, 0.97)
    assert told() == plain, "a kept score knows nothing of the file"
    assert overlay_words(workspace, shop.id) == []
    workspace.state.close()
    assert main(["check-checklists", "--overlay", str(file)]) == 0
    file.write_bytes(b"PK\x03\x04 no workbook")
    assert main([*score, "--overlay", str(file)]) == 2
    assert f"own.{ending}" in capsys.readouterr().err
