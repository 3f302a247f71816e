"""The report as an Excel workbook: the facts of ``page_one`` and ``appendix`` as numbers to sort and filter, and rows behind figures."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pdd_audit.core.figure_rows import FigureRows
from pdd_audit.core.lineage import ROWS_BEHIND
from pdd_audit.core.questions import Checklists
from pdd_audit.core.result import AuditResult
from pdd_audit.reports.appendix import HEADLINE_METRIC, WAYS, Appendix
from pdd_audit.reports.page_one import PageOne, fingerprint
from pdd_audit.reports.review import Review
from pdd_audit.reports.workbook import GREY, INK, LINE, MID_TEAL, PALE_TEAL, TEAL, Column, Look, Sheet, Workbook, characters
from pdd_audit.texts import Lang
from pdd_audit.texts.numbers import full_moment

BARS = 10  # steps in the chart of the plan
UNIT_LOOKS: dict[str, Look] = {"ratio": "percent", "hours": "tenth", "seconds": "tenth", "count": "whole"}


def render_xlsx(
    result: AuditResult, checklists: Checklists, lang: Lang, rows: Sequence[FigureRows] = (), *, generated_at: datetime | None = None,
    review: Review | None = None,
) -> bytes:
    """The workbook; equal inputs give equal bytes. ``rows``: what stands behind the figures, a sheet each; ``review``: the one it was
    signed in, which has a sheet too."""
    page = PageOne(result, checklists, lang)
    title = page.words("report.title", shop=result.shop)
    return _Report(page, Workbook(lang, title, title, generated_at or result.as_of), rows, generated_at, review).content()


class _Report:
    def __init__(
        self, page: PageOne, book: Workbook, rows: Sequence[FigureRows], generated_at: datetime | None, review: Review | None
    ) -> None:
        self.page, self.book, self.rows, self.generated_at, self.review = page, book, rows, generated_at, review
        self.result, self.words = page.result, page.words
        self.appendix = Appendix(page)

    def content(self) -> bytes:
        names = ("summary", *(("review",) if self.review else ()), "answers", "metrics", "against", "plan")
        sheets = {name: self.book.sheet(self.word(f"sheet.{name}")) for name in names}
        behind = [self.book.sheet(self.words(f"app.rows.title.{found.what}")) for found in self.rows]
        self._summary(sheets["summary"])
        if self.review:
            self._review(sheets["review"], self.review)
        self._answers(sheets["answers"])
        self._metrics(sheets["metrics"], {found.what: sheet.name for found, sheet in zip(self.rows, behind, strict=True)})
        self._against(sheets["against"])
        self._plan(sheets["plan"])
        for found, sheet in zip(self.rows, behind, strict=True):
            self._behind(sheet, found)
        self._method(self.book.sheet(self.word("sheet.method")))
        return self.book.content()

    def word(self, key: str, **values: Any) -> str:
        return self.words(f"report.xlsx.{key}", **values)

    # --- summary -----------------------------------------------------------------------------------------------------------

    def _summary(self, sheet: Sheet) -> None:
        page, result, words = self.page, self.result, self.words
        sheet.line(f"{words('report.product')} · {result.shop}", look="title")
        sheet.line(page.headline(), look="bold")
        for line in (page.source_line(), page.profile_line(), page.na_note()):
            if line:
                sheet.line(line, look="grey")
        if result.invented:
            sheet.line(words("report.invented"), look="late")
        sheet.gap()
        self._score(sheet)
        sheet.gap()
        self._practices(sheet)
        sheet.gap()
        self._evidence(sheet)
        sheet.gap()
        for line in (*page.cap_lines(), page.own_list_line(), page.waived_line(), words("grades.shown.ours")):
            if line:
                sheet.line(line, look="grey")
        if self.generated_at:
            sheet.line(words("report.sign.made", at=full_moment(self.generated_at)), look="grey")
        sheet.widths |= {0: 30.0, 1: 12.0, 2: 12.0, 3: 12.0, 4: 12.0}

    def _score(self, sheet: Sheet) -> None:
        score, words = self.result.score, self.words
        enough = score.grade is not None
        facts: list[tuple[str, object, Look]] = [
            (self.word("score"), score.value if enough else words("grades.none.name"), "tenth"),
            (self.word("grade"), self.page.grade_text(), "text"),
            (self.word("low"), score.low, "tenth"),
            (self.word("high"), score.high, "tenth"),
            (self.word("data_low"), score.data_low if enough else None, "tenth"),
            (self.word("data_high"), score.data_high if enough else None, "tenth"),
            (self.word("answered_share"), score.answered_share, "percent"),
            (words("report.sign.fingerprint"), fingerprint(self.result), "text"),
        ]
        for name, value, look in facts:
            row = sheet.line(name)
            sheet.put(row, 1, value, look)

    def _practices(self, sheet: Sheet) -> None:
        words = self.words
        columns = [
            Column(words("report.practices.name"), 30), Column(self.word("score"), 12, "tenth"),
            Column(words("report.practices.claimed"), 12, "tenth"), Column(words("report.practices.verified"), 12, "tenth"),
            Column(words("report.practices.share"), 12, "percent"), Column(words("report.practices.gap"), 12, "signed"),
        ]
        rows = [
            (self.page.names.practice(key), practice.value, practice.claimed_where_verified, practice.verified_where_claimed,
             practice.verified_share, practice.gap)
            for key, practice in self.page.ordered_practices()
        ]
        if not rows:
            return
        first = sheet.table(columns, rows)
        sheet.line(self.word("both"), look="grey")
        chart = self._chart("bar", words("report.practices.title"))
        for at, colour in ((2, PALE_TEAL), (3, TEAL)):
            chart.add_series({
                "name": columns[at].title, "categories": [sheet.name, first, 0, first + len(rows) - 1, 0],
                "values": [sheet.name, first, at, first + len(rows) - 1, at], "fill": {"color": colour}, "border": {"color": MID_TEAL},
                "gap": 60, "overlap": 0,
            })
        chart.set_y_axis({"reverse": True, "line": {"none": True}, "num_font": {"color": GREY}})
        chart.set_x_axis({"min": 0, "max": 100, "major_gridlines": {"visible": True, "line": {"color": LINE}}, "num_format": "0"})
        sheet.page.insert_chart(4, 7, chart, {"description": words("report.practices.title")})

    def _evidence(self, sheet: Sheet) -> None:
        sheet.line(self.words("report.rest.title"), look="bold")
        first = sheet.row
        parts = self.page.evidence()
        for part in parts:
            row = sheet.line(part.name)
            sheet.put(row, 1, part.share, "percent")
        chart = self._chart("bar", self.words("report.rest.title"), subtype="percent_stacked", height=150)
        for at, colour in enumerate((TEAL, MID_TEAL, PALE_TEAL, "#FFFFFF")):
            chart.add_series({
                "name": [sheet.name, first + at, 0], "values": [sheet.name, first + at, 1, first + at, 1], "fill": {"color": colour},
                "border": {"color": MID_TEAL}, "gap": 30,
            })
        chart.set_y_axis({"visible": False})
        chart.set_x_axis({"num_format": "0%", "major_gridlines": {"visible": False}})
        sheet.page.insert_chart(22, 7, chart, {"description": self.words("report.rest.title")})

    def _chart(self, kind: str, title: str, subtype: str | None = None, height: int = 320) -> Any:
        chart = self.book.file.add_chart({"type": kind, **({"subtype": subtype} if subtype else {})})
        chart.set_title({"name": title, "overlay": False, "name_font": {"size": 11, "bold": True}})
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 560, "height": height})
        chart.set_chartarea({"border": {"none": True}})
        return chart

    # --- the review ---------------------------------------------------------------------------------------------------------

    def _review(self, sheet: Sheet, review: Review) -> None:
        words, decided = self.words, review.decisions()
        sheet.line(review.title(), look="title")
        sheet.line(review.facts(), look="grey")
        sheet.gap()
        if decided:
            sheet.line(review.decisions_title(), look="bold")
            sheet.table([
                Column(words("report.review.decided.what"), 44, "wrapped"), Column(words("report.review.decided.owner"), 20, "wrapped"),
                Column(words("report.review.decided.due"), 30), Column(words("report.review.decided.by"), 44, "wrapped"),
                Column(words("report.review.decided.why"), 38, "wrapped"),
            ], [(row.what, row.owner, row.due, row.by, row.why) for row in decided])
            sheet.gap()
        sheet.line(words("report.review.log.title"), look="bold")
        unknown = words("report.review.log.unknown")
        sheet.table([
            Column(words("report.review.log.by"), 44, "wrapped"), Column(words("report.review.log.role"), 20),
            Column(words("report.review.log.at"), 30), Column(words("report.review.log.row"), 44),
            Column(words("report.review.log.hash"), 38, "wrapped"),
        ], [(one.by, one.role, one.at, str(one.log or ""), one.hash if one.log else unknown) for one in review.signed()])
        sheet.line(words("report.review.log.caption"), look="grey")
        sheet.gap()
        sheet.line(words("report.review.talk.title"), look="bold")
        sheet.line(words("report.review.talk.caption"), look="grey")
        rows = []
        for row in review.talked():
            texts = ("\n".join(part for part in (row.agreed, row.by) if part), "\n".join(row.said), "\n".join(row.words))
            rows.append((row.title, *texts, row.id, row.apart, row.yuan or None))
        sheet.table([
            Column(words("report.items.question"), 44, "wrapped"), Column(words("report.review.talk.agreed"), 20, "wrapped"),
            Column(words("report.review.talk.said"), 30, "wrapped"), Column(words("report.review.talk.wrote"), 44, "wrapped"),
            Column(self.word("code"), 38), Column(words("report.review.talk.apart"), 10, "percent"),
            Column(words("report.review.talk.yuan"), 12, "yuan"),
        ], rows, filtered=True)

    # --- answers, contradictions, plan -------------------------------------------------------------------------------------

    def _answers(self, sheet: Sheet) -> None:
        words = self.words
        columns = [
            Column(words("report.practices.name"), 14), Column(words("report.items.question"), 44, "wrapped"),
            Column(words("report.items.answer"), 18, "wrapped"), Column(words("report.items.verdict"), 22, "wrapped"),
            Column(self.word("note"), 26, "wrapped"), Column(self.word("tags"), 14), Column(self.word("weight"), 8, "whole"),
            Column(self.word("claimed"), 10, "percent"), Column(self.word("verified"), 10, "percent"),
            Column(words("report.items.points"), 8, "tenth"), Column(words("report.items.lost"), 8, "tenth"),
            Column(self.word("gain"), 10, "tenth"), Column(self.word("code"), 38),
        ]
        rows, scored = [], self.result.score.enough
        for block, (key, practice) in zip(self.appendix.practices(), self.page.ordered_practices(), strict=True):
            for told, item in zip(block.rows, practice.items, strict=True):
                counts = scored and item.value is not None and item.share > 0
                rows.append((
                    self.page.names.practice(key), told.title, told.answer, told.verdict, told.note, " · ".join(told.tags), item.weight,
                    item.claimed, item.verified, item.points if counts else None, item.lost if counts else None,
                    item.gain if scored else None, item.id,
                ))
        sheet.table(columns, rows, freeze=True, filtered=True)

    def _against(self, sheet: Sheet) -> None:
        words, against = self.words, self.page.every_contradiction()
        if not against:
            sheet.line(words("report.against.none_title"), look="bold")
            sheet.line(self.page.no_contradictions())
            sheet.widths[0] = 60
            return
        columns = [
            Column(words("report.items.question"), 44, "wrapped"), Column(words("report.metrics.value"), 14, "late"),
            Column(words("report.metrics.range"), 16), Column(words("report.items.verdict"), 70, "wrapped"),
        ]
        sheet.table(columns, [(row.title, row.value, row.range, row.sentence) for row in against], freeze=True)

    def _plan(self, sheet: Sheet) -> None:
        words, plan = self.words, self.result.plan
        if not plan:
            sheet.line(words("report.steps.none_title"), look="bold")
            sheet.line(self.page.no_steps())
            sheet.widths[0] = 60
            return
        columns = [
            Column(self.word("number"), 6, "whole"), Column(words("report.steps.action"), 60, "wrapped"),
            Column(words("report.practices.name"), 14), Column(words("report.steps.owner"), 14),
            Column(words("report.steps.points"), 9, "signed"),
            Column(words("report.steps.hours"), 12, "tenth"), Column(words("report.steps.money"), 12, "yuan"),
            Column(self.word("yuan_low"), 12, "yuan"), Column(self.word("yuan_high"), 12, "yuan"), Column(self.word("orders"), 14, "tenth"),
        ]
        rows = [
            (number, told.action, self.page.names.practice(step.practice), None, step.points if self.result.score.enough else None,
             step.hours, step.yuan, step.yuan_low, step.yuan_high, step.orders)
            for number, (told, step) in enumerate(zip(self.page.every_step(), plan, strict=True), 1)
        ]
        first = sheet.table(columns, rows, freeze=True, filtered=True)
        sheet.line(None, self.page.steps_note(), look="grey")
        shown = min(BARS, len(rows))
        at = 6 if any(step.yuan for step in plan[:shown]) else 4 if self.result.score.enough else 5
        chart = self._chart("column", columns[at].title)
        chart.add_series({
            "name": columns[at].title, "categories": [sheet.name, first, 0, first + shown - 1, 0],
            "values": [sheet.name, first, at, first + shown - 1, at], "fill": {"color": TEAL}, "gap": 60,
        })
        chart.set_legend({"none": True})
        chart.set_x_axis({"name": self.word("number")})
        chart.set_y_axis({
            "major_gridlines": {"visible": True, "line": {"color": LINE}}, "min": 0, "num_format": '"¥"#,##0' if at == 6 else "0.0",
        })
        sheet.page.insert_chart(1, len(columns) + 1, chart, {"description": columns[at].title})

    # --- metrics and what stands behind them -------------------------------------------------------------------------------

    def _metrics(self, sheet: Sheet, behind: dict[str, str]) -> None:
        words = self.words
        if not self.result.metrics:
            sheet.line(words("report.metrics.none"))
            sheet.widths[0] = 60
            return
        heads = [
            Column(words("report.metrics.name"), 26, "wrapped"), Column(words("report.metrics.value"), 10, "tenth"),
            Column(self.word("low"), 10, "tenth"), Column(self.word("high"), 10, "tenth"), Column(words("report.metrics.n"), 10, "whole"),
            Column(words("report.metrics.target"), 10, "tenth"),
            Column(words("report.metrics.verdict"), 18), Column(self.word("note"), 34, "wrapped"),
            Column(self.word("definition"), 60, "wrapped"), Column(self.word("rows"), 28), Column(self.word("code"), 28),
        ]
        first = sheet.table(heads, [], freeze=True)
        for told, (key, metric) in zip(self.appendix.metrics(), self.result.metrics.items(), strict=True):
            look = UNIT_LOOKS[metric.unit]
            numbers = (metric.value, metric.low, metric.high, metric.n or None, metric.target)
            row = sheet.line(told.name, look="wrapped")
            for at, number in enumerate(numbers, 1):
                sheet.put(row, at, number, "whole" if at == 4 else look)
            for at, text in ((6, told.verdict), (7, "\n".join(told.notes)), (8, told.definition), (10, key)):
                sheet.put(row, at, text, "wrapped" if at in (7, 8) else "late" if at == 6 and told.sign == "bad" else "text")
            name = behind.get(ROWS_BEHIND.get(key, ""))
            if name:
                sheet.page.write_url(row, 9, f"internal:'{name.replace(chr(39), chr(39) * 2)}'!A1", string=name)
        self._ways(sheet, first)

    def _ways(self, sheet: Sheet, top: int) -> None:
        """The headline counted in every way, with its chart."""
        metric = self.result.metrics.get(HEADLINE_METRIC)
        ways = self.appendix.ways()
        if metric is None or not ways:
            return
        sheet.gap()
        sheet.page.set_h_pagebreaks([sheet.row])  # the chart below would be cut in two
        sheet.line(self.words("report.ways.title"), look="bold")
        sheet.line(self.words("report.ways.caption"), look="grey")
        first = sheet.row
        known = [metric.estimates[code] for code in WAYS if code in metric.estimates and metric.estimates[code].value is not None]
        for told, way in zip(ways, known, strict=True):
            row = sheet.line(told.name, look="wrapped")
            for at, number in enumerate((way.value, way.low, way.high), 1):
                sheet.put(row, at, number, "percent")
            sheet.put(row, 4, way.n, "whole")
            sheet.put(row, 5, metric.target, "percent")
            sheet.put(row, 8, told.means, "wrapped")
        chart = self._chart("line", self.words("report.ways.title"))
        axis = self.appendix.ways_axis() or (0.0, 1.0)
        ends = [[way.value if end is None else end for end in (way.low, way.value, way.high)] for way in known]
        intervals = {
            "type": "custom", "minus_values": [(at or 0.0) - (low or 0.0) for low, at, _ in ends],
            "plus_values": [(high or 0.0) - (at or 0.0) for _, at, high in ends],
        }
        dots = {"marker": {"type": "circle", "size": 8, "fill": {"color": TEAL}}, "line": {"none": True}, "y_error_bars": intervals}
        for at, drawn in ((1, dots), (5, {"line": {"color": INK, "dash_type": "dash"}})):
            chart.add_series({
                "name": [sheet.name, top - 1, at], "categories": [sheet.name, first, 0, sheet.row - 1, 0],
                "values": [sheet.name, first, at, sheet.row - 1, at], **drawn,
            })
        lines = {"visible": True, "line": {"color": LINE}}
        chart.set_y_axis({"min": axis[0], "max": axis[1], "num_format": "0%", "major_gridlines": lines})
        sheet.page.insert_chart(sheet.row + 1, 0, chart, {"description": self.words("report.ways.title")})

    def _behind(self, sheet: Sheet, found: FigureRows) -> None:
        figures = [self.page.names.metric(key) for key, what in ROWS_BEHIND.items() if what == found.what and key in self.result.metrics]
        joiner = self.words("report.files.joiner")
        sheet.line(self.words(f"app.rows.title.{found.what}"), look="title")
        sheet.line(self.word("behind", figures=joiner.join(figures)), look="grey")
        sheet.line(self.word("bounded" if found.more else "all_rows", n=f"{len(found.rows):,}"), look="late" if found.more else "grey")
        columns = [Column(title, _width(title, [row[at] for row in found.rows[:200]])) for at, title in enumerate(found.columns)]
        sheet.table(columns, found.rows, freeze=True, filtered=True)

    # --- sources and method ------------------------------------------------------------------------------------------------

    def _method(self, sheet: Sheet) -> None:
        words, result = self.words, self.result
        sheet.line(words("report.files.title"), look="bold")
        if result.inputs:
            columns = [
                Column(words("report.files.file"), 44, "wrapped"), Column(self.word("kind"), 60, "wrapped"),
                Column(words("report.files.read"), 10, "whole"), Column(words("report.files.kept"), 10, "whole"),
                Column(words("report.files.left"), 10, "whole"), Column(self.word("why_left"), 30, "wrapped"), Column("SHA-256", 68),
            ]
            rows = [
                (file.file, told.kind, file.rows_read, file.rows_kept, sum(file.left_out.values()), told.reasons, file.sha256)
                for file, told in zip(result.inputs, self.appendix.files(), strict=True)
            ]
            sheet.table(columns, rows)
            sheet.line(words("report.files.caption"), look="grey")
        else:
            sheet.line(words("report.files.none"))
        self._counts(sheet)
        self._waived(sheet)
        told = [(text, file or "") for file, text in self.appendix.warnings()]
        told += [(text, row.file) for row in self.appendix.files() for text in row.warnings]
        if told:
            sheet.gap()
            sheet.line(words("report.warnings.title"), look="bold")
            for text, file in told:
                row = sheet.row
                sheet.put(row, 0, file, "wrapped")
                sheet.put(row, 1, text, "wrapped")
                sheet.row += 1
        sheet.gap()
        sheet.line(words("report.method.title"), look="bold")
        for name, text in self.appendix.method():
            sheet.put(sheet.row, 0, name, "wrapped")
            sheet.put(sheet.row, 1, text, "wrapped")
            sheet.row += 1
        sheet.widths[0], sheet.widths[1] = 44.0, 60.0

    def _counts(self, sheet: Sheet) -> None:
        parts = [("report.parcels.title", "report.parcels", self.result.parcels)]
        parts.append(("report.excluded.title", "report.excluded", {code.lower(): n for code, n in self.result.excluded.items() if n}))
        for title, prefix, numbers in parts:
            if numbers:
                sheet.gap()
                sheet.line(self.words(title), look="bold")
                for code, number in numbers.items():
                    row = sheet.line(self.page.names.coded(prefix, code))
                    sheet.put(row, 1, number, "whole")

    def _waived(self, sheet: Sheet) -> None:
        waivers = self.appendix.waivers()
        if waivers:
            sheet.gap()
            sheet.line(self.words("report.waived.title"), look="bold")
            heads = ("question", "why", "by", "until", "cost")
            sheet.line(*(self.words(f"report.waived.{head}") for head in heads), look="head")
            for row in waivers:
                sheet.line(row.title, row.reason, row.by, row.dates, row.cost, look="wrapped")


def _width(title: str, values: Sequence[object]) -> float:
    """Characters that the title and what is seen first need; a Chinese character counts as two."""
    texts = [title, *("0000-00-00 00:00" if isinstance(value, datetime) else str(value) for value in values if value is not None)]
    return min(44.0, max(characters(text) for text in texts) + 2.0)
