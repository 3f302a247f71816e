"""Tell the shop's people of a signed review: the whole report by e-mail, its summary to group robots."""

from collections.abc import Sequence
from datetime import date

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.core.questions import Checklists
from pdd_audit.core.result import PlanStep
from pdd_audit.data.live.notifiers import VARIABLE, Attachment, Channel, channels_of
from pdd_audit.data.live.private_words import masked
from pdd_audit.services.access import needs
from pdd_audit.services.look_at_today import call_rules
from pdd_audit.services.remind import Sent
from pdd_audit.services.rounds import SignedReview, list_rounds, signed_review
from pdd_audit.services.shops import Shop
from pdd_audit.services.workspace import Workspace
from pdd_audit.texts import Lang, Words
from pdd_audit.texts.numbers import number_range, points, yuan

__all__ = ["VARIABLE", "Attachment", "Channel", "SignedReview", "channels_of", "newest_signed", "send_report", "written"]

MOST_STEPS = 3  # and as many decisions
SHORT = 12  # digits of a fingerprint that tell two results apart by eye


@needs(Right.LOOK)
def newest_signed(workspace: Workspace, shop_id: str, title: str | None = None) -> SignedReview:
    """The review that was signed last, or last of those with a title. Raises AuditError ``no_signed_round``."""
    done = [one for one in list_rounds(workspace, shop_id) if one.phase == "signed" and title in (None, one.opening.title)]
    for one in sorted(done, key=lambda each: each.signatures[-1].at, reverse=True):
        review = signed_review(workspace, shop_id, one)
        if review is not None:
            return review
    raise AuditError("no_signed_round", found=title or "")


def written(shop: str, review: SignedReview, lang: Lang, attached: bool, most: int = MOST_STEPS) -> tuple[str, str]:
    """Title and text; phone numbers and the like masked, nothing of single orders in it."""
    words, result = Words(lang), review.result
    score = result.score
    told = points(score.value) if score.enough else number_range(score.low, score.high)
    names = words("cli.joiner").join(f"{masked(word.by)} {word.at:%Y-%m-%d}" for word in review.round.signatures)
    contradicted = sum(finding.verdict == "contradicted" and not finding.better_than_said for finding in result.findings)
    lines = [
        words("send_report.score", score=told, grade=score.grade or words("grades.none.name")),
        words("send_report.contradicted", n=contradicted) if contradicted else "",
        *_decisions(review, words, most),
        *_steps(review, lang, most),
        words("send_report.signed", names=names),
        words("send_report.fingerprint", digits=(result.fingerprint or "")[:SHORT]),
        words("send_report.attached" if attached else "send_report.elsewhere"),
    ]
    title = words("send_report.title", shop=masked(shop), round=masked(review.round.opening.title))
    return title, "\n".join(line for line in lines if line)


def _decisions(review: SignedReview, words: Words, most: int) -> list[str]:
    """The first to be done first, each with its owner and its day; how many there are even where none fits."""
    decided = sorted(review.round.decisions(), key=lambda each: each.due or date.max)
    lines = [words("send_report.decisions", n=len(decided))] if decided else []
    for each in decided[:most]:
        due = words("send_report.due", day=f"{each.due:%Y-%m-%d}") if each.due else ""
        lines.append(words("send_report.decision", what=masked(each.text), owner=masked(each.owner), due=due))
    return lines


def _steps(review: SignedReview, lang: Lang, most: int) -> list[str]:
    words, steps = Words(lang), review.result.plan[:most]
    if not steps:
        return []
    lines = [words("send_report.steps")]
    for number, step in enumerate(steps, 1):
        worth = words("send_report.yuan", yuan=yuan(step.yuan)) if step.yuan else ""
        lines.append(words("send_report.step", number=number, title=masked(_action(review.checklists, step, lang)), yuan=worth))
    return lines


def _action(checklists: Checklists, step: PlanStep, lang: Lang) -> str:
    """The step in the reader's language; as it was written where its remedy is gone."""
    question = next((item for practice in checklists.practices for item in practice.items if item.id == step.question), None)
    remedy = question.remedy_named(step.action) if question else None
    return remedy.do.in_language(lang) if remedy else step.action


@needs(Right.DECIDE)
def send_report(
    workspace: Workspace, shop: Shop, review: SignedReview, report: Attachment, channels: Sequence[Channel], lang: Lang
) -> Sent:
    """Tell every channel; one that fails keeps no other from being told. Only e-mail carries the file; a program that takes short
    messages only is told of fewer decisions and steps."""
    sent = Sent()
    for channel in channels:
        mail = channel.program == "email"
        longest = call_rules(workspace).longest_bytes.of(channel.program)
        texts = [written(shop.name, review, lang, mail, most) for most in range(MOST_STEPS, -1, -1)]
        title, body = next((text for text in texts if len("\n".join(text).encode()) <= longest), texts[-1])
        outcome = channel.send(title, body, report if mail else None)
        setattr(sent, outcome, getattr(sent, outcome) + 1)
        if outcome != "sent":
            sent.failed.add(channel.program)
    return sent
