"""Builds the server of team mode: the app as it is, our own routes beside it, and the gate around both. One process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import streamlit as st
import uvicorn
from streamlit import config
from streamlit.web import bootstrap

from pdd_audit.core.errors import AuditError
from pdd_audit.core.team_settings import Settings
from pdd_audit.services.files_in import files_in, may_send
from pdd_audit.services.files_out import files_out
from pdd_audit.services.logins import nobody_yet
from pdd_audit.services.people import person_of
from pdd_audit.services.team_mode import IDENTITY, USER_KEY
from pdd_audit.services.workspace import Workspace, now
from pdd_audit.team.attempts import Attempts
from pdd_audit.team.doors import Doors
from pdd_audit.team.first_owner import FirstOwner
from pdd_audit.team.gate import Gate
from pdd_audit.team.pages import Pages
from pdd_audit.team.provider import Provider, ProviderDownError
from pdd_audit.team.routes import Entrance
from pdd_audit.team.transfers import Transfers

ROOT = Path(__file__).resolve().parents[2]
MOST_MEGABYTES = 50  # a message, and a file through Streamlit's own upload, which the gate keeps closed
FAREWELL_SECONDS = 5


@dataclass(frozen=True)
class Place:
    """Where the server listens."""

    address: str
    port: int


class Tell(Protocol):
    """Says something to whoever started the server. ``what``: a key under ``cli``."""

    def __call__(self, what: str, **values: str) -> None: ...


def serve(ws: Workspace, settings: Settings, place: Place, tell: Tell) -> None:
    """Run until stopped. ``tell`` hears the setup code while there is no owner, and what the identity provider lacks.

    Raises AuditError ``serve_no_app`` where the app itself is not installed, ``provider_...`` for one with which nobody could log in."""
    script = ROOT / "app.py"
    if not script.is_file():
        raise AuditError("serve_no_app", found=str(ROOT.name))
    pages = Pages(frozenset(file.stem for file in (ROOT / "pdd_audit" / "ui" / "pages").glob("*.py")))
    provider = Provider(settings)
    meet(provider, settings, tell)
    doors, first = Doors(ws, now), FirstOwner(lambda: nobody_yet(ws), now)
    entrance = Entrance(
        settings, doors, pages, provider, Attempts(now), first,
        known=lambda who: person_of(ws, who.issuer, who.subject, who.name, who.email).id,
    )
    transfers = Transfers(pages, files_out(), files_in(), lambda person, into: may_send(ws, person, into))
    app = st.App(script, routes=[*entrance.routes(), *transfers.routes()], lifespan=_watching(doors))
    bootstrap.load_config_options(options(settings, place))
    if first.wanted:
        tell("setup_code", url=settings.public_url, code=first.new_code())
    uvicorn.Server(
        uvicorn.Config(
            Gate(app, settings, doors, pages), place.address, place.port, access_log=False, log_level="warning", server_header=False,
            proxy_headers=False,  # nothing rests on what a proxy says of others
            ws="websockets-sansio", ws_max_size=MOST_MEGABYTES * 1024 * 1024, timeout_graceful_shutdown=FAREWELL_SECONDS,
        )
    ).run()


def meet(provider: Provider, settings: Settings, tell: Tell) -> None:
    """Asks the provider once. One that does not answer may come back, and stops nothing: whoever is logged in goes on meanwhile."""
    try:
        if not asyncio.run(provider.prove()):
            tell("provider_no_pkce", issuer=settings.issuer)
    except ProviderDownError as trouble:
        tell("provider_down", issuer=settings.issuer, reason=str(trouble))


def options(settings: Settings, place: Place) -> dict[str, Any]:
    """What Streamlit is told over whatever its files say."""
    name = settings.host.rpartition(":")[0] if settings.host.rpartition(":")[2].isdigit() else settings.host
    return {
        "server.address": place.address, "server.port": place.port, "server.allowedHosts": [name.strip("[]")],
        "server.trustedUserHeaders": {IDENTITY: USER_KEY},
        "server.maxUploadSize": MOST_MEGABYTES, "server.maxMessageSize": MOST_MEGABYTES, "server.enableStaticServing": False,
        "server.enableXsrfProtection": True, "server.enableCORS": True, "server.disconnectedSessionTTL": 600,
        "server.fileWatcherType": "none", "server.runOnSave": False, "server.headless": True,
        "client.showErrorDetails": "none", "client.showErrorLinks": False, "client.toolbarMode": "minimal", "client.allowedOrigins": [],
        "browser.gatherUsageStats": False, "global.developmentMode": False,
        "runner.fastReruns": False,  # see .streamlit/config.toml
        "runner.postScriptGC": False,  # see .streamlit/config.toml
        "runner.enforceSerializableSessionState": False,  # Streamlit's own state of a component fails it; local mode keeps it
    }


def _watching(doors: Doors) -> Callable[[Any], Any]:
    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        assert config.get_option("server.trustedUserHeaders") == {IDENTITY: USER_KEY}, "pages would not know who asks"
        watch = asyncio.create_task(doors.watch(files_in().sweep))
        try:
            yield
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    return lifespan
