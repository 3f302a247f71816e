"""Who changed what of the shop and when, newest first, and whether anybody changed the log itself. Closed until somebody asks."""

import time
from collections.abc import Sequence

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.log_chain import ANSWERS
from pdd_audit.core.people import Right
from pdd_audit.reports.log_list import SHOWN_DIGITS, log_csv, log_deed, log_moment, log_thing, put_back_told
from pdd_audit.services.import_files import list_imports
from pdd_audit.services.ledger_care import removed_imports
from pdd_audit.services.log import LogCheck, LogNames, Row, check_log, member_names, names_in_log, newest_of_log
from pdd_audit.services.overlay import known_question
from pdd_audit.texts.numbers import count
from pdd_audit.ui.downloads import offer
from pdd_audit.ui.plain import md_escape, shortened
from pdd_audit.ui.refusals import say
from pdd_audit.ui.rights import allowed_or_told
from pdd_audit.ui.session import Here

SHOWN = 50  # the rest is in the file
LONGEST_NAME = 24  # fits a phone; the file has them whole
NAMED = 10  # of what is wrong with the log
ALL, BY = "all", "by:"  # choices: everybody, or ``by:`` and a name, which may be empty or the word itself
CHECKED = "log_checked"  # (shop, newest row, when, what was found)
LEAST_SECONDS = 60.0  # between two looks while others write: ten thousand rows take half a second


def log_section(here: Here) -> None:
    """Nothing of it is read as long as it is closed."""
    if here.shop is None:
        return
    with st.expander(here.words("log.title"), key="log_row", icon=":material/receipt_long:", on_change="rerun") as row:
        if row.open and allowed_or_told(here, Right.DECIDE):
            try:
                _section(here, here.shop.id)
            except AuditError as refusal:
                say(refusal, here.lang)


def _section(here: Here, shop_id: str) -> None:
    words, known = here.words, names_in_log(here.ws, shop_id)
    st.caption(words("log.caption"))
    _state(here, _checked(here, shop_id, known))
    name, sort = _asked(here, shop_id, known)
    rows, found = newest_of_log(here.ws, shop_id, name, sort, SHOWN)
    names = _names(here, shop_id, rows)
    names |= {digest: shortened(file, LONGEST_NAME) for digest, file in _files(here, shop_id).items()}
    table = [
        {
            words("log.column.seq"): row.seq, words("log.column.at"): log_moment(row),
            words("log.column.who"): md_escape(row.who or words("log.nobody")),
            words("log.column.what"): words("app.colon").join(
                md_escape(part) for part in (log_deed(row, words), log_thing(row, words, names)) if part
            ),
        }
        for row in rows
    ]
    st.table(table, border="horizontal", hide_index=True, alt=words("log.title"))
    st.caption(words("log.shown", shown=count(len(rows)), found=count(found)))

    def everything() -> bytes:
        whole, _ = newest_of_log(here.ws, shop_id, name, sort)
        return log_csv(whole, words, _names(here, shop_id, whole) | _files(here, shop_id))

    offer(words("log.take"), everything, "log", "csv", "text/csv", key="log_csv")


def _checked(here: Here, shop_id: str, known: LogNames) -> LogCheck:
    """What was found last, of this shop; it says up to which row."""
    kept: tuple[str, object, float, LogCheck] | None = st.session_state.get(CHECKED)
    if kept is None or kept[0] != shop_id or (kept[1] != known.head and time.monotonic() - kept[2] > LEAST_SECONDS):
        kept = st.session_state[CHECKED] = (shop_id, known.head, time.monotonic(), check_log(here.ws, shop_id))
    return kept[3]


def _state(here: Here, check: LogCheck) -> None:
    words = here.words
    head = f"{check.head.seq} {check.head.hash[:SHOWN_DIGITS]}" if check.head else "—"
    counted = words("log.counted", n=count(check.rows), head=head, anchors=count(check.anchors))
    put_back = [put_back_told(one, words) for one in check.put_back]
    if check.troubles:
        lines = [words(f"log.trouble.{one.code}", seq=one.seq, about=one.about) for one in check.troubles[:NAMED]]
        told = "  \n".join(md_escape(line) for line in [*put_back, *lines, counted])
        st.error(told, title=words("log.broken", n=count(len(check.troubles))))
        return
    more = [
        *(md_escape(line) for line in put_back),
        *([words("log.elsewhere", n=count(check.elsewhere))] if check.elsewhere else []),
        *([words("log.unsealed", n=count(check.unsealed))] if check.unsealed else []),
        *([words("log.untold", n=count(len(check.untold)))] if check.untold else []),
    ]
    st.markdown(f":green[:material/check:] {words('log.whole')}")
    st.caption("  \n".join([counted, *more]))


def _asked(here: Here, shop_id: str, known: LogNames) -> tuple[str | None, str | None]:
    """Of whom and of what sort; None for all."""
    words = here.words
    people = {ALL: words("log.everybody")} | {f"{BY}{name}": name or words("log.nobody") for name in known.people}
    sorts = {ALL: words("log.everything")} | {sort: words.coded("log.what", sort) for sort in known.sorts}
    with st.container(horizontal=True):
        who = st.selectbox(words("log.column.who"), list(people), key=f"log_who_{shop_id}", format_func=people.__getitem__, width=220)
        what = st.selectbox(words("log.column.what"), list(sorts), key=f"log_what_{shop_id}", format_func=sorts.__getitem__, width=260)
    return None if who == ALL else who.removeprefix(BY), None if what == ALL else what


def _names(here: Here, shop_id: str, rows: Sequence[Row]) -> dict[str, str]:
    """What people call the questions and members that these rows are about."""
    asked = {row.about.removeprefix(ANSWERS) for row in rows if row.about.startswith(ANSWERS)}
    questions = {id: known_question(here.ws, shop_id, id) for id in asked}
    return {
        **member_names(here.ws, shop_id, rows),
        **{id: question.title.ok.in_language(here.lang) for id, question in questions.items() if question is not None},
    }


def _files(here: Here, shop_id: str) -> dict[str, str]:
    """Digest -> name, of the files that are there and of those that can be taken back."""
    return {report.sha256: report.file for report in [*list_imports(here.ws, shop_id), *removed_imports(here.ws, shop_id)]}
