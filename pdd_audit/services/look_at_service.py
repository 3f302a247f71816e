"""How soon buyers get an answer, when they do not, and what would change it: everything the Service page draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from pdd_audit.core.filters import Filters
from pdd_audit.core.imports import ImportReport
from pdd_audit.core.measurement import Estimate
from pdd_audit.core.people import Right
from pdd_audit.core.reply_hours import LIMIT_SECONDS, QUICK_SECONDS
from pdd_audit.metrics.funnel import funnel
from pdd_audit.metrics.intervals import MIN_VERDICT, kept, verdict_of
from pdd_audit.metrics.response_times import QUANTILES, answered_within, drawn, wait_quantile, waits_of, within_hours, without_unanswered
from pdd_audit.metrics.service import hourly, mean_of_days, possible_misses, rates_by, reply_share, spare_misses, turn_replies, with_shift
from pdd_audit.metrics.shrinkage import prior_of, shrunk
from pdd_audit.metrics.staffing import Gap, hour_gap, row_gap
from pdd_audit.services.access import needs
from pdd_audit.services.measure import ask_about, compact
from pdd_audit.services.overlay import target_of
from pdd_audit.services.replies import in_period, turns_of
from pdd_audit.services.workspace import Workspace

__all__ = ["Gap", "Responses", "ServiceLook", "look_at_service"]

ENOUGH_IN_A_CELL = 20
BAND_HOURS = 2  # of a heat map whose hours hold too few inquiries


@dataclass(frozen=True)
class Responses:
    """Turns by how long they waited, in seconds of staffed time. ``within``: seconds -> share answered (kept form). ``quantiles``: share ->
    seconds with its interval. ``flattering``: the same of the answered turns alone, (seconds or share) -> number. ``outside``: turns that
    began at night, ``open``: those never answered."""

    n: int
    open: int
    outside: int
    within: dict[int, Estimate]
    quantiles: dict[float, Estimate]
    flattering: dict[float, float | None]
    curve: pd.DataFrame


@dataclass(frozen=True)
class ServiceLook:
    """``files``: whether there is anything of customer service; ``source``: own (counted from chat logs), platform, or both; ``chosen``:
    whether anything lies in the period; ``enough``: whether as much as a verdict needs. Ratios are the kept form.

    ``by_day``: day, ratio, low, high, inquiries, missed, fewest, most. ``by_agent``: the same per agent, with quick (within 30 seconds),
    shrunk (the share missed, drawn towards all) and where (see ``funnel``); ``nobodys``: inquiries of no known agent, such as those nobody
    ever answered. ``by_shift``, ``by_hour``: the same with quick, from chat logs. ``heat``: weekday, hour, inquiries, missed, share, per
    ``band_hours`` from 8:00. ``grid``: day, agent, inquiries, missed, share; where no file gives hours.
    ``spare``: (fewest, most) further misses that the line allows, negative: too many. ``turns``: kind of turn
    (``core.lineage.REPLY_KINDS``) -> how many; the slow and the quick ones stand behind ``by_hour`` and ``heat``.
    """

    files: bool
    chosen: bool
    source: str
    first: date | None
    last: date | None
    line: float
    within_3min: Estimate
    within_30s: Estimate
    enough: bool
    verdict: str
    inquiries: int
    fewest: int
    most: int
    spare: tuple[int, int]
    wrong_mean: float | None
    by_day: pd.DataFrame
    by_agent: pd.DataFrame
    nobodys: int
    by_shift: pd.DataFrame
    by_hour: pd.DataFrame
    heat: pd.DataFrame
    band_hours: int
    grid: pd.DataFrame
    gap: Gap | None
    responses: Responses | None
    late_rows: int
    turns: dict[str, int]


@needs(Right.LOOK)
def look_at_service(workspace: Workspace, shop_id: str, filters: Filters) -> ServiceLook:
    """Of the chosen period; courier, outlet, province and goods say nothing about a reply. Raises AuditError when the engine cannot run."""
    ask = ask_about(workspace, shop_id, None)
    whole = compact(workspace, shop_id, ask)[1].replies
    chosen = bool(filters.start or filters.end)
    replies = in_period(whole, filters) if chosen else whole
    turns = turns_of(workspace, shop_id, filters)
    counted = turn_replies(within_hours(turns))
    line = target_of(workspace, shop_id, "reply_3min_ratio") or 0.0
    rate = reply_share(replies, "3min")
    inquiries, fewest, most = possible_misses(replies, "3min")
    hours = hourly(counted)
    heat, band_hours = _heat(hours)
    agents = _agents(replies, line)
    missed = int((counted["missed_3min_high"] > 0).sum())
    return ServiceLook(
        files=not whole.empty, chosen=not replies.empty, source=_source(ask.reports if ask else ()),
        first=_end(replies, "min"), last=_end(replies, "max"), line=line,
        within_3min=rate, within_30s=reply_share(replies, "30s"), enough=rate.n >= MIN_VERDICT, verdict=verdict_of(kept(rate), 1 - line),
        inquiries=round(inquiries), fewest=round(fewest), most=round(most), spare=spare_misses(replies, line),
        wrong_mean=mean_of_days(replies),
        by_day=rates_by(replies, "day"), by_agent=agents, nobodys=round(inquiries - agents["inquiries"].sum()),
        by_shift=_rates(with_shift(hours), "shift"), by_hour=_rates(hours, "hour"),
        heat=heat, band_hours=band_hours, grid=_grid(replies) if heat.empty else replies[:0],
        gap=hour_gap(hours) if len(hours) else row_gap(replies),
        responses=_responses(turns) if len(counted) else None,
        late_rows=int((replies["missed_3min_high"] > 0).sum()),
        turns={"slow_turns": missed, "quick_turns": len(counted) - missed, "turns_left_out": len(turns) - len(counted)},
    )


def _source(reports: Sequence[ImportReport]) -> str:
    own = {report.source == "chat_log" for report in reports if report.kind == "pdd_service"}
    return "both" if len(own) > 1 else "own" if own == {True} else "platform"


def _end(replies: pd.DataFrame, which: str) -> date | None:
    day = getattr(pd.to_datetime(replies["day"]), which)()
    return None if pd.isna(day) else day.date()


def _rates(replies: pd.DataFrame, key: str) -> pd.DataFrame:
    """``rates_by`` with the 30-second rate beside it, where the files allow one."""
    quick = rates_by(replies, key, "30s")[[key, "ratio"]].rename(columns={"ratio": "quick"})
    return rates_by(replies, key).merge(quick, on=key, how="left")


def _agents(replies: pd.DataFrame, line: float) -> pd.DataFrame:
    """Each agent beside what luck allows for so many inquiries; where nobody or everybody was missed nothing can be told apart."""
    found = _rates(replies, "agent")
    units = found.assign(late=found["missed"], parcels=found["inquiries"])
    if len(units) < 2 or not 0 < units["late"].sum() < units["parcels"].sum():
        return found.assign(where="inside", shrunk=float("nan"))
    placed = funnel(units).units[["agent", "where"]]
    drawn_in = shrunk(units, 1 - line, prior_of(units["late"].to_numpy(), units["parcels"].to_numpy()))[["agent", "shrunk"]]
    return found.merge(placed, on="agent").merge(drawn_in, on="agent").sort_values(["ratio", "inquiries"], ignore_index=True)


def _heat(counted: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """By hour, or by two where most hours of the week hold too few inquiries."""
    def by(hours: int) -> pd.DataFrame:
        # bands begin at 8:00, an even hour
        banded = counted.assign(hour=counted["hour"] // hours * hours, missed=counted["missed_3min_high"])
        cells = banded.groupby(["weekday", "hour"], as_index=False)[["inquiries", "missed"]].sum()
        return cells.assign(share=cells["missed"] / cells["inquiries"])

    hourly = by(1)
    if hourly.empty or (hourly["inquiries"] >= ENOUGH_IN_A_CELL).mean() >= 0.5:
        return hourly, 1
    return by(BAND_HOURS), BAND_HOURS


def _grid(replies: pd.DataFrame) -> pd.DataFrame:
    rows = replies.dropna(subset=["day", "agent", "missed_3min_low"])
    rows = rows[rows["inquiries"] > 0]
    missed = (rows["missed_3min_low"] + rows["missed_3min_high"]) / 2
    return rows[["day", "agent", "inquiries"]].assign(missed=missed, share=missed / rows["inquiries"])


def _responses(turns: pd.DataFrame) -> Responses:
    inside = within_hours(turns)
    found = waits_of(inside)
    alone = without_unanswered(found)
    limits = (QUICK_SECONDS, LIMIT_SECONDS)
    return Responses(
        n=found.n, open=found.n - found.answered, outside=len(turns) - len(inside),
        within={limit: answered_within(found, limit) for limit in limits},
        quantiles={done: wait_quantile(found, done) for done in QUANTILES},
        flattering={
            **{float(limit): answered_within(alone, limit).value for limit in limits},
            **{done: wait_quantile(alone, done).value for done in QUANTILES},
        },
        curve=drawn(found),
    )
