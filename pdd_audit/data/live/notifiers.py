"""Messages to the people of a shop: DingTalk, WeCom and Feishu group robots, and e-mail, by the addresses of ``apprise``.

An address is a secret: it is read from the environment, and neither it nor a part of it is ever shown. Robots answer a refusal with
HTTP 200 and a code in the body, which apprise does not look at; so it reads the address and signs, and the post is made here. E-mail
is sent by apprise.
"""

import hashlib
import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Literal

import httpx

from pdd_audit.core.errors import BETWEEN, AuditError
from pdd_audit.core.incidents.calls import Program

VARIABLE = "PDD_AUDIT_NOTIFY"
Outcome = Literal["sent", "refused", "unknown"]
SCHEMES: Mapping[str, Program] = {
    "dingtalk": "dingtalk", "wecombot": "wecom", "feishu": "feishu", "mailto": "email", "mailtos": "email",
}
CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0
ANSWER_BYTES = 100_000


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    mime: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Channel:
    """One address. ``id`` tells it from others and says nothing of it: of an e-mail it holds no password."""

    id: str
    program: Program
    plugin: Any = field(repr=False)  # apprise's classes have no types

    def send(self, title: str, body: str, attachment: Attachment | None = None) -> Outcome:
        """``sent``: accepted by the program; ``refused``: certainly not; ``unknown``: the connection broke after the message had left.
        Only e-mail takes an attachment; group robots take none."""
        text = f"{title}\n{body}"
        if self.program == "email":
            return _mailed(self.plugin, title, body, attachment)
        if self.program == "dingtalk":
            stamp = dict(zip(("timestamp", "sign"), self.plugin.get_signature(), strict=True)) if self.plugin.secret else {}
            return _posted(_signed(self.plugin.notify_url.format(token=self.plugin.token), stamp), {
                "msgtype": "text", "text": {"content": text}, "at": {"atMobiles": self.plugin.targets, "isAtAll": False},
            }, "errcode")
        if self.program == "wecom":
            return _posted(self.plugin.api_url, {"msgtype": "text", "text": {"content": text}}, "errcode")
        url = self.plugin.notify_url.format(token=self.plugin.token).rstrip("/")
        return _posted(url, {"msg_type": "text", "content": {"text": text}}, "code")


def channels_of(environ: Mapping[str, str]) -> list[Channel]:
    """The channels of ``PDD_AUDIT_NOTIFY``, addresses apart by spaces, commas or line breaks; none where it is not set. Raises
    AuditError naming the place of an address that cannot be used, never the address."""
    found: dict[str, Channel] = {}
    for number, url in enumerate(re.split(r"[\s,]+(?=[a-z]+s?://)|\s+", environ.get(VARIABLE, "").strip()), 1):
        if url.strip(","):
            channel = _channel(url.strip(","), number)
            found.setdefault(channel.id, channel)
    return list(found.values())


def _channel(url: str, number: int) -> Channel:
    from apprise import Apprise  # takes a moment, and only whoever is told of something needs it

    program = SCHEMES.get(url.partition("://")[0].lower())
    with _unheard():
        plugin: Any = Apprise.instantiate(url, suppress_exceptions=True) if program is not None else None
    if program is None or plugin is None:
        raise AuditError("notify_address", name=VARIABLE, number=number, programs=BETWEEN.join(SCHEMES))
    if program == "email" and plugin.secure_mode == "insecure" and not _is_loopback(plugin.smtp_host):
        raise AuditError("notify_insecure", name=VARIABLE, number=number)
    return Channel(_id_of(program, plugin), program, plugin)


def _id_of(program: Program, plugin: Any) -> str:
    """Of a robot its token, too long to be guessed from this; of e-mail who writes to whom."""
    who = [plugin.smtp_host, plugin.from_addr, plugin.targets] if program == "email" else getattr(plugin, "key", None) or plugin.token
    return hashlib.sha256(json.dumps([program, who], default=str).encode()).hexdigest()[:16]


def _signed(url: str, stamp: Mapping[str, str]) -> str:
    return url + "".join(f"&{name}={value}" for name, value in stamp.items())  # the sign comes escaped


def _posted(url: str, message: Mapping[str, Any], code: str) -> Outcome:
    for library in ("httpx", "httpcore"):  # their lines show addresses
        logging.getLogger(library).setLevel(logging.WARNING)
    host = httpx.URL(url).host
    try:
        with httpx.Client(
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS), follow_redirects=False, trust_env=not _is_loopback(host)
        ) as client:
            answer = client.post(url, json=dict(message), headers={"User-Agent": "pdd-audit"})
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError):
        return "refused"  # nothing has left
    except httpx.HTTPError:
        return "unknown"
    if answer.status_code != 200:
        return "unknown" if answer.status_code >= 500 and answer.status_code != 503 else "refused"
    return _by_code(answer.content[:ANSWER_BYTES], code)


def _by_code(body: bytes, code: str) -> Outcome:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return "unknown"
    if not isinstance(told, dict) or code not in told:
        return "unknown"
    return "sent" if told[code] == 0 else "refused"


def _mailed(plugin: Any, title: str, body: str, attachment: Attachment | None) -> Outcome:
    from apprise import AppriseAttachment, NotifyFormat
    from apprise.attachment.memory import AttachMemory

    plugin.notify_format = NotifyFormat.TEXT
    plugin.request_rate_per_sec = 0  # a few mails a run; apprise would wait five seconds between them
    with _unheard() as said:
        carried = None
        if attachment is not None:
            memory: Any = AttachMemory  # apprise's classes have no types
            carried = AppriseAttachment(memory(content=attachment.data, name=attachment.name, mimetype=attachment.mime))
        if plugin.notify(body=body, title=title, body_format=NotifyFormat.TEXT, attach=carried):
            return "sent"
    # Before the message itself nothing can have arrived. Later only a server that answers with a code has certainly not taken it.
    if not any(line.startswith("Sending email") for line in said):
        return "refused"
    return "refused" if any(re.match(r"Socket Exception: [({]|SMTP recipient", line) for line in said) else "unknown"


@contextmanager
def _unheard() -> Iterator[list[str]]:
    """What apprise would log, kept to itself: its lines hold addresses."""
    said: list[str] = []

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    log, hearing = logging.getLogger("apprise"), Listening()
    before = log.propagate, log.level
    log.addHandler(hearing)
    log.propagate = False
    log.setLevel(logging.DEBUG)
    try:
        yield said
    finally:
        log.removeHandler(hearing)
        log.propagate = before[0]
        log.setLevel(before[1])


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
