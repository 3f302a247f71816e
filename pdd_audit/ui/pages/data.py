"""Data: what each file was understood to be, what was left out and why, and what is still missing."""

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.export_times import ExportTime
from pdd_audit.core.imports import ImportReport, NoticeRecord, Reading
from pdd_audit.core.people import Right
from pdd_audit.services.access import may
from pdd_audit.services.export_times import stated_times
from pdd_audit.services.import_files import capabilities, remove_import, set_reading
from pdd_audit.services.ledger_care import purge_import, removed_imports, restore_import
from pdd_audit.services.rounds import refuse_while_blind
from pdd_audit.services.shop_archive import delete_shop, shop_as_bytes
from pdd_audit.services.shops import Shop
from pdd_audit.texts.numbers import count, day, full_moment, moment, yuan
from pdd_audit.ui import cache, session
from pdd_audit.ui.downloads import offer
from pdd_audit.ui.export_time import export_time
from pdd_audit.ui.frame import has_choice, shop_chooser
from pdd_audit.ui.noted_days import noted_days
from pdd_audit.ui.parts import card, heading, quiet
from pdd_audit.ui.phrases import coded, column_name, metric_name
from pdd_audit.ui.plain import md_escape, shortened
from pdd_audit.ui.refusals import say
from pdd_audit.ui.rights import allowed_or_told, only
from pdd_audit.ui.row_files import may_take_rows
from pdd_audit.ui.to_map import mapping_button, offer_mapping
from pdd_audit.ui.units import units_on_card
from pdd_audit.ui.uploading import Refused, password_forms, refused, running_import, stop_imports, uploader

# in the order in which they are needed
KINDS = ("pdd_orders", "courier_pickups", "pdd_service", "pdd_after_sales", "pdd_bill", "pdd_violations", "waybill_labels")
SAID_ELSEWHERE = {"personal_dropped", "collected_only"}  # each has a line of its own on the card

here = session.current()
words = here.words


def remove(shop_id: str, sha256: str) -> None:
    _change(lambda: remove_import(session.current().ws, shop_id, sha256))


def restore(shop_id: str, sha256: str) -> None:
    _change(lambda: restore_import(session.current().ws, shop_id, sha256))


def purge(shop_id: str, sha256: str) -> None:
    _change(lambda: purge_import(session.current().ws, shop_id, sha256))


def delete(shop_id: str, name: str) -> None:
    """Only with the shop's name typed as it is; anything else changes nothing and says so."""
    if str(st.session_state.get(f"delete_name_{shop_id}") or "").strip() != name:
        st.session_state["not_deleted"] = shop_id
        return
    _change(lambda: _delete(session.current(), shop_id))
    cache.forget_audits()
    session.leave_shop()


def _delete(now: session.Here, shop_id: str) -> None:
    if may(now.ws, shop_id, Right.MANAGE):  # else the service refuses, and nobody's import ends for it
        stop_imports(now, shop_id)
    delete_shop(now.ws, shop_id)


def switch_reading(shop_id: str, sha256: str, reading: Reading) -> None:
    _change(lambda: set_reading(session.current().ws, shop_id, sha256, reading))


def _change(work) -> None:  # type: ignore[no-untyped-def]  # a callback: it may not draw, so a refusal waits for the page
    for told in ("refused", "already", "ignored", "elsewhere", "stopped"):
        st.session_state[told] = []
    try:
        work()
    except AuditError as error:
        st.session_state["refused"] = [("", refused(error))]


def notice_text(notice: NoticeRecord) -> str:
    key = f"warnings.{notice.code}"
    if words.has(key):
        return words.notice(notice.code, notice.values)
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


def file_card(shop_id: str, report: ImportReport, exported: ExportTime | None) -> None:
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
            key = "data.snapshot" if exported is None else "data.exported.stated"
            snapshot = words(key, moment=moment(report.snapshot_at, here.lang)) if report.snapshot_at else words("data.exported.none")
            st.caption(words("app.dot").join(md_escape(part) for part in (period(report), snapshot, encoding(report)) if part))
            if report.dropped_personal:
                st.caption(words("data.dropped", columns=md_escape(words("data.listed").join(report.dropped_personal))))
            for notice in report.notices:
                if notice.code not in SAID_ELSEWHERE:
                    st.caption(f":material/info: {md_escape(notice_text(notice))}")
            if report.kind == "pdd_bill":
                bill_lines()
            units_on_card(here, shop_id, report)
        if report.reading is not None:
            other: Reading = "lists_open" if report.reading == "collected_only" else "collected_only"
            look = only(here, Right.IMPORT_FILES)
            with st.container(gap="xxsmall"):
                st.markdown(words(f"data.reading_is.{report.reading}"))
                st.button(
                    quiet(words(f"data.reading_switch.{other}"), "swap_horiz", look),
                    key=f"reading_{short}",
                    type="tertiary",
                    on_click=switch_reading,
                    args=(shop_id, report.sha256, other),
                    **look,
                )
        with st.container(horizontal=True):
            with st.popover(words("data.details"), type="tertiary", icon=":material/table_view:"):
                details(report)
            export_time(here, report, exported)
            with st.popover(words("data.remove"), type="tertiary", icon=":material/delete:", **only(here, Right.IMPORT_FILES)):
                st.markdown(words("data.remove_sure"))
                st.button(words("data.remove_yes"), key=f"remove_{short}", on_click=remove, args=(shop_id, report.sha256))


def bill_lines() -> None:
    """What all bills of the shop say together: an overlap of two is counted once."""
    audit = cache.audit(here)
    for fine in audit.result.fines if audit is not None else []:
        name = words(f"data.bill_kinds.{fine.category}") + (f" {fine.code}" if fine.code else "")
        st.caption(md_escape(words(
            "data.bill_line", name=name, bookings=count(fine.bookings), yuan=yuan(abs(fine.yuan)),
            known=count(fine.known_bookings), unlinked=count(fine.unlinked_bookings),
        )))


def details(report: ImportReport) -> None:
    st.caption(words("data.header_row", row=report.header_row))
    rows = [
        {words("data.column_ours"): column_name(words, ours, report.kind), words("data.column_theirs"): theirs}
        for ours, theirs in report.columns.items()
    ]
    st.dataframe(rows, hide_index=True, height=min(35 * len(rows) + 40, 320), alt=words("data.details"))
    if report.couriers:
        st.caption(words("data.couriers", names=md_escape(words("data.listed").join(report.couriers))))
    if report.ignored_columns:
        st.caption(words("data.ignored", columns=md_escape(words("data.listed").join(report.ignored_columns))))
    st.caption(words("data.fingerprint", sha=report.sha256[:12], moment=full_moment(report.imported_at)))
    if report.imported_by:
        st.caption(words("data.imported_by", who=md_escape(report.imported_by)))


def removed_files(shop_id: str, removed: list[ImportReport]) -> None:
    """What can be taken back, and forgotten for good."""
    with st.container(gap="small"):
        heading(words("data.removed_title", n=len(removed)), words("data.removed_how"))
        for report in removed:
            short = report.sha256[:16]
            with card(tight=True, key=f"removed_{short}"):
                with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                    told = words("app.dot").join(part for part in (words(f"data.kinds.{report.kind}.name"), period(report)) if part)
                    with st.container(gap="xxsmall", width="stretch"):
                        st.markdown(f"**{md_escape(shortened(report.file))}**")
                        st.caption(md_escape(told))
                    with st.container(horizontal=True, width="content", gap="small"):
                        st.button(
                            words("data.restore"), key=f"restore_{short}", icon=":material/undo:", on_click=restore,
                            args=(shop_id, report.sha256), **only(here, Right.IMPORT_FILES),
                        )
                        with st.popover(
                            words("data.purge"), type="tertiary", icon=":material/delete_forever:", **only(here, Right.MANAGE)
                        ):
                            st.markdown(words("data.purge_sure"))
                            st.button(words("data.purge_yes"), key=f"purge_{short}", on_click=purge, args=(shop_id, report.sha256))


def danger_zone(shop: Shop) -> None:
    """The whole shop: taken along as one file, or deleted."""
    with st.popover(words("data.whole_shop"), icon=":material/inventory_2:", type="tertiary"):
        if may_take_rows(here):
            st.markdown(words("data.archive_what"))
            try:
                refuse_while_blind(here.ws, shop.id)
            except AuditError as refusal:
                say(refusal, here.lang)
            else:
                offer(
                    words("data.archive_download"), lambda: shop_as_bytes(here.ws, shop), shop.name, "zip", "application/zip",
                    key="shop_archive",
                )
        else:
            st.caption(words("app.rows.not_to_take"))
        st.divider()
        if not allowed_or_told(here, Right.MANAGE):
            return
        st.markdown(words("data.delete_what", name=md_escape(shop.name)))
        st.text_input(words("data.delete_type"), key=f"delete_name_{shop.id}", max_chars=100, autocomplete="off")
        st.button(
            words("data.delete_yes"), key=f"delete_{shop.id}", icon=":material/delete_forever:", on_click=delete, args=(shop.id, shop.name)
        )
        if st.session_state.pop("not_deleted", None) == shop.id:
            st.error(words("data.delete_not"), icon=":material/error:")


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
running_import(here)
stopped: list[str] = st.session_state.get("stopped", [])
if stopped:
    names = words("data.listed").join(shortened(file) for file in stopped)
    kept = words("data.still_there") if reports else ""
    st.info(md_escape(f"{words('data.stopped_files', files=names)}{kept}"), title=words("data.stopped"), icon=":material/stop_circle:")
for file, problem in problems:
    shown = problem.titles[here.lang]
    title = shown if not file or file in shown else f"{shortened(file)}{words('app.colon')}{shown}"
    kept = words("data.still_there") if reports else ""
    with st.container(gap="xsmall"):
        st.error(md_escape(f"{problem.bodies[here.lang]}{kept}"), title=md_escape(title), icon=":material/block:")
        offer_mapping(here, file)
password_forms(here)
for file, names in st.session_state.get("ignored", []):
    told = md_escape(shortened(words("data.listed").join(names), 200))
    st.caption(f":material/info: {words('data.ignored_files', file=md_escape(shortened(file)), names=told)}")
for file, one in st.session_state.get("elsewhere", []):
    told = words(f"warnings.{one.code}", **one.values())
    st.warning(md_escape(f"{shortened(file)}{words('app.colon')}{told}"), icon=":material/storefront:")
for file in st.session_state.get("already", []):
    st.caption(f":material/info: {words('data.already', file=md_escape(shortened(file)))}")
if here.shop is not None:
    exported = stated_times(here.ws, here.shop.id)
    for report in sorted(reports, key=lambda report: KINDS.index(report.kind)):
        file_card(here.shop.id, report, exported.get(report.sha256))
uploader(here, words("data.drop_more" if reports else "data.drop"))
what_is_possible(reports)
noted_days(here)
if here.shop is not None:
    removed = removed_imports(here.ws, here.shop.id)
    if removed:
        removed_files(here.shop.id, removed)
with st.container(horizontal=True):
    if has_choice(here):
        with st.popover(words("data.shops"), icon=":material/storefront:", type="tertiary"):
            shop_chooser(here, "data")
    mapping_button(here)
    if here.shop is not None:
        danger_zone(here.shop)
