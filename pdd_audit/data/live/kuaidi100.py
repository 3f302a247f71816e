"""kuaidi100, real-time query (poll/query.do): a signed form, one waybill a question.

Format and codes: api.kuaidi100.com, document of the real-time query, and its own java-demo (``QueryTrackResp``).
"""

import hashlib
import json
from typing import Any

from pydantic import SecretStr

from pdd_audit.data.live.answers import Failed, NotFound, Outcome, SourceName, Stop, Trace, code_of, nodes_of, scalars
from pdd_audit.data.live.bounded_post import BoundedPost

WITH_NODE_CODES = "4"  # resultv2: every node carries its status code, which tells 101 (ordered) from 103 (collected)
ANSWER_FIELDS = ("state", "status", "ischeck", "condition", "com")
NODE_FIELDS = ("time", "ftime", "context", "status", "statusCode")
NO_RECORD = {"201", "500"}
BUSY = {"501", "502"}
PHONE_NEEDED = "408"
KEY_REFUSED = {"503", "600"}
QUOTA_USED = "601"
BAD_QUESTION = "400"
ABOUT_THE_ACCOUNT = ("授权", "充值", "权限")


class Kuaidi100:
    """Asks kuaidi100. ``customer`` and ``key`` are those of the enterprise account."""

    name: SourceName = "kuaidi100"

    def __init__(self, customer: SecretStr, key: SecretStr, post: BoundedPost) -> None:
        self._customer, self._key, self._post = customer, key, post

    def ask(self, waybill: str, courier_code: str) -> Outcome:
        """One question; ``courier_code`` is kuaidi100's own, e.g. zhongtong."""
        param = json.dumps({"com": courier_code, "num": waybill, "resultv2": WITH_NODE_CODES, "show": "0", "order": "desc"},
                           separators=(",", ":"))
        customer = self._customer.get_secret_value()
        reply = self._post.form({"customer": customer, "sign": signature(param, self._key, self._customer), "param": param})
        return reply if isinstance(reply, Failed | Stop) else outcome_of(reply)


def signature(param: str, key: SecretStr, customer: SecretStr) -> str:
    """MD5 of param, key and customer in capitals: the source's own rule, no protection of ours."""
    text = param + key.get_secret_value() + customer.get_secret_value()
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def outcome_of(reply: dict[str, Any]) -> Outcome:
    """A refusal comes as ``returnCode``, older ones as ``status``; both may arrive with HTTP 200."""
    code = code_of(reply.get("returnCode")) or code_of(reply.get("status"))
    if code == "200":
        nodes = nodes_of(reply.get("data"), NODE_FIELDS)
        if nodes is None:
            return Failed("wrong_shape")
        return Trace({**scalars(reply, ANSWER_FIELDS), "data": nodes}) if nodes else NotFound()
    if code in NO_RECORD:
        return NotFound()
    if code in BUSY:
        return Failed("busy", code, again=True)
    if code in KEY_REFUSED:
        return Stop("live_key_refused", code)
    if code == QUOTA_USED:
        return Stop("live_quota_used", code)
    if code == BAD_QUESTION and any(word in str(reply.get("message", "")) for word in ABOUT_THE_ACCOUNT):
        return Stop("live_key_refused", code)
    if code == PHONE_NEEDED:
        return Failed("phone_needed", code)
    return Failed("refused", code) if code else Failed("wrong_shape")
