"""The identity provider: OpenID Connect with authorization code, PKCE, state and nonce. Nothing of a token is kept.

What a token says is believed only when its signature, issuer, audience, expiry and nonce are right.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from pdd_audit.core.errors import AuditError
from pdd_audit.core.loopback import is_loopback
from pdd_audit.core.team_settings import Settings
from pdd_audit.services.workspace import now
from pdd_audit.team.attempts import Attempt

with warnings.catch_warnings():
    from authlib.deprecate import AuthlibDeprecationWarning

    warnings.simplefilter("ignore", AuthlibDeprecationWarning)  # it would rather have httpx2; the rest of the tool speaks through httpx
    from authlib.common.errors import AuthlibBaseError
    from authlib.integrations.httpx_client import AsyncOAuth2Client
    from authlib.oidc.core import CodeIDToken

Transport = httpx.AsyncBaseTransport  # another way to it, for tests
SCOPE = "openid profile email"
SIGNED_BY = ("RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512", "EdDSA")  # never "none", never our secret
LEEWAY_SECONDS = 60  # clocks of two machines differ
KEPT = timedelta(hours=1)
TIMEOUT_SECONDS = 10.0
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_OFFERS = {  # what its description must list, where it lists anything
    "response_types_supported": "code", "grant_types_supported": "authorization_code", "code_challenge_methods_supported": "S256",
}


class ProviderDownError(Exception):
    """The provider cannot be reached, or does not answer as one."""


class ProviderUnfitError(ProviderDownError):
    """It answers, but not as the provider of these settings. ``refusal``: the same for whoever starts the server."""

    def __init__(self, refusal: AuditError) -> None:
        super().__init__(f"{refusal.code} {refusal.found}")
        self.refusal = refusal


class LoginRefusedError(Exception):
    """What came back proves nothing. The reason is for the log; people are told only that it failed."""


@dataclass(frozen=True)
class Identity:
    """Who somebody is: ``(issuer, subject)``. Name and e-mail are what the provider calls them; the e-mail only where it vouches for it."""

    issuer: str
    subject: str
    name: str
    email: str | None


class Provider:
    """One provider. ``transport``: how it is reached, other than over the network."""

    def __init__(self, settings: Settings, transport: Transport | None = None) -> None:
        self._settings = settings
        self._transport = transport
        self._metadata: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._read_at: datetime | None = None

    async def prove(self) -> bool:
        """Asked once before the server listens: whether it says that it knows PKCE; False where it says nothing of it.

        Raises ProviderDownError, and AuditError ``provider_issuer`` or ``provider_unfit`` for one with which nobody could ever log in."""
        try:
            told = await self._known()
        except ProviderUnfitError as unfit:
            raise unfit.refusal from unfit
        for name, needed in _OFFERS.items():
            offered = told.get(name)
            if isinstance(offered, list) and needed not in offered:
                raise AuditError("provider_unfit", found=f"{name}: {_printable(' '.join(map(str, offered))) or '–'}", needed=needed)
        return isinstance(told.get("code_challenge_methods_supported"), list)

    async def begin(self, state: str, attempt: Attempt) -> str:
        """Where to send the browser. Raises ProviderDownError."""
        metadata = await self._known()
        async with self._client() as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"], state=state, nonce=attempt.nonce, code_verifier=attempt.verifier
            )
        return str(url)

    async def finish(self, code: str, attempt: Attempt) -> Identity:
        """Who came back with this code. Raises ProviderDownError or LoginRefusedError."""
        metadata = await self._known()
        try:
            async with self._client() as client:
                token = await client.fetch_token(
                    metadata["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=attempt.verifier
                )
                claims = await self._believed(token, attempt.nonce)
                if "name" not in claims and "userinfo_endpoint" in metadata:
                    claims = await self._with_profile(client, metadata["userinfo_endpoint"], claims)
        except (httpx.HTTPError, ValueError) as error:  # away, at fault, or no JSON
            raise ProviderDownError(type(error).__name__) from error
        except AuthlibBaseError as error:  # the code was wrong, used or not ours
            raise LoginRefusedError(str(error.error)) from error
        return self._identity(claims)

    async def farewell(self, back_to: str) -> str | None:
        """Where the provider ends its own login; None when it offers no such place, or cannot be reached."""
        try:
            place = (await self._known()).get("end_session_endpoint")
        except ProviderDownError:
            return None
        if not isinstance(place, str) or not guarded(place):
            return None
        told = urlencode({"client_id": self._settings.client_id, "post_logout_redirect_uri": back_to})
        return f"{place}{'&' if urlsplit(place).query else '?'}{told}"

    async def _believed(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of an ID token that holds. Raises LoginRefusedError."""
        raw = token.get("id_token")
        if not isinstance(raw, str):
            raise LoginRefusedError("no id_token")
        offered = self._metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        registry = JWSRegistry(algorithms=[one for one in SIGNED_BY if one in offered], strict_check_header=False)
        try:
            decoded = await self._decoded(raw, registry)
            claims = CodeIDToken(
                decoded.claims, decoded.header,
                options={
                    "iss": {"essential": True, "value": self._settings.issuer},
                    "aud": {"essential": True, "value": self._settings.client_id},
                    "sub": {"essential": True, "allow_blank": False},
                },
                params={"nonce": nonce, "client_id": self._settings.client_id, "access_token": token.get("access_token")},
            )
            claims.validate(leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise LoginRefusedError(f"{type(error).__name__} {getattr(error, 'claim', '')}".strip()) from error
        return dict(claims)

    async def _decoded(self, raw: str, registry: JWSRegistry) -> jwt.Token:
        """The token, its signature checked; after a change of keys at the provider they are fetched once more."""
        if self._keys is not None:
            try:
                return jwt.decode(raw, self._keys, registry=registry)
            except (JoseError, ValueError):
                self._keys = None
        self._keys = KeySet.import_key_set(await self._fetched(str(self._metadata["jwks_uri"])))  # type: ignore[arg-type]  # it checks
        return jwt.decode(raw, self._keys, registry=registry)

    async def _with_profile(self, client: AsyncOAuth2Client, place: str, claims: dict[str, Any]) -> dict[str, Any]:
        """Some providers tell the name only here. What they tell of somebody else is not taken."""
        answer = await client.get(place)
        told = answer.json() if answer.status_code == httpx.codes.OK and "json" in answer.headers.get("content-type", "") else {}
        return told | claims if isinstance(told, dict) and told.get("sub") == claims["sub"] else claims

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        subject, email = str(claims["sub"]), claims.get("email")
        told = next((claims[key] for key in ("name", "preferred_username", "nickname") if isinstance(claims.get(key), str)), "")
        believed = email if isinstance(email, str) and claims.get("email_verified") is True else None
        name = _printable(told)
        return Identity(self._settings.issuer, subject, name or believed or subject, believed)

    async def _known(self) -> dict[str, Any]:
        """The provider's own description, an hour old at most. Raises ProviderDownError."""
        if self._read_at is not None and now() - self._read_at < KEPT:
            return self._metadata
        told = await self._fetched(self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if told.get("issuer") != self._settings.issuer:
            refusal = AuditError("provider_issuer", found=_printable(str(told.get("issuer", ""))) or "–", issuer=self._settings.issuer)
            raise ProviderUnfitError(refusal)
        for name in _NEEDED:
            if not isinstance(told.get(name), str) or not guarded(told[name]):
                raise ProviderUnfitError(AuditError("provider_unfit", found=name, needed=f"{name}: https://…"))
        self._metadata, self._keys, self._read_at = told, None, now()
        return told

    async def _fetched(self, url: str) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(transport=self._transport, timeout=TIMEOUT_SECONDS) as client:
                answer = (await client.get(url)).raise_for_status().json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            status = f" {error.response.status_code}" if isinstance(error, httpx.HTTPStatusError) else ""
            raise ProviderDownError(type(error).__name__ + status) from error
        if not isinstance(answer, dict):
            raise ProviderDownError("no object")
        return answer

    def _client(self) -> AsyncOAuth2Client:
        methods = self._metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return AsyncOAuth2Client(
            self._settings.client_id, self._settings.client_secret, scope=SCOPE, redirect_uri=self._settings.callback,
            code_challenge_method="S256", timeout=TIMEOUT_SECONDS, transport=self._transport,
            token_endpoint_auth_method="client_secret_basic" if "client_secret_basic" in methods else "client_secret_post",
        )


def guarded(url: str) -> bool:
    """Whether nobody can listen in on what is said there."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def _printable(told: str) -> str:
    """A stranger's words in one line, without signs that cannot be seen."""
    return " ".join("".join(one if one.isprintable() else " " for one in told).split())
