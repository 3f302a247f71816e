"""Who holds which socket open, and the way to end it from outside."""

import asyncio
from collections.abc import Collection
from contextlib import suppress

from starlette.types import Message, Receive, Scope, Send

from pdd_audit.services.logins import Login

MOST_EACH = 5
POLICY = 1008  # close code: what was allowed is so no more


class Socket:
    """One open websocket. ``ended``: set from outside when its login is over."""

    def __init__(self, login: Login) -> None:
        self.login = login
        self.ended = asyncio.Event()


class Sockets:
    """All open websockets of this process; used from its event loop only."""

    def __init__(self) -> None:
        self._open: set[Socket] = set()

    def of(self, person: str) -> int:
        """How many a person holds."""
        return sum(one.login.person == person for one in self._open)

    def digests(self) -> set[str]:
        """The logins that hold sockets."""
        return {one.login.digest for one in self._open}

    def end(self, digests: Collection[str]) -> None:
        """Close every socket of these logins."""
        for one in self._open:
            if one.login.digest in digests:
                one.ended.set()

    def open(self, login: Login) -> Socket:
        """Takes a socket into the books. ``close`` takes it out."""
        socket = Socket(login)
        self._open.add(socket)
        return socket

    def close(self, socket: Socket) -> None:
        self._open.discard(socket)


class Wire:
    """The two ends of a socket as the app behind sees them: once it is ended, the app hears of a disconnect and its words go nowhere."""

    def __init__(self, socket: Socket, receive: Receive, send: Send) -> None:
        self._socket = socket
        self._receive = receive
        self._send = send
        self._told = False

    async def receive(self) -> Message:
        hears = asyncio.ensure_future(self._receive())
        ends = asyncio.ensure_future(self._socket.ended.wait())
        try:
            await asyncio.wait({hears, ends}, return_when=asyncio.FIRST_COMPLETED)
            if not self._socket.ended.is_set():
                return hears.result()
        finally:
            for one in (hears, ends):
                one.cancel()
        if not self._told:
            self._told = True
            with suppress(Exception):  # the other side may be gone already: it is as ended as it can be
                await self._send({"type": "websocket.close", "code": POLICY, "reason": "login over"})
        return {"type": "websocket.disconnect", "code": POLICY}

    async def send(self, message: Message) -> None:
        if not self._socket.ended.is_set():
            await self._send(message)


async def refuse(scope: Scope, receive: Receive, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
    """No, before the socket is accepted: the browser sees 403, with our headers where the server can send them."""
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        await send({"type": "websocket.http.response.start", "status": 403, "headers": [*headers, (b"content-length", b"0")]})
        await send({"type": "websocket.http.response.body", "body": b""})
        return
    await send({"type": "websocket.close", "code": POLICY})
