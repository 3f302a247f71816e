"""Take files in: read the bytes once, hand them to the service, forget them by giving the uploader a new key.

Only a file that wants a password stays in the session's memory, until it is opened, left out, or other files come.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.services.details import count_ahead
from pdd_audit.services.import_files import ImportOutcome, Upload, import_files, read_again
from pdd_audit.services.map_columns import with_known_mappings
from pdd_audit.services.shops import create_shop
from pdd_audit.texts import LANGS, error_text
from pdd_audit.ui.drop_zone import Wanted, drop_zone, dropped, taken_in
from pdd_audit.ui.parts import card
from pdd_audit.ui.plain import md_escape, shortened
from pdd_audit.ui.rights import allowed_or_told
from pdd_audit.ui.session import Here, choose_shop, go
from pdd_audit.ui.to_map import keep_opened, keep_refused

T = TypeVar("T")
Tell = Callable[[str, float], None]


@dataclass(frozen=True)
class Refused:
    """A refusal in both languages, since the page may be read in the other one later. Plain text."""

    titles: dict[str, str]
    bodies: dict[str, str]


@dataclass(frozen=True)
class Locked:
    """An upload that wants a password. ``key``: of its form. ``outcomes``: what came of it so far."""

    key: str
    shop_id: str
    upload: Upload
    outcomes: tuple[ImportOutcome, ...]


def refused(error: AuditError) -> Refused:
    told = {lang: error_text(error, lang) for lang in LANGS}
    return Refused({lang: title for lang, (title, _) in told.items()}, {lang: body for lang, (_, body) in told.items()})


def watched(work: Callable[[Tell], T], bar: DeltaGenerator, here: Here) -> T:
    """Do ``work`` in a thread of its own and draw its progress from this one: services tell it from threads that may not draw.

    A rerun stops the drawing, not the work: an import is whole or not there.
    """
    latest: list[tuple[str, float]] = []
    with ThreadPoolExecutor(max_workers=1) as pool:
        future = pool.submit(work, lambda what, share: latest.append((what, share)))
        while not wait([future], timeout=0.15).done:
            if latest:
                what, share = latest[-1]
                told = "data.reading" if share > 0 else "data.waiting"
                bar.progress(min(max(share, 0.0), 1.0), text=here.words(told, what=md_escape(what)))
    return future.result()


def uploader(here: Here, label: str) -> None:
    """The drop zone. Without a shop the first files create one. After a reading the Data page shows what came of it."""
    if not allowed_or_told(here, Right.IMPORT_FILES, "data.drop_only"):
        return
    generation = int(st.session_state.get("uploads", 0))
    key = f"files_{generation}"
    drop_zone(here, label, key, Wanted(many=True))  # no kinds: browsers check endings with English words of their own
    files = dropped(key)
    if not files:
        return
    shop_id = here.shop.id if here.shop else create_shop(here.ws, here.words("app.shop.first")).id
    choose_shop(shop_id)
    bar = st.progress(0.0, text=here.words("data.reading_start", n=len(files)))

    uploads = with_known_mappings(here.ws, shop_id, [Upload(name=file.name, data=file.data) for file in files])
    taken_in(key)
    outcomes = watched(lambda tell: import_files(here.ws, shop_id, uploads, tell), bar, here)
    each = [tuple(outcome for outcome in outcomes if outcome.upload == at) for at in range(len(uploads))]
    st.session_state["refused"] = _refusals(outcomes)
    keep_refused(uploads, outcomes)
    st.session_state["already"] = [outcome.file for outcome in outcomes if outcome.already]
    st.session_state["elsewhere"] = [(outcome.file, one) for outcome in outcomes for one in outcome.elsewhere]
    st.session_state["ignored"] = [(uploads[outcome.upload].name, outcome.ignored) for outcome in outcomes if outcome.ignored]
    st.session_state["locked"] = [
        Locked(f"{generation}_{at}", shop_id, uploads[at], mine) for at, mine in enumerate(each) if any(one.wants_password for one in mine)
    ]
    st.session_state["uploads"] = generation + 1
    if any(outcome.error is None and not outcome.already for outcome in outcomes):
        bar.progress(1.0, text=here.words("data.counting"))
        count_ahead(here.ws, shop_id)
    bar.empty()
    go("data")


def _refusals(outcomes: Sequence[ImportOutcome]) -> list[tuple[str, Refused]]:
    return [(outcome.file, refused(outcome.error)) for outcome in outcomes if outcome.error is not None]


def password_forms(here: Here) -> None:
    """A field for each file that waits for its password."""
    waiting: list[Locked] = st.session_state.get("locked", [])
    for one in waiting:
        with card(key=f"locked_{one.key}"):
            with st.form(f"password_form_{one.key}", clear_on_submit=True, border=False):
                label = here.words("data.password_for", file=md_escape(shortened(one.upload.name)))
                password = st.text_input(label, type="password", autocomplete="off", key=f"password_{one.key}")
                st.caption(here.words("data.password_nowhere"))
                if st.form_submit_button(here.words("data.password_try"), key=f"open_{one.key}") and password:
                    _open(one, password, here)
            st.button(here.words("data.password_leave"), key=f"leave_{one.key}", type="tertiary", on_click=_leave, args=(one,))


def _open(one: Locked, password: str, here: Here) -> None:
    upload = replace(one.upload, password=password)
    bar = st.progress(0.0, text=here.words("data.reading_start", n=1))
    outcomes = watched(lambda tell: read_again(here.ws, one.shop_id, upload, one.outcomes, tell), bar, here)
    _leave(one)
    st.session_state["refused"] += _refusals(outcomes)
    keep_opened(one.upload, outcomes)
    if any(outcome.wants_password for outcome in outcomes):
        st.session_state["locked"] = [*st.session_state["locked"], replace(one, outcomes=tuple(outcomes))]
    bar.empty()
    go("data")


def _leave(one: Locked) -> None:
    """Forgets the file and what was said against it."""
    files = {outcome.file for outcome in one.outcomes if outcome.error is not None}
    st.session_state["refused"] = [(file, problem) for file, problem in st.session_state.get("refused", []) if file not in files]
    st.session_state["locked"] = [other for other in st.session_state.get("locked", []) if other.key != one.key]
