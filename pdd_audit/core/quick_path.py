"""The short way through the questions: the dearest and least certain first, and a proof that the rest would change nothing that matters.

The proof holds for every way in which the open questions could be answered, all of them together. Steps that save money are chosen one
after another by yuan an hour of what is left; as long as each of the first three beats whatever any open answer could put in its place,
every completion chooses the same. Steps without money are ordered by points, of which open answers change nothing but the sums of weights
in their practices; steps are compared at the ends of what those sums can be. A must-have that fails, or is open, may cap practice and
total and so move points at will: then nothing is proven of steps without money.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pdd_audit.core.items import ItemValue, evaluate, fails, levels_of
from pdd_audit.core.plan import Loss, Month, Step, a_month, savings, step_of, take, urgency
from pdd_audit.core.questions import Answer, Checklists, Question, Scale
from pdd_audit.core.scoring import Scored, score
from pdd_audit.core.waterfall import AuditInputs

FIRST = 3
HAIR = 1e-9  # relative: amounts closer than this are not told apart


@dataclass(frozen=True)
class Stakes:
    """What late parcels cost (``losses`` of ``days``), and the questions of which nothing is asked for now."""

    losses: Sequence[Loss]
    days: float
    put_off: frozenset[str] = frozenset()

    @property
    def month(self) -> Month:
        return a_month(self.losses, self.days)


@dataclass(frozen=True)
class QuickPath:
    """``order``: ids of all questions as they are asked. ``open``: those without an answer, in that order. ``steps``: the first three of
    the plan as it stands, fewer where there are no more. ``settled``: whether no open answer can change them."""

    order: tuple[str, ...]
    open: tuple[str, ...]
    steps: tuple[Step, ...]
    settled: bool


def quick_path(inputs: AuditInputs, stakes: Stakes) -> QuickPath:
    """The way of a shop as far as it is answered. ``inputs``: of a quick audit; a full one is walked by the same rule."""
    order = asking_order(inputs, stakes)
    there = tuple(id for id in order if id not in inputs.answers)
    steps, settled = _first_steps(_Field.of(inputs, stakes))
    return QuickPath(order, there, tuple(steps), settled or not there)


def possible_answers(question: Question, scales: dict[str, Scale]) -> Iterator[Answer]:
    """One answer of every worth the question can have; which criteria are ticked is worth nothing, only how many."""
    for code, _ in levels_of(question, scales):
        yield Answer(answer=code)
    if question.scale == "criteria_share":
        ids = [criterion.id for criterion in question.criteria if criterion.id]
        for number in range(1, len(ids) + 1):
            yield Answer(answer=tuple(ids[:number]))
    yield Answer(answer="unknown")
    if question.blocker is None:
        yield Answer(answer="na", reason="other")


def asking_order(inputs: AuditInputs, stakes: Stakes) -> tuple[str, ...]:
    """Questions by yuan at stake x uncertainty: the most that a remedy of theirs could save a month, by how far apart their best and worst
    are as long as nobody has answered. Where no yuan are at stake must-haves come first, then what weighs most. Answers change nothing."""
    blank = score(inputs.checklists, {}, inputs.findings, inputs.scope)
    shares = {item.id: item.share for record in blank.practices.values() for item in record.items}
    place = {id: number for number, id in enumerate(blank.items)}

    def key(item: ItemValue) -> tuple[float, bool, float, int]:
        question, doubt = item.question, item.high - item.low
        yuan = yuan_at_stake(question, inputs, stakes)
        return -round(yuan * doubt, 6), question.blocker is None, -round(shares[question.id] * doubt, 12), place[question.id]

    return tuple(item.question.id for item in sorted((one for one in blank.items.values() if one.state == "unanswered"), key=key))


def yuan_at_stake(question: Question, inputs: AuditInputs, stakes: Stakes) -> float:
    """The most that a remedy of the question could save a month, whatever its answer turns out to be."""
    month, whole = stakes.month, dict.fromkeys(stakes.month, 1.0)
    steps = [step for step, _ in _could_be(question, "", inputs) if step.remedy is not None]
    return max((savings(step, month, whole)[1] for step in steps), default=0.0)


@dataclass(frozen=True)
class _Move:
    """A step there is, or could be. ``missing``: its weight x (1 - value), which are its points but for the sums of weights; ``could``: it
    takes an answer that is still open."""

    step: Step
    missing: float
    could: bool


@dataclass(frozen=True)
class _Field:
    """All that bears on the first steps. ``place``: question -> its place in the checklists. ``now``, ``most``: practice -> weights of
    its questions that have a value, and once every open one has. ``capped``: a must-have fails or is open. ``month``: see ``plan``."""

    moves: list[_Move]
    place: dict[str, int]
    section: dict[str, int]
    now: dict[str, float]
    most: dict[str, float]
    capped: bool
    month: Month

    @classmethod
    def of(cls, inputs: AuditInputs, stakes: Stakes) -> "_Field":
        scored = score(inputs.checklists, inputs.answers, inputs.findings, inputs.scope)
        scales = _scales(inputs.checklists)
        heads = {practice.practice.id: practice.practice.section_weight for practice in inputs.checklists.practices}
        place = {id: number for number, id in enumerate(scored.items)}
        field = cls([*_moves(inputs, scored, stakes)], place, heads, dict.fromkeys(heads, 0.0), dict.fromkeys(heads, 0.0),
                    any(_unsafe(item, scales) for item in scored.items.values()), stakes.month)
        for practice in inputs.checklists.practices:
            for item in (scored.items[one.id] for one in practice.items if one.id in scored.items):
                head, there = practice.practice.id, item.value is not None
                field.now[head] += item.question.weight if there else 0
                field.most[head] += item.question.weight if there or item.state == "unanswered" else 0
        return field

    def before(self, one: _Move, other: _Move) -> bool:
        """Whether ``one`` has more points than ``other``, or as many and the earlier place, whatever the open answers are."""
        here, there = one.step.practice, other.step.practice
        if here == there:
            if abs(one.missing - other.missing) <= HAIR * max(one.missing, other.missing):
                return self.place[one.step.question.id] < self.place[other.step.question.id]
            return one.missing > other.missing
        least = self.section[here] * one.missing / self.most[here]
        joined = other.step.question.weight if other.could else 0
        return least > self.section[there] * other.missing / (self.now[there] + joined) * (1 + HAIR)


def _moves(inputs: AuditInputs, scored: Scored, stakes: Stakes) -> Iterator[_Move]:
    gains = {item.id: item.gain for record in scored.practices.values() for item in record.items}
    for practice in inputs.checklists.practices:
        for item in (scored.items[one.id] for one in practice.items if one.id in scored.items):
            question, head = item.question, practice.practice.id
            if question.id in stakes.put_off:
                continue
            if item.state == "unanswered":
                yield from (_Move(step, missing, could=True) for step, missing in _could_be(question, head, inputs))
            elif (step := step_of(question, head, item, gains[question.id])) is not None:
                yield _Move(step, question.weight * (1 - (item.value or 0.0)), could=False)


def _could_be(question: Question, practice: str, inputs: AuditInputs) -> Iterator[tuple[Step, float]]:
    """Every step that an answer to the question could bring, with what it would be missing."""
    finding = inputs.findings.get(question.verify.metric) if question.verify else None
    scales = _scales(inputs.checklists)
    for answer in possible_answers(question, scales):
        item = evaluate(question, answer, finding, scales)
        if (step := step_of(question, practice, item, 0.0)) is not None:
            yield step, question.weight * (1 - (item.value or 0.0))


def _scales(checklists: Checklists) -> dict[str, Scale]:
    return {str(name): scale for name, scale in checklists.scales.items()}


def _unsafe(item: ItemValue, scales: dict[str, Scale]) -> bool:
    return item.question.blocker is not None and (item.state == "unanswered" or fails(item, item.value, scales))


def _first_steps(field: _Field) -> tuple[list[Step], bool]:
    """The first three as they stand, and whether that is proven."""
    chosen, waiting, left, settled = _by_money(field)
    rivals = [move for move in field.moves if move.could]
    if len(chosen) == FIRST:
        return chosen, settled
    settled = settled and not field.capped and not any(_yuan(move, field, left) for move in rivals)
    rest = sorted((move for move in waiting if move.step.points > 0), key=lambda move: -round(move.step.points, 6))
    places = FIRST - len(chosen)
    for at, move in enumerate(rest[:places]):
        chosen.append(move.step)
        settled = settled and all(field.before(move, other) for other in [*rest[at + 1 :], *rivals])
    return chosen, settled and (len(rest) >= places or not rivals)


def _by_money(field: _Field) -> tuple[list[Step], list[_Move], dict[str, float], bool]:
    """Up to three steps by money, the moves that wait for their turn by points, what is left of each cause, and whether it is proven."""
    left, settled = dict.fromkeys(field.month, 1.0), True
    chosen: list[Step] = []
    waiting = [move for move in field.moves if not move.could]
    while len(chosen) < FIRST:
        offers = [(move, savings(move.step, field.month, left)) for move in waiting if _addressed(move, field)]
        best, saved = max(offers, key=lambda offer: urgency(offer[0].step, offer[1]), default=(None, (0.0, 0.0)))
        if best is None or not saved[1]:
            break
        rate, orders, _ = urgency(best.step, saved)
        for move in field.moves:
            if not _addressed(move, field) or move is best:
                continue
            others = urgency(move.step, savings(move.step, field.month, left))
            if move.could:
                settled = settled and others[0] < rate
            elif move in waiting and others[:2] == (rate, orders):
                settled = settled and not field.capped and field.before(best, move)
        chosen.append(replace(best.step, orders=saved[0], yuan=saved[1]))
        take(best.step, left)
        waiting.remove(best)
    return chosen, waiting, left, settled


def _addressed(move: _Move, field: _Field) -> bool:
    return move.step.remedy is not None and any(cause in field.month for cause in move.step.remedy.addresses)


def _yuan(move: _Move, field: _Field, left: dict[str, float]) -> bool:
    return _addressed(move, field) and bool(savings(move.step, field.month, left)[1])
