"""What the doctor asks the identity provider: whether it answers, and as the one that the settings name."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pdd_audit.core.errors import AuditError
from pdd_audit.core.health import Check
from pdd_audit.core.team_settings import read_settings

if TYPE_CHECKING:
    from pdd_audit.team.provider import Transport

LONGEST_SECONDS = 15  # however slowly it talks


def look_at_provider(environ: Mapping[str, str], transport: "Transport | None" = None) -> list[Check]:
    """One question, to the issuer and nobody else. Nothing where the settings of team mode are not whole: another check says so."""
    try:
        settings = read_settings(environ, lambda file: Path(file).read_text("utf-8"))
    except AuditError:
        return []
    from pdd_audit.team.provider import Provider, ProviderDownError  # costs a second, which local mode need not wait

    told = {"issuer": settings.issuer}
    try:
        knows = asyncio.run(asyncio.wait_for(Provider(settings, transport).prove(), LONGEST_SECONDS))
    except (ProviderDownError, TimeoutError) as trouble:
        return [Check("provider", "warning", "down", told | {"said": str(trouble) or type(trouble).__name__})]
    except AuditError as refusal:
        return [Check("provider", "broken", refusal.code, told | {"said": refusal.found or "–"})]
    return [Check("provider", "well" if knows else "warning", "well" if knows else "no_pkce", told)]
