"""What the Service page says in sentences. Pure: no streamlit, no store."""

from pdd_audit.services.look_at_service import Gap, ServiceLook
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count, day, line_percent, percent


def gap_place(words: Words, gap: Gap) -> str:
    """When or with whom it is: every day 20–22 h, a day, an agent. Plain text."""
    if gap.kind == "hours":
        return words("service.gap_hours", weekdays=words(f"service.weekdays.{gap.weekdays}"), start=gap.from_hour, end=gap.to_hour)
    if gap.day is not None:
        return words("service.gap_day", day=day(gap.day, words.lang))
    return words("service.gap_agent", agent=gap.agent)


def service_headline(words: Words, look: ServiceLook) -> str:
    """The 3-minute rate, how far it is from the line, and what is missed most. Plain text."""
    lowest, highest = look.spare
    values = {"share": percent(look.within_3min.value), "line": line_percent(look.line)}
    if not look.enough:
        standing = "few"
        values["n"] = count(look.inquiries)
    elif lowest < 0 <= highest:
        standing = "rounding"
    elif highest < 0:
        standing = "missed"
        values["n"] = count(-highest)
    elif look.verdict == "pass":
        standing = "safe"
    else:
        standing = "near"
        values["n"] = count(lowest)
    worst = words("service.headline.worst", where=gap_place(words, look.gap)) if look.gap is not None and look.gap.clear else ""
    return words(f"service.headline.{standing}", **values) + worst
