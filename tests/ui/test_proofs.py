"""A proof is added where its answer is given, and taken away there."""

from pdd_audit.services.proofs import attach
from pdd_audit.services.workspace import open_workspace

PHOTO = b"\x89PNG\r\n\x1a\n" + b"0" * 99
QUESTION = "courier_choice.second_courier"


def test_what_is_attached_is_named_and_can_be_taken_away(open_page, demo_home):
    workspace = open_workspace(demo_home)
    shop = workspace.state.shops()[0].id
    attach(workspace, shop, QUESTION, "交接单 *1*.png", PHOTO)
    page = open_page("checklist", question=QUESTION, practice="courier_choice")
    assert not page.exception
    assert any("交接单 \\*1\\*\\.png" in part.value for part in page.markdown)
    page.button(key=f"remove_{QUESTION}_0").click().run()
    assert not page.exception
    assert workspace.state.answers(shop)[QUESTION].attached == ()
