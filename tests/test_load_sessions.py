"""What the script that measures with real sessions calls lost is lost, and nothing else."""

from pdd_audit.core.questions import Answer
from pdd_audit.services.answers import save_answer
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace
from scripts.load_sessions import Given, Guest, Load, Tally, Took, lost, waves
from scripts.load_storm import Storm

QUESTION = "courier_choice.last_pickup_time"


def test_an_answer_the_store_does_not_hold_under_that_name_in_that_order_is_lost(tmp_path):
    workspace = open_workspace(tmp_path)
    shop = create_shop(workspace, "试店").id
    scale = workspace.checklists.question(QUESTION).scale
    codes = [level.code for level in reversed(workspace.checklists.scales[scale].levels)]
    ann, bo = (Guest(name, shop, "") for name in ("安", "博"))
    for who, option in ((ann, 0), (bo, 1), (ann, 1), (ann, 0)):
        save_answer(workspace, shop, QUESTION, Answer(answer=codes[option]), by=who.name)
    told = [Given(ann, QUESTION, option) for option in (0, 1, 0)] + [Given(bo, QUESTION, 1)]
    assert lost(workspace, told) == []
    assert lost(workspace, [*told, Given(bo, QUESTION, 1)]) == [Given(bo, QUESTION, 1)], "two words came, one answer is there"
    assert lost(workspace, [Given(ann, QUESTION, 1), Given(ann, QUESTION, 1)]) == [Given(ann, QUESTION, 1)]
    assert lost(workspace, [Given(bo, QUESTION, 0)]) == [Given(bo, QUESTION, 0)], "somebody else gave it"
    workspace.state.close()


def test_times_are_told_apart_by_wave_and_by_storm():
    tally = Tally(begun=100.0, storm=Storm("", 110.0, 120.0))
    tally.saves = [Took(104.01, 500.0), Took(104.02, 700.0), Took(108.0, 3000.0), Took(112.0, 90.0), Took(120.5, 30.0)]
    assert waves(Load(2, 60.0, 4.0, 1, together=True), tally) == [[500.0, 700.0], [3000.0], [90.0], [30.0]]
    assert [tally.storm.part(one.at, one.at + one.ms / 1000) for one in tally.saves] == ["before", "before", "during", "during", "after"]
