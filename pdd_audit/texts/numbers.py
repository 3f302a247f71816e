"""How numbers, times and money read in each language. Values come in exact; rounding happens here and only here, half up."""

from datetime import date, datetime
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from pdd_audit.core.grades import grade_of
from pdd_audit.texts import Lang

JOIN = "\u2060"  # word joiner: keeps 2.6–3.1% on one line
DASH = "—"


def decimal_text(value: float, digits: int = 0) -> str:
    """12345.678, 1 -> '12,345.7'; a true minus sign."""
    # quantise to 1e-9 first, so that 0.285 stored as 0.28499999999999998 still rounds up
    exact = Decimal(repr(value)).quantize(Decimal("1e-9"), ROUND_HALF_UP)
    rounded = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{rounded:,f}".replace("-", "−")


def count(value: int) -> str:
    return f"{value:,}".replace("-", "−")


def rough_count(value: int) -> str:
    """38162 -> '38,000': as exact as a forecast of how many may be."""
    return count(round(value, 2 - len(str(abs(value)))))


def percent(ratio: float | None, digits: int = 1) -> str:
    return DASH if ratio is None else f"{decimal_text(ratio * 100, digits)}%"


def line_percent(ratio: float | None) -> str:
    """A line somebody has drawn: 97%, and 98.5% where it was drawn between."""
    return percent(ratio, 0 if ratio is None or round(ratio * 100, 6).is_integer() else 1)


def percent_range(low: float | None, high: float | None, digits: int = 1) -> str:
    if low is None or high is None:
        return ""
    return _span(decimal_text(low * 100, digits), percent(high, digits))


def number_range(low: float | None, high: float | None, digits: int = 0) -> str:
    if low is None or high is None:
        return ""
    return _span(decimal_text(low, digits), decimal_text(high, digits))


def _span(low: str, high: str) -> str:
    """2.6–3.1%; beside a minus sign the dash stands apart: −5.0 – −1.1."""
    return f"{low}\u00a0–\u00a0{high}" if "−" in low + high else f"{low}{JOIN}–{JOIN}{high}"


def points(value: float | None, digits: int = 0) -> str:
    """A score 0..100 as shown: whole where it stands alone, else with one digit; 59.6 where 60 would look like the next grade."""
    if value is None:
        return DASH
    shown = decimal_text(value, digits)
    if value < 0 or grade_of(value) == grade_of(float(shown)):
        return shown
    return str(Decimal(value).quantize(Decimal("0.1"), ROUND_FLOOR))


def score_change(before: float | None, after: float | None) -> str:
    """What lies between two scores as ``points(.., 1)`` shows them, so that the three numbers subtract before everybody's eyes."""
    return DASH if before is None or after is None else signed(score_difference(before, after))


def score_difference(before: float, after: float) -> float:
    return float(Decimal(points(after, 1)) - Decimal(points(before, 1)))


def signed(value: float, digits: int = 1) -> str:
    """+1.2, −1.2, and 0.0 without a sign for what is no difference once it is rounded."""
    text = decimal_text(value, digits)
    if not text.strip("−0."):
        return text.removeprefix("−")
    return text if value < 0 else f"+{text}"


def yuan(value: float | None) -> str:
    return DASH if value is None else f"¥{decimal_text(value, 0)}"


def yuan_range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return f"¥{_span(decimal_text(low, 0), decimal_text(high, 0))}"


def day(value: date | datetime, lang: Lang) -> str:
    if lang == "zh":
        return f"{value.month} 月 {value.day} 日"
    return f"{value.day} {value.strftime('%b')}"


def moment(value: datetime | None, lang: Lang) -> str:
    if value is None:
        return DASH
    return f"{day(value, lang)} {value:%H:%M}"


def full_moment(value: datetime | None) -> str:
    return DASH if value is None else f"{value:%Y-%m-%d %H:%M}"


def metric_value(value: float | None, unit: str) -> str:
    """A metric's value without words: ratios as percent, hours and seconds with one decimal, counts whole."""
    if value is None:
        return DASH
    if unit == "ratio":
        return percent(value)
    if unit == "count":
        return count(round(value))
    return decimal_text(value, 1)


def metric_range(low: float | None, high: float | None, unit: str) -> str:
    return percent_range(low, high) if unit == "ratio" else number_range(low, high, 0 if unit == "count" else 1)


def whole_percents(shares: list[float]) -> list[int]:
    """Shares that add up to 1 as whole percents that add up to 100: the largest remainders take what rounding down left over."""
    if not shares or sum(shares) <= 0:
        return [0 for _ in shares]
    exact = [100 * share / sum(shares) for share in shares]
    whole = [int(part + 1e-9) for part in exact]
    by_remainder = sorted(range(len(shares)), key=lambda i: whole[i] - exact[i])
    for i in by_remainder[: 100 - sum(whole)]:
        whole[i] += 1
    return whole
