"""What a shop says of days: a courier's stop, an exemption it was told of, whether a window of the rule file holds for it."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from pdd_audit.core.calendar_file import StopEntry, stop_faults
from pdd_audit.core.errors import AuditError
from pdd_audit.core.exemptions import Decision, OwnExemption, own_exemption_faults
from pdd_audit.core.noted_days import Noted, in_force
from pdd_audit.core.people import Right
from pdd_audit.core.periods import Fault
from pdd_audit.data.content.documents import choices
from pdd_audit.data.reading.sources import couriers
from pdd_audit.services.access import needs
from pdd_audit.services.rules import rules_of
from pdd_audit.services.workspace import Workspace, now
from pdd_audit.texts import LANGS, Words

Entry = TypeVar("Entry", StopEntry, OwnExemption)


def courier_names() -> tuple[str, ...]:
    """The couriers an entry may name."""
    return tuple(couriers())


@needs(Right.ANSWER)
def note_stop(workspace: Workspace, shop_id: str, said: Mapping[str, Any], by: str) -> None:
    """A stop with the keys of ``StopEntry`` (from, to, courier, outlet, reason, source). Raises AuditError for what cannot be."""
    stop = _shaped(StopEntry, said)
    _sound(stop_faults(stop, courier_names()))
    _say(workspace, shop_id, uuid.uuid4().hex, stop, by, "")


@needs(Right.DECIDE)
def note_exemption(workspace: Workspace, shop_id: str, said: Mapping[str, Any], by: str) -> None:
    """A window with the keys of ``OwnExemption``. Raises AuditError for what cannot be."""
    window = _shaped(OwnExemption, said)
    _sound(own_exemption_faults(window, courier_names()))
    _say(workspace, shop_id, uuid.uuid4().hex, window, by, "")


@needs(Right.DECIDE)
def decide(workspace: Workspace, shop_id: str, exemption: str, holds: bool, by: str, why: str) -> None:
    """Whether a window of the rule file holds, as the shop has read in the platform's rule centre. Raises AuditError without a reason."""
    assert any(window.id == exemption for window in rules_of(workspace, shop_id).exemptions), "chosen from the list"
    if not why.strip():
        raise AuditError("days_reason", found="")
    _say(workspace, shop_id, exemption, Decision(exemption=exemption, holds=holds), by, why)


@needs(Right.DECIDE)
def take_back(workspace: Workspace, shop_id: str, entry: str, by: str) -> None:
    """The entry counts no longer; what was said stays on record."""
    if entry in in_force(workspace.state.said(Noted, shop_id)):
        _say(workspace, shop_id, entry, None, by, "")


def _say(workspace: Workspace, shop_id: str, entry: str, said: StopEntry | OwnExemption | Decision | None, by: str, why: str) -> None:
    if not by.strip():
        raise AuditError("days_who", found="")
    workspace.state.say(shop_id, Noted(entry=entry, said=said, by=by.strip()[:60], why=why.strip()[:400], at=now()))


def _shaped(model: type[Entry], said: Mapping[str, Any]) -> Entry:
    try:
        return model.model_validate(dict(said))
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        key = str(detail["loc"][0])
        given = detail["input"] if isinstance(detail["input"], str) else ""
        zh, en = (Words(lang)(f"days.field.{key}") for lang in LANGS)
        raise AuditError("days_entry", found=given, key_zh=zh, key_en=en) from error


def _sound(faults: Iterable[Fault]) -> None:
    for _, code, values in faults:
        named = dict(values)
        if "choices" in named:
            named.update(choices(str(named["name"]), named.pop("choices")))
        raise AuditError(code, found=str(named.get("name", "")), **named)
