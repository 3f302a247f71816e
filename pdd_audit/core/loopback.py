"""Whether somebody stands on this machine. Without a login nobody else may be answered."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Literal

Refusal = Literal["listens", "named", "asked", "forwarded"]
EVERYWHERE = ""  # an address that is not set: a server listens on all interfaces


def is_loopback(address: str) -> bool:
    """Whether a name or an IP address, brackets allowed, means this machine only. No name but ``localhost`` is believed: others can be
    made to point anywhere."""
    bare = address.strip().strip("[]").lower()
    try:
        found = ip_address(bare.partition("%")[0])
    except ValueError:
        return bare == "localhost"
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def reach(listens: str | None, host: str = "", peer: str = "", forwarded: Sequence[str] = ()) -> Refusal | None:
    """Why a session must not be answered; None: everything stays on this machine.

    ``listens``: where the server listens. ``host``: the Host header, with or without a port. ``peer``: the address of the connection.
    ``forwarded``: X-Forwarded-For, as a proxy in front tells whom it speaks for. Empty ones were not told and say nothing.
    """
    if not is_loopback(listens or EVERYWHERE):
        return "listens"
    if peer and not is_loopback(peer):
        return "asked"
    if any(not is_loopback(one) for line in forwarded for one in line.split(",")):
        return "forwarded"
    return "named" if host and not is_loopback(_without_port(host)) else None


def _without_port(host: str) -> str:
    name, colon, port = host.strip().rpartition(":")
    whole = not colon or not port.isdigit() or (":" in name and not name.endswith("]"))  # a bare IPv6 address has colons of its own
    return host if whole else name
