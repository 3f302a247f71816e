"""Files out and in, for people who are logged in: never through the app's own routes, which know nobody."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from time import monotonic
from urllib.parse import quote, unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from pdd_audit.core.errors import AuditError
from pdd_audit.services.files_in import MOST_BYTES, FilesIn, Into, Sent, plain_name
from pdd_audit.services.files_out import FilesOut
from pdd_audit.team import paths
from pdd_audit.team.forgetting import overwrite_what_is_freed
from pdd_audit.team.pages import POLICY, Pages
from pdd_audit.team.routes import guest_of

SILENCE_SECONDS = 20.0  # without a byte
SLOWEST, PATIENCE_SECONDS = 16 * 1024, 10.0  # bytes a second, after so long
FILE_POLICY = f"sandbox; {POLICY}"  # whatever stands in a report: opened from here it could still do nothing
ROLE = "role"  # so that the page can tell a role from a login that has ended
_log = logging.getLogger("pdd_audit.team.transfers")


class Transfers:
    """The two routes."""

    def __init__(self, pages: Pages, out: FilesOut, into: FilesIn, may_send: Callable[[str, Into], bool]) -> None:
        """``may_send``: whether a person may send for this, as of now; may block."""
        self._pages = pages
        self._may_send = may_send
        self._out = out
        self._in = into

    def routes(self) -> list[Route]:
        return [
            Route(paths.DOWNLOAD + "{id}", self.download, methods=["GET"]),
            Route(paths.UPLOAD, self.upload, methods=["PUT"]),
        ]

    async def download(self, request: Request) -> Response:
        """A file that a page has offered to this person; anything else is as if it were not there."""
        guest = guest_of(request)
        offer = self._out.find(request.path_params["id"], guest.login.person) if guest else None
        if offer is None:
            return PlainTextResponse("404\n", 404)
        try:
            data = await run_in_threadpool(offer.make)
        except AuditError as refusal:
            _log.warning("download refused: %s", refusal.code)
            return self._pages.refusal_in_words(request.scope, refusal)
        named = "".join(sign if sign.isalnum() or sign in "-_. " else "_" for sign in offer.name)
        return Response(data, 200, {
            "content-type": offer.mime, "content-disposition": f"attachment; filename*=UTF-8''{quote(named, safe='')}",
            "content-security-policy": FILE_POLICY,
        })

    async def upload(self, request: Request) -> Response:
        """The bytes of one file, as they are; the answer is a ticket for the page. Nothing of it is written to a disk."""
        guest = guest_of(request)
        if guest is None or not secrets.compare_digest(request.headers.get("x-token", "").encode(), guest.token.encode()):
            return PlainTextResponse("403\n", 403)
        name, person = plain_name(unquote(request.headers.get("x-file-name", ""), errors="replace")), guest.login.person
        declared = request.headers.get("content-length", "")
        if name is None:
            return PlainTextResponse("400\n", 400)
        into = Into(request.headers.get("x-shop", ""), request.headers.get("x-right", ""))
        if not await run_in_threadpool(self._may_send, person, into):
            return PlainTextResponse(f"403 {ROLE}\n", 403)  # before a byte of it is read; whatever takes the file in asks again
        if declared.isdigit() and int(declared) > MOST_BYTES:
            return PlainTextResponse("413\n", 413)
        overwrite_what_is_freed()  # it passes through this process before a child reads it
        with self._in.coming(person) as may:
            if not may:
                return PlainTextResponse("429\n", 429, {"retry-after": "10"})
            try:
                data = await _read(request.stream())
            except TimeoutError:
                return PlainTextResponse("408\n", 408)
            except ClientDisconnect:
                return PlainTextResponse("400\n", 400)  # nobody is there to read it
        if data is None:
            return PlainTextResponse("413\n", 413)
        if not data:
            return PlainTextResponse("400\n", 400)
        ticket = self._in.put(person, Sent(name, data))
        return JSONResponse({"ticket": ticket}) if ticket else PlainTextResponse("429\n", 429, {"retry-after": "60"})


async def _read(stream: AsyncIterator[bytes]) -> bytes | None:
    """The whole body; None as soon as it is too long. Raises TimeoutError for one that stands still or trickles."""
    held, began = bytearray(), monotonic()
    while True:
        try:
            part = await asyncio.wait_for(anext(stream), SILENCE_SECONDS)
        except StopAsyncIteration:
            return bytes(held)
        held += part
        if len(held) > MOST_BYTES:
            return None
        spent = monotonic() - began
        if spent > PATIENCE_SECONDS and len(held) < SLOWEST * spent:
            raise TimeoutError
