"""Refused files that a person may map by hand: their bytes stay in the session, bounded, until one is mapped or other files come."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from pdd_audit.core.people import Right
from pdd_audit.services.import_files import ImportOutcome, Upload
from pdd_audit.services.map_columns import CURABLE
from pdd_audit.ui.parts import link
from pdd_audit.ui.rights import only
from pdd_audit.ui.session import Here, go

MOST_BYTES = 64 * 1024 * 1024
WAITING, CHOSEN = "to_map", "mapped_file"


@dataclass(frozen=True)
class ToMap:
    """A refused file. ``file``: as its refusal names it, a table of a ZIP included; ``upload``: what was handed in, without a password;
    ``locked``: whether it wants one."""

    file: str
    upload: Upload
    locked: bool = False


def with_refused(waiting: list[ToMap], uploads: Sequence[Upload], outcomes: Sequence[ImportOutcome]) -> list[ToMap]:
    """What waits, and the files that naming their columns can save, as far as they fit."""
    return _with(waiting, _curable(uploads, outcomes, MOST_BYTES - _held(waiting)))


def with_opened(waiting: list[ToMap], upload: Upload, outcomes: Sequence[ImportOutcome]) -> list[ToMap]:
    """What waits, and the tables of one file that was refused only after its password had been given; not the password."""
    new = _curable([upload], [replace(one, upload=0) for one in outcomes], MOST_BYTES - _held(waiting))
    return _with(waiting, [replace(one, locked=True) for one in new])


def with_mapped(waiting: list[ToMap], file: ToMap, outcome: ImportOutcome) -> list[ToMap]:
    """What waits once a file has been mapped: it no more, unless it was refused and another mapping may save it; not its password."""
    others = [one for one in waiting if one.file != file.file]
    if outcome.error is None:
        return others
    room = len(file.upload.data) <= MOST_BYTES - _held(others)  # type: ignore[arg-type]  # as above
    return [*others, replace(file, upload=replace(file.upload, password=None))] if room else others


def let_all_go() -> None:
    """Other files come: whatever waited is forgotten."""
    st.session_state[WAITING] = []
    let_chosen_go()


def _held(waiting: list[ToMap]) -> int:
    return sum({id(one.upload.data): len(one.upload.data) for one in waiting}.values())  # type: ignore[arg-type]  # a browser hands in bytes


def _with(waiting: list[ToMap], new: list[ToMap]) -> list[ToMap]:
    again = {one.file for one in new}
    return [one for one in waiting if one.file not in again] + new


def _curable(uploads: Sequence[Upload], outcomes: Sequence[ImportOutcome], left: int) -> list[ToMap]:
    kept: list[ToMap] = []
    held: set[int] = set()
    for outcome in outcomes:
        if outcome.error is None or outcome.error.code not in CURABLE:
            continue
        size = 0 if outcome.upload in held else len(uploads[outcome.upload].data)  # type: ignore[arg-type]  # a browser hands in bytes
        if size <= left:
            left -= size
            held.add(outcome.upload)
            kept.append(ToMap(outcome.file, replace(uploads[outcome.upload], password=None)))
    return kept


def offer_mapping(here: Here, file: str) -> None:
    """Below a refusal: the way to the mapping page, where that can help."""
    waiting: list[ToMap] = st.session_state.get(WAITING, [])
    for at, one in enumerate(waiting):
        if one.file == file and link(here.words("mapping.link"), "table_edit", key=f"map_{at}"):
            st.session_state[CHOSEN] = one
            go("mapping")


def mapping_button(here: Here) -> None:
    """The quiet way to the page, for a file that is not here yet or a mapping to be forgotten."""
    look = only(here, Right.IMPORT_FILES)
    if st.button(here.words("mapping.link"), key="to_mapping", type="tertiary", icon=":material/table_edit:", **look):
        go("mapping")


def chosen() -> ToMap | None:
    """The file that is being mapped."""
    return st.session_state.get(CHOSEN)


def choose(upload: Upload) -> None:
    st.session_state[CHOSEN] = ToMap(upload.name, upload)


def lock() -> None:
    """The file that is being mapped wants a password."""
    st.session_state[CHOSEN] = replace(st.session_state[CHOSEN], locked=True)


def let_chosen_go() -> None:
    """No file is being mapped any more."""
    st.session_state.pop(CHOSEN, None)
