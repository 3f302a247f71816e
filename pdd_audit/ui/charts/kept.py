"""A chart that was drawn before from the very same things is not built again: composing one takes longer than all else a page does.

Kept by a digest of everything the chart was given, so whoever may give it the same things has seen them already.
"""

import hashlib
import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

import altair as alt
import streamlit as st
from altair.utils.schemapi import disable_debug_mode

MOST = 300
CHECK = False  # against altair's schema, which takes as long as building: the tests do it, nobody who looks at a page waits for it
Given = ParamSpec("Given")
Told = TypeVar("Told")
Drawing = tuple[dict[str, Any], str, str]  # specification, what it says in words, key

class Picture(Protocol):
    """What can be drawn: a chart of altair's, or several one over the other."""

    def to_dict(self, validate: bool) -> dict[str, Any]: ...


disable_debug_mode()  # each part of a chart would be checked as it is made, and again as a whole

_drawn: OrderedDict[str, tuple[list[Drawing], Any]] = OrderedDict()
_lock = threading.Lock()
_building = threading.Lock()  # altair knows one way of handing on data at a time
_now = threading.local()


def draw(chart: Picture, style: dict[str, Any], alt_text: str, key: str) -> None:
    """Draw a finished chart. ``style``: a configuration as Vega-Lite knows it, in place of altair's own."""
    drawing = ({**specification(chart), "config": style}, alt_text, key)
    if getattr(_now, "drawings", None) is not None:
        _now.drawings.append(drawing)
    _put(drawing)


def kept(chart: Callable[Given, Told]) -> Callable[Given, Told]:
    """For a function that draws through ``draw`` and does nothing else to the screen."""

    @wraps(chart)
    def again(*given: Given.args, **named: Given.kwargs) -> Told:
        name = _name(chart.__qualname__, given, named)
        with _lock:
            found = _drawn.get(name)
            if found is not None:
                _drawn.move_to_end(name)
        if found is None:
            found = _drawn_now(chart, *given, **named)
            with _lock:
                _drawn[name] = found
                while len(_drawn) > MOST:
                    _drawn.popitem(last=False)
        else:
            for drawing in found[0]:
                _put(drawing)
        told: Told = found[1]
        return told

    return again


def forget() -> None:
    """Nothing that was drawn stays in memory."""
    with _lock:
        _drawn.clear()


def _drawn_now(chart: Callable[Given, Told], *given: Given.args, **named: Given.kwargs) -> tuple[list[Drawing], Told]:
    _now.drawings = []
    try:
        told = chart(*given, **named)
        return _now.drawings, told
    finally:
        _now.drawings = None


def _name(what: str, given: tuple[Any, ...], named: dict[str, Any]) -> str:
    return hashlib.sha256(pickle.dumps((what, given, sorted(named.items())))).hexdigest()


def specification(chart: Picture) -> dict[str, Any]:
    """The chart with its frames beside it, as they are: written out as JSON they would lose their types."""
    frames: dict[str, Any] = {}

    def beside(data: Any) -> dict[str, str]:
        for name, frame in frames.items():
            if frame is data:
                return {"name": name}
        name = f"frame_{len(frames)}"
        frames[name] = data
        return {"name": name}

    with _building:
        alt.data_transformers.register("beside", beside)
        with alt.data_transformers.enable("beside"):
            specification: dict[str, Any] = chart.to_dict(validate=CHECK)
    return {**specification, "datasets": frames}


def _put(drawing: Drawing) -> None:
    specification, alt_text, key = drawing
    # Streamlit takes the frames out of what it is given
    own = {**specification, "datasets": dict(specification["datasets"])}
    st.vega_lite_chart(spec=own, theme=None, width="stretch", key=key, alt=alt_text)
