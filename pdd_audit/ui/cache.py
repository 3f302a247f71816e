"""What the screen keeps between reruns: bounded, keyed by small exact values (home, shop, digest of data, version of answers)."""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import streamlit as st

from pdd_audit.core.filters import Filters
from pdd_audit.core.imports import ImportReport
from pdd_audit.core.overlay import Overlay
from pdd_audit.core.questions import Answer
from pdd_audit.core.result import Scope
from pdd_audit.core.shop_row import ShopRow
from pdd_audit.services.answers import load_answers
from pdd_audit.services.import_files import list_imports, readings_of
from pdd_audit.services.incidents.tell_buyers import BuyerRow, looked_up
from pdd_audit.services.measure import ruled_by
from pdd_audit.services.moment import once
from pdd_audit.services.overlay import overlay_version
from pdd_audit.services.profile import profile_of
from pdd_audit.services.run_audit import Audit, run_audit
from pdd_audit.services.score_all import Asked, score_shop, version_of
from pdd_audit.services.shops import Shop
from pdd_audit.services.try_overlay import Reach, reach_of
from pdd_audit.services.waivers import waivers_version
from pdd_audit.services.workspace import Workspace
from pdd_audit.texts import Lang
from pdd_audit.ui.charts import kept
from pdd_audit.ui.session import Here

Seen = TypeVar("Seen")
SECONDS_A_RUN = 2.0  # a page that counts many shops goes on in the next run, so that it stays in use meanwhile
_counted: set[str] = set()  # versions of ledgers; each was counted once in the life of this process
MOST_SHOPS = 10_000  # rows are small; with fewer kept than there are shops the page would never be done


def imports(here: Here) -> list[ImportReport]:
    """The shop's files, each with the reading in force: the user's own where there is one."""
    if here.shop is None:
        return []
    chosen = readings_of(here.ws, here.shop.id)
    return [
        report.model_copy(update={"reading": chosen[report.sha256]}) if report.sha256 in chosen else report
        for report in list_imports(here.ws, here.shop.id)
    ]


def answers(here: Here) -> dict[str, Answer]:
    return load_answers(here.ws, here.shop.id) if here.shop else {}


def audit(here: Here) -> Audit | None:
    """The audit of the shop as it stands; None without a shop. Shared between sessions: nobody changes it."""
    if here.shop is None:
        return None
    shop, ledger = here.shop, ledger_version(here, here.shop)
    version = once(("answers_version", here.ws.home, shop.id), lambda: _answers_version(here.ws, shop))
    key = (str(here.ws.home), shop.id, shop.name, ledger, version, here.scope, here.lang)
    if ledger in _counted:
        return _audit(here.ws, *key)
    with st.spinner(here.words("app.counting"), show_time=True):  # whatever asks first after new files shows that they are being counted
        found = _audit(here.ws, *key)
    _counted.add(ledger)
    return found


def _answers_version(ws: Workspace, shop: Shop) -> str:
    """Names what the shop answered, and what it said of the questions."""
    given = sorted((id, answer.model_dump_json()) for id, answer in load_answers(ws, shop.id).items())
    return _digest([given, sorted(profile_of(ws, shop.id)), overlay_version(ws, shop.id), waivers_version(ws, shop.id)])


def whole_audit(here: Here) -> Audit | None:
    """The same over all questions, also while the shop looks at the short check."""
    return audit(replace(here, scope="full"))


@st.cache_resource(max_entries=16, show_spinner=False)
def _audit(_ws: Workspace, home: str, shop_id: str, shop_name: str, ledger: str, version: str, scope: Scope, lang: Lang) -> Audit:  # noqa: ARG001 - the rest is the key
    return run_audit(_ws, shop_id, scope=scope, lang=lang)


def look(here: Here, at: Callable[..., Seen], filters: Filters, *more: object) -> Seen:
    """What one page shows of the shop's data: ``at`` is the service that finds it from workspace, shop, filters and ``more``, small values
    that name themselves when they are written out. Shared between sessions: nobody changes it."""
    assert here.shop is not None, "a page asks for it only where there is a shop"
    ledger = ledger_version(here, here.shop)
    key = filters.key if not more else _digest([filters.key, repr(more)])
    seen: Seen = _look(here.ws, at, at.__qualname__, str(here.ws.home), here.shop.id, ledger, key, filters, more)
    return seen


def ledger_version(here: Here, shop: Shop) -> str:
    """Names the files, how they are read, what they are measured by, and the lines they are held against."""
    return once(("ledger_version", here.ws.home, shop.id), lambda: _ledger_version(here, shop))


def _ledger_version(here: Here, shop: Shop) -> str:
    files = sorted((report.version, report.reading or "") for report in imports(here))
    return _digest([ruled_by(here.ws, shop.id), overlay_version(here.ws, shop.id), *files])


@st.cache_resource(max_entries=64, show_spinner=False)
def _look(
    _ws: Workspace, _at: Callable[..., Any], name: str, home: str, shop_id: str, ledger: str, key: str, _filters: Filters,  # noqa: ARG001 - they are the key
    _more: tuple[object, ...],
) -> Any:
    return _at(_ws, shop_id, _filters, *_more)


def shop_rows(here: Here, shops: list[Shop]) -> list[ShopRow]:
    """Rows of the shops in order, those kept and as many more as can be counted in ``SECONDS_A_RUN``, but one at least."""
    rows: list[ShopRow] = []
    counted: list[str] = []
    started: float | None = None
    for shop in shops:
        before = time.monotonic()
        rows.append(_shop_row(here.ws, shop, counted, str(here.ws.home), shop.id, version_of(here.ws, shop), here.scope))
        if counted and started is None:  # looking up what is kept does not use up the time, or many shops would never be done
            started = before
        if started is not None and time.monotonic() - started > SECONDS_A_RUN:
            break
    return rows


def reach(here: Here, overlay: Overlay) -> Reach:
    """What a draft of the shop's own checklist does to its saved audits."""
    assert here.shop is not None, "drawn only for a shop"
    saved = sorted(audit.id for audit in here.ws.state.audits(here.shop.id))
    draft = _digest([overlay.model_dump_json(), saved, sorted(profile_of(here.ws, here.shop.id))])
    return _reach(here.ws, overlay, str(here.ws.home), here.shop.id, draft)


@st.cache_resource(max_entries=16, show_spinner=False)
def _reach(_ws: Workspace, _overlay: Overlay, home: str, shop_id: str, draft: str) -> Reach:  # noqa: ARG001 - the rest is the key
    return reach_of(_ws, shop_id, _overlay)


def report_file(here: Here, form: str, lang: Lang, digest: str, make: Callable[[], bytes]) -> bytes:
    """A report of the shop as a file; ``digest`` names the result in it. Made once, however often it is taken."""
    assert here.shop is not None, "a report is about a shop"
    return _report_file(make, str(here.ws.home), here.shop.id, form, lang, digest)


@st.cache_resource(max_entries=8, show_spinner=False)
def _report_file(_make: Callable[[], bytes], home: str, shop_id: str, form: str, lang: Lang, digest: str) -> bytes:  # noqa: ARG001 - the rest is the key
    return _make()


def forget_audits() -> None:
    """Nothing of any shop stays in memory; what is still there is counted again."""
    _counted.clear()
    _audit.clear()
    _report_file.clear()
    _look.clear()
    _known_buyers.clear()
    kept.forget()
    _reach.clear()
    _shop_row.clear()


def forget_shop_rows() -> None:
    _shop_row.clear()


@st.cache_resource(max_entries=MOST_SHOPS, show_spinner=False)
def _shop_row(_ws: Workspace, _shop: Shop, _counted: list[str], home: str, shop_id: str, version: str, scope: Scope) -> ShopRow:  # noqa: ARG001 - the rest is the key
    """Kept also when the shop could not be scored. ``_counted`` learns that this one was not kept yet."""
    _counted.append(shop_id)
    return score_shop(_ws, _shop, Asked(scope))


def _digest(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def known_buyers(here: Here, orders: tuple[str, ...]) -> tuple[BuyerRow, ...]:
    """What the files know of these orders."""
    assert here.shop is not None, "a page asks for it only where there is a shop"
    return _known_buyers(here.ws, str(here.ws.home), here.shop.id, ledger_version(here, here.shop), _digest(orders), orders)


@st.cache_resource(max_entries=16, show_spinner=False)
def _known_buyers(_ws: Workspace, home: str, shop_id: str, ledger: str, key: str, _orders: tuple[str, ...]) -> tuple[BuyerRow, ...]:  # noqa: ARG001 - the rest is the key
    return looked_up(_ws, shop_id, _orders)
