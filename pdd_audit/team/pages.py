"""The few pages in front of the app: login, setup, logout and refusals. Made on the server; nothing in them runs or is fetched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import Scope

from pdd_audit.core.errors import AuditError
from pdd_audit.texts import LANGS, Lang, Words, error_text

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; object-src 'none'; base-uri 'none'"
HTML_LANG: dict[Lang, str] = {"zh": "zh-CN", "en": "en"}


@dataclass(frozen=True)
class Form:
    """What a page asks for. ``asks``: the name of the one thing to type; ``wrong``: the key under ``login`` of what was wrong with it."""

    action: str
    hidden: Mapping[str, str] = field(default_factory=dict)
    asks: str | None = None
    wrong: str | None = None


class Pages:
    """``names``: of the app's own pages, so that whoever asks for one without a login is shown where to log in."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names

    def show(self, scope: Scope, which: str, status: int = 200, *, form: Form | None = None, link: str | None = None) -> Response:
        """One page; ``which``: its words under ``login``. ``link``: where its button leads, when it has no form."""
        lang = language(scope)
        html = _environment().get_template("page.html.j2").render(
            w=Words(lang), which=which, html_lang=HTML_LANG[lang], other="zh" if lang == "en" else "en", form=form, link=link
        )
        return HTMLResponse(html, status, {"content-security-policy": POLICY})

    def refusal_in_words(self, scope: Scope, error: AuditError) -> Response:
        """What cannot be done, as the app would say it."""
        lang = language(scope)
        title, body = error_text(error, lang)
        html = _environment().get_template("refusal.html.j2").render(w=Words(lang), html_lang=HTML_LANG[lang], title=title, body=body)
        return HTMLResponse(html, 409, {"content-security-policy": POLICY})

    def refusal(self, scope: Scope, status: int, instead: str) -> Response:
        """The answer to what is not passed on: a page for whoever looks at it, else only the status. ``instead``: where to go (302, 401),
        or how many seconds to wait (429)."""
        if status == 302:
            return RedirectResponse(instead, 302)
        if status == 429:
            return PlainTextResponse(f"429 {Words(language(scope))('login.slow', seconds=instead)}\n", 429, {"retry-after": instead})
        if status == 401 and scope["method"] == "GET" and scope["path"].strip("/") in {*self.names, "logout"}:
            return self.show(scope, "needed", 401, link=instead)
        told = f" {Words(language(scope))('login.needed.title')}" if status == 401 else ""  # a page whose login has ended shows this
        return PlainTextResponse(f"{status}{told}\n", status)


def language(scope: Scope) -> Lang:
    """``lang`` of the address, else what the browser prefers, else Chinese."""
    request = Request({**scope, "type": "http"})
    asked = request.query_params.get("lang")
    if asked in LANGS:
        return "en" if asked == "en" else "zh"
    return "en" if request.headers.get("accept-language", "").strip().lower().startswith("en") else "zh"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("pdd_audit.team"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
