"""What the pages of numbers need is loaded while nobody waits: the first look at one of them would load half a second of packages."""

import importlib
import threading
from pathlib import Path

import altair as alt
import pandas as pd
import streamlit as st

from pdd_audit.ui.charts import ink, kept
from pdd_audit.ui.session import freeze

HERE = Path(__file__).parent
NEEDED = (
    *(f"pdd_audit.services.{file.stem}" for file in sorted((HERE.parent / "services").glob("look_at_*.py"))),
    *(f"pdd_audit.ui.charts.{file.stem}" for file in sorted((HERE / "charts").glob("[!_]*.py"))),
)


@st.cache_resource(show_spinner=False)
def warm_up_once() -> threading.Thread:
    """Starts with the first page of this server's life and runs beside it."""
    thread = threading.Thread(target=warm_up, name="warm-up", daemon=True)
    thread.start()
    return thread


def warm_up() -> None:
    for name in NEEDED:
        importlib.import_module(name)
    frame = pd.DataFrame({"x": [0.0], "low": [0.0], "high": [1.0], "label": [""]})
    x, tips = alt.X("x:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(title=None)), [alt.Tooltip("label:N", title=" ")]
    band = alt.Chart(frame).mark_area(opacity=0.2).encode(x=x, y=alt.Y("low:Q"), y2="high:Q")
    words = alt.Chart(frame).mark_text(dy=-8).encode(x=x, y=alt.value(4), text="label:N", tooltip=tips)
    kept.specification(ink.layer(band, words, height=80))  # altair reads its own schema when a first chart asks for it
    freeze()
