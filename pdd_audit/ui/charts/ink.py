"""Colours by meaning, the axis style, how a chart is shown. Teal: known from data. Vermilion: late or contradicted. Else ink and grey."""

from dataclasses import dataclass
from typing import Any

import altair as alt

from pdd_audit.ui.charts import kept

INK = "#0B161C"
GREY_TEXT = "#5B6B75"
GREY_MARK = "#8795A0"
LINE = "#DCE3E5"
GRID = "#E4E9EB"
QUIET = "#EEF2F3"
TEAL = "#0F5C6E"
MID_TEAL = "#5E9AA8"
PALE_TEAL = "#B9D3D9"
VERMILION = "#C2410C"
VERMILION_TEXT = "#A8370A"
VERMILION_GROUND = "#FCEFE8"
PALE_VERMILION = "#F0BFA5"
LATENESS = ["#F6F8F8", "#F8DCCD", "#DC7E53", "#94380C"]
FONT = (
    "'Source Sans', 'Source Sans 3', 'PingFang SC', 'HarmonyOS Sans SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif"
)
DASH = [4, 3]
INTERVAL = 9  # thickness of the pale bar behind a dot
PERCENT_AXIS = "format(datum.value * 100, '.0~f') + '%'"


def share_axis(**more: Any) -> alt.Axis:
    return alt.Axis(labelExpr=PERCENT_AXIS, tickCount=5, title=None, **more)


def top_share(highest: float, at_least: float = 0.05) -> float:
    """A round upper end for an axis of shares."""
    for end in (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0):
        if end >= max(highest * 1.08, at_least):
            return end
    return 1.0


# One style for all charts. Said once in what is drawn, not through altair's ``configure_*``: each of those copies every layer of the chart.
STYLE: dict[str, Any] = {
    "font": FONT,
    "background": "transparent",
    "padding": {"left": 2, "right": 6, "top": 4, "bottom": 2},
    "view": {"stroke": None},
    "axis": {
        "domain": False,
        "ticks": False,
        "grid": False,
        "gridColor": GRID,
        "labelColor": GREY_TEXT,
        "labelFontSize": 13,
        "titleColor": GREY_TEXT,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "labelPadding": 6,
        "labelLimit": 220,
    },
    "text": {"font": FONT},
}


@dataclass(frozen=True)
class Layers:
    """Charts one over the other, the first at the bottom. altair's own ``alt.layer`` copies each of them several times on the way."""

    charts: tuple[alt.Chart, ...]
    height: int | alt.Step
    resolve: dict[str, Any] | None = None

    def to_dict(self, validate: bool) -> dict[str, Any]:
        inner: dict[str, Any] = {"top_level": False}
        layers = [chart.to_dict(validate=validate, context=inner) for chart in self.charts]
        return {
            "$schema": alt.SCHEMA_URL,
            **({"height": self.height} if isinstance(self.height, int) else self._by_rows(self.height.step, layers)),
            "layer": layers,
            **({"resolve": self.resolve} if self.resolve else {}),
        }

    def _by_rows(self, step: int, layers: list[dict[str, Any]]) -> dict[str, Any]:
        """As high as its rows. Counted here: Streamlit fits every chart to its place, and Vega warns of a height left for it to count."""
        rows: set[Any] = set()
        for chart, drawn in zip(self.charts, layers, strict=True):
            y = drawn["encoding"].get("y", {})
            if y.get("type") in ("nominal", "ordinal"):
                rows.update(chart.data[y["field"]])
        return {"height": step * len(rows), "autosize": {"type": "fit-x", "contains": "padding"}}


@dataclass(frozen=True)
class Written:
    """Layers as Vega-Lite itself reads them, the first at the bottom, each with its own few rows. For a chart that almost every run draws
    anew: to compose it altair takes longer than all else on its page."""

    layers: list[dict[str, Any]]
    height: int

    def to_dict(self, validate: bool) -> dict[str, Any]:
        written = {"$schema": alt.SCHEMA_URL, "height": self.height, "layer": self.layers}
        if validate:
            alt.LayerChart.from_dict(written)
        return written


def layer(*charts: alt.Chart, height: int | alt.Step, own_colors: bool = False) -> Layers:
    """``height``: pixels, or so many for each row. ``own_colors``: each layer has its own scale of colours."""
    return Layers(charts, height, {"scale": {"color": "independent"}} if own_colors else None)


def show(chart: kept.Picture, alt_text: str, key: str) -> None:
    """Draw with our own axis style; ``alt_text`` states the conclusion for those who do not see it."""
    kept.draw(chart, STYLE, alt_text, key)
