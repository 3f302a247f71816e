"""Two saved audits side by side. Audits of different scope are never compared."""

from dataclasses import dataclass
from typing import Literal

from pdd_audit.core.errors import AuditError
from pdd_audit.core.result import AuditResult

SAME = 1e-9


@dataclass(frozen=True)
class Difference:
    """One thing that moved (or did not): ``before``/``after`` in points for score and practices, in the metric's unit for metrics,
    0..1 for items; None where that audit had no value. ``ruler``: the checklist version differs, so part of it is a new ruler."""

    kind: Literal["score", "practice", "metric", "item"]
    id: str
    before: float | None
    after: float | None
    ruler: bool = False

    @property
    def change(self) -> float | None:
        return None if self.before is None or self.after is None else self.after - self.before


def compare(old: AuditResult, new: AuditResult) -> list[Difference]:
    """Everything both audits speak of, in the order score, practices, metrics, items. Refuses audits of different scope."""
    if old.score.scope != new.score.scope:
        raise AuditError("different_scope", found=f"{old.score.scope} / {new.score.scope}")
    changed_ruler = {name for name in set(old.checklists) | set(new.checklists) if old.checklists.get(name) != new.checklists.get(name)}
    rows = [Difference("score", "score", old.score.value, new.score.value, bool(changed_ruler))]
    rows += [
        Difference("practice", name, old.practices[name].value if name in old.practices else None, record.value, name in changed_ruler)
        for name, record in new.practices.items()
    ]
    rows += [
        Difference("metric", name, old.metrics[name].value if name in old.metrics else None, record.value)
        for name, record in new.metrics.items()
    ]
    before = {item.id: item.value for practice in old.practices.values() for item in practice.items}
    rows += [
        Difference("item", item.id, before.get(item.id), item.value, name in changed_ruler)
        for name, practice in new.practices.items()
        for item in practice.items
    ]
    return rows
