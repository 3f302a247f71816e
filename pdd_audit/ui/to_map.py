"""Refused files that a person may map by hand: their bytes stay in the session, bounded, until one is mapped or other files come."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pdd_audit.services.import_files import ImportOutcome, Upload
from pdd_audit.services.map_columns import CURABLE
from pdd_audit.ui.parts import link
from pdd_audit.ui.session import Here, go

MOST_BYTES = 64 * 1024 * 1024
WAITING, CHOSEN = "to_map", "mapped_file"


@dataclass(frozen=True)
class ToMap:
    """A refused file. ``file``: as its refusal names it, a table of a ZIP included; ``upload``: what was handed in."""

    file: str
    upload: Upload


def keep_refused(uploads: Sequence[Upload], outcomes: Sequence[ImportOutcome]) -> None:
    """Keeps the files that naming their columns can save, as far as they fit; whatever waited before is let go."""
    kept: list[ToMap] = []
    held: set[int] = set()
    left = MOST_BYTES
    for outcome in outcomes:
        if outcome.error is None or outcome.error.code not in CURABLE:
            continue
        size = 0 if outcome.upload in held else len(uploads[outcome.upload].data)  # type: ignore[arg-type]  # a browser hands in bytes
        if size <= left:
            left -= size
            held.add(outcome.upload)
            kept.append(ToMap(outcome.file, uploads[outcome.upload]))
    st.session_state.pop(CHOSEN, None)
    st.session_state[WAITING] = kept


def offer_mapping(here: Here, file: str) -> None:
    """Below a refusal: the way to the mapping page, where that can help."""
    waiting: list[ToMap] = st.session_state.get(WAITING, [])
    for at, one in enumerate(waiting):
        if one.file == file and link(here.words("mapping.link"), "table_edit", key=f"map_{at}"):
            st.session_state[CHOSEN] = one
            go("mapping")


def mapping_button(here: Here) -> None:
    """The quiet way to the page, for a file that is not here yet or a mapping to be forgotten."""
    if st.button(here.words("mapping.link"), key="to_mapping", type="tertiary", icon=":material/table_edit:"):
        go("mapping")


def chosen() -> ToMap | None:
    """The file that is being mapped."""
    return st.session_state.get(CHOSEN)


def choose(upload: Upload) -> None:
    st.session_state[CHOSEN] = ToMap(upload.name, upload)


def let_go(done: ToMap) -> None:
    """Forgets the bytes of a file, and, once it is imported, what was said against it."""
    st.session_state.pop(CHOSEN, None)
    st.session_state[WAITING] = [one for one in st.session_state.get(WAITING, []) if one.file != done.file]
    st.session_state["refused"] = [(file, problem) for file, problem in st.session_state.get("refused", []) if file != done.file]
