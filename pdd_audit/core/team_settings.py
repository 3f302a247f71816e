"""What team mode needs to be told, read from the environment and checked as a whole before anything starts. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pdd_audit.core.errors import AuditError
from pdd_audit.core.loopback import is_loopback

PUBLIC_URL, ISSUER = "PDD_AUDIT_PUBLIC_URL", "PDD_AUDIT_OIDC_ISSUER"
CLIENT_ID, CLIENT_SECRET = "PDD_AUDIT_OIDC_CLIENT_ID", "PDD_AUDIT_OIDC_CLIENT_SECRET"
REQUIRED = (PUBLIC_URL, ISSUER, CLIENT_ID, CLIENT_SECRET)
CLIENT_HEADER = "PDD_AUDIT_CLIENT_HEADER"
FROM_FILE = "_FILE"  # NAME_FILE names a file that holds the value, as container runtimes hand secrets over
SHORTEST_SECRET = 16  # characters; providers make 30 and more
FEWEST_LETTERS = 6  # different ones: "aaaaaaaaaaaaaaaa" is none
EXAMPLES = ("changeme", "change-me", "change_me", "password", "secret", "example", "client-secret")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,39}")
Reader = Callable[[str], str]


@dataclass(frozen=True)
class Settings:
    """``public_url``: scheme, name and port by which people open the tool, without a path. ``issuer``: of the identity provider, as its
    own metadata says it. ``client_header``: in which the proxy in front writes the address of whoever asks, over what they send; empty:
    whoever is connected counts. Home and database are read where the other commands read them too."""

    public_url: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    client_header: str = ""

    @property
    def secure(self) -> bool:
        """Whether people come over TLS. Only on one's own machine they may not."""
        return self.public_url.startswith("https:")

    @property
    def host(self) -> str:
        """What a browser sends as Host."""
        return urlsplit(self.public_url).netloc

    @property
    def callback(self) -> str:
        """Where the provider sends people back to; it must know this address."""
        return f"{self.public_url}/oidc/callback"

    def cookie(self, name: str) -> str:
        """The name of one of our cookies: ``__Host-`` binds it to this name over TLS, and browsers refuse it without."""
        return f"__Host-{name}" if self.secure else name


def read_settings(environ: Mapping[str, str], read: Reader) -> Settings:
    """``read``: gives the text of a file, or raises OSError or UnicodeError. Raises AuditError ``setting_...`` naming the variable; no
    error holds the value of a secret."""
    given = {name: _value(name, environ, read) for name in REQUIRED}
    for name in REQUIRED:
        if not given[name]:
            raise AuditError("setting_missing", found="", name=name)
    if _weak(given[CLIENT_SECRET]):
        raise AuditError("setting_weak", found="", name=CLIENT_SECRET, shortest=SHORTEST_SECRET)
    return Settings(
        public_url=_origin(given[PUBLIC_URL]), issuer=_guarded(ISSUER, given[ISSUER]), client_id=given[CLIENT_ID],
        client_secret=given[CLIENT_SECRET], client_header=_header(environ.get(CLIENT_HEADER, "").strip()),
    )


def _value(name: str, environ: Mapping[str, str], read: Reader) -> str:
    own, file = environ.get(name, "").strip(), environ.get(name + FROM_FILE, "").strip()
    if own and file:
        raise AuditError("setting_twice", found="", name=name)
    if not file:
        return own
    try:
        return read(file).strip()
    except (OSError, UnicodeError) as error:
        raise AuditError("setting_file", found=type(error).__name__, name=name + FROM_FILE) from None


def _header(name: str) -> str:
    if name and not _HEADER.fullmatch(name):
        raise AuditError("setting_header", found=name, name=CLIENT_HEADER)
    return name


def _weak(secret: str) -> bool:
    bare = secret.lower()
    return len(secret) < SHORTEST_SECRET or len(set(secret)) < FEWEST_LETTERS or any(bare.startswith(one) for one in EXAMPLES)


def _guarded(name: str, url: str) -> str:
    """The address as it was given, if it is one and nobody can listen in on it."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        fits = False
    if not fits or parts.username is not None or parts.password is not None or parts.query or parts.fragment or url != "".join(url.split()):
        raise AuditError("setting_url", found=_shown(url), name=name)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise AuditError("setting_plain", found=_shown(url), name=name)
    return url


def _origin(url: str) -> str:
    parts = urlsplit(_guarded(PUBLIC_URL, url))
    if parts.path.strip("/"):
        raise AuditError("setting_path", found=_shown(url), name=PUBLIC_URL)
    usual = {"https": 443, "http": 80}[parts.scheme]
    name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{name}" + (f":{parts.port}" if parts.port and parts.port != usual else "")


def _shown(url: str) -> str:
    """An address without whatever stands before an @: people put passwords there."""
    return url.rpartition("@")[2]
