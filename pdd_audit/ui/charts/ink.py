"""Colours by meaning, the axis style, how a chart is shown. Teal: known from data. Vermilion: late or contradicted. Else ink and grey."""

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


def show(chart: Any, alt_text: str, key: str) -> None:
    """Draw with our own axis style; ``alt_text`` states the conclusion for those who do not see it."""
    styled = (
        chart.configure(font=FONT, background="transparent", padding={"left": 2, "right": 6, "top": 4, "bottom": 2})
        .configure_view(stroke=None)
        .configure_axis(
            domain=False,
            ticks=False,
            grid=False,
            gridColor=GRID,
            labelColor=GREY_TEXT,
            labelFontSize=13,
            titleColor=GREY_TEXT,
            titleFontSize=13,
            titleFontWeight="normal",
            labelPadding=6,
            labelLimit=220,
        )
        .configure_text(font=FONT)
    )
    kept.draw(styled, alt_text, key)
