"""The lines that name what the shop's own score follows: its own checklist and targets, what it lets stand, another platform's rules."""

from datetime import datetime

import streamlit as st

from pdd_audit.core.figures import HOME_PLATFORM
from pdd_audit.core.result import AuditResult
from pdd_audit.core.targets import lines_of
from pdd_audit.services.overlay import own_targets
from pdd_audit.services.rules import amounts_known, platform_of
from pdd_audit.texts.numbers import full_moment
from pdd_audit.ui.phrases import line_text, metric_name, score_text
from pdd_audit.ui.plain import md_escape
from pdd_audit.ui.session import Here
from pdd_audit.ui.waivers import after_line


def both_scores(here: Here, result: AuditResult) -> None:
    """Nothing where the shop follows the shipped checklists, lets nothing stand and is measured by its own platform's rules."""
    after_line(here, result)
    other_platform(here, result)
    if result.official is None:
        return
    words = here.words
    st.caption(
        words("overlay.beside", own=score_text(result.score, 1), official=score_text(result.official, 1)), help=words("overlay.beside_help")
    )


def platform_note(here: Here, as_of: datetime | None) -> str:
    """For the head of every page: whose rules, where they are not the home platform's, and that their amounts may be missing."""
    if here.shop is None or (platform := platform_of(here.ws, here.shop.id)) == HOME_PLATFORM:
        return ""
    known = amounts_known(here.ws, here.shop.id, as_of)
    return here.words("rules.header" if known else "rules.header_unpriced", platform=platform_name(here, platform))


def platform_name(here: Here, platform: str) -> str:
    """The platform in words; one of a rule file of somebody's own by its id."""
    key = f"rules.platform.{platform}"
    return here.words(key) if here.words.has(key) else platform


def other_platform(here: Here, result: AuditResult) -> None:
    """That another platform's rules are held against Pinduoduo's parcels."""
    if result.rules.platform != HOME_PLATFORM:
        platform = platform_name(here, result.rules.platform)
        st.caption(here.words("rules.measured_by", platform=platform), help=here.words("rules.measured_help", platform=platform))


def target_lines(here: Here, result: AuditResult) -> None:
    """Every target of the shop's own beside ours, with who set it, when and why."""
    if here.shop is None:
        return
    words, lines = here.words, lines_of(here.ws.checklists)
    for own in own_targets(here.ws, here.shop.id):
        metric = result.metrics.get(own.metric)
        if metric is not None and metric.standard_target is not None:
            stricter = (own.value > metric.standard_target) == (lines[own.metric].better == "higher")
            st.caption(md_escape(words(
                "overlay.target_said", metric=metric_name(words, own.metric), own=line_text(words, own.value, metric.unit),
                standard=line_text(words, metric.standard_target, metric.unit), by=own.by, at=full_moment(own.at), why=own.reason,
                which=words("overlay.stricter" if stricter else "overlay.looser"),
            )))
