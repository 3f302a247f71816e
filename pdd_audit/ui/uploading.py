"""Take files in: read the bytes once, hand them to the service, forget them by giving the uploader a new key."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pdd_audit.core.errors import AuditError
from pdd_audit.services.import_files import Upload, import_files
from pdd_audit.services.shops import create_shop
from pdd_audit.texts import LANGS, error_text
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.session import Here, choose_shop, go

T = TypeVar("T")
Tell = Callable[[str, float], None]


@dataclass(frozen=True)
class Refused:
    """A refusal in both languages, since the page may be read in the other one later. Plain text."""

    titles: dict[str, str]
    bodies: dict[str, str]


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
                bar.progress(min(max(share, 0.0), 1.0), text=here.words("data.reading", what=md_escape(what)))
    return future.result()


def uploader(here: Here, label: str) -> None:
    """The drop zone. Without a shop the first files create one. After a reading the Data page shows what came of it."""
    generation = int(st.session_state.get("uploads", 0))
    # no ``type``: browsers check endings with English words of their own, and the reader looks inside anyway
    files = st.file_uploader(label, accept_multiple_files=True, key=f"files_{generation}")
    if not files:
        return
    shop_id = here.shop.id if here.shop else create_shop(here.ws, here.words("app.shop.first")).id
    choose_shop(shop_id)
    bar = st.progress(0.0, text=here.words("data.reading_start", n=len(files)))

    uploads = [Upload(name=file.name, data=file.getvalue()) for file in files]
    outcomes = watched(lambda tell: import_files(here.ws, shop_id, uploads, tell), bar, here)
    st.session_state["refused"] = [(outcome.file, refused(outcome.error)) for outcome in outcomes if outcome.error is not None]
    st.session_state["already"] = [outcome.file for outcome in outcomes if outcome.already]
    st.session_state["uploads"] = generation + 1
    bar.empty()
    go("data")
