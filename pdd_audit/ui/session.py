"""The composition root of the screen: who is looking, at which shop, in which language. The only module that opens the workspace."""

import gc
import os
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import streamlit as st

from pdd_audit.core.filters import NAMES, Filters, read_filters
from pdd_audit.core.questions import Checklists
from pdd_audit.core.result import Scope
from pdd_audit.services.access import author, seated
from pdd_audit.services.home import default_home
from pdd_audit.services.moment import once, one_moment
from pdd_audit.services.one_server import refuse_beside_server
from pdd_audit.services.overlay import checklists_of
from pdd_audit.services.shops import Shop, list_shops
from pdd_audit.services.team_mode import USER_KEY
from pdd_audit.services.workspace import Workspace, open_workspace
from pdd_audit.texts import LANGS, Lang, Words
from pdd_audit.ui.loopback import named_by_headers
from pdd_audit.ui.presses import held

MOST_NAME = 60
INVITED, LONGEST_CODE = "invited_with", 200
LONGEST_KEPT = 100
IN_ROUND = ("round_question", "meeting")  # where somebody stands in a round
PAGES = Path("pdd_audit") / "ui" / "pages"


@dataclass(frozen=True)
class Here:
    """What every page needs to know. ``shop`` is None until there is one."""

    ws: Workspace
    shop: Shop | None
    lang: Lang
    scope: Scope
    words: Words

    @property
    def checklists(self) -> Checklists:
        """The checklists as the shop has them; without a shop the shipped ones."""
        return self.ws.checklists if self.shop is None else checklists_of(self.ws, self.shop.id)


@st.cache_resource(max_entries=4, show_spinner=False)
def _workspace(home: str) -> Workspace:
    return open_workspace(Path(home) if home else None)


@st.cache_resource(show_spinner=False)
def freeze_once() -> bool:
    freeze()
    return True


def freeze() -> None:
    """Take what is there for good, packages and what pages have found, out of the collector's sight: it runs after every rerun and would
    walk it each time, which was half of what a server did."""
    gc.collect()
    gc.freeze()


def logged_in() -> str | None:
    """The id of whoever the gate has let in, empty for nobody; None where there is no login. The only place that asks who it is."""
    return once(("logged_in",), lambda: str(st.user.get(USER_KEY) or "")) if named_by_headers() else None


def workspace() -> Workspace:
    """The installation, with a login as that person sees it. Raises AuditError ``not_logged_in``, and without one ``serve_beside``."""
    person = logged_in()
    if person is None:
        refuse_beside_server(default_home())
    opened = once(("workspace",), lambda: _workspace(os.environ.get("PDD_AUDIT_HOME", "")))
    return opened if person is None else seated(opened, person)


def begin() -> Here:
    """Read language, shop and length from the address, else from the session, and write them back into the address."""
    state = st.session_state
    asked = st.query_params.get("lang")
    if asked in LANGS and "lang" not in state:
        state["lang"] = asked
    state.setdefault("lang", "zh")
    if "scope" not in state:
        state["scope"] = "quick" if st.query_params.get("scope") == "quick" else "full"
    ws = workspace()
    shops = list_shops(ws)
    known = {shop.id for shop in shops}
    asked_shop = st.query_params.get("shop")
    if asked_shop in known and "shop" not in state:
        state["shop"] = asked_shop
    if state.get("shop") not in known:
        state["shop"] = shops[0].id if shops else None
    if st.query_params.get("invite"):  # the address does not keep it: it would stay in the history of the browser
        state[INVITED] = st.query_params["invite"][:LONGEST_CODE]
    for name in ("me", "round", *IN_ROUND):
        if name not in state and st.query_params.get(name):
            state[name] = st.query_params[name][:MOST_NAME if name == "me" else LONGEST_KEPT]
    if "filters" not in state:
        state["filters"] = read_filters({name: st.query_params.get_all(name) for name in ("start", "end", *NAMES)})
    wanted = _address()
    if {name: st.query_params.get_all(name) for name in st.query_params} != {name: _listed(value) for name, value in wanted.items()}:
        st.query_params.from_dict(wanted)
    return current()


def filters() -> Filters:
    """Which parcels the pages of numbers speak of."""
    chosen: Filters = st.session_state.get("filters", Filters())
    return chosen


def current() -> Here:
    """Where the session stands; callbacks use it too, so it draws nothing and is never where one is stopped (``held``)."""
    with one_moment():
        ws = workspace()
        shop_id = held("shop")
        shop = next((shop for shop in list_shops(ws) if shop.id == shop_id), None)
    lang = chosen_language()
    return Here(ws, shop, lang, cast(Scope, held("scope", "full")), Words(lang))


def chosen_language() -> Lang:
    return cast(Lang, held("lang", "zh"))


def who(here: Here) -> str:
    """The name of whoever sits here: of the login; without one as they chose it, and empty as long as nobody did."""
    return author(here.ws, str(held("me") or ""))


def source_name(here: Here, key: str) -> str:
    """The title of a source of the checklists."""
    return here.ws.sources[key].title


def choose_shop(shop_id: str) -> None:
    """Look at another shop from now on; what was open of the last one is closed."""
    st.session_state["shop"] = shop_id
    for key in ("question", "saved_at", "refused", "to_map", "filters", "round"):
        st.session_state.pop(key, None)


def leave_shop() -> None:
    """The shop is gone: the next run turns to the first one there is."""
    for key in ("shop", "question", "saved_at", "filters"):
        st.session_state.pop(key, None)


def go(page: str) -> None:
    """Open another page, keeping language, shop and length in the address."""
    st.switch_page(PAGES / f"{page}.py", query_params=_address())


def _address() -> dict[str, str | list[str]]:
    state = st.session_state
    shop = {"shop": str(state["shop"])} if state.get("shop") else {}
    scope = {"scope": "quick"} if state.get("scope") == "quick" else {}
    kept = (*(("me",) if logged_in() is None else ()), "round", *(IN_ROUND if state.get("round") else ()))
    meeting = {name: str(state[name]) for name in kept if state.get(name)}
    return {"lang": str(state.get("lang", "zh"))} | shop | scope | meeting | filters().address


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
