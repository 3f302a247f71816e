"""Which things went wrong together: one row a combination, dots for what broke, a bar for how many orders."""

import altair as alt
import pandas as pd

from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count
from pdd_audit.ui.charts import ink
from pdd_audit.ui.charts.kept import kept

MOST = 8
COLUMN = 52  # pixels of one component
HEAD = 4


@kept
def overlap_chart(sets: pd.DataFrame, names: dict[str, str], words: Words, key: str) -> None:
    """``sets``: a column of booleans per key of ``names``, and orders; most first. ``names``: component -> what heads its column."""
    shown = sets.head(MOST).reset_index(drop=True)
    left = COLUMN * len(names) + 8
    frame = pd.DataFrame(
        {
            "row": range(len(shown)),
            "orders": shown["orders"].astype(int),
            "number": [count(int(orders)) for orders in shown["orders"]],
            "together": shown[list(names)].sum(axis=1) > 1,
            "tip": [told(words, row, names) for row in shown.to_dict("records")],
        }
    )
    y = alt.Y("row:O", axis=None)
    tips = [alt.Tooltip("tip:N", title=" ")]
    scale = alt.Scale(domain=[0, int(frame.orders.max())], nice=False, range=[left, alt.ExprRef("width - 48")])
    x = alt.X("orders:Q", scale=scale, axis=None)
    base = alt.Chart(frame)
    bars = base.mark_bar(height=16, color=ink.PALE_TEAL, stroke=ink.MID_TEAL).encode(x=x, x2=alt.datum(0), y=y, tooltip=tips)
    numbers = base.mark_text(align="left", dx=5, fontSize=13, color=ink.INK).encode(x=x, y=y, text=alt.Text("number:N"))
    layers: list[alt.Chart] = [bars, numbers]
    for place, (name, head) in enumerate(names.items()):
        at = alt.value(COLUMN * place + COLUMN / 2)
        broken = base.transform_filter(alt.FieldOneOfPredicate("row", [int(i) for i in shown.index[shown[name].astype(bool)]]))
        whole = base.transform_filter(alt.FieldOneOfPredicate("row", [int(i) for i in shown.index[~shown[name].astype(bool)]]))
        layers.append(whole.mark_point(shape="circle", filled=True, size=22, color=ink.LINE, opacity=1).encode(x=at, y=y))
        diamond = broken.mark_point(shape="diamond", filled=True, size=130, color=ink.VERMILION, opacity=1)
        layers.append(diamond.encode(x=at, y=y, tooltip=tips))
        title = alt.Chart(pd.DataFrame({"label": [head]}))
        layers.append(title.mark_text(fontSize=12, color=ink.GREY_TEXT, baseline="bottom").encode(
            x=at, y=alt.value(-HEAD), text=alt.Text("label:N")
        ))
    most = told(words, shown.iloc[0].to_dict(), names)
    ink.show(ink.layer(*layers, height=alt.Step(28)), words("charts.overlap_alt", most=most, sets=len(sets)), key)


def told(words: Words, row: dict[str, object], names: dict[str, str]) -> str:
    """承诺、揽收都没做到：103 单."""
    broken = words("data.listed").join(head for name, head in names.items() if row[name])
    return words("charts.overlap", broken=broken, orders=count(int(str(row["orders"]))))
