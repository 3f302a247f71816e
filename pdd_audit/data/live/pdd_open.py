"""Pinduoduo Open Platform, ``pdd.logistics.ordertrace.get``: a signed JSON object, one waybill a question.

Format and codes: open.pinduoduo.com, the interface's page and the table of error codes that every interface shares.
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import SecretStr

from pdd_audit.data.live.answers import Failed, NotFound, Outcome, SourceName, Stop, Trace, code_of, nodes_of
from pdd_audit.data.live.bounded_post import BoundedPost

TYPE = "pdd.logistics.ordertrace.get"
ANSWER_KEYS = ("logistics_ordertrace_get_resposne", "logistics_ordertrace_get_response")  # the platform misspells its own key
NODE_FIELDS = ("action", "desc", "node_description", "status_desc", "status_time", "time")
ACCESS_REFUSED = {
    "10001", "10016", "10017", "10018", "10019", "20004", "20005", "20031", "20032", "20034", "20035", "30000", "30001", "70032", "70034",
    "70035",
}
QUOTA_USED = {"70036"}
BUSY = {"50000", "50002", "52001", "52002", "52101", "52102", "52103", "70031", "70033"}


class PddOpen:
    """Asks the platform in the name of one shop. ``clock``: Unix seconds."""

    name: SourceName = "pdd"

    def __init__(
        self, client_id: SecretStr, client_secret: SecretStr, access_token: SecretStr, post: BoundedPost,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client_id, self._secret, self._token = client_id, client_secret, access_token
        self._post, self._clock = post, clock

    def ask(self, waybill: str, courier_code: str) -> Outcome:
        """One question; ``courier_code`` is the platform's own, which the shop gives."""
        fields = {
            "type": TYPE, "client_id": self._client_id.get_secret_value(), "access_token": self._token.get_secret_value(),
            "timestamp": str(int(self._clock())), "data_type": "JSON", "company_code": courier_code, "mail_no": waybill,
        }
        reply = self._post.json({**fields, "sign": signature(fields, self._secret)})
        return reply if isinstance(reply, Failed | Stop) else outcome_of(reply)


def signature(fields: Mapping[str, str], secret: SecretStr) -> str:
    """MD5 in capitals of the sorted names and values between two copies of the secret: the platform's own rule."""
    shut = secret.get_secret_value()
    text = shut + "".join(name + fields[name] for name in sorted(fields)) + shut
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def outcome_of(reply: dict[str, Any]) -> Outcome:
    """The trace under either spelling of its key, or what the error code says."""
    error = reply.get("error_response")
    if isinstance(error, dict):
        return _refused(code_of(error.get("error_code")))
    key = next((key for key in ANSWER_KEYS if isinstance(reply.get(key), dict)), None)
    nodes = None if key is None else nodes_of(reply[key].get("trace_list"), NODE_FIELDS)
    if key is None or nodes is None:
        return Failed("wrong_shape")
    return Trace({key: {"trace_list": nodes}}) if nodes else NotFound()


def _refused(code: str) -> Outcome:
    if code in ACCESS_REFUSED:
        return Stop("live_key_refused", code)
    if code in QUOTA_USED:
        return Stop("live_quota_used", code)
    if code in BUSY:
        return Failed("busy", code, again=True)
    return Failed("refused", code)
