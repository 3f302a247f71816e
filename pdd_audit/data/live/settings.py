"""Keys and address of a source. Keys come from the environment and nowhere else, and are never printed."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import SecretStr

from pdd_audit.core.errors import BETWEEN, AuditError
from pdd_audit.data.live.answers import SourceName

KEYS: Mapping[SourceName, tuple[str, ...]] = {
    "kuaidi100": ("PDD_AUDIT_KUAIDI100_CUSTOMER", "PDD_AUDIT_KUAIDI100_KEY"),
    "pdd": ("PDD_AUDIT_PDD_CLIENT_ID", "PDD_AUDIT_PDD_CLIENT_SECRET", "PDD_AUDIT_PDD_ACCESS_TOKEN"),
}
URLS: Mapping[SourceName, tuple[str, str]] = {  # variable that overrides it, documented address
    "kuaidi100": ("PDD_AUDIT_KUAIDI100_URL", "https://poll.kuaidi100.com/poll/query.do"),
    "pdd": ("PDD_AUDIT_PDD_URL", "https://gw-api.pinduoduo.com/api/router"),
}


@dataclass(frozen=True)
class Address:
    """Where a source answers; ``loopback``: on this machine."""

    url: str
    loopback: bool


def keys_of(source: SourceName, environ: Mapping[str, str]) -> tuple[SecretStr, ...]:
    """The keys in the order of ``KEYS``. Raises AuditError naming the variables that are missing or not plain text."""
    values = {name: environ.get(name, "").strip() for name in KEYS[source]}
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise AuditError("live_no_key", source=source, names=BETWEEN.join(missing))
    odd = [name for name, value in values.items() if not value.isascii() or not value.isprintable() or len(value) > 200]
    if odd:
        raise AuditError("live_bad_key", source=source, names=BETWEEN.join(odd))
    return tuple(SecretStr(value) for value in values.values())


def address_of(source: SourceName, environ: Mapping[str, str], url: str | None = None) -> Address:
    """The given address, else the one of the environment, else the documented one. Raises AuditError unless it is https without
    user name; http only to this machine."""
    variable, documented = URLS[source]
    wanted = url or environ.get(variable, "").strip() or documented
    try:
        parts = urlsplit(wanted)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise AuditError("live_url", name=variable) from None
    loopback = _is_loopback(host)
    secure = parts.scheme == "https" or (parts.scheme == "http" and loopback)
    if not host or not secure or parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise AuditError("live_url", name=variable)  # the address itself stays unsaid: it may hold a password
    return Address(wanted, loopback)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
