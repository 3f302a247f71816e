"""What a rule change would cost: two versions of the rules, or one and supposed figures, side by side over the shop's own parcels."""

from datetime import datetime

import streamlit as st

from pdd_audit.core.errors import AuditError
from pdd_audit.core.filters import Filters
from pdd_audit.core.terms import Amount, Terms
from pdd_audit.services.rule_change import MOST_HOURS, MOST_YUAN, RuleChange, SideName, Version, cost_of_change, supposed, versions_of
from pdd_audit.texts import error_text
from pdd_audit.texts.numbers import DASH, count, decimal_text, percent
from pdd_audit.ui import cache
from pdd_audit.ui.charts.rule_change import rule_change_chart
from pdd_audit.ui.filters import filter_bar
from pdd_audit.ui.parts import heading
from pdd_audit.ui.phrases import yuan_span
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rows import Listed, rows_link
from pdd_audit.ui.session import Here

OWN = "own"  # no pack has this id: theirs begin with a platform
USUAL = {"ratio": 0.05, "least": 5.0, "most": 100.0, "late": 3.0}  # what the fields begin with where a version knows no amount


def rule_change_section(here: Here, as_of: datetime | None) -> None:
    """Closed until somebody asks: it judges every parcel twice."""
    with st.expander(here.words("rules.change.title"), key="rule_change_row", icon=":material/compare_arrows:", on_change="rerun") as row:
        if row.open:
            _section(here, as_of)


def _section(here: Here, as_of: datetime | None) -> None:
    words = here.words
    assert here.shop is not None, "drawn only for a shop"
    st.caption(words("rules.change.caption"))
    filters = filter_bar(here)
    try:
        versions = {version.pack: version for version in versions_of(here.ws, here.shop.id, as_of)}
        chosen = _choose(here, versions)
        found = None if chosen is None else cache.look(here, cost_of_change, filters, *chosen)
    except AuditError as refusal:
        title, body = error_text(refusal, here.lang)
        st.error(md_escape(body), title=md_escape(title))
        return
    if chosen is None:
        return
    if found is None:
        st.info(words("rules.change.no_orders"))
        return
    _told(here, found, _names(here, versions), filters)


def _choose(here: Here, versions: dict[str, Version]) -> tuple[Terms, Terms] | None:
    """The terms of both sides; None while both are the same."""
    words, packs = here.words, list(versions)
    labels = {pack: version_name(here, version) for pack, version in versions.items()} | {OWN: words("rules.change.own")}
    with st.grid(columns=2, min_column_width=260, gap="small"):
        a = st.selectbox(words("rules.change.side_a"), packs, key="rule_change_a", format_func=labels.__getitem__, filter_mode=None)
        b = st.selectbox(words("rules.change.side_b"), [OWN, *packs], index=min(2, len(packs)), key="rule_change_b",
                         format_func=labels.__getitem__, filter_mode=None)
    start = versions[a].terms
    other = _supposed(here, start) if b == OWN else versions[b].terms
    if a == b:
        st.caption(words("rules.change.same"))
        return None
    return start, other


def _supposed(here: Here, start: Terms) -> Terms:
    """Five figures to try; the rest as on the other side. Nothing of it is kept."""
    words, amount = here.words, start.no_pickup
    late = start.late.flat
    with st.grid(columns=5, min_column_width=150, gap="small"):
        hours = _number(words("rules.change.limit_hours"), start.limit_hours, MOST_HOURS, "limit", least=1.0)
        ratio = _number(words("rules.change.ratio"), 100 * _or(amount.ratio, "ratio"), 100.0, "ratio")
        least = _number(words("rules.change.least"), _or(amount.least, "least"), MOST_YUAN, "least")
        most = _number(words("rules.change.most"), _or(amount.most, "most"), MOST_YUAN, "most")
        flat = _number(words("rules.change.late"), _or(late, "late"), MOST_YUAN, "late")
    st.caption(words("rules.change.own_caption"))
    return supposed(start, limit_hours=hours, ratio=ratio / 100, least=least, most=most, late=flat)


def _number(label: str, value: float, most: float, name: str, least: float = 0.0) -> float:
    return float(st.number_input(label, min_value=least, max_value=most, value=value, step=1.0, format="%.4g", key=f"rule_change_{name}"))


def _or(value: float | None, name: str) -> float:
    return USUAL[name] if value is None else value


def version_name(here: Here, version: Version) -> str:
    """Whose, from when until when, and whether it is the one in force."""
    words, platform = here.words, version.name[here.lang]
    if version.current:
        return words("rules.change.current", platform=platform)
    if version.start is None:
        return words("rules.change.until", platform=platform, end=version.end or DASH)
    if version.end is None:
        return words("rules.change.since", platform=platform, start=version.start)
    return words("rules.change.between", platform=platform, start=version.start, end=version.end)


def _names(here: Here, versions: dict[str, Version]) -> dict[SideName, str]:
    def name(pack: str) -> str:
        return here.words("rules.change.own") if pack == OWN else version_name(here, versions[pack])

    return {"a": name(str(st.session_state["rule_change_a"])), "b": name(str(st.session_state["rule_change_b"]))}


# --- what came of it ---------------------------------------------------------------------------------------------------------


def _told(here: Here, found: RuleChange, names: dict[SideName, str], filters: Filters) -> None:
    words = here.words
    heading(_headline(here, found, names), words("rules.change.judged", parcels=count(found.parcels), orders=count(found.orders)), level=4)
    a, b = found.a.total, found.b.total
    if a is not None and b is not None:
        rule_change_chart([(names["a"], a), (names["b"], b)], words, "rule_change")
    _table(here, found, names)
    st.caption(words("rules.change.range"))
    _rows(here, found, names, filters)


def _headline(here: Here, found: RuleChange, names: dict[SideName, str]) -> str:
    words, a, b = here.words, found.a.total, found.b.total
    if a is None or b is None:
        unknown = [name for name, total in ((names["a"], a), (names["b"], b)) if total is None]
        return words("rules.change.unknown", versions=md_escape(words("data.listed").join(unknown)))
    low, high = sorted((b[0] - a[0], b[1] - a[1]))
    named = {"a": md_escape(names["a"]), "b": md_escape(names["b"])}
    if round(low) == 0 == round(high):
        return words("rules.change.equal", **named)
    if round(low) >= 0:
        return words("rules.change.more", yuan=yuan_span((low, high)), **named)
    if round(high) <= 0:
        return words("rules.change.less", yuan=yuan_span((-high, -low)), **named)
    return words("rules.change.either", less=yuan_span((-low, -low)), more=yuan_span((high, high)), **named)


def _table(here: Here, found: RuleChange, names: dict[SideName, str]) -> None:
    words, a, b = here.words, found.a, found.b
    unknown = words("rules.unknown")

    def amount(one: Amount) -> str:
        if not one.known:
            return unknown
        if one.flat is not None:
            return yuan_span((one.flat, one.flat))
        assert one.ratio is not None and one.least is not None and one.most is not None, "known"
        return words("rules.change.share", share=percent(one.ratio), ends=yuan_span((one.least, one.most)))

    lines = [
        ("limit", *(words("rules.unit.hours", value=f"{side.terms.limit_hours:g}") for side in (a, b))),
        ("parcels", count(a.parcels), count(b.parcels)),
        ("each", amount(a.terms.no_pickup), amount(b.terms.no_pickup)),
        ("no_pickup", *(yuan_span(side.no_pickup) or unknown for side in (a, b))),
        ("promise", *(_promise(here, side.terms) for side in (a, b))),
        ("orders", count(a.orders), count(b.orders)),
        ("late_each", amount(a.terms.late), amount(b.terms.late)),
        ("late_yuan", *(yuan_span(side.late) or unknown for side in (a, b))),
        ("total", *(f"**{yuan_span(side.total)}**" if side.total else unknown for side in (a, b))),
    ]
    first = words("rules.change.column")
    left, right = md_escape(names["a"]), md_escape(names["b"])
    rows = [{first: words(f"rules.change.line.{line}"), left: of_a, right: of_b} for line, of_a, of_b in lines]
    st.table(rows, border="horizontal", hide_index=True, alt=words("rules.change.title"))


def _promise(here: Here, terms: Terms) -> str:
    said = here.words("rules.change.asks_pickup" if terms.needs_pickup else "rules.change.asks_upload")
    return said if not terms.grace_hours else here.words("rules.change.grace", said=said, hours=decimal_text(terms.grace_hours))


def _rows(here: Here, found: RuleChange, names: dict[SideName, str], filters: Filters) -> None:
    """The parcels and orders that make the difference."""
    words = here.words
    limits = {"a": f"{found.a.terms.limit_hours:g}", "b": f"{found.b.terms.limit_hours:g}"}
    promises = {
        side: {"asks": "1" if terms.needs_pickup else "0", "grace": f"{terms.grace_hours:g}"}
        for side, terms in (("a", found.a.terms), ("b", found.b.terms))
    }
    sides: tuple[tuple[SideName, SideName], ...] = (("a", "b"), ("b", "a"))
    if found.a.total != found.b.total and not (any(found.only.values()) or any(found.orders_only.values())):
        st.markdown(words("rules.change.none_differ"))
    with st.container(gap="xxsmall"):
        for side, other in sides:
            at = {"limit": limits[side], "other": limits[other]}
            label = words("rules.change.see_only", n=count(found.only[side]), version=names[side])
            rows_link(here, "past_limit", found.only[side], f"rule_change_only_{side}", filters, at=at, label=md_escape(label))
        for side, other in sides:
            at = promises[side] | {f"other_{name}": value for name, value in promises[other].items()}
            label = words("rules.change.see_orders", n=count(found.orders_only[side]), version=names[side])
            rows_link(here, "past_promise", found.orders_only[side], f"rule_change_orders_{side}", filters, at=at, label=md_escape(label))
        both = Listed("past_limit", found.both, {"limit": limits["a"], "other": limits["b"], "which": "both"})
        rows_link(here, both.what, both.total, "rule_change_both", filters, at=both.at,
                  label=words("rules.change.see_both", n=count(found.both)))
