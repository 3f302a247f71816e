"""Cells that a spreadsheet will only show, never run."""

import pandas as pd

STARTS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def safe_cell(value: object) -> str:
    """Text for a spreadsheet cell: nothing that begins a formula goes out bare."""
    if value is None or value is pd.NaT or (isinstance(value, float) and pd.isna(value)):
        return ""
    text = str(value)
    if isinstance(value, str) and text.startswith(STARTS_A_FORMULA):
        return "'" + text
    return text
