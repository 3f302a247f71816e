"""Review rounds of a shop: open one, answer alone, reveal, agree, decide, sign. What a round means is in ``core.rounds``."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from pdd_audit.core.errors import BETWEEN, AuditError
from pdd_audit.core.log_chain import digest
from pdd_audit.core.people import Right
from pdd_audit.core.questions import Answer, Checklists, Question
from pdd_audit.core.quick_path import Stakes, yuan_at_stake
from pdd_audit.core.result import AuditResult
from pdd_audit.core.rounds import (
    MOST_MEMBERS,
    Again,
    Decision,
    Opening,
    Role,
    Round,
    RoundWord,
    Signature,
    Spread,
    WordKind,
    may_say,
    next_due,
    rounds_of,
    spreads,
)
from pdd_audit.services.access import needs, require
from pdd_audit.services.history import SavedAudit, inputs_of, list_audits, save_audit
from pdd_audit.services.log import note_head
from pdd_audit.services.people import speakers
from pdd_audit.services.profile import questions_for
from pdd_audit.services.run_audit import Audit
from pdd_audit.services.workspace import Workspace, now

Beside = Literal["data", "checklist", "answers", "rest"]
MOST_NAME = 60


@dataclass(frozen=True)
class Plan:
    """What is needed to open a round."""

    title: str
    questions: Sequence[str]
    members: Iterable[str]
    due: date
    again: Again = "never"


@dataclass(frozen=True)
class SignedReview:
    """A round with both names under it, the result they stand under with its checklists, and those the round was opened with."""

    round: Round
    result: AuditResult
    checklists: Checklists
    asked: Checklists


@needs(Right.LOOK)
def list_rounds(workspace: Workspace, shop_id: str) -> list[Round]:
    """Those that were not given up, in the order they were opened."""
    return [_seen(workspace, one) for one in rounds_of(workspace.state.said(RoundWord, shop_id)) if one.phase != "dropped"]


@needs(Right.LOOK)
def round_of(workspace: Workspace, shop_id: str, round_id: str) -> Round | None:
    """One round; None when there is none, or when it was given up."""
    found = rounds_of(workspace.state.said(RoundWord, shop_id, _of_round(round_id)))
    return _seen(workspace, found[0]) if found and found[0].phase != "dropped" else None


def _seen(workspace: Workspace, one: Round) -> Round:
    """With a login nobody is handed what others answered alone; without one there is only a name to go by, and the page keeps it apart."""
    return one if workspace.person is None else one.as_seen_by(workspace.person.name)


@needs(Right.DECIDE)
def open_round(workspace: Workspace, shop_id: str, plan: Plan, by: str) -> str:
    """Open a round on the questions as the shop is asked them now; its id. Raises AuditError for a plan that names nobody or nothing."""
    checklists = questions_for(workspace, shop_id)
    known = {item.id for practice in checklists.practices for item in practice.items if item.kind == "question" and not item.retired}
    members = tuple(dict.fromkeys(clean for name in plan.members if (clean := _clean(name))))
    questions = tuple(id for id in dict.fromkeys(plan.questions) if id in known)
    strangers = [] if workspace.person is None else sorted(set(members) - set(speakers(workspace, shop_id)))
    if strangers:
        raise AuditError("round_stranger", found=strangers[0])
    title = " ".join(plan.title.split())[:100]
    if not title or not questions or not 1 <= len(members) <= MOST_MEMBERS:
        raise AuditError("round_plan", found=f"{title[:20]} / {len(questions)} / {len(members)}", most=MOST_MEMBERS)
    template = workspace.state.keep_template(shop_id, checklists.model_dump_json(by_alias=True, exclude_defaults=True))
    opening = Opening(title=title, questions=questions, members=members, due=plan.due, again=plan.again, template=template)
    return _say(workspace, shop_id, _word(uuid.uuid4().hex, "opened", by).model_copy(update={"opening": opening})).round


@needs(Right.LOOK)
def checklists_of_round(workspace: Workspace, shop_id: str, one: Round) -> Checklists:
    """The checklists as they were when the round was opened, whatever became of them since."""
    kept = _opened_with(workspace, shop_id, one)
    if kept is None:
        raise AuditError("round_gone")
    return kept


def _opened_with(workspace: Workspace, shop_id: str, one: Round) -> Checklists | None:
    body = workspace.state.template(shop_id, one.opening.template)
    return None if body is None else _checklists(body)


@lru_cache(maxsize=4)
def _checklists(body: str) -> Checklists:
    """Parsed once: every page of every member needs them each time it is drawn."""
    return Checklists.model_validate_json(body)


def questions_of_round(checklists: Checklists, one: Round) -> dict[str, Question]:
    """Question id -> question, as asked in the round."""
    asked = set(one.opening.questions)
    return {item.id: item for practice in checklists.practices for item in practice.items if item.id in asked}


@needs(Right.ANSWER)
def answer_alone(workspace: Workspace, shop_id: str, one: Round, question: str, answer: Answer, by: str) -> None:
    """Keep what a member says, unseen by the others until the reveal. Raises AuditError when the same member answered elsewhere since
    ``one`` was read: the words there stand until the member chooses."""
    seen = one.version("answered", question, _clean(by))
    told = {"question": question, "answer": answer, "seen": seen, "id": uuid.uuid4().hex}  # its digest in the log is then no guess away
    _say(workspace, shop_id, _word(one.id, "answered", by).model_copy(update=told))


@needs(Right.LOOK)
def refuse_while_blind(workspace: Workspace, shop_id: str) -> None:
    """For what would hand out everything that was said in the shop. Raises AuditError ``round_blind`` while answers wait for a reveal."""
    rounds = rounds_of(workspace.state.said(RoundWord, shop_id))
    blind = [one.opening.title for one in rounds if one.phase == "answering" and any(one.done().values())]
    if blind:
        raise AuditError("round_blind", found=BETWEEN.join(blind))


@needs(Right.DECIDE)
def reveal(workspace: Workspace, shop_id: str, one: Round, by: str, audit: Audit) -> None:
    """Show all answers to all, once and for good, with the yuan at stake as of now: the order of the talk does not change any more."""
    stakes = Stakes(audit.plan.losses, audit.plan.days, audit.plan.put_off)
    questions = questions_of_round(checklists_of_round(workspace, shop_id, one), one)
    yuan = {id: round(yuan_at_stake(question, audit.inputs, stakes), 2) for id, question in questions.items()}
    _say(workspace, shop_id, _word(one.id, "revealed", by).model_copy(update={"stakes": yuan}))


@needs(Right.LOOK)
def spreads_of(workspace: Workspace, shop_id: str, one: Round) -> list[Spread]:
    """The questions in the order in which to talk; nobody's answer before the reveal."""
    checklists = checklists_of_round(workspace, shop_id, one)
    return spreads(one, questions_of_round(checklists, one), {str(name): scale for name, scale in checklists.scales.items()})


@needs(Right.ANSWER)
def note(workspace: Workspace, shop_id: str, one: Round, question: str, text: str, by: str) -> None:
    """What was said in the talk about a question; it stands beside earlier notes."""
    if text.strip():
        _say(workspace, shop_id, _word(one.id, "noted", by).model_copy(update={"question": question, "text": text.strip()[:2000]}))


@needs(Right.DECIDE)
def agree(workspace: Workspace, shop_id: str, one: Round, question: str, answer: Answer, by: str) -> None:
    """The answer the team agrees on. It becomes the shop's answer in the same moment; who said what before stays in the round.

    Raises AuditError when somebody else wrote down another agreement since ``one`` was read.
    """
    word = _word(one.id, "agreed", by).model_copy(
        update={"question": question, "answer": answer, "seen": one.version("agreed", question)}
    )
    old = workspace.state.answers(shop_id).get(question)
    becomes = answer if old is None else old.model_copy(update={"answer": answer.answer, "reason": answer.reason})
    _say(workspace, shop_id, word, {question: becomes})


@needs(Right.DECIDE)
def agree_where_all_said_the_same(workspace: Workspace, shop_id: str, one: Round, by: str) -> int:
    """Agree on every question nobody needs to talk about and nothing is agreed on yet; on how many."""
    settled = one.agreed()
    same = [spread for spread in spreads_of(workspace, shop_id, one) if spread.same and spread.question not in settled]
    for spread in same:
        first = next(iter(spread.answers.values()))
        agree(workspace, shop_id, one, spread.question, Answer(answer=first.answer, reason=first.reason), by)
    return len(same)


@needs(Right.DECIDE)
def decide(
    workspace: Workspace, shop_id: str, one: Round, text: str, owner: str, due: date | None, question: str | None, by: str
) -> Decision:
    """Write down what is to be done, by whom, until when. Raises AuditError without words or without an owner."""
    if not text.strip() or not owner.strip():
        raise AuditError("round_decision", found=text)
    told = {"text": text.strip()[:2000], "owner": _clean(owner), "due": due, "question": question, "id": uuid.uuid4().hex}
    said = _say(workspace, shop_id, _word(one.id, "decided", by).model_copy(update=told))
    return Decision(said.id, said.round, said.text, said.owner, said.due, said.question, said.by, said.at)


@needs(Right.SIGN)
def sign(workspace: Workspace, shop_id: str, one: Round, role: Role, by: str, audit: Audit) -> None:
    """Put a name under the round. The first signature saves the audit and closes the round; the second is put under the same audit,
    whatever changed in between. Raises AuditError for a second signature of one name or role."""
    if role == "owner":
        require(workspace, shop_id, Right.MANAGE)
    earlier = one.signatures[0].signature if one.signatures else None
    fingerprint = earlier.fingerprint if earlier else audit.result.fingerprint or ""
    result = earlier.audit if earlier else digest(audit.result.model_dump_json())
    head = workspace.state.log_head(shop_id)
    seq, own = (head.seq, head.hash) if head else (0, "")
    signature = Signature(role=role, fingerprint=fingerprint, audit=result, log_seq=seq, log_hash=own)
    word = _word(one.id, "signed", by).model_copy(update={"signature": signature, "seen": len(one.signatures)})
    may_say(workspace.state.said(RoundWord, shop_id, _of_round(one.id)), word)
    if result not in workspace.state.audit_digests(shop_id):
        save_audit(workspace, shop_id, one.opening.title, audit, word.by)
    _say(workspace, shop_id, word)
    note_head(workspace, shop_id)


@needs(Right.SIGN)
def withdraw_signature(workspace: Workspace, shop_id: str, one: Round, by: str) -> None:
    """Take back the only name under a round: one's own, or as an owner anybody's. The round is open again; the audit saved with the name
    stays. Raises AuditError when the name is gone, or another one has come to it."""
    if not one.signatures:
        raise AuditError("round_signature_gone")
    first = one.signatures[0]
    if workspace.person is not None and first.by != workspace.person.name:
        require(workspace, shop_id, Right.MANAGE)
    _say(workspace, shop_id, _word(one.id, "withdrawn", by).model_copy(update={"signature": first.signature}))
    note_head(workspace, shop_id)


@needs(Right.DECIDE)
def drop_round(workspace: Workspace, shop_id: str, one: Round, by: str) -> None:
    """Give a round up; what was said in it stays on record. A signed round cannot be given up."""
    _say(workspace, shop_id, _word(one.id, "dropped", by))


@needs(Right.LOOK)
def signed_result(workspace: Workspace, shop_id: str, one: Round) -> AuditResult | None:
    """The saved audit under which the names stand; None before the first signature, or when it is gone."""
    audit = _signed_audit(workspace, shop_id, one)
    return None if audit is None else audit.result


@needs(Right.LOOK)
def signed_review(workspace: Workspace, shop_id: str, one: Round) -> SignedReview | None:
    """What both have signed, frozen: the result with its own checklists; None before the second signature, or when it is gone."""
    audit = _signed_audit(workspace, shop_id, one) if one.phase == "signed" else None
    inputs = None if audit is None else inputs_of(workspace, shop_id, audit)
    if audit is None or inputs is None:
        return None
    return SignedReview(one, audit.result, inputs.checklists, _opened_with(workspace, shop_id, one) or inputs.checklists)


def _signed_audit(workspace: Workspace, shop_id: str, one: Round) -> SavedAudit | None:
    if not one.signatures:
        return None
    signature = one.signatures[0].signature
    assert signature is not None, "whoever signs, signs something"
    id = workspace.state.audit_digests(shop_id).get(signature.audit)
    return next((audit for audit in list_audits(workspace, shop_id) if audit.id == id), None)


@needs(Right.LOOK)
def since_signed(workspace: Workspace, shop_id: str, one: Round, audit: Audit) -> list[Beside]:
    """What is other today than what was signed; it is told beside the round and changes nothing in it."""
    signed = signed_result(workspace, shop_id, one)
    if signed is None or signed.fingerprint == audit.result.fingerprint:
        return []
    today = audit.result
    found: list[Beside] = []
    if {file.sha256 for file in signed.inputs} != {file.sha256 for file in today.inputs}:
        found.append("data")
    if _asked_now(workspace, shop_id) != one.opening.template:
        found.append("checklist")
    if _answers_in(signed) != _answers_in(today):
        found.append("answers")
    return found or ["rest"]


def due_after(workspace: Workspace, one: Round) -> date | None:
    """When the next round of this kind is due."""
    years = range(one.opening.due.year, one.opening.due.year + 2)
    ends = [sale.last for sale in workspace.calendar.sales if sale.last is not None]
    ends += [date(year, *sale.yearly) for sale in workspace.calendar.sales if sale.yearly is not None for year in years]
    return next_due(one.opening, ends)


def _asked_now(workspace: Workspace, shop_id: str) -> str:
    return digest(questions_for(workspace, shop_id).model_dump_json(by_alias=True, exclude_defaults=True))


def _answers_in(result: AuditResult) -> Mapping[str, object]:
    return {item.id: (item.state, item.answer, item.reason) for practice in result.practices.values() for item in practice.items}


def _word(round_id: str, kind: WordKind, by: str) -> RoundWord:
    name = _clean(by)
    if not name:
        raise AuditError("round_who")
    return RoundWord(round=round_id, kind=kind, by=name, at=now())


def _of_round(round_id: str) -> str:
    """How the text of every word of a round begins: only these are read, however many rounds there have been."""
    return f'{{"round":"{round_id}"'


def _clean(name: str) -> str:
    return " ".join(name.split())[:MOST_NAME]


def _say(workspace: Workspace, shop_id: str, word: RoundWord, answers: Mapping[str, Answer] | None = None) -> RoundWord:
    whole = RoundWord.model_validate(word.model_dump())  # what was put together above is checked like everything from outside
    workspace.state.say(shop_id, whole, lambda said: may_say(said, whole), _of_round(whole.round), answers)
    return whole
