"""Which addresses there are, who may ask for them, and where a login may lead back to. Pure."""

import re
from collections.abc import Collection
from urllib.parse import quote, urlsplit

LOGIN, CALLBACK, LOGOUT, SETUP = "/login", "/oidc/callback", "/logout", "/setup"
DOWNLOAD, UPLOAD = "/download/", "/api/upload"
HEALTH, STREAM = "/_stcore/health", "/_stcore/stream"
OPEN = frozenset({LOGIN, CALLBACK, HEALTH, SETUP})  # without a login; the setup page itself answers 404 once there is an owner
OWN = (LOGIN, CALLBACK, LOGOUT, SETUP, DOWNLOAD, UPLOAD)

# Streamlit answers these too; nobody needs them here. Its own login is not ours, its metrics tell of others, its uploads have no bounds.
_CLOSED = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check", "/auth", "/oauth2callback")
_UPLOADS = "/_stcore/upload_file"
_LONGEST = 2_000
_QUERY = re.compile(r"[A-Za-z0-9_.~%&=+,:-]*")


def own(path: str) -> bool:
    """Whether a route of ours answers."""
    return any(path == one or (one.endswith("/") and path.startswith(one)) or path.startswith(one + "/") for one in OWN)


def closed(path: str, method: str) -> bool:
    """Whether nobody is answered there, logged in or not."""
    bare = path.rstrip("/").lower()
    if any(bare == one or bare.startswith((one + "/", one + ".")) for one in _CLOSED):
        return True
    return bare.startswith(_UPLOADS) and method != "GET"


def twisted(path: str) -> bool:
    """Whether a path may mean another one to whoever reads it next. The path is already decoded once."""
    return not path.startswith("/") or "//" in path or "\\" in path or "%" in path or ".." in path or any(ord(one) < 32 for one in path)


def way_back(wanted: str, pages: Collection[str]) -> str:
    """Where to go after the login: one of our own pages, with its query, else the first page."""
    if len(wanted) > _LONGEST or not wanted.startswith("/"):
        return "/"
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return "/"
    if parts.scheme or parts.netloc or parts.fragment or not _QUERY.fullmatch(parts.query):
        return "/"
    if parts.path != "/" and parts.path.strip("/") not in pages:
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def login_for(path: str, query: str) -> str:
    """The address of the login page that leads back here."""
    wanted = path + (f"?{query}" if query else "")
    return LOGIN if wanted == "/" else f"{LOGIN}?return_to={quote(wanted, safe='')}"
