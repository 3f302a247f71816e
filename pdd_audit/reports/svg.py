"""The drawings of the report: inline SVG without a view box, so that positions stretch with the page and letters do not.

Every drawing reads without colour: evidence by depth, overestimates by a dashed frame, late by a diamond, flattering by a hollow dot.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from typing import Literal

from markupsafe import Markup

from pdd_audit.texts.numbers import points

INK = "#0B161C"
GREY_TEXT = "#5B6B75"
GREY_MARK = "#8795A0"
QUIET = "#E4E9EB"
TEAL = "#0F5C6E"
MID_TEAL = "#5E9AA8"
PALE_TEAL = "#B9D3D9"
VERMILION = "#C2410C"
VERMILION_GROUND = "#FCEFE8"

BANDS = (("E", 0, 60), ("D", 60, 70), ("C", 70, 80), ("B", 80, 90), ("A", 90, 100))
LABEL_ROOM = 6  # points of the scale that one two-digit label needs

Look = dict[str, str | float]

QUIET_BAND: Look = {"fill": QUIET}
CHECKED: Look = {"fill": TEAL}
PROVEN: Look = {"fill": MID_TEAL}
SAID: Look = {"fill": PALE_TEAL, "stroke": MID_TEAL}
INTERVAL: Look = {"fill": PALE_TEAL}
NOT_KNOWN: Look = {"fill": "#fff", "stroke": GREY_MARK, "stroke_dasharray": "3 2"}
OVERESTIMATED: Look = {"fill": VERMILION_GROUND, "stroke": VERMILION, "stroke_dasharray": "3 2"}
SMALL_GREY: Look = {"font_size": 12, "fill": GREY_TEXT}
SMALL_BOLD: Look = {"font_size": 12, "fill": INK, "font_weight": 700}
LARGE_BOLD: Look = {"font_size": 16, "fill": INK, "font_weight": 700}


def _element(name: str, inside: str = "", /, **attributes: str | float) -> Markup:
    """One element, every value escaped; ``text_anchor`` becomes text-anchor."""
    written = Markup("").join(Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    return Markup("<{0}{1}>{2}</{0}>").format(name, written, inside)


def _drawing(height: int, alt: str, parts: Iterable[Markup], css: str) -> Markup:
    return _element("svg", Markup("").join(parts), class_=css, width="100%", height=height, role="img", aria_label=alt)


@dataclass(frozen=True)
class Picture:
    """A drawing as a file of its own, and what it says in words."""

    svg: Markup
    alt: str


def standing_alone(drawing: Markup, width: float, font: str) -> Picture:
    """The same drawing at a fixed width in pixels, for a page that is no web page."""
    fixed = Markup('<svg xmlns="http://www.w3.org/2000/svg" font-family="{}" width="{}"').format(font, width)
    alt = re.search(r'aria-label="([^"]*)"', drawing)
    return Picture(Markup(drawing.replace('width="100%"', "", 1).replace("<svg", fixed, 1)), unescape(alt[1]) if alt else "")  # noqa: S704 - ours, its values escaped


def _at(value: float) -> str:
    return f"{min(100.0, max(0.0, value)):.3f}%"


def _bar(left: float, right: float, y: float, height: float, look: Look) -> Markup:
    """A rectangle between two positions 0..100; nothing when it would be empty."""
    left, right = max(0.0, left), min(100.0, right)
    if right <= left:
        return Markup("")
    return _element("rect", x=_at(left), y=y, width=f"{right - left:.3f}%", height=height, **look)


def _text(x: float, y: float, text: str, look: Look, anchor: str = "middle") -> Markup:
    return _element("text", text, x=_at(x), y=y, text_anchor=anchor, **look)


def score_scale(
    value: float | None,
    open_range: tuple[float, float] | None,
    data_range: tuple[float, float] | None,
    grade: str | None,
    alt: str,
) -> Markup:
    """Grade bands, pale stretch for open questions, darker inner stretch for the spread of the data, dot with the number."""
    top, bar = 27, 14
    parts = [_bar(left + 0.15, right - 0.15, top, bar, QUIET_BAND) for _, left, right in BANDS]
    parts += [
        _text((left + right) / 2, top + bar + 17, letter, SMALL_BOLD if letter == grade else SMALL_GREY) for letter, left, right in BANDS
    ]
    if open_range is not None:
        parts.append(_bar(*open_range, top, bar, SAID))
        parts += _range_ends(value, *open_range)
    if data_range is not None:
        parts.append(_bar(*data_range, top, bar, PROVEN))
    if value is not None:
        parts.append(_element("circle", cx=_at(value), cy=top + bar / 2, r=8.5, fill=TEAL, stroke="#fff", stroke_width=2))
        parts.append(_text(value, 17, points(value), LARGE_BOLD, _anchor(value)))
    return _drawing(top + bar + 22, alt, parts, "scale")


def _anchor(position: float) -> str:
    """Labels at the ends of the scale stay inside it."""
    return "start" if position < 2 else "end" if position > 98 else "middle"


def _range_ends(value: float | None, low: float, high: float) -> list[Markup]:
    """The ends of the range in grey, moved aside or left out where they would run into the number in bold."""
    if value is None:
        ends = [low, high] if points(low) != points(high) else [low]
        return [_text(end, 17, points(end), SMALL_GREY, _anchor(end)) for end in ends]
    left, right = min(low, value - LABEL_ROOM), max(high, value + LABEL_ROOM)
    parts = []
    if points(low) != points(value) and left >= 0:
        parts.append(_text(left, 17, points(low), SMALL_GREY, _anchor(left)))
    if points(high) != points(value) and right <= 100:
        parts.append(_text(right, 17, points(high), SMALL_GREY, _anchor(right)))
    return parts


def evidence_bar(verified: float, evidenced: float, claimed: float, alt: str) -> Markup:
    """Shares 0..1 of the weight, darkest where data decide; what remains is an empty dashed frame."""
    height = 20
    parts = []
    left = 0.0
    for share, look in ((verified, CHECKED), (evidenced, PROVEN), (claimed, SAID)):
        parts.append(_bar(left, left + 100 * share, 1, height, look))
        left += 100 * share
    if left < 99.95:
        parts.append(_bar(left, 100, 1, height, NOT_KNOWN))
    return _drawing(height + 2, alt, parts, "evidence")


def claim_bar(score: float | None, share: float, believed: float | None, alt: str) -> Markup:
    """One practice's score, dark for the ``share`` (0..1) of its weight that data checked, pale the rest.

    ``believed``: where a dashed frame ends that shows what was said and not borne out; None for no frame. All but ``share`` in points.
    """
    height, thick = 14, 12
    parts = [_bar(0, 100, 7, 1, QUIET_BAND)]
    if score is not None:
        parts += [_bar(0, score, 1, thick, SAID), _bar(0, score * share, 1, thick, CHECKED)]
        if believed is not None:
            parts.append(_bar(score, believed, 1, thick, OVERESTIMATED))
    return _drawing(height, alt, parts, "claim")


def estimate_dot(
    value: float | None, low: float | None, high: float | None, axis: tuple[float, float], target: float | None, flattering: bool, alt: str
) -> Markup:
    """One estimate on a common axis: pale interval, filled dot; hollow when it flatters; the target as a dashed line."""
    start, end = axis

    def place(number: float) -> float:
        return 4 + 92 * (number - start) / (end - start)

    parts = [_bar(0, 100, 7, 1, QUIET_BAND)]
    if low is not None and high is not None:
        parts.append(_bar(place(low), place(high), 3.5, 8, INTERVAL))
    if target is not None and start <= target <= end:
        x = _at(place(target))
        parts.append(_element("line", x1=x, x2=x, y1=0, y2=15, stroke=INK, stroke_dasharray="4 3"))
    if value is not None:
        look: Look = {"fill": "#fff", "stroke": GREY_TEXT, "stroke_width": 1.5} if flattering else CHECKED
        parts.append(_element("circle", cx=_at(place(value)), cy=7.5, r=4.5, **look))
    return _drawing(15, alt, parts, "estimate")


def mark(kind: Literal["good", "bad", "open"]) -> Markup:
    """The small sign before a verdict: check, diamond, or dash. The word stands beside it."""
    shapes: dict[str, Look] = {
        "good": {"d": "M1.5 5.5 4 8 9 2.5", "fill": "none", "stroke": TEAL, "stroke_width": 1.8},
        "bad": {"d": "M5 0 10 5 5 10 0 5Z", "fill": VERMILION},
        "open": {"d": "M1 5H9", "stroke": GREY_TEXT, "stroke_width": 1.6},
    }
    return _element("svg", _element("path", **shapes[kind]), class_="mark", width=10, height=10, viewBox="0 0 10 10", aria_hidden="true")
