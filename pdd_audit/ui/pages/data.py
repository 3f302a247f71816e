"""Data: what each file was understood to be, what was left out and why, and what is still missing."""

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.imports import ImportReport, NoticeRecord, Reading
from pdd_audit.services.import_files import capabilities, remove_import, set_reading
from pdd_audit.texts.numbers import count, day, full_moment, moment
from pdd_audit.ui import cache, session
from pdd_audit.ui.frame import shop_chooser
from pdd_audit.ui.parts import card, heading
from pdd_audit.ui.phrases import coded, metric_name
from pdd_audit.ui.plain import md_escape, shortened
from pdd_audit.ui.uploading import Refused, refused, uploader

KINDS = ("pdd_orders", "courier_pickups", "pdd_service")  # in the order in which they are needed
SAID_ELSEWHERE = {"personal_dropped", "collected_only"}  # each has a line of its own on the card

here = session.current()
words = here.words


def remove(shop_id: str, sha256: str) -> None:
    _change(lambda: remove_import(session.current().ws, shop_id, sha256))


def switch_reading(shop_id: str, sha256: str, reading: Reading) -> None:
    _change(lambda: set_reading(session.current().ws, shop_id, sha256, reading))


def _change(work) -> None:  # type: ignore[no-untyped-def]  # a callback: it may not draw, so a refusal waits for the page
    st.session_state["refused"] = []
    st.session_state["already"] = []
    try:
        work()
    except AuditError as error:
        st.session_state["refused"] = [("", refused(error))]


def notice_text(notice: NoticeRecord) -> str:
    key = f"warnings.{notice.code}"
    if words.has(key):
        return words(key, **notice.values)
    return words("data.notice", code=notice.code)


def left_out(report: ImportReport) -> str:
    parts = []
    for reason, rows in sorted(report.left_out.items(), key=lambda pair: -pair[1]):
        parts.append(f"{coded(words, 'left_out', reason)} {count(rows)}")
    return words("app.dot").join(parts)


def encoding(report: ImportReport) -> str:
    return words("data.workbook") if report.encoding == "workbook" else report.encoding.upper()


def period(report: ImportReport) -> str:
    if report.period_from is None or report.period_to is None:
        return ""
    return words("data.period", first=day(report.period_from, here.lang), last=day(report.period_to, here.lang))


def file_card(shop_id: str, report: ImportReport) -> None:
    short = report.sha256[:16]
    with card(key=f"file_{short}"):
        with st.container(gap="xsmall"):
            with st.container(horizontal=True, wrap=False, horizontal_alignment="distribute", vertical_alignment="top"):
                st.markdown(f"**{md_escape(shortened(report.file))}**", width="stretch")
                st.badge(words(f"data.kinds.{report.kind}.name"), icon=":material/check:", color="green")
            st.markdown(
                words(
                    "data.rows", read=count(report.rows_read), kept=count(report.rows_kept), out=count(report.rows_read - report.rows_kept)
                )
            )
            if report.left_out:
                st.caption(words("data.reasons", reasons=md_escape(left_out(report))))
            snapshot = words("data.snapshot", moment=moment(report.snapshot_at, here.lang)) if report.snapshot_at else ""
            st.caption(words("app.dot").join(md_escape(part) for part in (period(report), snapshot, encoding(report)) if part))
            if report.dropped_personal:
                st.caption(words("data.dropped", columns=md_escape(words("data.listed").join(report.dropped_personal))))
            for notice in report.notices:
                if notice.code not in SAID_ELSEWHERE:
                    st.caption(f":material/info: {md_escape(notice_text(notice))}")
        if report.reading is not None:
            other: Reading = "lists_open" if report.reading == "collected_only" else "collected_only"
            with st.container(gap="xxsmall"):
                st.markdown(words(f"data.reading_is.{report.reading}"))
                st.button(
                    f":primary[:material/swap_horiz: {words(f'data.reading_switch.{other}')}]",
                    key=f"reading_{short}",
                    type="tertiary",
                    on_click=switch_reading,
                    args=(shop_id, report.sha256, other),
                )
        with st.container(horizontal=True):
            with st.popover(words("data.details"), type="tertiary", icon=":material/table_view:"):
                details(report)
            with st.popover(words("data.remove"), type="tertiary", icon=":material/delete:"):
                st.markdown(words("data.remove_sure"))
                st.button(words("data.remove_yes"), key=f"remove_{short}", on_click=remove, args=(shop_id, report.sha256))


def details(report: ImportReport) -> None:
    st.caption(words("data.header_row", row=report.header_row))
    rows = [
        {words("data.column_ours"): coded(words, "app.columns", ours), words("data.column_theirs"): theirs}
        for ours, theirs in report.columns.items()
    ]
    st.dataframe(rows, hide_index=True, height=min(35 * len(rows) + 40, 320), alt=words("data.details"))
    if report.couriers:
        st.caption(words("data.couriers", names=md_escape(words("data.listed").join(report.couriers))))
    if report.ignored_columns:
        st.caption(words("data.ignored", columns=md_escape(words("data.listed").join(report.ignored_columns))))
    st.caption(words("data.fingerprint", sha=report.sha256[:12], moment=full_moment(report.imported_at)))


def what_is_possible(reports: list[ImportReport]) -> None:
    able = capabilities(reports)
    with st.container(gap="small"):
        heading(words("data.possible", n=len(able.possible)))
        if able.possible:
            st.markdown(" ".join(f":green-badge[:material/check: {metric_name(words, metric)}]" for metric in able.possible))
    for missing in sorted(able.missing, key=lambda missing: KINDS.index(missing.kind)):
        with card():
            with st.container(gap="xsmall"):
                names = words("data.listed").join(metric_name(words, metric) for metric in missing.metrics)
                st.markdown(f"#### {words('data.missing', file=words(f'data.kinds.{missing.kind}.name'))}", anchors=False)
                st.markdown(words("data.missing_metrics", metrics=names))
                st.markdown(words("data.where_to", where=words(f"kinds.{missing.kind}.where")))
                st.caption(words(f"kinds.{missing.kind}.what"))


def headline(reports: list[ImportReport], problems: list[tuple[str, Refused]]) -> str:
    if not reports and not problems:
        return words("data.title_empty")
    if problems:
        return words("data.title_refused", n=len(reports), refused=len(problems))
    return words("data.title", n=len(reports))


reports = cache.imports(here)
problems: list[tuple[str, Refused]] = st.session_state.get("refused", [])
st.markdown(f"# {headline(reports, problems)}", anchors=False)
for file, problem in problems:
    shown = problem.titles[here.lang]
    title = shown if not file or file in shown else f"{shortened(file)}{words('app.colon')}{shown}"
    kept = words("data.still_there") if reports else ""
    st.error(md_escape(f"{problem.bodies[here.lang]}{kept}"), title=md_escape(title), icon=":material/block:")
for file in st.session_state.get("already", []):
    st.caption(f":material/info: {words('data.already', file=md_escape(shortened(file)))}")
if here.shop is not None:
    for report in sorted(reports, key=lambda report: KINDS.index(report.kind)):
        file_card(here.shop.id, report)
uploader(here, words("data.drop_more" if reports else "data.drop"))
what_is_possible(reports)
with st.popover(words("data.shops"), icon=":material/storefront:", type="tertiary"):
    shop_chooser(here, "data")
