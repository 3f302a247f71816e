"""Where the actions stand, and the yuan a month that hang on them."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count, yuan
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept

SIGNS = {"overdue": "◆ ", "relapsed": "◆ "}  # colour alone is no sign
LOOKS = {"overdue": ink.VERMILION, "relapsed": ink.VERMILION, "verified": ink.TEAL}


@dataclass(frozen=True)
class Standing:
    """One row of the picture: a state, how many actions, what was expected of them a month (None: no amount is known)."""

    state: str
    actions: int
    yuan: float | None


@kept
def standing_chart(rows: Sequence[Standing], words: Words, key: str) -> None:
    """Bars of yuan; of counts where no action has an amount. Vermilion: overdue or gone back; teal: the data bear it out."""
    money = any(row.yuan for row in rows)
    frame = pd.DataFrame([
        {
            "label": SIGNS.get(row.state, "") + words(f"actions.state.{row.state}"),
            "size": (row.yuan or 0.0) if money else float(row.actions),
            "look": LOOKS.get(row.state, ink.PALE_TEAL), "number": _number(row, words),
        }
        for row in rows
    ])
    scale = alt.Scale(domain=[0, max(float(frame["size"].max()), 1.0) * 1.02], nice=False, range=[0, alt.ExprRef("width - 128")])
    y = alt.Y("label:N", sort=list(frame["label"]), axis=alt.Axis(title=None, labelFontSize=14, labelColor=ink.INK, labelLimit=150))
    bars = (
        alt.Chart(frame)
        .mark_bar(height=18)
        .encode(x=alt.X("size:Q", scale=scale, axis=None), y=y, color=alt.Color("look:N", scale=None))
    )
    numbers = (
        alt.Chart(frame)
        .mark_text(align="right", fontSize=13, fontWeight="bold", color=ink.INK)
        .encode(x=alt.value(alt.ExprRef("width")), y=y, text=alt.Text("number:N"))
    )
    told = words("app.comma").join(f"{row.label} {row.number}" for row in frame.itertuples())
    ink.show(ink.layer(bars, numbers, height=alt.Step(34)), told, key)


def _number(row: Standing, words: Words) -> str:
    items = words("actions.items", n=count(row.actions))
    return items if not row.yuan else words("app.dot").join((yuan(row.yuan), items))
