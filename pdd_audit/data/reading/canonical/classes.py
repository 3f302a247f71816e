"""SQL that puts a stranger's wording into one of our classes: only the class is kept, never the wording."""

from collections.abc import Iterable, Mapping

from pdd_audit.data.reading.canonical.cells import contains_any, text


def classed(expression: str, classes: Mapping[str, Iterable[str]], otherwise: str) -> str:
    """The first class one of whose marks is contained, ``otherwise`` for other words, NULL for none."""
    branches = " ".join(f"WHEN {contains_any(expression, marks)} THEN {text(name)}" for name, marks in classes.items())
    return f"CASE WHEN {expression} IS NULL THEN NULL {branches} ELSE {text(otherwise)} END"
