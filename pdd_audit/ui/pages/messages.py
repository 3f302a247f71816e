"""Messages: which buyers should hear something, what to write to them, and who was told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pandas as pd
import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.incidents.messages import LANGS, Message, Situation, names_in
from pdd_audit.core.people import Right
from pdd_audit.services.incidents.tell_buyers import (
    LONGEST,
    Batch,
    BuyerRow,
    Draft,
    Group,
    Lang,
    Note,
    TellLook,
    batch_csv,
    concerned,
    follow_ups,
    mark_told,
    pasted_orders,
    responses_of,
    take_back,
    tell_look,
    told_batches,
    told_orders,
    write_batch,
)
from pdd_audit.services.workspace import now
from pdd_audit.texts import Words, error_text
from pdd_audit.texts.numbers import DASH, count, day, moment
from pdd_audit.ui import cache, session
from pdd_audit.ui.author import author_field
from pdd_audit.ui.charts.responses import situations_chart
from pdd_audit.ui.filters import filter_bar
from pdd_audit.ui.parts import card, heading, nothing_yet
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import only
from pdd_audit.ui.row_files import offer_rows

STALE_AFTER = timedelta(hours=2)
NEAR_CHOICES = (6, 12, 24)
PASTED_LINES = 50  # of the block to copy; longer batches go out as a file
SHOWN_ROWS = 300

here = session.current()
words = here.words
known = responses_of(here.ws).messages


def title_of(situation: Situation) -> str:
    return situation.title.in_language(here.lang)


def headline(look: TellLook) -> str:
    open_ = [group for group in look.groups if group.to_tell]
    if not open_:
        return words("messages.title_none")
    first = open_[0]
    told = {"n": count(look.waiting), "first": title_of(first.situation), "k": count(len(first.to_tell))}
    return words("messages.title_one" if len(open_) == 1 else "messages.title", **told)


def picture(look: TellLook) -> None:
    lines = [(title_of(group.situation), len(group.to_tell), len({one.order_no for one in group.told})) for group in look.found]
    if lines:
        with st.container(gap="small"):
            most, open_, _ = max(lines, key=lambda line: line[1])
            title = words("messages.picture.title", title=most, n=count(open_)) if open_ else words("messages.picture.title_done")
            heading(title, words("messages.picture.caption"))
            situations_chart(lines, words, "situations")


def choose(look: TellLook) -> Group:
    """The situation to write about: the first with somebody to tell, unless another is chosen."""
    options = [group.situation.id for group in sorted(look.groups, key=lambda group: not group.to_tell)]
    labels = {
        group.situation.id: words("messages.option", title=title_of(group.situation), n=count(len(group.to_tell)))
        if group.to_tell else title_of(group.situation)
        for group in look.groups
    }
    place = options.index(st.session_state["situation"]) if st.session_state.get("situation") in options else 0
    name = st.selectbox(words("messages.situation"), options, index=place, key="situation", format_func=labels.__getitem__)
    return look.group(name or options[0])


def near() -> None:
    """How early a buyer hears that the parcel may be late; the page is drawn from the choice of the last run."""
    labels = {hours: words("messages.near_hours", n=hours) for hours in NEAR_CHOICES}
    st.segmented_control(
        words("messages.near"), NEAR_CHOICES, default=NEAR_CHOICES[0], required=True, key="near_hours", format_func=labels.__getitem__,
        wrap=False,
    )


def about(situation: Situation) -> None:
    """When to write, to whom, and what to say."""
    who, hours = words(f"messages.audience.{situation.audience}"), situation.send
    parts = words("data.listed").join(known.parts[name].title.in_language(here.lang) for name in situation.must_say)
    with st.container(gap="xxsmall"):
        st.markdown(situation.applies.in_language(here.lang))
        st.caption(words("messages.for_whom", who=who, found=words(f"messages.found.{situation.found}"), start=hours.start, end=hours.end))
        st.caption(words("messages.must_say", parts=parts))
        st.caption(words("messages.not_say", what=situation.not_say.in_language(here.lang)))
    if not hours.allow(now()):
        st.warning(words("messages.outside_hours", now=f"{now():%H:%M}", start=hours.start, end=hours.end), icon=":material/bedtime:")


def orders_of(group: Group) -> list[BuyerRow]:
    """Those found, and those pasted; nobody who was told of this before."""
    if group.situation.found != "choice" and group.to_tell:
        return list(group.to_tell)
    typed = st.text_area(
        words("messages.paste"), key=f"paste_{group.situation.id}", help=words("messages.paste_help"), height=100, max_chars=60_000
    )
    pasted = pasted_orders(typed or "")
    if not pasted:
        return []
    rows = cache.known_buyers(here, pasted)
    told = {one.order_no for one in group.told}
    holds = sum(row.state is not None for row in rows)
    st.caption(words("messages.pasted", n=count(len(pasted)), known=count(holds), told=count(len(told & set(pasted)))))
    return [row for row in rows if row.order_no not in told]


def writing(situation: Situation) -> tuple[Message, Lang, str]:
    """The text, its language, and what the person made of it."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        labels = {"zh": "中文", "en": "English"}
        chosen = st.segmented_control(
            words("messages.lang"), LANGS, default="zh", required=True, key="message_lang", format_func=labels.__getitem__
        )
        message = situation.messages[0]
        if len(situation.messages) > 1:
            menu = responses_of(here.ws).menu
            names = {one.message: one.title.in_language(here.lang) for one in menu.remedies}
            by_id = {one.id: one for one in situation.messages}
            picked = st.selectbox(words("messages.variant"), list(by_id), key="variant", format_func=lambda id: names.get(id, id))
            message = by_id[picked or message.id]
    lang: Lang = "en" if chosen == "en" else "zh"
    key = f"text_{message.id}_{lang}"
    template = st.text_area(words("messages.template"), value=message.in_language(lang), key=key, height=120, max_chars=600)
    if template != message.in_language(lang):
        st.button(
            words("messages.reset"), key=f"reset_{key}", icon=":material/undo:", type="tertiary", on_click=reset, args=(key, message, lang)
        )
    return message, lang, template or ""


def reset(key: str, message: Message, lang: Lang) -> None:
    st.session_state[key] = message.in_language(lang)


def values_of(template: str, lang: Lang) -> tuple[dict[str, str], datetime | None]:
    """What only the shop knows, as the buyer reads it; and the time at which the buyer hears again."""
    try:
        names = [name for name in names_in(template) if name in known.placeholders and known.placeholders[name].comes_from == "shop"]
    except ValueError:
        return {}, None
    if not names:
        return {}, None
    heading(words("messages.values"), words("messages.values_caption"), level=4)
    values: dict[str, str] = {}
    report_by: datetime | None = None
    with st.grid(columns=3, min_column_width=220, gap="medium"):
        for name in names:
            value = entered(name, lang)
            if isinstance(value, datetime):
                report_by = value if name == "report_time" else report_by
                values[name] = clock_text(value, Words(lang))
            elif value is not None:
                values[name] = day(value, lang) if isinstance(value, date) else str(value)
    return {name: value for name, value in values.items() if value}, report_by


def entered(name: str, lang: Lang) -> str | date | datetime | None:
    one = known.placeholders[name]
    label, key, sample = one.means.in_language(here.lang), f"value_{name}_{lang}", one.sample.in_language(lang)
    if one.kind == "moment":
        soon = datetime.combine(now().date(), time(now().hour)) + timedelta(hours=1)
        return st.datetime_input(label, value=None, min_value=soon - timedelta(hours=1), key=f"value_{name}", step=timedelta(minutes=30))
    if one.kind == "date":
        return st.date_input(label, value=None, min_value=now().date(), key=f"value_{name}")
    if one.kind == "yuan":
        yuan = st.number_input(
            label, min_value=0.01, max_value=10_000.0, value=None, step=None, format="%.4g", key=f"value_{name}", placeholder=DASH
        )
        return None if yuan is None else f"{yuan:g}"
    return st.text_input(label, key=key, max_chars=60, placeholder=sample).strip()


def clock_text(value: datetime, words: Words) -> str:
    days = (value.date() - now().date()).days
    name = "today" if days == 0 else "tomorrow" if days == 1 else "day"
    return words(f"messages.when.{name}", clock=f"{value:%H:%M}", day=day(value, words.lang))


def verdict(batch: Batch, lang: Lang) -> None:
    """Everything that keeps the text from being sent, with the words it is about; then what could be better."""
    if batch.unknown:
        names = words("data.listed").join(batch.unknown)
        there = words("data.listed").join(known.placeholders)
        st.error(md_escape(words("messages.unknown", names=names, known=there)), icon=":material/block:")
        return
    rules = {rule.id: rule for rule in responses_of(here.ws).wording.rules}
    if batch.objections:
        lines = [
            "- " + md_escape(words("messages.refused.line", words=one.words, why=rules[one.rule].why.in_language(here.lang)))
            for one in batch.objections
        ]
        st.error("\n".join(lines), title=words("messages.refused.title"), icon=":material/block:")
    if batch.missing:
        names = words("data.listed").join(known.placeholders[name].means.in_language(here.lang) for name in batch.missing)
        st.info(words("messages.waits", names=names), icon=":material/edit:")
    if batch.unsaid:
        parts = words("data.listed").join(known.parts[name].title.in_language(here.lang) for name in batch.unsaid)
        st.warning(words("messages.unsaid", parts=parts), icon=":material/rule:")
    if batch.longest > LONGEST[lang] and batch.ready:
        st.warning(words("messages.long", n=batch.longest, most=LONGEST[lang]), icon=":material/straighten:")
    elif batch.ready and not batch.unsaid:
        st.markdown(f":small[:primary[:material/check: {words('messages.fits', n=batch.longest)}]]")


def left_text(row: BuyerRow) -> str:
    if row.left_minutes is None:
        return DASH
    hours, minutes = divmod(abs(row.left_minutes), 60)
    if row.left_minutes > 0:
        return words("messages.left_ahead", h=count(hours), m=f"{minutes:02}")
    return words("messages.left_over", h=count(hours))


def sending(batch: Batch, situation: Situation) -> None:
    """To copy, to download: one order's text as it stands, then all of them."""
    ready = batch.ready
    first = md_escape(words("messages.first_of", order=ready[0].row.order_no))
    heading(words("messages.preview", n=count(len(ready))), first, level=4)
    st.code(ready[0].filled.text, language=None, wrap_lines=True)
    if len(ready) > 1:
        with st.expander(words("messages.all_title", n=count(len(ready))), icon=":material/list:"):
            columns = [words("app.columns.order_no"), words("messages.left"), words("messages.csv_text")]
            rows = [(one.row.order_no, left_text(one.row), one.filled.text) for one in ready[:SHOWN_ROWS]]
            st.dataframe(pd.DataFrame(rows, columns=columns), hide_index=True, alt=words("messages.all_title", n=count(len(ready))))
            lines = ready[:PASTED_LINES]
            st.caption(words("messages.all_copy", n=count(len(lines))))
            st.code("\n".join(f"{one.row.order_no}\t{one.filled.text}" for one in lines), language=None, wrap_lines=True, height=220)
    stem = f"{here.shop.name if here.shop else ''}_{situation.id}"
    offer_rows(here, words("messages.csv", n=count(len(ready))), lambda: batch_csv(batch, words), stem, "messages_csv")


def noting(batch: Batch, note: Note) -> None:
    orders = tuple(one.row.order_no for one in batch.ready)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        author_field(here, words("messages.by"), "told_by", width=220, persist_state="session")
        st.button(
            words("messages.mark", n=count(len(orders))), key="mark_told", type="primary", icon=":material/done_all:", on_click=keep,
            args=(note, orders), **only(here, Right.ANSWER),
        )


def keep(note: Note, orders: Sequence[str]) -> None:
    there = session.current()
    assert there.shop is not None, "drawn only where there is a shop"
    try:
        new, before = mark_told(there.ws, there.shop.id, note, orders, str(st.session_state.get("told_by") or ""))
    except AuditError as refusal:
        st.session_state["messages_problem"] = error_text(refusal, there.lang)
        return
    key = "messages.marked_some" if before else "messages.marked"
    st.session_state["messages_saved"] = there.words(key, n=count(new), before=count(before))


def said() -> None:
    """What the last click did."""
    problem = st.session_state.pop("messages_problem", None)
    if problem:
        st.error(md_escape(problem[1]), title=md_escape(problem[0]), icon=":material/error:")
    saved = st.session_state.pop("messages_saved", None)
    if saved:
        st.success(saved, icon=":material/check:")


def history(shop_id: str) -> None:
    batches = told_batches(here.ws, shop_id)
    if not batches:
        return
    titles = {situation.id: title_of(situation) for situation in known.situations}
    with st.container(gap="small"):
        heading(words("messages.who.title"), words("messages.who.caption", n=count(len(batches))))
        rows = [
            {
                words("messages.who.at"): moment(deed.at, here.lang), words("messages.who.by"): md_escape(deed.by),
                words("messages.who.situation"): titles.get(str(deed.what.get("situation")), DASH),
                words("messages.who.orders"): count(len(deed.subjects)),
                words("messages.who.version"): md_escape(str(deed.what.get("version", DASH))),
            }
            for deed in batches
        ]
        st.table(rows, border="horizontal", hide_index=True, alt=words("messages.who.title"))
        told = told_orders(here.ws, shop_id)
        title = words("messages.who.by_order", n=count(len(told)))
        with st.expander(title, icon=":material/manage_search:"):
            columns = [words("app.columns.order_no"), *(words(f"messages.who.{name}") for name in ("situation", "at", "by"))]
            one_each = [(one.order_no, titles.get(one.situation, DASH), moment(one.at, here.lang), one.by) for one in told]
            st.dataframe(pd.DataFrame(one_each, columns=columns), hide_index=True, alt=title, height=320 if len(told) > 8 else "content")
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            author_field(here, words("messages.who.by"), "undo_by", width=220)
            st.button(
                words("messages.who.undo"), key="undo_told", icon=":material/undo:", type="tertiary", on_click=undo_last,
                args=(batches[0].id,), **only(here, Right.ANSWER),
            )


def undo_last(deed: str) -> None:
    there = session.current()
    assert there.shop is not None, "drawn only where there is a shop"
    try:
        take_back(there.ws, there.shop.id, deed, str(st.session_state.get("undo_by") or ""))
    except AuditError as refusal:
        st.session_state["messages_problem"] = error_text(refusal, there.lang)


def draw(look: TellLook, shop_id: str) -> None:
    assert look.as_of is not None, "there are files"
    if now() - look.as_of > STALE_AFTER:
        st.warning(words("messages.stale", moment=moment(look.as_of, here.lang)), icon=":material/update:")
    with st.container(gap="xsmall"):
        st.markdown(f"# {headline(look)}", anchors=False)
        st.caption(words("messages.caption"))
    said()
    picture(look)
    near()
    with card():
        group = choose(look)
        about(group.situation)
        rows = orders_of(group)
        message, lang, template = writing(group.situation)
        values, report_by = values_of(template, lang)
        batch = write_batch(here.ws, group.situation, rows, Draft(template, lang, values))
        verdict(batch, lang)
        if not rows:
            st.caption(words("messages.nobody"))
        elif batch.ready:
            sending(batch, group.situation)
            noting(batch, Note(group.situation.id, message, lang, template != message.in_language(lang), report_by))
    history(shop_id)


if here.shop is None or not cache.imports(here):
    nothing_yet(here, words("messages.empty"))
else:
    chosen = replace(filter_bar(here), start=None, end=None)
    seen = cache.look(here, concerned, chosen)
    if seen.as_of is None:
        nothing_yet(here, words("messages.empty"))
    else:
        followed = cache.known_buyers(here, follow_ups(here.ws, here.shop.id))
        hours = int(st.session_state.get("near_hours") or NEAR_CHOICES[0])
        draw(tell_look(here.ws, here.shop.id, seen, followed, 60 * hours), here.shop.id)
