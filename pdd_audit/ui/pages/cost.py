"""Cost: what lateness takes in yuan, line by line, with the orders behind each."""

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.filters import ALL
from pdd_audit.core.people import Right
from pdd_audit.services.look_at_cost import (
    ASSUMED,
    REFUNDS,
    SHARES,
    TAKEN,
    CostLine,
    CostLook,
    assume,
    count_cost,
    look_at_cost,
    total_yuan,
)
from pdd_audit.texts import error_text
from pdd_audit.texts.numbers import count, decimal_text, yuan
from pdd_audit.ui import cache, session
from pdd_audit.ui.charts.cost import cost_chart
from pdd_audit.ui.parts import heading, nothing_yet, two_sided
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rights import allowed_or_told
from pdd_audit.ui.rows import rows_link

ROWS = {"fined_late": "late", "fined_in_time": "in_time", "fined_undecided": "undecided"}
BOOKED = set(TAKEN)

here = session.current()
words = here.words


def headline(look: CostLook) -> str:
    total = total_yuan(look.lines)
    if not look.lines or not total:
        return words("cost.title_none")
    told = {"days": decimal_text(look.days), "total": yuan(total), "taken": yuan(total_yuan(look.lines, TAKEN))}
    return words("cost.title_billed" if look.billed else "cost.title", **told)


def line_of(line: CostLine) -> None:
    """Name and yuan, how many, and the orders behind them."""
    number = words("cost.bookings" if line.line in BOOKED else "cost.orders", n=count(line.orders))
    if line.line in REFUNDS:
        number = words("cost.given_back", orders=number, yuan=yuan(line.given_back), why=words(f"cost.why.{line.line}"))
    unknown = words("rules.unknown" if line.line == "expected" else "cost.unknown")
    two_sided(words(f"cost.line.{line.line}"), f"**{unknown if line.yuan is None else yuan(line.yuan)}**", number)
    if line.line in ROWS:
        rows_link(here, "fined", line.orders, f"fined_{line.line}", ALL, at={"verdict": ROWS[line.line]})
    elif line.line in REFUNDS:
        rows_link(here, "refunded", line.orders, line.line, ALL, at={"because": REFUNDS[line.line]})
    elif line.line == "expected":
        rows_link(here, "not_fined", line.orders, "not_fined", ALL)


def keep(name: str, key: str) -> None:
    there = session.current()
    assert there.shop is not None, "drawn only where there is a shop"
    try:
        said = st.session_state[key]
        assume(there.ws, there.shop.id, name, said / 100 if said is not None and name in SHARES else said)
    except AuditError as refusal:
        st.session_state["cost_problem"] = error_text(refusal, there.lang)


def assumptions(look: CostLook) -> None:
    heading(words("cost.assumed_title"), words("cost.assumed_caption"))
    mine = allowed_or_told(here, Right.DECIDE)
    with st.grid(columns=2, min_column_width=240, gap="medium"):
        for name in ASSUMED:
            key, share, known = f"assume_{name}", name in SHARES, getattr(look.assumed, name)
            st.number_input(
                words(f"cost.assumed.{name}"), min_value=0.0, max_value=100.0 if share else 100_000.0,
                value=100 * known if share and known is not None else known, step=None, format="%.4g", key=key, on_change=keep,
                args=(name, key), placeholder="—", help=words(f"cost.help.{name}"), disabled=not mine,
            )
    problem = st.session_state.pop("cost_problem", None)
    if problem:
        st.error(md_escape(problem[1]), title=md_escape(problem[0]))


def draw(look: CostLook) -> None:
    with st.container(gap="xsmall"):
        st.markdown(f"# {headline(look)}", anchors=False)
        if look.orders:
            st.caption(words("cost.affected", n=count(look.orders)))
        st.caption(words("cost.caption"))
    if look.biased:
        st.warning(words("cost.untrusted"), icon=":material/warning:")
    if not look.billed:
        st.info(words("cost.no_bill"), icon=":material/receipt_long:")
    wrongly = next((line for line in look.lines if line.line == "fined_in_time"), None)
    if wrongly is not None:
        st.warning(words("cost.appeal", n=count(wrongly.orders), yuan=yuan(wrongly.yuan)), icon=":material/gavel:")
    cost_chart(look.lines, words, "cost")
    with st.container(gap="medium"):
        for line in look.lines:
            with st.container(gap="xxsmall"):
                line_of(line)
    assumptions(look)


if here.shop is None or not cache.imports(here):
    nothing_yet(here, words("cost.empty"))
else:
    draw(look_at_cost(here.ws, here.shop.id, cache.look(here, count_cost, ALL)))
