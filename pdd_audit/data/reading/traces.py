"""Answers of tracking services: the scans that each tells of one waybill. No sentence, name or phone of an answer leaves this module.

Formats: open.pinduoduo.com (``pdd.logistics.ordertrace.get``), api.kuaidi100.com (query and push), kdniao.com (query and push), and the
lines that ``fetch`` writes: the answer of one of them with the waybill it was asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pdd_audit.data.reading.collection_words import CodeList, Event, branch_in, event_of, event_of_code
from pdd_audit.data.reading.sources import source

_PDD_KEYS = ("logistics_ordertrace_get_resposne", "logistics_ordertrace_get_response")  # the platform misspells its own key
_WAYBILLS = ("waybill", "nu", "LogisticCode", "mail_no", "tracking_number", "track_no", "waybillCode")
_COURIERS = ("courier", "com", "ShipperCode", "company_code", "ship_code")
_DEEPEST = 6
_PROOFS: tuple[Event, ...] = ("got", "move", "held")


@dataclass(frozen=True)
class Scan:
    """``at`` as the answer wrote it, "" if it did not; ``branch`` only where the sentence names one in brackets."""

    event: Event
    at: str
    branch: str = ""


@dataclass(frozen=True)
class Answer:
    """What became of one question. No scans: the source knows nothing, which is not "no pickup"."""

    waybill: str
    courier: str
    asked_at: str
    scans: tuple[Scan, ...]


def answers_in(value: Any, depth: int = 0) -> Iterator[Answer]:
    """Every answer in a value: a single one, a list of them, or an envelope around them."""
    if isinstance(value, list):
        for one in value:
            yield from answers_in(one, depth)
    elif isinstance(value, dict) and depth < _DEEPEST:
        answer = _answer(value)
        if answer is not None:
            yield answer
            return
        for name in source("traces").extra["envelopes"]:
            if isinstance(value.get(name), dict | list):
                yield from answers_in(value[name], depth + 1)


def _answer(node: Mapping[str, Any]) -> Answer | None:
    """None for what has the shape of no source."""
    if "answer" in node and "waybill" in node:
        inner = _answer(node["answer"]) if isinstance(node["answer"], dict) else None
        told = inner or Answer("", "", "", ())
        return replace(
            told, waybill=_text(node["waybill"]), courier=_courier(node) or told.courier, asked_at=_text(node.get("fetched_at")),
        )
    key = next((key for key in _PDD_KEYS if isinstance(node.get(key), dict)), None)
    if key is not None or "trace_list" in node or "error_response" in node:
        inside = node[key] if key is not None else node
        return _built({**inside, **node}, _pdd_scans(inside.get("trace_list")))
    if "Traces" in node or "LogisticCode" in node:
        return _built(node, _kdniao_scans(node))
    if "returnCode" in node or (isinstance(node.get("data"), list) and {"nu", "com", "state", "ischeck"} & node.keys()):
        return _built(node, _kuaidi100_scans(node))
    return None


def _built(node: Mapping[str, Any], scans: tuple[Scan, ...]) -> Answer:
    waybill = next((found for name in _WAYBILLS if (found := _text(node.get(name)))), "")
    return Answer(waybill, _courier(node), "", scans)


def _courier(node: Mapping[str, Any]) -> str:
    named = next((found for name in _COURIERS if (found := _text(node.get(name)))), "")
    return str(source("traces").extra["courier_codes"].get(named.lower(), named))


def _pdd_scans(listed: Any) -> tuple[Scan, ...]:
    return tuple(
        _scan("pdd", node, code="action", label="status_desc" if node.get("status_desc") else "node_description", text="desc",
              times=("time", "status_time"))
        for node in _nodes(listed)
    )


def _kuaidi100_scans(answer: Mapping[str, Any]) -> tuple[Scan, ...]:
    scans = tuple(
        _scan("kuaidi100", node, code="statusCode", label="status", text="context", times=("ftime", "time"))
        for node in _nodes(answer.get("data"))
    )
    signed = "3" if _text(answer.get("ischeck")) == "1" else ""
    return _with_state(scans, "kuaidi100_parcel", signed or _text(answer.get("state")))


def _kdniao_scans(answer: Mapping[str, Any]) -> tuple[Scan, ...]:
    scans = tuple(
        _scan("kdniao", node, code="Action", label="", text="AcceptStation", times=("AcceptTime",)) for node in _nodes(answer.get("Traces"))
    )
    return _with_state(scans, "kdniao", _text(answer.get("StateEx")) or _text(answer.get("State")))


def _scan(code_list: CodeList, node: Mapping[str, Any], *, code: str, label: str, text: str, times: tuple[str, ...]) -> Scan:
    """``code``, ``label``, ``text``, ``times``: the names of the node's fields."""
    sentence = _text(node.get(text))
    event = event_of(code_list=code_list, code=_text(node.get(code)), label=_text(node.get(label)), text=sentence)
    return Scan(event, next((at for name in times if (at := _text(node.get(name)))), ""), branch_in(sentence))


def _with_state(scans: tuple[Scan, ...], code_list: CodeList, state: str) -> tuple[Scan, ...]:
    """Where no node proves it, the state of the parcel may prove that the courier has it, not since when: a scan of no time. The newest
    node knows better."""
    if not scans or any(scan.event in _PROOFS for scan in scans):
        return scans
    newest = max(scan.at for scan in scans)
    waits = all(scan.event == "pre" for scan in scans if scan.at == newest)
    if waits or event_of_code(code_list, state) not in _PROOFS:
        return scans
    return (*scans, Scan("held", ""))


def _nodes(listed: Any) -> Iterator[Mapping[str, Any]]:
    return (node for node in listed if isinstance(node, dict)) if isinstance(listed, list) else iter(())


def _text(value: Any) -> str:
    """A text or a whole number as text; anything else is no value of a trace."""
    if isinstance(value, str):
        return value.strip()[:1000]
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**18 else ""
    return ""
