"""Shops: all shops of this installation side by side, and the way into each."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.people import Right
from pdd_audit.core.shop_row import ShopRow, worst_first
from pdd_audit.reports.shop_table import render_csv, verdict_told
from pdd_audit.services.shops import Shop, list_shops, rename_shop
from pdd_audit.texts import error_text
from pdd_audit.texts.numbers import DASH, count, full_moment, line_percent, number_range, percent_range, points
from pdd_audit.ui import cache, session
from pdd_audit.ui.charts.shops import pickups_chart, scores_chart, target_of
from pdd_audit.ui.downloads import offer
from pdd_audit.ui.frame import new_shop
from pdd_audit.ui.parts import card, heading, link
from pdd_audit.ui.plain import md_escape, shortened
from pdd_audit.ui.rights import only

DRAWN = 12
ROW_PIXELS, TALLEST, NAME_PIXELS = 35, 560, 150
WHOLE = ("late", "mature", "score", "open", "loss", "step", "files")
SHARES = ("pickup", "reply")

here = session.current()
words = here.words


def headline(rows: list[ShopRow], n: int) -> str:
    if n == 1:
        return words("shops.one", name=md_escape(rows[0].shop))
    if len(rows) == n:
        worst = rows[0]
        if worst.late and worst.mature:
            return words("shops.title", n=n, name=md_escape(worst.shop), late=count(worst.late), mature=count(worst.mature))
        failed = sum(not row.scored for row in rows)
        if failed:
            return words("shops.title_failed", n=n, failed=failed)
    return words("shops.title_plain", n=n)


def rename(shop_id: str) -> None:
    now = session.current()
    name = str(st.session_state.get(f"rename_{shop_id}") or "").strip()
    if name:
        try:
            rename_shop(now.ws, shop_id, name)
        except AuditError as error:
            st.session_state["rename_problem"] = " ".join(error_text(error, now.lang))


def way_in(shops: list[Shop]) -> None:
    """Choose a shop and open it; rename it, or create another."""
    assert here.shop is not None, "there is a shop"
    names = {shop.id: shop.name for shop in shops}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if len(shops) > 1:
            key = f"open_shop_{here.shop.id}"
            ids = list(names)
            chosen = st.selectbox(words("shops.choose"), ids, index=ids.index(here.shop.id), key=key, format_func=names.__getitem__)
        else:
            chosen = here.shop.id
        if st.button(words("shops.open"), type="primary", key="open_shop", icon=":material/arrow_forward:"):
            session.choose_shop(chosen)
            session.go("home")
        with st.container(horizontal=True, wrap=False, width="content", gap="small"):
            look = only(replace(here, shop=next(shop for shop in shops if shop.id == chosen)), Right.MANAGE)
            with st.popover(words("shops.rename"), type="tertiary", icon=":material/edit:", **look):
                st.text_input(words("shops.rename_to", name=md_escape(names[chosen])), key=f"rename_{chosen}", max_chars=60)
                st.button(words("shops.rename_yes"), key="rename", on_click=rename, args=(chosen,))
            with st.popover(words("shops.new"), type="tertiary", icon=":material/add:"):
                new_shop(here, "shops")
    problem = st.session_state.pop("rename_problem", None)
    if problem:
        st.error(md_escape(problem), icon=":material/error:")


def tell_problems(rows: list[ShopRow]) -> None:
    """Shops that could not be scored, each with the reason and the cure."""
    broken = [row for row in rows if not row.scored]
    for row in broken:
        for error in row.problems:
            title, body = error_text(error, here.lang)
            st.error(md_escape(body), title=md_escape(f"{row.shop}{words('app.colon')}{title}"), icon=":material/block:")
    if broken and link(words("shops.again"), "refresh", "again"):
        cache.forget_shop_rows()
        st.rerun()


def pictures(rows: list[ShopRow], n: int) -> None:
    """The same shops in the same order in both, so that a line can be followed across."""
    drawn = rows[:DRAWN]
    with_score = any(row.score is not None and row.score.value is not None for row in drawn)
    with_pickup = any(row.pickup is not None and row.pickup.value is not None for row in drawn)
    if not (with_score or with_pickup):
        return
    left, right = st.columns(2, gap="large")
    if with_pickup:
        with left:
            heading(pickup_title(rows), words("shops.pickup.caption"))
            pickups_chart(drawn, words, "shop_pickups")
    if with_score:
        with right if with_pickup else left:
            heading(score_title(rows), words("shops.score.caption"))
            scores_chart(drawn, words, "shop_scores")
    if n > DRAWN:
        st.caption(words("shops.worst_shown", shown=len(drawn), n=n))


def pickup_title(rows: list[ShopRow]) -> str:
    failing = sum(row.pickup is not None and row.pickup.verdict == "fail" for row in rows)
    target = target_of(rows)
    if target is None:
        return words("shops.pickup.failing_own" if failing else "shops.pickup.passing_own", n=failing)
    return words("shops.pickup.failing" if failing else "shops.pickup.passing", n=failing, target=line_percent(target))


def score_title(rows: list[ShopRow]) -> str:
    scores = [(row.score.value, row.shop) for row in rows if row.score is not None and row.score.enough and row.score.value is not None]
    if not scores:
        return words("shops.score.none")
    (low, name), (high, _) = min(scores), max(scores)
    if len(scores) == 1:
        return words("shops.score.single", name=md_escape(name), value=points(low))
    return words("shops.score.spread", low=points(low), high=points(high))


def table(rows: list[ShopRow]) -> None:
    heading(words("shops.table.title"), words("shops.table.caption"))
    frame = pd.DataFrame([cells(row) for row in rows])
    frame[list(WHOLE + SHARES)] = frame[list(WHOLE + SHARES)].astype(float)
    frame[list(WHOLE)] = frame[list(WHOLE)].round()
    columns = {name: st.column_config.TextColumn(words(f"shops.column.{name}")) for name in frame.columns}
    columns |= {name: st.column_config.NumberColumn(words(f"shops.column.{name}"), format="localized") for name in WHOLE}
    columns |= {name: st.column_config.NumberColumn(words(f"shops.column.{name}"), format="%.1f%%") for name in SHARES}
    columns["shop"] = st.column_config.TextColumn(words("shops.column.shop"), pinned=True, width=NAME_PIXELS)
    height = min(ROW_PIXELS * (len(rows) + 1) + 3, TALLEST)
    st.dataframe(frame, hide_index=True, height=height, placeholder=DASH, column_config=columns, alt=words("shops.table.title"))
    offer(words("shops.download"), lambda: csv_of(rows), words("shops.file"), "csv", "text/csv", key="shops_csv")


def csv_of(rows: list[ShopRow]) -> bytes:
    return render_csv(rows, here.lang).encode("utf-8-sig")


def cells(row: ShopRow) -> dict[str, object]:
    """One line of the table; shares in percent, as they are shown and sorted."""
    score, pickup, reply = row.score, row.pickup, row.reply
    told = verdict_told(row, words) if row.scored else words("shops.not_scored")
    return {
        "shop": shortened(row.shop),
        "late": row.late,
        "mature": row.mature,
        "pickup": in_percent(pickup.value if pickup else None),
        "pickup_range": percent_range(pickup.low, pickup.high) or None if pickup else None,
        "verdict": told,
        "score": score.value if score is not None and score.enough else None,
        "score_range": number_range(score.low, score.high) if score is not None and score.value is not None else None,
        "open": row.open_over_limit,
        "loss": row.loss_yuan,
        "step": row.step_yuan,
        "reply": in_percent(reply.value if reply else None),
        "files": row.files,
        "as_of": full_moment(row.as_of),
    }


def in_percent(ratio: float | None) -> float | None:
    return None if ratio is None else 100 * ratio


def nobody() -> None:
    st.markdown(f"# {words('shops.none')}", anchors=False)
    st.markdown(words("shops.none_caption"))
    with card():
        new_shop(here, "shops")
    if link(words("app.go.home"), "home", "go_home"):
        session.go("home")


def draw(shops: list[Shop]) -> None:
    rows = worst_first(cache.shop_rows(here, shops))
    st.markdown(f"# {headline(rows, len(shops))}", anchors=False)
    waiting = len(shops) - len(rows)
    if waiting:
        st.progress(len(rows) / len(shops), text=words("shops.counting", left=waiting, n=len(shops)))
    tell_problems(rows)
    way_in(shops)
    pictures(rows, len(shops))
    table(rows)
    st.caption(words("app.ours"))
    if waiting:
        st.rerun()


shops = list_shops(here.ws)
if shops:
    draw(shops)
else:
    nobody()
