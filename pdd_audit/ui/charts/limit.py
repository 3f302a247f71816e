"""One measured number with its interval between the limits that the levels of an answer claim."""

from dataclasses import dataclass
from typing import Any

from pdd_audit.texts import Words
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept


@dataclass(frozen=True)
class Mark:
    """A limit of one level: where it stands and what is written under it."""

    value: float
    label: str


@kept
def limit_chart(value: float, low: float, high: float, text: str, marks: list[Mark], contradicted: bool, words: Words, key: str) -> None:
    """The domain starts at zero and ends a little right of the furthest mark."""
    color = ink.VERMILION if contradicted else ink.TEAL
    end = max([high, value, *(mark.value for mark in marks)]) * 1.35 or 1.0
    x = {"field": "x", "type": "quantitative", "scale": {"domain": [0, end], "nice": False}, "axis": None}

    def layer(mark: dict[str, Any], y: int, rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        return {"data": {"values": rows}, "mark": mark, "encoding": {"x": x, "y": {"value": y}, **more}}

    def bar(start: float, stop: float, **look: Any) -> dict[str, Any]:
        return layer({"type": "bar", "height": 10, **look}, 42, [{"x": start, "x2": stop}], x2={"field": "x2"})

    def label(y: int, rows: list[dict[str, Any]], **look: Any) -> dict[str, Any]:
        return layer({"type": "text", **look}, y, rows, text={"field": "label", "type": "nominal"})

    point, limits = [{"x": value, "label": text}], [{"x": mark.value, "label": mark.label} for mark in marks]
    layers = [
        bar(0.0, end, color=ink.QUIET),
        bar(low, max(high, low + end * 0.006), color=color, opacity=0.32),
        layer({"type": "rule", "color": ink.INK, "strokeDash": ink.DASH, "strokeWidth": 1.4}, 28, limits, y2={"value": 60}),
        layer(
            {"type": "point", "shape": "diamond" if contradicted else "circle", "filled": True, "size": 130, "color": color, "opacity": 1},
            42, point,
        ),
        label(42, point, fontSize=15, fontWeight="bold", color=ink.VERMILION_TEXT if contradicted else color, dy=-24),
        *(
            label(64 + 16 * row, limits[row::2], fontSize=12, color=ink.GREY_TEXT, baseline="top")
            for row in (0, 1) if limits[row::2]
        ),
    ]
    sentence = words("charts.limit_alt", value=text, limits=words("app.comma").join(mark.label for mark in marks))
    ink.show(ink.Written(layers, height=100 if len(marks) > 1 else 84), sentence, key)
