"""What became of one question: a trace, nothing known yet, a failure of this waybill, or the end of the run.

"No record yet" and every failure mean that nothing is known. Neither ever becomes "no pickup".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pdd_audit.data.live.private_words import masked

SourceName = Literal["kuaidi100", "pdd"]
Reason = Literal[
    "courier_unknown", "waybill_unusable", "phone_needed", "refused", "busy", "timeout", "unreachable", "http_error", "redirected",
    "too_big", "not_json", "wrong_shape", "not_asked",
]
StopCode = Literal["live_key_refused", "live_quota_used", "live_certificate"]
MAX_NODES = 1_000
MAX_TEXT = 1_000


@dataclass(frozen=True)
class Parcel:
    """A waybill to ask for; ``courier`` is the name or the source's code as the shop wrote it."""

    waybill: str
    courier: str | None = None


@dataclass(frozen=True)
class Trace:
    """At least one node. ``answer`` has the source's own shape, reduced to what a trace needs."""

    answer: dict[str, Any]


@dataclass(frozen=True)
class NotFound:
    """The source has no record yet."""


@dataclass(frozen=True)
class Failed:
    """No answer. ``code``: the source's or HTTP's own, digits only; ``again``: the same question may succeed a moment later;
    ``wait_seconds``: how long the source asked to be left alone."""

    reason: Reason
    code: str = ""
    again: bool = False
    wait_seconds: float = 0.0


@dataclass(frozen=True)
class Stop:
    """Every further question would get the same refusal: wrong key, no permission, nothing left of the quota."""

    error: StopCode
    code: str = ""


Outcome = Trace | NotFound | Failed | Stop


def code_of(value: object) -> str:
    """The source's code as digits; whatever else it may have sent is never shown."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if text.isascii() and text.isdigit() and len(text) <= 8 else ""


def scalars(node: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """The named fields that hold a text or a number; texts bounded and without phones and names."""
    kept: dict[str, Any] = {}
    for field in fields:
        value = node.get(field)
        if isinstance(value, str):
            kept[field] = masked(value[:MAX_TEXT])
        elif isinstance(value, int) and not isinstance(value, bool):
            kept[field] = value
    return kept


def nodes_of(listed: object, fields: Iterable[str]) -> list[dict[str, Any]] | None:
    """The nodes of a trace with the named fields only; None if this is no list of nodes."""
    if listed is None:
        return []
    if not isinstance(listed, list) or len(listed) > MAX_NODES or not all(isinstance(node, dict) for node in listed):
        return None
    wanted = tuple(fields)
    kept = [node for node in (scalars(node, wanted) for node in listed) if node]
    return kept if kept or not listed else None
