"""Mapping: the first rows of a file nobody recognised, a column of ours for each of its own, the outcome on trial, then the import."""

import hashlib
import json
from dataclasses import replace
from threading import Event
from typing import Any

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.file_preview import FilePreview
from pdd_audit.core.headers import fold
from pdd_audit.core.mapping import DELIMITERS, MAPPED_KINDS, MappedKind, Mapping, Target, Unit, units_of
from pdd_audit.core.people import Right
from pdd_audit.services.import_files import PASSWORD_WANTED, ImportOutcome, Progress, Upload
from pdd_audit.services.map_columns import (
    Choice,
    KnownMapping,
    Trial,
    first_look,
    forget_mapping,
    import_by_hand,
    known_mappings,
    known_statuses,
    mapped_by,
    mapping_yaml,
    problem_with,
    remember_mapping,
    try_mapping,
    wanted,
)
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import now
from pdd_audit.texts import error_text
from pdd_audit.texts.numbers import count, day
from pdd_audit.ui import session, to_map
from pdd_audit.ui.downloads import offer
from pdd_audit.ui.drop_zone import Wanted, drop_zone, dropped, taken_in
from pdd_audit.ui.parts import card, heading, link
from pdd_audit.ui.phrases import coded, column_name
from pdd_audit.ui.plain import md_escape, shortened
from pdd_audit.ui.refusals import told
from pdd_audit.ui.rights import allowed_or_told, only
from pdd_audit.ui.session import go
from pdd_audit.ui.to_map import ToMap
from pdd_audit.ui.units import unit_label
from pdd_audit.ui.uploading import read_mapped, watched

NONE, WHOLE = "", "="  # options beside the columns of the file, none of which can be called so
EXAMPLE = 24
HEADER_ROWS = 12
CLASSES = {"status", "kind", "reason", "violation", "state", "category"}  # stored columns whose values are codes of ours

here = session.current()
words = here.words


def kind_name(kind: str) -> str:
    return words(f"mapping.kinds.{kind}") if words.has(f"mapping.kinds.{kind}") else words(f"kinds.{kind}.name")


def what_for(column: str, kind: str) -> str:
    """What a column of ours is needed for, and what becomes of cells in which people may stand."""
    keys = (f"mapping.column_of.{kind}.{column}.what", f"mapping.column.{column}.what")
    told = [next((words(key) for key in keys if words.has(key)), "")]
    target = wanted(kind)  # type: ignore[arg-type]  # one of the kinds
    told += [words("mapping.only_a_number")] if column in target.hashed else []
    told += [words("mapping.never_kept")] if column in target.classed else []
    return words("app.dot").join(part for part in told if part)


def tag(*parts: object) -> str:
    """A short key: other widgets for another file, sheet or header row."""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:12]


def file_key(file: ToMap) -> str:
    return tag(file.file, len(file.upload.data))  # type: ignore[arg-type]  # a browser hands in bytes


def looked_at(file: ToMap, choice: Choice) -> FilePreview:
    """The first look; kept as it was found, and as it was last chosen."""
    untouched, key = (tag(file_key(file), one.sheet, one.header_row, one.delimiter) for one in (Choice(), choice))
    kept: dict[str, FilePreview] = st.session_state.get("first_look", {})
    if key not in kept:
        with st.spinner(words("mapping.looking"), show_time=True):
            found = first_look(file.upload, choice, file.file)
        kept = {old: look for old, look in kept.items() if old == untouched} | {key: found}
        st.session_state["first_look"] = kept
    return kept[key]


def place_chooser(first: FilePreview, key: str) -> Choice:
    """Sheet, header row and delimiter, where the file leaves a choice; what was found is selected."""
    sheet: str | None = first.sheet
    delimiter: str | None = first.delimiter
    with st.container(horizontal=True, gap="medium"):
        if len(first.sheets) > 1:
            at = first.sheets.index(first.sheet) if first.sheet in first.sheets else 0
            sheet = st.selectbox(words("mapping.sheet"), first.sheets, index=at, key=f"sheet_{key}", width=260)
        rows = {0: words("mapping.no_header")}
        rows |= {number: words("mapping.header_row_n", row=number) for number, _ in first.rows[:HEADER_ROWS]}
        rows |= {first.header_row: rows.get(first.header_row, words("mapping.header_row_n", row=first.header_row))}
        header_row = st.selectbox(
            words("mapping.header_row"),
            list(rows),
            index=list(rows).index(first.header_row),
            format_func=rows.__getitem__,
            key=f"header_row_{key}_{sheet}",
            width=300,
        )
        if first.delimiter is not None:
            labels: dict[str, str] = {name: words(f"mapping.delimiters.{name}") for name in DELIMITERS}
            delimiter = st.selectbox(
                words("mapping.delimiter"),
                list(labels),
                index=list(labels).index(first.delimiter),
                format_func=labels.__getitem__,
                key=f"delimiter_{key}",
                width=200,
            )
    return Choice(
        sheet if sheet != first.sheet else None,
        header_row if header_row != first.header_row else None,
        delimiter if delimiter != first.delimiter else None,
    )


def first_rows(preview: FilePreview) -> None:
    # repeated headers differ by their number already; the row's own column is told apart by a blank no header has
    table = [
        {f"{words('mapping.row_number')} ": number} | {name: cells[at] if at < len(cells) else "" for at, name in enumerate(preview.names)}
        for number, cells in preview.rows
        if number != preview.header_row
    ]
    with st.container(gap="xxsmall"):
        st.dataframe(table, hide_index=True, height=min(35 * len(table) + 40, 290), alt=words("mapping.rows", n=len(table)))
        notes = [words("mapping.hidden")] if any(preview.hidden) or "•••" in str(preview.rows) else []
        notes += [words("mapping.more_columns", n=preview.more_columns)] if preview.more_columns else []
        if notes:
            st.caption(" ".join(notes))


def example_in(preview: FilePreview, at: int) -> str:
    """A cell of the column that is no blank and may be shown."""
    cells = (cells[at] for number, cells in preview.rows if number > preview.header_row and at < len(cells))
    return next((cell for cell in cells if cell.strip() and cell != "•••"), "")


def examples(preview: FilePreview, covered: bool) -> dict[str, str]:
    """Column of the file -> its label in a select box, with a cell that is no blank. ``covered``: those whose cells are not shown too."""
    found = {NONE: words("mapping.none"), WHOLE: words("mapping.whole")}
    for at, name in enumerate(preview.names):
        if preview.hidden[at]:
            if covered:
                found[name] = words("mapping.option_unseen", header=shortened(name, 30))
            continue
        example = example_in(preview, at)
        found[name] = words("mapping.option", header=shortened(name, 30), example=shortened(example, EXAMPLE)) if example else name
    return found


def column_box(column: str, target: Target, preview: FilePreview, kind: MappedKind, key: str) -> tuple[str, str, Unit | None]:
    """(chosen column of the file or NONE, value for the whole file, the unit where one is named)."""
    labels = examples(preview, target.may_hold_people(column))
    proposed = next((one for one in preview.proposals[kind] if one.column == column), None)
    options = [NONE, *([WHOLE] if column in target.constants else []), *(name for name in labels if name not in (NONE, WHOLE))]
    name, required = column_name(words, column, kind), column in target.required
    with st.container(gap="xxsmall"):
        picked = st.selectbox(
            words("mapping.required", name=md_escape(name)) if required else md_escape(name),
            options,
            index=options.index(proposed.header) if proposed and proposed.header in options else 0,
            format_func=labels.__getitem__,
            key=f"column_{key}_{column}",
        )
        value = whole_value(column, name, kind, key) if picked == WHOLE else ""
        unit = unit_box(column, name, example_in(preview, preview.names.index(picked)), key) if picked in preview.names else None
        st.caption(f"{confidence(picked, proposed.header if proposed else None, proposed.confidence if proposed else '', required)}"
                   f"{words('app.dot')}{what_for(column, kind)}")
    return picked, value, unit


def unit_box(column: str, name: str, example: str, key: str) -> Unit | None:
    """The unit of a column that may come in several, with what its first number becomes; None as long as nobody names one."""
    units = units_of(column)
    if not units:
        return None
    usual = units[0] if units[0] == "yuan" else None  # what an amount is that nobody says anything of
    labels: dict[Unit | None, str] = {} if usual else {None: words("mapping.unit_own")}
    labels |= {unit: unit_label(words, unit, example) for unit in units}
    label = words("mapping.unit_label", name=md_escape(name))
    picked = st.selectbox(
        label, list(labels), format_func=labels.__getitem__, key=f"unit_{key}_{column}", label_visibility="collapsed",
    )
    return picked if picked != usual else None


def confidence(picked: str, header: str | None, how: str, required: bool) -> str:
    if picked == NONE:
        return words("mapping.confidence.open" if required else "mapping.confidence.without")
    return words(f"mapping.confidence.{how}") if picked == header else words("mapping.confidence.chosen")


def whole_value(column: str, name: str, kind: MappedKind, key: str) -> str:
    label = words("mapping.value", name=md_escape(name))
    if column != "status" or kind != "pdd_orders":
        return st.text_input(label, key=f"whole_{key}_{column}", max_chars=40, label_visibility="collapsed", placeholder=label).strip()
    said = {status: words(f"mapping.status.{status}") for status in sorted(wanted("pdd_orders").statuses)}
    texts: dict[str, str] = {}
    for text, status in known_statuses().items():
        texts.setdefault(status, text)
    chosen = st.selectbox(label, list(said), index=list(said).index("shipped"), format_func=said.__getitem__, key=f"whole_{key}_status",
                          label_visibility="collapsed")
    return texts[chosen]


def columns_chosen(preview: FilePreview, kind: MappedKind, key: str) -> Mapping:
    """A select box for each column of ours; those that are required or proposed first."""
    target = wanted(kind)
    likely = {one.column for one in preview.proposals[kind]}
    if not likely.intersection(target.one_of):
        likely |= set(target.one_of)
    first = [column for column in target.columns if column in target.required or column in likely]
    first.sort(key=lambda column: column not in target.required)
    others = [column for column in target.columns if column not in first]
    picked: dict[str, tuple[str, str, Unit | None]] = {}

    def grid(columns: list[str]) -> None:
        for at in range(0, len(columns), 2):
            for box, column in zip(st.columns(2, gap="medium"), columns[at : at + 2], strict=False):
                with box:
                    picked[column] = column_box(column, target, preview, kind, key)

    heading(words("mapping.columns"), words("mapping.columns_how"))
    grid(first)
    if others:
        with st.expander(words("mapping.more", n=len(others)), key=f"more_{key}"):
            grid(others)
    columns = {column: header for column, (header, _, _) in picked.items() if header not in (NONE, WHOLE)}
    constants = {column: value for column, (header, value, _) in picked.items() if header == WHOLE}
    units = {column: unit for column, (_, _, unit) in picked.items() if unit is not None}
    statuses = words_of_status(preview, columns["status"], key) if kind == "pdd_orders" and "status" in columns else {}
    # without the model's own checks: an unfinished mapping is told what it lacks, see problem_with
    return Mapping.model_construct(None, kind=kind, columns=columns, constants=constants, statuses=statuses, units=units, **preview.place())


def words_of_status(preview: FilePreview, column: str, key: str) -> dict[str, str]:
    """What the file's own words of the status mean, asked for those nobody knows."""
    known = {fold(word).replace(",", "，") for word in known_statuses()}
    own = [word for word in preview.words.get(column, []) if fold(word).replace(",", "，") not in known]
    if not own:
        return {}
    labels = {NONE: words("mapping.status_open")} | {one: words(f"mapping.status.{one}") for one in sorted(wanted("pdd_orders").statuses)}
    heading(words("mapping.statuses"), words("mapping.statuses_how"))
    found: dict[str, str] = {}
    for at in range(0, len(own), 2):
        for box, word in zip(st.columns(2, gap="medium"), own[at : at + 2], strict=False):
            with box:
                found[word] = st.selectbox(md_escape(word), list(labels), format_func=labels.__getitem__, key=f"status_{key}_{tag(word)}")
    return {word: status for word, status in found.items() if status != NONE}


def say(error: AuditError) -> None:
    title, body = error_text(error, here.lang)
    st.error(md_escape(body), title=md_escape(title), icon=":material/block:")


def outcome(trial: Trial, asked: MappedKind) -> None:
    report = trial.report
    with st.container(gap="xsmall"):
        heading(words("mapping.outcome", kept=count(report.rows_kept)))
        if report.left_out:
            out = count(report.rows_read - report.rows_kept)
            st.markdown(words("mapping.outcome_rows", read=count(report.rows_read), kept=count(report.rows_kept), out=out))
            reasons = (f"{coded(words, 'left_out', reason)} {count(rows)}" for reason, rows in sorted(report.left_out.items()))
            st.caption(words("mapping.outcome_reasons", reasons=md_escape(words("app.dot").join(reasons))))
        if report.period_from and report.period_to:
            period = words("mapping.outcome_period", first=day(report.period_from, here.lang), last=day(report.period_to, here.lang))
            st.caption(md_escape(period))
        for notice in report.notices:
            if notice.code not in ("mapped_by_hand", "personal_dropped", "header_row") and words.has(f"warnings.{notice.code}"):
                st.caption(f":material/info: {md_escape(words.notice(notice.code, notice.values))}")
    with st.container(gap="xxsmall"):
        st.caption(words("mapping.sample", n=len(trial.rows)))
        table = [{column_name(words, name, asked): shown(name, value, asked) for name, value in row.items()} for row in trial.rows]
        st.dataframe(table, hide_index=True)


def shown(name: str, value: Any, asked: MappedKind) -> str:
    if value is None:
        return "—"
    if hasattr(value, "hour"):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    prefix = "mapping.status" if asked == "pdd_orders" and name == "status" else "mapping.class" if name in CLASSES else ""
    return words(f"{prefix}.{value}") if prefix and words.has(f"{prefix}.{value}") else str(value)


def take_in(file: ToMap, preview: FilePreview, mapping: Mapping) -> None:
    """Import, remember, and tell what came of it on the Data page."""
    ws, shop_id = here.ws, here.shop.id if here.shop else create_shop(here.ws, words("app.shop.first")).id
    upload = mapped_by(mapping, now(), file.upload)

    def work(tell: Progress, stop: Event) -> ImportOutcome:
        outcome = import_by_hand(ws, shop_id, upload, file.file, tell, stop)
        if outcome.error is None:
            remember_mapping(ws, shop_id, preview, mapping, file.file, now())
        return outcome

    for key in ("first_look", "trial"):
        st.session_state.pop(key, None)
    read_mapped(here, shop_id, file, work)


def with_its_password(file: ToMap) -> ToMap | None:
    """A locked file with what is typed; None while nothing is. The field forgets it when the page is left; nothing else keeps it."""
    with st.container(gap="xxsmall"):
        label = words("mapping.password", file=md_escape(shortened(file.file)))
        password = st.text_input(label, type="password", autocomplete="off", key=f"mapping_password_{file_key(file)}", width=360)
        st.caption(words("data.password_nowhere"))
    return replace(file, upload=replace(file.upload, password=password)) if password else None


def opened(file: ToMap) -> None:
    """What can be said and done about the file; one that turns out to be locked is asked about."""
    unlocked = with_its_password(file) if file.locked else file
    if unlocked is None:
        return
    try:
        mapping_of(unlocked)
    except AuditError as error:
        if error.code in PASSWORD_WANTED and not file.locked:
            to_map.lock()
            st.rerun()
        say(error)


def mapping_of(file: ToMap) -> None:
    """The whole way for one file: look, choose, try, import. Raises what a first look raises."""
    preview = looked_at(file, place_chooser(looked_at(file, Choice()), file_key(file)))
    first_rows(preview)
    key = tag(file_key(file), preview.sheet, preview.header_row, preview.delimiter, preview.names)
    names = {kind: kind_name(kind) for kind in MAPPED_KINDS}
    at = MAPPED_KINDS.index(preview.kind)
    kind = st.selectbox(words("mapping.kind"), MAPPED_KINDS, index=at, format_func=names.__getitem__, key=f"kind_{key}", width=360)
    mapping = columns_chosen(preview, kind, f"{key}_{kind}")
    lacks = problem_with(preview, mapping)
    if lacks is not None:
        say(lacks)
        return
    tried(file, preview, mapping)


def tried(file: ToMap, preview: FilePreview, mapping: Mapping) -> None:
    """The trial of the mapping as it stands, and what may follow."""
    state = tag(file_key(file), mapping.model_dump())
    trial: tuple[str, Trial | AuditError] | None = st.session_state.get("trial")
    current = trial is not None and trial[0] == state
    with st.container(horizontal=True, vertical_alignment="center"):
        asked = st.button(words("mapping.try"), type="secondary" if current else "primary", key="try", icon=":material/play_arrow:")
        text = mapping_yaml(preview, wanted(mapping.kind), mapping, ())
        offer(words("mapping.as_file"), text.encode, words("mapping.file_stem"), "yaml", "application/yaml", key="mapping_file")
    if asked:
        bar = st.progress(0.0, text=words("mapping.reading"))
        try:
            whole = Mapping.model_validate(mapping.model_dump())
            found: Trial | AuditError = watched(lambda _: try_mapping(file.upload, whole, now(), file.file), bar, here)
        except AuditError as error:
            found = error
        bar.empty()
        st.session_state["trial"] = (state, found)
        st.rerun()
    if trial is None or not current:
        return
    if isinstance(trial[1], AuditError):
        say(trial[1])
        return
    outcome(trial[1], mapping.kind)
    lasting = preview.fingerprint is not None
    with st.container(gap="xxsmall"):
        label = words("mapping.import" if lasting else "mapping.import_only")
        if st.button(label, type="primary", key="import", icon=":material/check:"):
            take_in(file, preview, Mapping.model_validate(mapping.model_dump()))
        st.caption(words("mapping.will_remember" if lasting else "mapping.not_remembered"))


@told
def forget(shop_id: str, fingerprint: str) -> None:
    forget_mapping(session.current().ws, shop_id, fingerprint)


def what_is_known(one: KnownMapping) -> str:
    """What sort of file, since when, how many columns or, of a file that is recognised by itself, in which units."""
    kind = kind_name(one.mapping.kind)
    units = [
        words("mapping.remembered_unit", column=column_name(words, column, one.mapping.kind), unit=words(f"mapping.unit.{unit}.name"))
        for column, unit in one.mapping.units.items()
    ]
    if not one.mapping.columns:
        return words("mapping.remembered_units", kind=kind, on=one.on, units=words("data.listed").join(units))
    return words("app.dot").join([words("mapping.remembered_one", kind=kind, on=one.on, n=len(one.mapping.columns)), *units])


def remembered(shop_id: str) -> None:
    known = known_mappings(here.ws, shop_id)
    if not known:
        return
    heading(words("mapping.remembered", n=len(known)))
    for one in known:
        with card(tight=True, key=f"known_{one.fingerprint[:16]}"):
            with st.container(horizontal=True, wrap=False, vertical_alignment="center", horizontal_alignment="distribute"):
                with st.container(gap="xxsmall"):
                    st.markdown(f"**{md_escape(shortened(one.file))}**")
                    st.caption(md_escape(what_is_known(one)))
                st.button(words("mapping.forget"), key=f"forget_{one.fingerprint[:16]}", type="tertiary", icon=":material/delete:",
                          on_click=forget, args=(shop_id, one.fingerprint), width="content", **only(here, Right.IMPORT_FILES))


def another() -> None:
    st.session_state.pop(to_map.CHOSEN, None)


file = to_map.chosen()
if file is None:
    st.markdown(f"# {words('mapping.title')}", anchors=False)
    given = None
    if allowed_or_told(here, Right.IMPORT_FILES, "data.drop_only"):
        drop_zone(here, words("mapping.drop"), "map_upload", Wanted())
        given = next(iter(dropped("map_upload")), None)
    if given is not None:
        taken_in("map_upload")
        to_map.choose(Upload(given.name, given.data))
        st.rerun()
else:
    with st.container(gap="xxsmall"):
        st.markdown(f"# {words('mapping.title_file', file=md_escape(shortened(file.file, 40)))}", anchors=False)
        st.caption(words("mapping.how"))
    opened(file)
    st.button(words("mapping.other_file"), key="another", type="tertiary", icon=":material/swap_horiz:", on_click=another)
if here.shop is not None:
    remembered(here.shop.id)
if link(words("mapping.to_data"), "arrow_back", key="to_data"):
    go("data")
