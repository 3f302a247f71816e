"""Take files in: read the bytes once, hand them to the service, forget them by giving the uploader a new key.

Only a file that wants a password stays in the session's memory, until it is opened, left out, or other files come.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from threading import Event
from typing import Any, TypeVar
from uuid import uuid4

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.services.details import count_ahead
from pdd_audit.services.import_files import ImportOutcome, Progress, Upload, import_files, read_again
from pdd_audit.services.map_columns import with_known_mappings
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import Workspace
from pdd_audit.texts import LANGS, error_text
from pdd_audit.ui import importing
from pdd_audit.ui.drop_zone import Wanted, drop_zone, dropped, taken_in
from pdd_audit.ui.importing import Batch
from pdd_audit.ui.parts import card
from pdd_audit.ui.plain import md_escape, shortened
from pdd_audit.ui.presses import held, whole
from pdd_audit.ui.rights import allowed_or_told
from pdd_audit.ui.session import Here, choose_shop, go, logged_in
from pdd_audit.ui.to_map import WAITING, ToMap, let_all_go, let_chosen_go, with_mapped, with_opened, with_refused

T = TypeVar("T")
SECONDS_BETWEEN_LOOKS = 1
Told = dict[str, list[Any]]
TOLD = ("refused", "already", "elsewhere", "ignored", "locked", "stopped")  # what the Data page says of the last files


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


def watched(work: Callable[[Progress], T], bar: DeltaGenerator, here: Here) -> T:
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
    """The drop zone. Without a shop the first files create one. The Data page shows the reading, and what came of it."""
    if not allowed_or_told(here, Right.IMPORT_FILES, "data.drop_only"):
        return
    generation = _generation()
    key = _zone(generation)
    drop_zone(here, label, key, Wanted(many=True))  # no kinds: browsers check endings with English words of their own
    files = dropped(key)
    if not files:
        return
    shop_id = here.shop.id if here.shop else create_shop(here.ws, here.words("app.shop.first")).id
    choose_shop(shop_id)
    for told in TOLD:
        st.session_state[told] = []
    let_all_go()
    uploads = with_known_mappings(here.ws, shop_id, [Upload(name=file.name, data=file.data) for file in files])
    batch = Batch(partial(_read, here.ws, shop_id, uploads), partial(_tell_read, shop_id, uploads))
    who = _key(here, shop_id), _session()
    st.session_state["uploads"] = generation + 1  # a press that waits stops a run where it touches the session: not until it has begun
    job = importing.begin(who[0], batch, who[1])
    taken_in(key)
    _wait(here, job, len(uploads))


def _generation() -> int:
    return int(st.session_state.get("uploads", 0))


def _zone(generation: int) -> str:
    return f"files_{generation}"


def _forget_taken() -> None:
    """The browser names the last drop zone for one run more; Streamlit would go on copying the files in it at the end of every run."""
    st.session_state.pop(_zone(_generation() - 1), None)


def read_mapped(here: Here, shop_id: str, file: ToMap, work: Callable[[Progress, Event], ImportOutcome]) -> None:
    """Reads in a file whose columns a person has named, as any other one; until it is in, it waits to be mapped."""
    ws = here.ws
    batch = Batch(lambda tell, stop: _counted(ws, shop_id, [work(tell, stop)], tell, stop), partial(_tell_mapped, file))
    st.session_state["shop"] = shop_id
    for told in ("already", "stopped"):
        st.session_state[told] = []
    let_chosen_go()
    _wait(here, importing.begin(_key(here, shop_id), batch, _session()), 1)


def _tell_mapped(file: ToMap, told: Told, outcomes: list[ImportOutcome]) -> None:
    (outcome,) = outcomes
    if not outcome.stopped:
        told["refused"] = [(name, problem) for name, problem in told["refused"] if name != file.file]
    _tell(told, outcomes)
    told[WAITING] = with_mapped(told[WAITING], file, outcome)
    told["already"] += [outcome.file] if outcome.already else []
    told["elsewhere"] += [(outcome.file, one) for one in outcome.elsewhere]


def _wait(here: Here, job: importing.Job, files: int) -> None:
    bar = st.progress(0.0, text=here.words("data.reading_start", n=files))
    job.idle.wait(importing.PATIENCE_SECONDS)
    bar.empty()
    go("data")


def _read(ws: Workspace, shop_id: str, uploads: list[Upload], tell: Progress, stop: Event) -> list[ImportOutcome]:
    return _counted(ws, shop_id, import_files(ws, shop_id, uploads, tell, stop=stop), tell, stop)


def _counted(ws: Workspace, shop_id: str, outcomes: list[ImportOutcome], tell: Progress, stop: Event) -> list[ImportOutcome]:
    if not stop.is_set() and any(outcome.error is None and not outcome.already for outcome in outcomes):
        tell(importing.COUNTING, 1.0)
        with suppress(Exception):  # whatever it is, the page that needs the numbers meets it again and says so
            count_ahead(ws, shop_id)
    return outcomes


def _tell_read(shop_id: str, uploads: list[Upload], told: Told, outcomes: list[ImportOutcome]) -> None:
    _tell(told, outcomes)
    told[WAITING] = with_refused(told[WAITING], uploads, outcomes)
    told["already"] += [outcome.file for outcome in outcomes if outcome.already]
    told["elsewhere"] += [(outcome.file, one) for outcome in outcomes for one in outcome.elsewhere]
    told["ignored"] += [(uploads[outcome.upload].name, outcome.ignored) for outcome in outcomes if outcome.ignored]
    each = [tuple(outcome for outcome in outcomes if outcome.upload == at) for at in range(len(uploads))]
    wanting = [(uploads[at], mine) for at, mine in enumerate(each) if any(one.wants_password for one in mine)]
    told["locked"] += [Locked(uuid4().hex, shop_id, upload, mine) for upload, mine in wanting]


def _tell(told: Told, outcomes: list[ImportOutcome]) -> None:
    told["refused"] += [(outcome.file, refused(outcome.error)) for outcome in outcomes if outcome.error is not None and not outcome.stopped]
    told["stopped"] += [outcome.file for outcome in outcomes if outcome.stopped]


def running_import(here: Here) -> None:
    """How far this person's import into this shop is, and the button that stops it; once it is over, the page as it is then."""
    if here.shop is None:
        return
    _forget_taken()
    key = _key(here, here.shop.id)
    session, told = _session(), {name: list(held(name) or []) for name in (*TOLD, WAITING)}
    batches = importing.take(key, session)
    for batch in batches:
        try:
            batch.tell(told, batch.result.result())
        except AuditError as refusal:  # of the import as a whole: a role that was taken away, say
            told["refused"].append(("", refused(refusal)))
    if batches:
        _keep(told)
        go("data")
    if importing.running(key) is not None:
        _progress(here, key)


@whole
def _keep(told: Told) -> None:
    for name, lines in told.items():
        st.session_state[name] = lines


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def _progress(here: Here, key: importing.Key) -> None:
    _forget_taken()
    job = importing.running(key)
    if job is None or job.told_to(_session()):
        st.rerun()
    what, share = job.latest or (None, 0.0)
    with card(key="importing"):
        if what == importing.COUNTING or job.idle.is_set():
            st.progress(1.0, text=here.words("data.counting"))
            return
        text = here.words("data.reading_now") if what is None else _reading(here, what, share)
        st.progress(min(max(share, 0.0), 1.0), text=text)
        stopping = job.stopping
        label = here.words("data.stopping" if stopping else "data.stop")
        st.button(label, key="stop_import", icon=":material/stop_circle:", on_click=_stop, args=(key,), disabled=stopping)


def _reading(here: Here, what: str, share: float) -> str:
    return here.words("data.reading" if share > 0 else "data.waiting", what=md_escape(shortened(what)))


def _stop(key: importing.Key) -> None:
    job = importing.running(key)
    if job is not None:
        job.stop()


def stop_imports(here: Here, shop_id: str) -> None:
    """Nobody reads into this shop any more."""
    importing.stop_all(str(here.ws.home), shop_id)


def _key(here: Here, shop_id: str) -> importing.Key:
    return str(here.ws.home), shop_id, logged_in() or ""


def _session() -> str:
    return str(st.session_state.setdefault("session", uuid4().hex))


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

    def work(tell: Progress, stop: Event) -> list[ImportOutcome]:
        return read_again(here.ws, one.shop_id, upload, one.outcomes, tell, stop)

    who = _key(here, one.shop_id), _session()
    st.session_state["locked"] = _others(held("locked"), one)  # a second press would read it twice
    _wait(here, importing.begin(who[0], Batch(work, partial(_tell_opened, one)), who[1]), 1)


def _tell_opened(one: Locked, told: Told, outcomes: list[ImportOutcome]) -> None:
    told["refused"] = _left(told["refused"], one)
    _tell(told, outcomes)
    told[WAITING] = with_opened(told[WAITING], one.upload, outcomes)
    again = any(outcome.wants_password or outcome.stopped for outcome in outcomes)
    told["locked"] = _others(told["locked"], one) + ([replace(one, outcomes=tuple(outcomes))] if again else [])


def _leave(one: Locked) -> None:
    """Forgets the file and what was said against it."""
    st.session_state["refused"] = _left(st.session_state.get("refused", []), one)
    st.session_state["locked"] = _others(st.session_state.get("locked", []), one)


def _left(problems: list[tuple[str, Refused]], one: Locked) -> list[tuple[str, Refused]]:
    """The refusals of other files."""
    files = {outcome.file for outcome in one.outcomes if outcome.error is not None}
    return [(file, problem) for file, problem in problems if file not in files]


def _others(waiting: list[Locked], one: Locked) -> list[Locked]:
    return [other for other in waiting if other.key != one.key]
