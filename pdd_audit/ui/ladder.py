"""Where the rows of the files went, step by step: what stands there, what left on the way, and the rows behind each of them."""

import streamlit as st

from pdd_audit.core.filters import ALL, Filters
from pdd_audit.core.ladder import Part, Rung, Side, sound
from pdd_audit.services.look_at_pickup import PickupLook
from pdd_audit.texts.numbers import count
from pdd_audit.ui.parts import heading
from pdd_audit.ui.phrases import coded
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rows import rows_link
from pdd_audit.ui.session import Here

# What left at a step -> the kind of its rows, and whether the choice above the page holds for it; rows not stored have none.
KINDS = {
    "superseded": ("superseded", "why", False),
    "after_moment": ("after_moment", "", False),
    "not_uploaded": ("not_uploaded", "why", False),
    "merged": ("merged", "", False),
    "not_ours": ("not_ours", "", False),
    "without_time": ("without_time", "", False),
    "excluded": ("excluded", "reason", True),
    "refunded": ("excluded", "reason", True),
    "too_fresh": ("too_fresh", "", True),
    "not_yet": ("not_yet", "", True),
}
SIDES: tuple[Side, ...] = ("orders", "pickups")


def way_of_rows(here: Here, look: PickupLook, filters: Filters) -> None:
    """Both kinds of files, each from the rows read to what counts of them."""
    if not look.rungs:
        return
    words = here.words
    orders = look.rungs.get("orders", [])
    with st.container(gap="small"):
        exact = all(sound(rungs) for rungs in look.rungs.values())
        read = orders[0].rows if orders else 0
        heading(words("pickup.way_title", n=count(read)), words("pickup.way_exact" if exact else "pickup.way_gap"))
        for place, side in zip(st.columns(2, gap="large"), SIDES, strict=True):
            if side in look.rungs:
                with place, st.container(gap="xxsmall"):
                    st.markdown(f"**{words(f'pickup.way.{side}')}**")
                    for rung in _told(look.rungs[side]):
                        _draw(here, rung, side, filters)
                    if side == "orders":
                        _of_those(here, look, filters)


def _told(rungs: list[Rung]) -> list[Rung]:
    """The first and the last step, and those on the way to which something left."""
    return [rung for place, rung in enumerate(rungs) if place in (0, len(rungs) - 1) or rung.parts or rung.gap]


def _draw(here: Here, rung: Rung, side: Side, filters: Filters) -> None:
    for part in rung.parts:
        _draw_part(here, part, side, filters)
    if rung.gap:
        _line(f":red[{here.words('pickup.way.gap')}]", f":red[{_minus(rung.gap)}]")
    _line(f"**{here.words(f'pickup.way.step.{side}.{rung.step}')}**", f"**{count(rung.rows)}**")


def _draw_part(here: Here, part: Part, side: Side, filters: Filters) -> None:
    words = here.words
    name = {"left_out": "left_out", "excluded": "report.excluded", "refunded": "report.excluded"}.get(part.step, "pickup.way.part")
    label = md_escape(coded(words, name, part.reason))
    kind, asks, chosen = KINDS.get(part.step, ("", "", False))
    if not kind:
        _line(label, _minus(part.rows))
        return
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        st.markdown(label, width="stretch")
        at = {asks: part.reason} if asks else {}
        asked = filters if chosen else ALL
        rows_link(here, kind, part.rows, f"way_{side}_{part.step}_{part.reason}", asked, at=at, label=_minus(part.rows))


def _of_those(here: Here, look: PickupLook, filters: Filters) -> None:
    """The last step parts into in time and late."""
    for kind, rows in (("on_time", look.total - look.late), ("late", look.late)):
        if rows:
            with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
                st.markdown(here.words(f"pickup.way.of_those.{kind}"), width="stretch")
                rows_link(here, kind, rows, f"way_{kind}", filters, label=count(rows))


def _line(left: str, right: str) -> None:
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        st.markdown(left, width="stretch")
        st.markdown(right, width="content", text_alignment="right", wrap=False)


def _minus(rows: int) -> str:
    """−457; what was added says so."""
    return f"+{count(-rows)}" if rows < 0 else f"−{count(rows)}"
