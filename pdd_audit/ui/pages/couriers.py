"""Couriers: who or what the late parcels come from."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pdd_audit.core.filters import Filters
from pdd_audit.core.scan_signs import CLOCKS_DIFFER_SECONDS, SAME_SECOND
from pdd_audit.services.look_at_couriers import (
    MISSED_MIN,
    MISSED_SHARE,
    RULES,
    Comparison,
    CouriersLook,
    MissedVan,
    Ranking,
    Responsibility,
    look_at_couriers,
)
from pdd_audit.texts.numbers import DASH, count, day, decimal_text, line_percent, number_range, percent, percent_range
from pdd_audit.ui import cache, session
from pdd_audit.ui.calendar_note import calendar_notes
from pdd_audit.ui.charts import vans
from pdd_audit.ui.charts.adjusted import adjusted_chart
from pdd_audit.ui.charts.causes import causes_chart
from pdd_audit.ui.charts.funnel import funnel_chart
from pdd_audit.ui.charts.vans import vans_chart
from pdd_audit.ui.courier_words import adjusted_title, cause_title, headline, signed_points, split_line, verdict_of
from pdd_audit.ui.filters import filter_bar
from pdd_audit.ui.incidents.promise_line import promise_line
from pdd_audit.ui.late_rows import late_rows_link
from pdd_audit.ui.parts import card, heading, nothing_yet, two_sided
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.rows import Listed, rows_link

CARDS = 3
SCANS_LISTED = 6
OUTLETS_LINKED = 6
STRIKING = ("worse", "looks", "above95", "above998")

here = session.current()
words = here.words
column = st.column_config


def table(rows: list[dict[str, Any]], title: str, columns: dict[str, Any]) -> None:
    st.dataframe(rows, hide_index=True, height="content", placeholder=DASH, alt=title, column_config=columns)


def right(label: str, means: str | None = None) -> Any:
    return column.TextColumn(label, alignment="right", help=means)


def name(label: str) -> Any:
    return column.TextColumn(label, pinned=True)


def bracketed(value: str, spread: str) -> str:
    return words("couriers.bracketed", value=value, range=spread) if spread else value


def says(label: str, told: list[tuple[str, bool]]) -> Any:
    """A column of verdicts; those that ask for action are tinted."""
    seen = dict(told)
    return column.MultiselectColumn(label, options=list(seen), color=["#FCEFE8" if strikes else "#EEF2F3" for strikes in seen.values()])


def van_card(van: MissedVan, look: CouriersLook, filters: Filters, number: int) -> None:
    where = {"courier": md_escape(words.courier(van.courier or DASH)), "day": day(van.day, here.lang), "start": van.start, "end": van.end}
    with card(tight=True):
        if van.outlet is None:
            title = words("couriers.van.what", **where)
        else:
            title = words("couriers.van.what_outlet", outlet=md_escape(van.outlet), **where)
        body = words("couriers.van.body", n=count(van.parcels), late=count(van.late), share=percent(van.late / look.late))
        two_sided(f"**{title}**", f"**{count(van.late)} / {count(van.parcels)}**", body)
        at = {"courier": van.courier or "", "day": van.day.isoformat(), "start": str(van.start), "end": str(van.end)}
        see = words("couriers.van.see", n=count(van.parcels), late=count(van.late))
        rows_link(here, "van", van.parcels, f"van_{number}", filters, at=at, beside=[Listed("late_van", van.late, at)], label=see)


def van_part(look: CouriersLook, filters: Filters) -> None:
    split = look.split
    if not split.vans:
        title = words("couriers.van.title_none")
    elif len(split.vans) == 1:
        van = split.vans[0]
        title = words("couriers.van.title_one", day=day(van.day, here.lang), courier=md_escape(words.courier(van.courier or DASH)))
    else:
        title = words("couriers.van.title_many", vans=len(split.vans), n=count(split.in_vans))
    with st.container(gap="small"):
        heading(title, words("couriers.van.caption", fewest=vans.FEWEST, share=percent(MISSED_SHARE, 0), least=MISSED_MIN))
        if vans_chart(split, words, "vans"):
            st.caption(words("couriers.van.last_days", days=vans.MOST_DAYS))
        for number, van in enumerate(split.vans[:CARDS]):
            van_card(van, look, filters, number)
        if len(split.vans) > CARDS:
            st.caption(words("couriers.van.more", n=len(split.vans) - CARDS))
        stopped = int(split.waves["stopped"].sum())
        if stopped:
            st.caption(words("couriers.van.stopped", n=stopped))


def comparison_table(found: Comparison) -> None:
    rows, told = [], []
    for unit in found.units:
        code = verdict_of(unit)
        verdict = words(f"couriers.adjusted.verdict.{code}")
        told.append((verdict, code in STRIKING))
        against = unit.against
        rows.append(
            {
                "name": words.courier(unit.name),
                "crude": signed_points(against.crude_difference),
                "like": bracketed(signed_points(against.difference), number_range(against.low * 100, against.high * 100, 1)),
                "says": [verdict],
                "odds": DASH
                if against.odds is None
                else bracketed(decimal_text(against.odds, 2), number_range(against.odds_low, against.odds_high, 2)),
                "parcels": f"{count(unit.late)} / {count(unit.parcels)}",
                "rate": f"{percent(unit.crude)} → {percent(unit.adjusted)}",
            }
        )
    prefix = "couriers.adjusted"
    table(
        rows,
        words(f"{prefix}.table"),
        {
            "name": name(words("couriers.adjusted.name")),
            "crude": right(words("couriers.adjusted.crude")),
            "like": right(words("couriers.adjusted.like")),
            "says": says(words("couriers.adjusted.says"), told),
            "odds": right(words("couriers.adjusted.odds"), words("couriers.adjusted.odds_means")),
            "parcels": right(words("couriers.adjusted.parcels")),
            "rate": right(words("couriers.adjusted.rates")),
        },
    )
    notes = [words("couriers.adjusted.method_direct") if found.method == "direct" else words("couriers.adjusted.method_indirect")]
    if len(found.dropped):
        notes.append(words("couriers.adjusted.dropped", n=count(int(found.dropped["parcels"].sum())), where=dropped_names(found)))
    if found.small:
        notes.append(words("couriers.adjusted.small", names=md_escape(words("data.listed").join(map(words.courier, found.small)))))
    st.caption(" ".join(notes))


def dropped_names(found: Comparison) -> str:
    """The strata nobody else sends in, the largest first."""
    most = found.dropped.nlargest(3, "parcels").to_dict("records")
    names = [
        words(
            "couriers.adjusted.stratum",
            band=row["band"],
            day=words(f"couriers.day_type.{row['day_type']}"),
            far=words(f"couriers.remote.{'yes' if row['remote'] else 'no'}"),
            promise=words(f"couriers.promise.{row['promise']}"),
        )
        for row in most
    ]
    return words("app.semicolon").join(names) + ("…" if len(found.dropped) > len(most) else "")


def bands_tables(look: CouriersLook) -> None:
    """Where one number misleads: hour by hour, before the number."""
    for courier, bands in look.bands.items():
        own, others = int(bands["parcels"].sum()), int(bands["others"].sum())
        rows = [
            {
                "band": row["band"],
                "own_share": percent(row["parcels"] / own),
                "others_share": percent(row["others"] / others),
                "own_late": percent(row["late"] / row["parcels"]) if row["parcels"] else DASH,
                "others_late": percent(row["others_late"] / row["others"]) if row["others"] else DASH,
            }
            for row in bands.to_dict("records")
        ]
        with st.container(gap="small"):
            title = words("couriers.adjusted.bands", name=md_escape(words.courier(courier)))
            heading(title, words("couriers.adjusted.bands_caption"), level=4)
            table(
                rows,
                title,
                {
                    "band": name(words("couriers.adjusted.band")),
                    "own_share": right(words("couriers.adjusted.own_share")),
                    "others_share": right(words("couriers.adjusted.others_share")),
                    "own_late": right(words("couriers.adjusted.own_late")),
                    "others_late": right(words("couriers.adjusted.others_late")),
                },
            )


def adjusted_part(look: CouriersLook) -> None:
    assert look.couriers is not None, "drawn only where couriers are compared"
    title, told = adjusted_title(look, words)
    heading(md_escape(title), words("couriers.adjusted.caption"))
    adjusted_chart(look.couriers.units, told, words, "adjusted")


def unit_of(ranking: Ranking) -> str:
    return words("couriers.funnel.unit_outlet" if ranking.by_outlet else "couriers.funnel.unit_courier")


def funnel_part(ranking: Ranking) -> None:
    assert ranking.funnel is not None, "drawn only where some were late and some not"
    unit, shape = unit_of(ranking), ranking.funnel
    above = shape.units[shape.units["where"].isin(STRIKING)].nlargest(2, "z")["name"]
    if len(above):
        title = words("couriers.funnel.title_above", names=md_escape(words("data.listed").join(map(words.courier, above))))
    else:
        title = words("couriers.funnel.title_none", unit=unit)
    heading(title, words("couriers.funnel.caption", unit=unit))
    if shape.widened:
        st.caption(words("couriers.funnel.widened", unit=unit, spread=decimal_text(shape.spread, 1)))
    funnel_chart(shape, set(ranking.units.loc[ranking.units["van_late"] > 0, "name"]), words, "funnel")


def ranking_part(look: CouriersLook, ranking: Ranking, filters: Filters) -> None:
    unit, line = unit_of(ranking), line_percent(ranking.line)
    title = words("couriers.ranking.title", line=line)
    note = "" if ranking.prior.learnt else words("couriers.ranking.fixed", unit=unit)
    note = note if ranking.prior.differs else words("couriers.ranking.alike", unit=unit)
    heading(title, words("couriers.ranking.caption", unit=unit))
    if note:
        st.caption(note)
    beside = {(outlet.courier, outlet.unit.name): outlet for outlet in look.outlets}
    rows, told = [], []
    for row in ranking.units.to_dict("records"):
        place = words(f"couriers.ranking.place.{row['where']}")
        told.append((place, row["where"] in STRIKING))
        shown: dict[str, Any] = {
            "name": words.courier(row["name"]),
            "above": percent(row["above"], 0),
            "shrunk": bracketed(percent(row["shrunk"]), percent_range(row["low"], row["high"])),
            "parcels": f"{count(row['late'])} / {count(row['parcels'])}",
            "van_late": count(row["van_late"]),
            "where": [place],
        }
        if ranking.by_outlet:
            shown |= {"courier": words.courier(row["courier"]), "bounds": percent_range(row["raw"], row["unscanned_high"])}
        if beside:
            outlet = beside.get((row["courier"], row["name"]))
            shown |= {
                "difference": signed_points(outlet.unit.against.difference) if outlet else None,
                "says": words(f"couriers.outlets.{outlet.verdict}") if outlet else None,
            }
        rows.append(shown)
    columns = {
        "name": name(words("couriers.adjusted.outlet" if ranking.by_outlet else "couriers.adjusted.name")),
        "above": right(words("couriers.ranking.above", line=line)),
        "shrunk": right(words("couriers.ranking.shrunk")),
        "parcels": right(words("couriers.adjusted.parcels")),
        "van_late": right(words("couriers.ranking.van_late")),
        "where": says(words("couriers.ranking.where"), told),
    }
    if ranking.by_outlet:
        columns |= {
            "courier": column.TextColumn(words("couriers.adjusted.name"), width="small"),
            "bounds": right(words("couriers.outlets.bounds")),
        }
    if beside:
        columns |= {
            "difference": right(words("couriers.outlets.difference")),
            "says": column.TextColumn(words("couriers.adjusted.says")),
        }
    table(rows, title, columns)
    if not ranking.by_outlet:
        return
    st.caption(words("couriers.outlets.caption"))
    striking = ranking.units[ranking.units["where"].isin(STRIKING) & (ranking.units["late"] > 0)]
    with st.container(horizontal=True, gap="medium"):
        for number, row in enumerate(striking.head(OUTLETS_LINKED).to_dict("records")):
            at = {"courier": row["courier"], "outlet": row["name"]}
            label = words("couriers.rows.see_one", name=md_escape(row["name"]), n=count(row["late"]))
            rows_link(here, "of_outlet", row["late"], f"outlet_{number}", filters, at=at, label=label)


def causes_part(look: CouriersLook, filters: Filters) -> None:
    pareto = look.causes
    assert pareto is not None, "drawn only where something was late"
    title = cause_title(look, words)
    heading(title, words("couriers.cause.caption"))
    if pareto.enough:
        causes_chart(pareto, words, "causes")
    priced = pareto.yuan > 0
    rows = []
    for cause in pareto.causes:
        row: dict[str, Any] = {"cause": words(f"couriers.cause.name.{cause.code}"), "parcels": count(cause.parcels)}
        if pareto.enough:
            row |= {"share": percent(cause.share), "range": percent_range(cause.low, cause.high), "cumulative": percent(cause.cumulative)}
        if priced:
            row |= {"yuan": f"¥{decimal_text(cause.yuan)}", "yuan_share": percent(cause.yuan_share)}
        rows.append(row | {"means": words(f"couriers.cause.means.{cause.code}")})
    table(
        rows,
        title,
        {
            "cause": name(words("couriers.cause.column.cause")),
            "parcels": right(words("couriers.cause.column.parcels")),
            "share": right(words("couriers.cause.column.share")),
            "range": right(words("couriers.cause.column.range")),
            "cumulative": right(words("couriers.cause.column.cumulative")),
            "yuan": right(words("couriers.cause.column.yuan")),
            "yuan_share": right(words("couriers.cause.column.yuan_share")),
            "means": column.TextColumn(words("couriers.cause.column.means"), width="large"),
        },
    )
    if pareto.exempt:
        st.caption(words("couriers.cause.exempt", n=count(pareto.exempt)))
    with st.container(horizontal=True, gap="medium"):
        for cause in pareto.causes:
            label = words("couriers.rows.see_one", name=words(f"couriers.cause.name.{cause.code}"), n=count(cause.parcels))
            late_rows_link(here, cause.parcels, f"cause_{cause.code}", filters, label=label, cause=cause.code)


def parties_part(look: CouriersLook, filters: Filters) -> None:
    split = look.parties
    assert split is not None, "drawn only where something was late"
    counts = {party.party: count(party.parcels) for party in split.parties}
    unknown = next(party for party in split.parties if party.party == "unknown")
    nothing_told = unknown.parcels == split.total
    title = (
        words("couriers.party.title_unknown", n=count(split.total))
        if nothing_told
        else words(
            "couriers.party.title", n=count(split.total), **{party: counts[party] for party in ("seller", "courier", "platform", "unknown")}
        )
    )
    silent = {"no_label": not look.labels_known, "after_last_van": not look.schedules}
    heading(title, words("couriers.party.caption"))
    if unknown.parcels:
        st.markdown(would_decide(split, [code for code in silent if silent[code]]))
    said = {name: words(f"couriers.party.column.{name}") for name in ("rule", "parcels", "party")}
    rows: list[dict[str, str]] = []
    for rule in RULES:
        told = rule.told and not silent.get(rule.code, False)
        parcels = count(split.rules.get(rule.code, 0)) if told else words("couriers.party.no_file")
        whose = words(f"couriers.party.name.{rule.party}")
        rows.append({said["rule"]: words(f"couriers.party.rule.{rule.code}"), said["parcels"]: parcels, said["party"]: whose})
    for reason, n in sorted(split.reasons.items(), key=lambda item: -item[1]):
        because = words("couriers.party.because", reason=words(f"couriers.party.reason.{reason}"))
        rows.append({said["rule"]: because, said["parcels"]: count(n), said["party"]: ""})
    st.table(rows, border="horizontal", hide_index=True, alt=title)
    if split.enough and not nothing_told:
        shares = [
            words(
                "couriers.party.share",
                party=words(f"couriers.party.name.{party.party}"),
                n=count(party.parcels),
                share=percent(party.share),
                range=percent_range(party.low, party.high),
            )
            for party in split.parties
            if party.parcels
        ]
        st.caption(words("app.semicolon").join(shares))
    if split.controllable is not None and not nothing_told:
        all_late = percent(look.late / look.parcels)
        st.caption(words("couriers.party.controllable", rate=percent(split.controllable), all=all_late))
    listed = [
        words("couriers.party.schedule", courier=md_escape(name), first=van.first, last=van.last + 1, days=len(van.weekdays))
        for name, van in ((words.courier(courier), van) for courier, van in look.schedules.items())
    ]
    if listed:
        st.caption(words("couriers.party.schedules", list=words("app.semicolon").join(listed)))
    else:
        st.caption(words("couriers.party.no_schedule"))
    with st.container(horizontal=True, gap="medium"):
        for party in split.parties:
            label = words("couriers.rows.see_one", name=words(f"couriers.party.name.{party.party}"), n=count(party.parcels))
            late_rows_link(here, party.parcels, f"party_{party.party}", filters, label=label, party=party.party)


def would_decide(split: Responsibility, silent: Sequence[str]) -> str:
    """Which file, column or paper would tell whose the unknown ones are. ``silent``: rules that a file would make speak."""
    vans = split.reasons.get("missed_van_no_proof", 0)
    needed = [words(f"couriers.party.decides.{code}") for code in silent]
    needed.append(words("couriers.party.decides.handover_van" if vans else "couriers.party.decides.handover", n=count(vans)))
    return words("couriers.party.decides.all", list=words("app.semicolon").join([*needed, words("couriers.party.decides.buyer_asked")]))


def scans_part(look: CouriersLook, filters: Filters) -> None:
    check = look.scans
    worth = [one for one in check.found if one.worth_asking]
    total, others = sum(one.parcels for one in worth), sum(one.parcels for one in check.found if not one.worth_asking)
    heading(words("couriers.scans.title", n=count(total)) if total else words("couriers.scans.title_none"), words("couriers.scans.caption"))
    values: dict[str, Any] = {"least": SAME_SECOND, "minutes": CLOCKS_DIFFER_SECONDS // 60, "hours": decimal_text(look.limit_hours)}
    for number, one in enumerate(worth[:SCANS_LISTED]):
        who = (words.courier(one.courier or DASH), one.outlet or words("couriers.scans.no_outlet"))
        place = " · ".join(map(md_escape, who))
        kind = words(f"couriers.scans.kind.{one.kind}", **values)
        usual = words("couriers.scans.more" if one.more else "couriers.scans.usual", share=percent(check.usual[one.kind]))
        notes = [usual, words("couriers.scans.batches", n=count(one.batches))] if one.batches else [usual]
        with st.container(gap="xxsmall"):
            two_sided(
                words("couriers.scans.one", where=place, kind=kind),
                words("couriers.scans.of", n=count(one.parcels), base=count(one.base)),
                words("app.semicolon").join(notes),
                bracketed(percent(one.share), percent_range(one.low, one.high)),
            )
            rows_link(here, one.kind, one.parcels, f"scan_{number}", filters, at={"courier": one.courier or "", "outlet": one.outlet or ""})
    if len(worth) > SCANS_LISTED:
        st.caption(words("couriers.scans.more_rows", n=len(worth) - SCANS_LISTED))
    if others:
        st.caption(words("couriers.scans.usual_rest", n=count(others), hours=values["hours"], share=percent(check.usual["stood_still"])))
    cannot = [words(f"couriers.scans.cannot.{kind}") for kind, base in check.bases.items() if not base]
    if cannot:
        st.caption(" ".join(cannot))


def opening(look: CouriersLook) -> None:
    sentence = md_escape(headline(look, words))
    st.markdown(f"# {sentence if look.trusted else words('couriers.untrusted')}", anchors=False)
    if not look.trusted:
        st.markdown(sentence)
    st.markdown(split_line(look, words))
    if look.robust is not None and look.robust.deff > 1:
        st.caption(words("couriers.effective", n=count(look.parcels), effective=count(round(look.robust.effective))))


def draw(look: CouriersLook, filters: Filters) -> None:
    if not look.late:
        return
    van_part(look, filters)
    promise_line(here)
    calendar_notes(here, filters)
    ranking, compared = look.ranking, look.couriers
    funnelled = ranking if ranking is not None and ranking.funnel is not None else None
    if funnelled is not None and compared is not None:
        left, right_side = st.columns(2, gap="large")
        with left, st.container(gap="small"):
            funnel_part(funnelled)
        with right_side, st.container(gap="small"):
            adjusted_part(look)
    elif funnelled is not None:
        funnel_part(funnelled)
    elif compared is not None:
        adjusted_part(look)
    bands_tables(look)
    if compared is not None:
        with st.container(gap="small"):
            heading(words("couriers.adjusted.table"), level=4)
            comparison_table(compared)
    if ranking is not None:
        with st.container(gap="small"):
            ranking_part(look, ranking, filters)
    if look.causes is not None:
        with st.container(gap="small"):
            causes_part(look, filters)
    if look.parties is not None:
        with st.container(gap="small"):
            parties_part(look, filters)
    with st.container(gap="small"):
        scans_part(look, filters)


if here.shop is None or not cache.imports(here):
    nothing_yet(here, words("couriers.empty"))
else:
    top = st.container(gap="xsmall")
    chosen = filter_bar(here)
    look = cache.look(here, look_at_couriers, chosen)
    if look.parcels:
        with top:
            opening(look)
        draw(look, chosen)
    else:
        nothing_yet(here, words("couriers.nothing_mature"))
