"""One POST with every bound a stranger's server needs: certificate checked, no redirect, size and time limited, nothing logged."""

import json
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from pdd_audit.data.live.answers import Failed, Stop
from pdd_audit.data.live.settings import Address

LONGEST_ASKED_WAIT = 120.0


@dataclass(frozen=True)
class Bounds:
    """Seconds and bytes of one answer. ``whole_seconds`` also ends an answer that trickles in."""

    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    whole_seconds: float = 20.0
    answer_bytes: int = 1_000_000


class BoundedPost:
    """Asks one address. The answer is a JSON object, or why there is none; no exception carries the request out of here."""

    def __init__(self, address: Address, bounds: Bounds | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._address = address
        self._bounds = bounds or Bounds()
        self._clock = clock
        for library in ("httpx", "httpcore"):  # their lines show addresses and headers, and an answer may repeat a key in a header
            logging.getLogger(library).setLevel(logging.WARNING)
        # Compressed answers are not asked for: a few bytes could unfold into gigabytes.
        self._client = httpx.Client(
            timeout=httpx.Timeout(self._bounds.read_seconds, connect=self._bounds.connect_seconds),
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "pdd-audit"},
            follow_redirects=False, verify=True, trust_env=not address.loopback,
        )

    def close(self) -> None:
        self._client.close()

    def form(self, fields: Mapping[str, str]) -> dict[str, Any] | Failed | Stop:
        """The answer to a form."""
        return self._ask(data=dict(fields))

    def json(self, fields: Mapping[str, str]) -> dict[str, Any] | Failed | Stop:
        """The answer to a JSON object."""
        return self._ask(json=dict(fields))

    def _ask(self, **content: Any) -> dict[str, Any] | Failed | Stop:
        try:
            with self._client.stream("POST", self._address.url, **content) as response:
                refused = _refusal(response)
                body = refused or self._body(response)
        except httpx.TimeoutException:
            return Failed("timeout", again=True)
        except httpx.HTTPError as error:
            return Stop("live_certificate") if _certificate_failed(error) else Failed("unreachable", again=True)
        return _object(body) if isinstance(body, bytes) else body

    def _body(self, response: httpx.Response) -> bytes | Failed:
        limit, ends = self._bounds.answer_bytes, self._clock() + self._bounds.whole_seconds
        if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
            return Failed("wrong_shape")
        body = bytearray()
        for block in response.iter_raw():
            body += block
            if len(body) > limit:
                return Failed("too_big")
            if self._clock() > ends:
                return Failed("timeout", again=True)
        return bytes(body)


def _refusal(response: httpx.Response) -> Failed | Stop | None:
    status = response.status_code
    code = str(status)
    if status == 200:
        return None
    if response.is_redirect or 300 <= status < 400:
        return Failed("redirected", code)
    if status in (401, 403):
        return Stop("live_key_refused", code)
    if status == 429:
        return Failed("busy", code, again=True, wait_seconds=_asked_wait(response))
    return Failed("http_error", code, again=status >= 500, wait_seconds=_asked_wait(response) if status == 503 else 0.0)


def _asked_wait(response: httpx.Response) -> float:
    """Seconds of Retry-After, bounded; its date form is ignored and our own waiting applies."""
    text = response.headers.get("Retry-After", "").strip()
    return min(float(text), LONGEST_ASKED_WAIT) if text.isascii() and text.isdigit() and len(text) < 7 else 0.0


def _object(body: bytes) -> dict[str, Any] | Failed:
    try:
        found = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return Failed("not_json")
    return found if isinstance(found, dict) else Failed("wrong_shape")


def _certificate_failed(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
