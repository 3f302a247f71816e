"""What is written out is what the screen shows, figure by figure."""

from html.parser import HTMLParser

from pdd_audit.core.result import AuditResult
from pdd_audit.reports.html import render_report
from pdd_audit.services.run_audit import run_audit
from pdd_audit.services.shops import list_shops
from pdd_audit.services.workspace import open_workspace
from pdd_audit.texts.numbers import metric_value, points


class Text(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def test_screen_json_and_report_show_the_same_figures(demo_home, open_page):
    lang = "en"  # that both languages show the same numbers is held elsewhere
    workspace = open_workspace(demo_home)
    shop = list_shops(workspace)[0]
    audit = run_audit(workspace, shop.id, lang=lang)
    written = AuditResult.model_validate_json(audit.result.model_dump_json())
    printed = " ".join(" ".join(Text(render_report(audit.result, audit.inputs.checklists, lang)).parts).split())
    app = open_page("results", lang=lang, scope="full")
    table = app.dataframe[-1].value
    assert len(table) == len(written.metrics)
    for shown, (name, metric) in zip(table.to_dict("records"), written.metrics.items(), strict=True):
        assert shown["n"] == metric.n, name
        value = metric_value(metric.value, metric.unit)
        assert shown["value"].startswith(value), name
        assert value in printed, name
    screen = " ".join(element.value for element in [*app.markdown, *app.caption, *app.title, *app.header, *app.subheader])
    assert points(written.score.value) in screen and points(written.score.value) in printed
    workspace.state.close()
