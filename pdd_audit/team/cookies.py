"""Cookies of ours: read tolerantly, written strictly. A garbled or doubled one means nobody."""

import re

_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 random bytes in base64url
MOST = 16_384  # characters of Cookie headers that are looked at; browsers send less


def read_cookie(headers: list[tuple[bytes, bytes]], name: str) -> str | None:
    """The value of the one cookie of this name, if it has the shape of ours; None when it is absent, garbled or there twice."""
    found = []
    for part in _parts(headers):
        key, equals, value = part.partition("=")
        if equals and key.strip() == name:
            found.append(value.strip())
    return found[0] if len(found) == 1 and _VALUE.fullmatch(found[0]) else None


def without_cookie(headers: list[tuple[bytes, bytes]], names: tuple[str, ...]) -> list[tuple[bytes, bytes]]:
    """The headers with every cookie but these, so that nothing behind the gate ever holds them."""
    kept = [part.strip() for part in _parts(headers) if part.partition("=")[0].strip() not in names]
    others = [(key, value) for key, value in headers if key.lower() != b"cookie"]
    return [*others, (b"cookie", "; ".join(kept).encode("latin-1"))] if any(kept) else others


def set_cookie(name: str, value: str, *, secure: bool, seconds: int | None = None) -> str:
    """A Set-Cookie line. ``seconds``: how long; None: until the browser closes; 0 removes it."""
    lasting = "" if seconds is None else f"; Max-Age={seconds}"
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Lax{lasting}" + ("; Secure" if secure else "")


def _parts(headers: list[tuple[bytes, bytes]]) -> list[str]:
    whole = b"; ".join(value for key, value in headers if key.lower() == b"cookie")
    return whole.decode("latin-1").split(";") if 0 < len(whole) <= MOST else []
