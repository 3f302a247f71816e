"""One review by three people, each logged in with a browser of their own: from its opening to the report that two have signed."""

import io
import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from pdd_audit.core.overlay import Adjustment, Overlay
from pdd_audit.core.people import Role
from pdd_audit.services.access import seated
from pdd_audit.services.answers import load_answers
from pdd_audit.services.log import check_log
from pdd_audit.services.overlay import save_overlay
from pdd_audit.services.people import everybody, make_owner
from pdd_audit.services.rounds import list_rounds, signed_result
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import full_moment
from tests.browser.team import Person
from tests.services.team import join

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = [pytest.mark.browser, pytest.mark.slow]

PRACTICE = "courier_coordination"
APART, SAME = ASKED = (f"{PRACTICE}.fixed_pickup_time", f"{PRACTICE}.no_empty_scan")
WORDS = Words("en")
TITLE, KEPT_TO_ONESELF, SAID_IN_THE_TALK = "November review", "the Friday van often stays away", "the van moves to half past five"


class Line:
    """The connection of one browser, which can be cut: ``set_offline`` leaves one that is open as it is."""

    def __init__(self, person) -> None:
        self.cut, self.last = False, None
        person.page.route_web_socket(re.compile("/_stcore/stream"), self._connect)

    def _connect(self, wire) -> None:
        if self.cut:
            wire.close()
        else:
            wire.connect_to_server()
            self.last = wire

    def drop(self) -> None:
        self.cut = True
        self.last.close()

    def mend(self) -> None:
        self.cut = False


@pytest.fixture
def three(browser, team):
    """Owner, reviewer and member, logged in."""
    people = [Person(browser, team, name) for name in ("Chen Yu", "Lin Dan", "Wu Fei")]
    for person in people:
        person.come()
    yield people
    for person in people:
        person.context.close()


@pytest.fixture
def shop(team, three):
    """The installation beside the server, and in it a shop of these three that asks two questions of one practice."""
    ws = open_workspace(team.home)
    ids = {one.person.name: one.person.id for one in everybody(ws)}
    owner, *others = (seated(ws, ids[person.name]) for person in three)
    made = create_shop(ws, "Review shop")
    make_owner(ws, made.id, owner.person.id)
    for other, role in zip(others, (Role.REVIEWER, Role.MEMBER), strict=True):
        join(owner, made.id, other, role)
    practice = next(one for one in ws.checklists.practices if one.practice.id == PRACTICE)
    left_out = {item.id: Adjustment(ignore=True, reason="not in this review") for item in practice.items if item.kind == "question" and item.id not in ASKED}
    save_overlay(owner, made.id, Overlay(questions=left_out), three[0].name, "two questions are enough")
    yield ws, made
    ws.state.close()


def label_of(ws, question, level):
    steps = ws.checklists.scales[ws.checklists.question(question).scale].levels
    return next(step.label.en for step in steps if step.code == level)


def press(person, key):
    person.settled()
    person.keyed(key, "button").click()


def choose(person, ws, question, level):
    person.settled()
    person.keyed("question_card").get_by_text(label_of(ws, question, level), exact=True).click()


def open_review(owner, members, shop):
    """In the form: all members, one practice instead of the quick check."""
    owner.page.goto(f"{owner.server.url}/rounds?lang=en&shop={shop.id}")
    owner.settled()
    owner.keyed("round_title", "input").fill(TITLE)
    for part in (WORDS("rounds.quick"), "Coordination"):
        owner.keyed("round_what").get_by_role("button", name=part).click()
        owner.settled()
    for member in members:
        owner.keyed("round_members", "input").fill(member.name)
        owner.keyed("round_members", "input").press("Enter")
        expect(owner.keyed("round_members").get_by_text(member.name, exact=True)).to_be_visible()
        owner.settled()
    press(owner, "open_round")
    expect(owner.page.get_by_role("heading", name=TITLE)).to_be_visible()


def answer_both(person, ws, level, why="", line=None):
    expect(person.page.get_by_text(WORDS("rounds.mine", done=0, total=2))).to_be_visible()
    choose(person, ws, APART, level)
    expect(person.page.get_by_text(WORDS("rounds.mine", done=1, total=2))).to_be_visible()
    if why:
        person.settled()
        person.page.get_by_label(WORDS("rounds.note_alone")).fill(why)
    if line:
        first = person.keyed("question_card", "input[type=radio]").first
        line.drop()
        expect(first).to_be_disabled()
        line.mend()
        expect(first).to_be_enabled()
    press(person, "next")
    expect(person.page.get_by_text(WORDS("rounds.place", practice="Coordination", n=2, total=2))).to_be_visible()
    choose(person, ws, SAME, "met")
    expect(person.page.get_by_text(WORDS("rounds.mine", done=2, total=2))).to_be_visible()


def show(person, news):
    """The page says by itself that there is something new; it is shown when it is asked for."""
    expect(person.page.get_by_text(WORDS(news))).to_be_visible(timeout=15_000)
    press(person, "show_news")


def came_to(person, text):
    """Whether the browser of this person was ever sent it, shown or not."""
    return any(text.encode() in frame for frame in person.frames)


def test_three_people_take_a_review_from_its_opening_to_the_report_that_two_have_signed(team, three, shop):
    ws, made = shop
    owner, reviewer, member = three
    open_review(owner, three, made)
    (one,) = list_rounds(ws, made.id)
    assert one.opening.questions == ASKED and set(one.opening.members) == {person.name for person in three}

    line = Line(member)
    for person in (reviewer, member):
        person.page.goto(f"{team.url}/rounds?lang=en&shop={made.id}&round={one.id}")
    answer_both(member, ws, "unmet", KEPT_TO_ONESELF, line)
    answer_both(reviewer, ws, "partly")
    answer_both(owner, ws, "met")
    for person in (owner, reviewer):
        expect(person.page.get_by_text(f"{member.name} 2/2")).to_be_visible()
        assert not came_to(person, KEPT_TO_ONESELF), "an answer reached somebody else before the reveal"

    press(owner, "reveal")
    show(reviewer, "rounds.news_revealed")
    press(owner, "meet")
    for person, level in zip(three, ("met", "partly", "unmet"), strict=True):
        expect(owner.page.get_by_role("heading", name=re.compile(f"{label_of(ws, APART, level)}.*{person.name}"))).to_be_visible()
    expect(owner.page.get_by_text(KEPT_TO_ONESELF)).to_be_visible()
    assert came_to(owner, KEPT_TO_ONESELF), "the proof above would not have seen it"
    sizes = [owner.keyed("question_card", part).first.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") for part in ("h1", "[role=radiogroup] label p")]
    assert sizes[0] > 35 and sizes[1] > 22, "nobody reads it from the back of the room"
    owner.page.get_by_label(WORDS("rounds.note"), exact=True).fill(SAID_IN_THE_TALK)
    owner.page.reload()
    expect(owner.keyed("leave_meeting")).to_be_visible()
    expect(owner.page.get_by_text(SAID_IN_THE_TALK)).to_be_visible()
    assert [word.text for word in list_rounds(ws, made.id)[0].notes(APART)] == [SAID_IN_THE_TALK]
    choose(owner, ws, APART, "mostly")
    expect(owner.page.get_by_text(WORDS("rounds.agreed_by", answer=label_of(ws, APART, "mostly"), name=owner.name))).to_be_visible()
    press(owner, "leave_meeting")
    press(owner, "agree_same")
    expect(owner.keyed("agree_same")).to_have_count(0)
    assert {id: answer.answer for id, answer in load_answers(ws, made.id).items()} == {APART: "mostly", SAME: "met"}

    show(reviewer, "rounds.news")
    press(reviewer, "sign_reviewer")
    show(owner, "rounds.news")
    press(owner, "sign_owner")
    report = owner.keyed(f"signed_pdf_{one.id}", "a")
    expect(report).to_be_visible()
    owner.settled()
    with owner.page.expect_download() as taken:
        report.click()

    (one,) = list_rounds(ws, made.id)
    assert [(word.by, word.signature.role) for word in one.signatures] == [(reviewer.name, "reviewer"), (owner.name, "owner")]
    assert taken.value.url.startswith(f"{team.url}/download/")
    assert taken.value.suggested_filename == f"signed_review_{one.signatures[-1].at:%Y-%m-%d}_Review_shop.pdf"
    pdf = Path(taken.value.path()).read_bytes()
    assert pdf.startswith(b"%PDF-")
    front = "".join(sign for sign in PdfReader(io.BytesIO(pdf)).pages[0].extract_text() if sign.isalnum())
    for told in (signed_result(ws, made.id, one).fingerprint[:12], *(word.by + WORDS(f"rounds.role.{word.signature.role}") + "signed" + full_moment(word.at) for word in one.signatures)):
        assert "".join(sign for sign in told if sign.isalnum()) in front
    show(member, "rounds.news_revealed")
    expect(member.keyed(f"signed_pdf_{one.id}", "a")).to_be_visible()
    assert not check_log(ws, made.id).troubles
