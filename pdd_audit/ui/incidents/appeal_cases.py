"""The cases of a shop: where each stands, what is missing, its evidence, its countdown, and the file to hand in."""

import hashlib
from datetime import date, datetime, time

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.incidents.appeal_dossier import Dossier
from pdd_audit.core.incidents.appeal_guide import AppealGuide
from pdd_audit.core.incidents.appeals import Added, Case, Status
from pdd_audit.core.people import Right
from pdd_audit.reports.appeal_pack import appeal_pack, letter_docx, letter_pdf
from pdd_audit.services.incidents.appeal_file import dossier_of, evidence_files
from pdd_audit.services.incidents.appeals import (
    add_evidence,
    count_down,
    drop_evidence,
    evidence_bytes,
    guide_of,
    move,
    reason_of,
    still_missing,
)
from pdd_audit.services.look_at_appeals import AppealsLook
from pdd_audit.services.proofs import KINDS
from pdd_audit.texts import LANGS, Lang, error_text
from pdd_audit.texts.numbers import DASH, count, full_moment, yuan
from pdd_audit.ui.downloads import offer
from pdd_audit.ui.drop_zone import Wanted, drop_zone, dropped, taken_in
from pdd_audit.ui.incidents.appeal_acts import act, problem, typed, who
from pdd_audit.ui.incidents.appeal_path import doors_and_steps
from pdd_audit.ui.parts import card, heading
from pdd_audit.ui.plain import md_escape, shortened
from pdd_audit.ui.proofs import MIME
from pdd_audit.ui.rights import only
from pdd_audit.ui.session import Here

LOOK: dict[Status, tuple[str, str]] = {
    "drafted": (":material/edit_note:", "gray"), "submitted": (":material/schedule_send:", "blue"),
    "accepted": (":material/check:", "green"), "refused": (":material/close:", "red"), "second_try": (":material/schedule_send:", "blue"),
}
SHOWN = 20
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def cases(here: Here, look: AppealsLook) -> None:
    words = here.words
    if not look.cases:
        st.info(words("appeals.no_cases"), icon=":material/folder_open:")
        return
    heading(words("appeals.cases", n=count(len(look.cases))), words("appeals.cases_caption"))
    waiting = [case for case in look.cases if case.next]
    for case in [*waiting, *(case for case in look.cases if not case.next)][:SHOWN]:
        with card(tight=True, key=f"case_{case.id}"):
            _case(here, case, look.at)
    if len(look.cases) > SHOWN:
        st.caption(words("appeals.more_cases", n=count(len(look.cases) - SHOWN)))


def remind(here: Here, look: AppealsLook) -> None:
    """Countdowns that end soon, at the top of the page."""
    for case in look.soon:
        left = case.left(look.at)
        assert left is not None, "only cases with a countdown are named"
        over = left.total_seconds() < 0
        st.warning(
            md_escape(here.words("appeals.over" if over else "appeals.soon", order=case.orders[0], left=left_text(here, case, look.at),
                                 until=full_moment(case.until), yuan=yuan(case.yuan))),
            icon=":material/timer_off:" if over else ":material/timer:",
        )


def left_text(here: Here, case: Case, at: datetime) -> str:
    left = case.left(at)
    if left is None:
        return here.words("appeals.left_unknown") if case.to_send else DASH
    minutes = int(abs(left.total_seconds()) // 60)
    return here.words("appeals.left", d=minutes // 1440, h=minutes // 60 % 24, m=minutes % 60)


def _case(here: Here, case: Case, at: datetime) -> None:
    words, guide = here.words, guide_of(here.ws)
    reason = reason_of(guide, case)
    more = words("appeals.and_more", n=count(len(case.orders) - 1)) if len(case.orders) > 1 else ""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{md_escape(case.orders[0])}** {md_escape(more)}{words('app.dot')}{md_escape(reason.name.in_language(here.lang))}")
        with st.container(horizontal=True, width="content"):
            icon, colour = LOOK[case.status]
            status = words(f"appeals.status.{case.status}")
            st.badge(status, icon=icon, color=colour)  # type: ignore[arg-type]  # the table holds its colour names
            st.badge(yuan(case.yuan), color="gray")
    st.caption(md_escape(_story(here, case, at)))
    if case.refused_because and case.status == "refused":
        st.caption(md_escape(words("appeals.refused_because", said=case.refused_because)))
    lacking = still_missing(here.ws, case) if case.to_send else []
    if case.to_send:
        _missing(here, guide, case, bool(lacking))
    for one in case.evidence:
        _piece(here, guide, case, one)
    look = only(here, Right.ANSWER)
    with st.container(horizontal=True, gap="small"):
        if case.to_send:
            with st.popover(words("appeals.add"), icon=":material/attach_file:", **look):
                _add_form(here, guide, case)
            with st.popover(words("appeals.countdown"), icon=":material/timer:", **look):
                _countdown_form(here, case)
            with st.popover(words("appeals.path"), icon=":material/route:"):
                st.markdown(md_escape(words("appeals.pick", pick=reason.pick.in_language(here.lang))))
                doors_and_steps(here)
        st.button(words("appeals.build"), icon=":material/inventory_2:", key=f"build_{case.id}", on_click=_build, args=(case.id,),
                  type="primary" if case.to_send and not lacking else "secondary", **look)
        if case.next:
            with st.popover(words("appeals.move"), icon=":material/arrow_forward:", **look):
                _move_form(here, case)
    problem(here, case.id)
    _file(here, case)


def _story(here: Here, case: Case, at: datetime) -> str:
    words = here.words
    parts = [words("appeals.step_at", status=words(f"appeals.status.{status}"), at=full_moment(when)) for status, when in case.steps]
    if case.to_send:
        parts.append(words("appeals.left_line", left=left_text(here, case, at)))
    if case.yuan_back is not None:
        parts.append(words("appeals.back", yuan=yuan(case.yuan_back)))
    return words("app.dot").join(parts)


def _missing(here: Here, guide: AppealGuide, case: Case, any_lacking: bool) -> None:
    """The evidence its reason needs, each there, half there or missing; then what would make it stronger."""
    words, reason = here.words, reason_of(guide, case)
    lacking = {one.evidence: one for one in still_missing(here.ws, case)}
    for id in reason.needed:
        piece, one = guide.piece(id), lacking.get(id)
        name = piece.name.in_language(here.lang)
        if one is None:
            st.markdown(f":green[:material/check_circle:] {md_escape(name)}")
        elif one.parts:
            shown = {part.id: part.zh if here.lang == "zh" else part.en for part in piece.shows}
            parts = words("app.semicolon").join(shown[part] for part in one.parts)
            st.markdown(f":orange[:material/pending:] {md_escape(words('appeals.lacks', name=name, parts=parts))}")
        else:
            parts = words("app.semicolon").join(part.zh if here.lang == "zh" else part.en for part in piece.shows)
            st.markdown(f":red[:material/radio_button_unchecked:] {md_escape(words('appeals.must_show', name=name, parts=parts))}")
    there = {one.evidence for one in case.evidence}
    helpful = [guide.piece(id).name.in_language(here.lang) for id in reason.helps if id not in there]
    if helpful:
        st.caption(md_escape(words("appeals.helps", names=words("app.semicolon").join(helpful))))
    if any_lacking:
        st.caption(words("appeals.incomplete"))


def _piece(here: Here, guide: AppealGuide, case: Case, one: Added) -> None:
    words = here.words
    assert here.shop is not None, "cases belong to a shop"
    shop_id, kind, key = here.shop.id, one.attachment.kind, f"{case.id}_{one.evidence}_{one.attachment.sha256[:12]}"
    name = next((piece.name.in_language(here.lang) for piece in guide.evidence if piece.id == one.evidence), one.evidence)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        icon = ":material/picture_as_pdf:" if kind == "pdf" else ":material/image:"
        told = words("appeals.piece", name=name, file=shortened(one.attachment.name, 24), dated=one.dated.isoformat())
        st.markdown(f"{icon} {md_escape(told)}", width="content")
        with st.popover(words("checklist.attached_open"), type="tertiary", key=f"open_{key}"):
            st.caption(f"SHA-256 `{one.attachment.sha256}`")
            stem, get = one.attachment.name.rsplit(".", 1)[0], words("checklist.attached_download")
            offer(get, lambda: evidence_bytes(here.ws, shop_id, one), stem, kind, MIME[kind], key=f"get_{key}")
            if case.to_send:
                st.button(words("checklist.attached_remove"), key=f"drop_{key}", type="tertiary", icon=":material/delete:",
                          on_click=_drop, args=(case.id, one.evidence, one.attachment.sha256), **only(here, Right.ANSWER))


def _add_form(here: Here, guide: AppealGuide, case: Case) -> None:
    words, reason, key = here.words, reason_of(guide, case), case.id
    order = [*reason.needed, *reason.helps]
    names = {piece.id: piece.name.in_language(here.lang) for piece in sorted(
        guide.evidence, key=lambda piece: order.index(piece.id) if piece.id in order else len(order))}
    lacking = [one.evidence for one in still_missing(here.ws, case)]
    start = list(names).index(lacking[0]) if lacking else 0
    chosen = st.selectbox(words("appeals.kind"), list(names), index=start, key=f"kind_{key}", format_func=names.__getitem__)
    piece = guide.piece(chosen or order[0])
    source, when = here.ws.sources[piece.source], piece.refused_when.in_language(here.lang)
    st.caption(md_escape(words("appeals.refused_when", when=when, source=source.title, trust=source.trust)))
    upload = f"upload_{key}_{st.session_state.get('evidence_added', 0)}"
    drop_zone(here, words("appeals.file"), upload, Wanted(kinds=tuple(KINDS), megabytes=10, right=Right.ANSWER))
    st.date_input(words("appeals.dated"), value=None, key=f"dated_{key}", format="YYYY-MM-DD", max_value="today")
    if piece.handover:
        st.datetime_input(words("appeals.handed_over_at"), value=None, key=f"handed_{key}", format="YYYY-MM-DD", step=60)
    st.pills(words("appeals.shows"), [part.id for part in piece.shows], selection_mode="multi", key=f"shows_{key}_{piece.id}",
             format_func={part.id: part.zh if here.lang == "zh" else part.en for part in piece.shows}.__getitem__)
    who(here, f"add_{key}_by")
    st.button(words("appeals.keep"), key=f"keep_{key}", type="primary", on_click=_add, args=(case.id,))


def _add(case_id: str) -> None:
    state = st.session_state
    key = f"upload_{case_id}_{state.get('evidence_added', 0)}"
    file = next(iter(dropped(key)), None)
    kind, by = typed(f"kind_{case_id}"), typed(f"add_{case_id}_by")
    dated, handed = state.get(f"dated_{case_id}"), state.get(f"handed_{case_id}")

    def work(there: Here, shop: str) -> None:
        if file is None or not isinstance(dated, date):
            raise AuditError("appeal_form", found="")
        add_evidence(
            there.ws, shop, case_id, kind, file.name, file.data, dated, by, shows=state.get(f"shows_{case_id}_{kind}") or (),
            handed_over_at=handed if isinstance(handed, datetime) else None,
        )
        taken_in(key)
        state["evidence_added"] = int(state.get("evidence_added", 0)) + 1  # the uploaded bytes do not stay in the session

    act(case_id, work, "appeals.kept")


def _drop(case_id: str, evidence: str, sha256: str) -> None:
    act(case_id, lambda there, shop: drop_evidence(there.ws, shop, case_id, evidence, sha256, _me()))


def _me() -> str:
    return str(st.session_state.get("who_acts") or "") or DASH


def _countdown_form(here: Here, case: Case) -> None:
    words = here.words
    st.caption(words("appeals.countdown_caption"))
    st.datetime_input(words("appeals.until"), value=case.until, key=f"until_{case.id}", format="YYYY-MM-DD", step=60)
    who(here, f"count_{case.id}_by")
    st.button(words("appeals.save"), key=f"count_{case.id}", type="primary", on_click=_count, args=(case.id,))


def _count(case_id: str) -> None:
    until, by = st.session_state.get(f"until_{case_id}"), typed(f"count_{case_id}_by")
    at = until if isinstance(until, datetime) else datetime.combine(until, time(23, 59)) if isinstance(until, date) else None
    act(case_id, lambda there, shop: count_down(there.ws, shop, case_id, at, by), "appeals.kept")


def _move_form(here: Here, case: Case) -> None:
    words = here.words
    names = {status: words(f"appeals.to.{status}") for status in case.next}
    chosen = st.radio(words("appeals.to_what"), list(names), key=f"to_{case.id}", format_func=names.__getitem__)
    if chosen == "accepted":
        st.number_input(words("appeals.yuan_back"), min_value=0.0, value=None, key=f"back_{case.id}", step=None, placeholder=DASH)
    elif chosen == "refused":
        st.text_input(words("appeals.why_refused"), key=f"said_{case.id}", max_chars=400)
    who(here, f"move_{case.id}_by")
    st.button(words("appeals.save"), key=f"move_{case.id}", type="primary", on_click=_move, args=(case.id,))


def _move(case_id: str) -> None:
    state = st.session_state
    status: Status = state[f"to_{case_id}"]
    by = typed(f"move_{case_id}_by")
    back, said = state.get(f"back_{case_id}"), typed(f"said_{case_id}")
    act(case_id, lambda there, shop: move(there.ws, shop, case_id, status, by, yuan=back, said=said), "appeals.kept")


# --- the file ---------------------------------------------------------------------------------------------------------------


def _stand(case: Case) -> str:
    """Names the case as it stands: a file built before anything changed is not offered any more."""
    return hashlib.sha256(repr(case).encode()).hexdigest()


def _build(case_id: str) -> None:
    def work(there: Here, shop: str) -> None:
        st.session_state[f"dossier_{case_id}"] = None
        dossier = dossier_of(there.ws, shop, case_id)
        st.session_state[f"dossier_{case_id}"] = (shop, _stand(dossier.case), dossier)

    act(case_id, work)


def _file(here: Here, case: Case) -> None:
    built = st.session_state.get(f"dossier_{case.id}")
    if not built or here.shop is None or built[:2] != (here.shop.id, _stand(case)):
        return
    words, dossier, shop_id = here.words, built[2], here.shop.id
    assert isinstance(dossier, Dossier), "kept by the press that built it"
    with st.container(gap="xsmall"):
        st.success(words("appeals.built", n=count(len(dossier.orders)), files=count(len(dossier.evidence))), icon=":material/verified:")
        labels: dict[Lang, str] = {"zh": "中文", "en": "English"}
        lang = st.segmented_control(
            words("appeals.language"), LANGS, default="zh", required=True, key=f"letter_{case.id}", format_func=labels.__getitem__
        ) or "zh"
        try:
            files = evidence_files(here.ws, shop_id, dossier.case)
        except AuditError as refusal:
            title, body = error_text(refusal, here.lang)
            st.error(md_escape(body), title=md_escape(title), icon=":material/block:")
            return
        stem = f"{words('appeals.stem')}_{case.orders[0]}"
        with st.container(horizontal=True, gap="small"):
            offer(words("appeals.get_zip"), lambda: appeal_pack(dossier, files, lang), stem, "zip", "application/zip",
                  key=f"zip_{case.id}", primary=True)
            offer(words("appeals.get_pdf"), lambda: letter_pdf(dossier, lang), stem, "pdf", "application/pdf", key=f"pdf_{case.id}")
            offer(words("appeals.get_docx"), lambda: letter_docx(dossier, lang), stem, "docx", DOCX, key=f"docx_{case.id}")
        st.caption(words("appeals.before_sending"))
