"""What ``responses/calls.yaml`` may say: which open parcels are worth a call, when somebody is told, and what the outlet reads."""

import string
from typing import Annotated, Literal

from pydantic import Field, model_validator

from pdd_audit.core.questions import Part, Text

Program = Literal["wecom", "dingtalk", "feishu", "email"]
PLACEHOLDERS: dict[str, set[str]] = {
    "greeting": {"outlet", "as_of", "count"}, "open": set(), "said_collected": set(), "line": {"waybill", "due"}, "late_line": {"waybill"},
    "waiting": {"count"}, "closing": {"answer_by"}, "part": {"part", "parts"},
}
NOTICE_PLACEHOLDERS: dict[str, set[str]] = {
    "title": {"shop", "outlet", "count"}, "as_of": {"as_of"}, "hour": {"hours", "count"}, "line": {"waybill", "due"},
}
Minutes = Annotated[int, Field(ge=1, le=10_080)]


class OutletTexts(Part):
    """The parts of a message to an outlet, each with the placeholders of ``PLACEHOLDERS`` in both languages."""

    greeting: Text
    open: Text
    said_collected: Text
    line: Text
    late_line: Text
    waiting: Text
    closing: Text
    part: Text

    @model_validator(mode="after")
    def _placeholders_fit(self) -> "OutletTexts":
        _check_placeholders(self, PLACEHOLDERS)
        return self


class NoticeTexts(Part):
    """The parts of a notice to the shop's own people, each with the placeholders of ``NOTICE_PLACEHOLDERS`` in both languages."""

    title: Text
    as_of: Text
    hour: Text
    line: Text

    @model_validator(mode="after")
    def _placeholders_fit(self) -> "NoticeTexts":
        _check_placeholders(self, NOTICE_PLACEHOLDERS)
        return self


def _check_placeholders(texts: Part, needed: dict[str, set[str]]) -> None:
    for name, placeholders in needed.items():
        text: Text = getattr(texts, name)
        for written in (text.zh, text.en):
            found = {field for _, field, _, _ in string.Formatter().parse(written) if field is not None}
            if found != placeholders:
                raise ValueError(f"{name}: {sorted(found ^ placeholders)}")


class LongestBytes(Part):
    """The longest message of each program, in bytes of UTF-8."""

    wecom: Annotated[int, Field(ge=500, le=2048)]
    dingtalk: Annotated[int, Field(ge=500, le=20_000)]
    feishu: Annotated[int, Field(ge=500, le=20_000)]
    email: Annotated[int, Field(ge=500, le=200_000)]

    def of(self, program: Program) -> int:
        return int(getattr(self, program))


class CallRules(Part):
    """``responses/calls.yaml``: conventions of this tool, changed by whoever keeps the checklists."""

    schema_version: Literal[1] = Field(alias="schema")
    notify_hours: Annotated[tuple[Annotated[int, Field(ge=1, le=72)], ...], Field(min_length=1, max_length=12)]
    stale_after_minutes: Minutes
    list_from_chance: Annotated[float, Field(ge=0, le=1)]
    list_within_minutes: Minutes
    van_minutes: Minutes
    late_for_hours: Annotated[int, Field(ge=0, le=720)]
    refunds_for_days: Annotated[int, Field(ge=1, le=60)]
    answer_within_minutes: Minutes
    kept_from_share: Annotated[float, Field(gt=0, le=1)]
    waybill_head: Annotated[int, Field(ge=0, le=8)]
    waybill_tail: Annotated[int, Field(ge=4, le=12)]
    longest_bytes: LongestBytes
    message: OutletTexts
    notice: NoticeTexts

    @model_validator(mode="after")
    def _hours_rise(self) -> "CallRules":
        if list(self.notify_hours) != sorted(set(self.notify_hours)):
            raise ValueError(f"notify_hours: {list(self.notify_hours)}")
        return self
