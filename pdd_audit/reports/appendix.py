"""The facts of the appendix: every question, every metric, five ways to count one number, files, exclusions, method."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup

from pdd_audit.core.lineage import METRICS_FROM
from pdd_audit.core.result import EstimateRecord, ItemRecord, MetricRecord, PracticeRecord
from pdd_audit.reports import svg
from pdd_audit.reports.page_one import PageOne, Step, grouped
from pdd_audit.texts.numbers import (
    DASH,
    count,
    decimal_text,
    full_moment,
    metric_range,
    metric_value,
    number_range,
    percent,
    points,
    rough_count,
    score_change,
    signed,
    yuan,
)

Sign = Literal["good", "bad", "open"]
SIGNS: Mapping[str, Sign] = {"confirmed": "good", "pass": "good", "contradicted": "bad", "fail": "bad"}
OUT_OF_REACH = 50  # times the records there are; a verdict that needs more of them does not come
WAYS = ("mature", "survival", "today", "naive_collected", "naive_all")
HEADLINE_METRIC = "pickup_24h_ratio"
MOST_STEPS = 20  # of the plan; the workbook holds all


@dataclass(frozen=True)
class ItemRow:
    title: str
    tags: list[str]
    answer: str
    verdict: str
    sign: Sign | None
    note: str
    points: str
    lost: str


@dataclass(frozen=True)
class WaiverRow:
    title: str
    reason: str
    by: str
    dates: str
    cost: str


@dataclass(frozen=True)
class PracticeBlock:
    name: str
    head: str
    facts: str
    cap: str
    rows: list[ItemRow]


@dataclass(frozen=True)
class MetricRow:
    name: str
    definition: str
    value: str
    range: str
    n: str
    target: str
    verdict: str
    sign: Sign
    notes: list[str]


@dataclass(frozen=True)
class WayRow:
    name: str
    means: str
    value: str
    range: str
    n: str
    flattering: bool
    drawing: Markup


@dataclass(frozen=True)
class FileRow:
    file: str
    kind: str
    digest: str
    read: str
    kept: str
    left_out: str
    reasons: str
    warnings: list[str]


class Appendix:
    """What follows page one, in one language."""

    def __init__(self, page: PageOne) -> None:
        self.page = page
        self.result = page.result
        self.names = page.names
        self.words = page.words

    # --- questions ---------------------------------------------------------------------------------------------------------

    def practices(self) -> list[PracticeBlock]:
        return [self._block(key, practice) for key, practice in self.page.ordered_practices()]

    def _block(self, key: str, practice: PracticeRecord) -> PracticeBlock:
        words = self.words
        if practice.value is None:
            head = words("report.items.head_none")
        elif points(practice.low) == points(practice.high):
            head = words("report.items.head_plain", value=points(practice.value))
        else:
            head = words("report.items.head", value=points(practice.value), range=number_range(practice.low, practice.high))
        share = percent(practice.verified_share, 0)
        said, checked = practice.claimed_where_verified, practice.verified_where_claimed
        rests = words("report.items.unchecked") if checked is None else words(
            "report.items.rests", claimed=points(said, 1), verified=points(checked, 1), gap=score_change(said, checked), share=share
        )
        cap = ""
        if practice.capped_by and points(practice.uncapped) != points(practice.value):
            titles = self.page.fails(practice.capped_by)
            cap = words("report.cap.total", before=points(practice.uncapped, 1), after=points(practice.value, 1), titles=titles)
        answered = words("report.items.answered", done=practice.answered, all=practice.questions)
        return PracticeBlock(self.names.practice(key), head, f"{answered} · {rests}", cap, [self._item(item) for item in practice.items])

    def _item(self, item: ItemRecord) -> ItemRow:
        words = self.words
        tags = [words("report.items.blocker")] if item.blocker else []
        tags += [words("report.items.info")] if item.weight == 0 else []
        tags += [words("report.waived.tag", until=f"{one.until:%Y-%m-%d}") for one in self.result.waivers if one.question == item.id]
        counts = item.value is not None and item.share > 0 and self.result.score.enough
        return ItemRow(
            title=self.names.holds(item.id), tags=tags, answer=self.names.answered(item),
            verdict=self._item_verdict(item), sign=self._item_sign(item), note=self._item_note(item),
            points=decimal_text(item.points, 1) if counts else DASH, lost=decimal_text(item.lost, 1) if counts else DASH,
        )

    def _item_verdict(self, item: ItemRecord) -> str:
        if item.state == "data" and item.metric and item.value is not None:
            metric = self.result.metrics.get(item.metric)
            return f"{self.names.metric(item.metric)} {self.names.value(metric.value, metric.unit)}" if metric else DASH
        return self.words(f"verdicts.answer.{item.verdict}.name") if item.verdict and item.verdict != "no_claim" else DASH

    def _item_sign(self, item: ItemRecord) -> Sign | None:
        if item.verdict is None or item.verdict == "no_claim":
            return None
        return SIGNS.get(item.verdict, "open")

    def _item_note(self, item: ItemRecord) -> str:
        finding = next((finding for finding in self.result.findings if finding.question == item.id), None)
        if finding is None:
            return ""
        if finding.better_than_said:
            return self.words("report.items.better")
        if finding.verdict == "contradicted" and finding.counted_as and finding.counted_as != item.answer and item.verified is not None:
            return self.words("report.items.counted", level=self.names.level(item.id, finding.counted_as))
        return ""

    def waivers(self) -> list[WaiverRow]:
        """What stands by somebody's leave, and what waiting costs."""
        rows = []
        for one in self.result.waivers:
            price = [signed(one.points)] if one.points > 0 and self.result.score.enough else []
            price += [self.words("report.waived.a_month", yuan=yuan(one.yuan))] if one.yuan else []
            dates = f"{one.since:%Y-%m-%d} – {one.until:%Y-%m-%d}"
            cost = " · ".join(price) or DASH
            rows.append(WaiverRow(self.names.fails(one.question), one.reason, one.by, dates, cost))
        return rows

    def steps(self) -> list[Step]:
        return self.page.every_step()[:MOST_STEPS]

    def more_steps(self) -> str:
        more = len(self.result.plan) - MOST_STEPS
        return self.words("report.steps.more", n=more) if more > 0 else ""

    # --- metrics -----------------------------------------------------------------------------------------------------------

    def metrics(self) -> list[MetricRow]:
        return [self._metric(key, metric) for key, metric in self.result.metrics.items()]

    def _metric(self, key: str, metric: MetricRecord) -> MetricRow:
        words = self.words
        notes = self._undecided(metric) + self._missing_files(key, metric)
        if metric.standard_target is not None:
            notes.append(words("report.metrics.own_target", standard=metric_value(metric.standard_target, metric.unit)))
        if metric.verdict == "too_early" and metric.mature_until is not None:
            notes.append(words("report.metrics.mature", at=full_moment(metric.mature_until)))
        return MetricRow(
            name=self.names.metric(key), definition=self.names.definition(key), value=self.names.value(metric.value, metric.unit),
            range=self._range(metric), n=count(metric.n) if metric.n else DASH, target=metric_value(metric.target, metric.unit),
            verdict=words(f"verdicts.metric.{metric.verdict}.name") if metric.verdict else DASH,
            sign=SIGNS.get(metric.verdict or "", "open"), notes=notes,
        )

    def _undecided(self, metric: MetricRecord) -> list[str]:
        if not metric.more_needed:
            return []
        if metric.more_needed > OUT_OF_REACH * metric.n:
            return [self.words("report.metrics.too_near")]
        return [self.words("report.metrics.more", n=rough_count(metric.more_needed))]

    def _missing_files(self, key: str, metric: MetricRecord) -> list[str]:
        """Why there is no value, where it is a file that was not given."""
        given = {file.kind for file in self.result.inputs}
        missing = [kind for kind in METRICS_FROM.get(key, ()) if kind not in given]
        if metric.value is not None or not missing:
            return []
        names = self.words("data.listed").join(self.words(f"kinds.{kind}.name") for kind in missing)
        return [self.words("report.metrics.needs", files=names)]

    def _range(self, metric: MetricRecord) -> str:
        if metric.low is not None and metric.high is None:
            return self.words("report.metrics.above", value=metric_value(metric.low, metric.unit))
        return metric_range(metric.low, metric.high, metric.unit) or DASH

    def ways(self) -> list[WayRow]:
        """The headline counted in every way; the flattering ones last and marked."""
        metric = self.result.metrics.get(HEADLINE_METRIC)
        if metric is None:
            return []
        known = [(code, metric.estimates[code]) for code in WAYS if code in metric.estimates]
        axis = self.ways_axis()
        return [self._way(code, estimate, axis, metric.target) for code, estimate in known if estimate.value is not None]

    def ways_axis(self) -> tuple[float, float] | None:
        """From a round value below everything drawn up to 1."""
        metric = self.result.metrics.get(HEADLINE_METRIC)
        drawn = [end for e in (metric.estimates.values() if metric else ()) for end in (e.value, e.low) if end is not None]
        if not drawn:
            return None
        lowest = min(drawn)
        step = 0.02 if lowest > 0.9 else 0.1
        return max(0.0, int(lowest / step + 1e-9) * step), 1.0

    def ways_caption(self) -> str:
        axis = self.ways_axis()
        assert axis is not None, "only asked when there are ways to show"
        drawn = self.words("report.ways.axis", low=percent(axis[0], 0), high=percent(axis[1], 0))
        target = self.result.metrics[HEADLINE_METRIC].target
        lines = [] if target is None else [self.words("report.ways.target", target=percent(target))]
        return self.page.joined([self.words("report.ways.caption"), drawn, *lines])

    def _way(self, code: str, estimate: EstimateRecord, axis: tuple[float, float] | None, target: float | None) -> WayRow:
        flattering = code.startswith("naive_")
        name, shown = self.words(f"metric_names.estimate.{code}.name"), metric_value(estimate.value, "ratio")
        drawing = svg.estimate_dot(
            estimate.value, estimate.low, estimate.high, axis or (0.0, 1.0), target, flattering,
            self.words("report.ways.alt", name=name, value=shown),
        )
        return WayRow(
            name, self.words(f"metric_names.estimate.{code}.means"), shown,
            metric_range(estimate.low, estimate.high, "ratio") or DASH, count(estimate.n), flattering, drawing,
        )

    # --- parcels, files, method --------------------------------------------------------------------------------------------

    def missed_waves(self) -> list[dict[str, str]]:
        return [
            {"courier": self.words.courier(wave.courier), "outlet": wave.outlet or DASH, "day": wave.day, "band": wave.band,
             "late": f"{count(wave.breaches)} / {count(wave.parcels)}"}
            for wave in self.result.waves if wave.verdict == "missed"
        ]

    def no_waves(self) -> str:
        metric = self.result.metrics.get(HEADLINE_METRIC)
        return self.words("report.waves.none" if metric is not None and metric.n else "report.waves.none_data")

    def parcels(self) -> list[tuple[str, str]]:
        return [(self.names.coded("report.parcels", code), count(number)) for code, number in self.result.parcels.items()]

    def excluded(self) -> list[tuple[str, str]]:
        left_out = {code: number for code, number in self.result.excluded.items() if number}
        return [(self.names.coded("report.excluded", code.lower()), count(number)) for code, number in left_out.items()]

    def files(self) -> list[FileRow]:
        joiner = self.words("report.files.joiner")
        said = {(warning.file, warning.code) for warning in self.result.warnings}
        rows = []
        for file in self.result.inputs:
            reasons = joiner.join(
                self.words("report.files.reason", reason=self.names.coded("left_out", code), n=count(number))
                for code, number in sorted(file.left_out.items(), key=lambda pair: (-pair[1], pair[0])) if number
            )
            own = [self._notice(notice) for notice in file.warnings if (file.file, notice.get("code")) not in said]
            rows.append(FileRow(
                file.file, self.names.coded("kinds", file.kind), file.sha256[:12], count(file.rows_read), count(file.rows_kept),
                count(sum(file.left_out.values())), reasons, own,
            ))
        return rows

    def _notice(self, notice: Mapping[str, Any]) -> str:
        """A notice of a file in words; its code when the words or their values are missing."""
        code = str(notice.get("code", ""))
        for key in (f"flags.{code}", f"warnings.{code}"):
            if self.words.has(key):
                try:
                    return self.words(key, **{"file": "", **notice.get("values", {})})
                except KeyError:
                    break
        return str(notice.get("text") or code)

    def warnings(self) -> list[tuple[str, str]]:
        """(file, sentence). The record's own sentence is in the language of the run; ours is preferred where its values are known."""
        known = {(file.file, notice.get("code")): notice for file in self.result.inputs for notice in file.warnings}
        said = []
        for warning in self.result.warnings:
            notice = known.get((warning.file or "", warning.code))
            if notice is None:
                notice = {"code": warning.code, "text": warning.text, "values": {}}
            said.append((warning.file or "", self._notice(notice)))
        return said

    def method(self) -> list[tuple[str, str]]:
        words = self.words
        notes = [(words(f"report.method.{code}.name"), words(f"report.method.{code}.text"))
                 for code in ("mature", "censored", "interval", "ranges", "check", "cause", "ours")]
        figures = self.result.rules.figures_unverified
        if figures:
            named = words("report.method.figures.joiner").join(self.names.coded("rules.figure", figure) for figure in figures)
            notes.append((words("report.method.figures.name"), words("report.method.figures.text", figures=named)))
        elif self.result.rules.effective_from:
            notes.append((words("report.method.figures.name"), words("report.method.figures.none")))
        versions = words("report.method.figures.joiner").join(
            f"{self.names.practice(key)} {version}" for key, version in self.result.checklists.items()
        )
        notes.append((words("report.method.versions.name"), versions or DASH))
        if self.result.left_out:
            left_out = [
                words("report.method.left_out.one", title=one.title.in_language(words.lang), reason=one.reason)
                for one in self.result.left_out
            ]
            notes.append((words("report.method.left_out.name"), words("report.method.left_out.joiner").join(left_out)))
        if self.result.fingerprint:
            printed = words("report.method.fingerprint.text", fingerprint=grouped(self.result.fingerprint, 16))
            notes.append((words("report.method.fingerprint.name"), printed))
        return notes
