"""The letter of an appeal as texts in one language. Every time and amount is one of the ledger, and says where it stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pdd_audit.core.errors import Place
from pdd_audit.core.incidents.appeal_claims import OrderFacts, Stamp
from pdd_audit.core.incidents.appeal_dossier import Dossier, EvidenceFile, RuleUsed
from pdd_audit.reports.html import printable
from pdd_audit.texts import Lang, Words
from pdd_audit.texts.numbers import decimal_text

SECTIONS = ("order", "request", "timeline", "rule", "evidence", "truth", "files")
COLUMNS = (
    "order", "waybill", "courier", "penalty", "yuan", "booked", "what", "when", "where", "number", "evidence", "shows", "dated", "digest",
    "file", "rule", "value", "source", "since", "uploaded", "limit", "scan",
)
IN_FULL = 3  # orders whose whole course stands in the letter; of more there is a row each
ROWS = 30  # orders in the letter's table; the rest stand in a sheet beside it
COVERED = "covered"  # the part of a label that shows the receiver hidden
DIGEST = 12
_NO_LETTERS = {0xFFFE: None, 0xFFFF: None}  # no document may hold them
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def safe(text: str) -> str:
    """Foreign text for paper: nothing that reorders it, and no phone number (a file's name may hold one)."""
    return _PHONE.sub("***", printable(text)).translate(_NO_LETTERS)


def stamp_text(moment: datetime | None) -> str:
    return "—" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}"


@dataclass(frozen=True)
class Event:
    """One line of an order's course."""

    what: str
    at: datetime
    where: str


class Letter:
    """The parts of the letter in one language."""

    def __init__(self, dossier: Dossier, lang: Lang) -> None:
        self.dossier = dossier
        self.lang = lang
        self.words = Words(lang)

    def w(self, key: str, **values: Any) -> str:
        return self.words(f"appeal_letter.{key}", **values)

    def values(self) -> dict[str, Any]:
        """What both templates show; texts, lists and mappings only."""
        dossier = self.dossier
        shop, day = safe(dossier.shop), f"{dossier.made_at:%Y-%m-%d}"
        orders = dossier.orders
        return {
            "lang": self.lang, "title": self.w("title"), "intro": self.w("intro", shop=shop, n=len(orders)),
            "sections": {name: self.w(f"section.{name}") for name in SECTIONS},
            "columns": {name: self.w(f"column.{name}") for name in COLUMNS},
            "penalties": [row for facts in orders[:ROWS] for row in self.penalties(facts)],
            "request": dossier.reason.request.in_language(self.lang), "reason": dossier.reason.name.in_language(self.lang),
            "conclusion": self.conclusion(),
            "courses": [self.course(facts) for facts in orders] if len(orders) <= IN_FULL else [],
            "batch": [self.short(facts) for facts in orders[:ROWS]] if len(orders) > IN_FULL else [],
            "more": self.w("more_orders", n=len(orders) - ROWS) if len(orders) > ROWS else "",
            "facts_in": self.w("facts_in"),
            "rules": [self.rule(rule) for rule in dossier.rules],
            "evidence": [self.evidence(file) for file in dossier.evidence],
            "truth": self.w("truth_covered" if self.covered() else "truth"), "signed": self.w("signed", shop=shop, day=day),
            "files": [{"file": safe(name), "digest": digest} for name, digest in dossier.files.items()],
            "foot": self.w("foot", case=dossier.case.id[:8], day=day),
            "paging": [self.w("page_before"), self.w("page_between"), self.w("page_after")],
        }

    def penalties(self, facts: OrderFacts) -> Iterator[dict[str, str]]:
        """A row a penalty; one without any for an order whose penalty no file holds."""
        own = {"order": facts.order_no, "waybill": safe(facts.waybill) or "—", "courier": safe(facts.courier) or "—"}
        for one in facts.penalties:
            yield own | {
                "penalty": self.penalty(one.kind), "yuan": "—" if one.yuan is None else decimal_text(one.yuan, 2),
                "booked": stamp_text(one.at), "where": self.where(one.place),
            }
        if not facts.penalties:
            yield own | {"penalty": self.w("penalty.unlisted"), "yuan": "—", "booked": "—", "where": ""}

    def penalty(self, kind: str) -> str:
        return self.words.coded("appeal_letter.penalty", kind)

    def course(self, facts: OrderFacts) -> dict[str, Any]:
        """Order and its events, oldest first."""
        events = [{"what": event.what, "when": stamp_text(event.at), "where": event.where} for event in self.events(facts)]
        return {"order": facts.order_no, "waybill": safe(facts.waybill), "courier": safe(facts.courier), "events": events}

    def events(self, facts: OrderFacts) -> list[Event]:
        found = [Event(self.w(f"event.{name}"), stamp.at, self.where(stamp.place)) for name, stamp in (
            ("confirmed", facts.confirmed), ("promised", facts.promised), ("refunded", facts.refunded)) if stamp is not None]
        found += [Event(self.w("event.uploaded", number=safe(one.what)), one.at, self.where(one.place)) for one in facts.uploads]
        found += [Event(self.scan(one), one.at, self.where(one.place)) for one in facts.own_scans]
        if facts.limit is not None and facts.limits.pickup_hours is not None and "pickup" in facts.alleged:
            found.append(Event(self.w("event.limit", hours=decimal_text(facts.limits.pickup_hours)), facts.limit, self.w("computed")))
        for file in self.dossier.evidence:
            if file.added.handed_over_at is not None:
                found.append(Event(
                    self.w("event.handed_over", n=file.number), file.added.handed_over_at, self.w("place_evidence", n=file.number)
                ))
        return sorted(found, key=lambda event: event.at)

    def scan(self, stamp: Stamp) -> str:
        return self.w("event.scan", outlet=self.w("event.outlet", outlet=safe(stamp.what)) if stamp.what else "")

    def short(self, facts: OrderFacts) -> dict[str, str]:
        """An order of a batch in one row."""
        last = facts.own_scans[-1] if facts.own_scans else None
        return {
            "order": facts.order_no, "waybill": safe(facts.waybill), "uploaded": stamp_text(facts.uploaded.at if facts.uploaded else None),
            "limit": stamp_text(facts.due), "scan": stamp_text(last.at if last else None),
        }

    def where(self, place: Place) -> str:
        if place.file is None or place.row is None:
            return self.w("no_place")
        if place.column:
            return self.w("place_column", file=safe(place.file), row=place.row, column=safe(place.column))
        return self.w("place", file=safe(place.file), row=place.row)

    def conclusion(self) -> list[str]:
        """What the course of the orders comes to, with its figures."""
        orders = self.dossier.orders
        match self.dossier.reason.claim:
            case "collected_in_time":
                return self._in_time()
            case "number_corrected":
                return [self.w("conclusion.number_corrected", first=safe(one.uploads[0].what), last=safe(one.waybill),
                               limit=stamp_text(one.limit)) for one in orders[:IN_FULL]]
            case "exempt":
                windows = {window for one in orders for inside in one.limits.windows.values() for window in inside}
                named = "; ".join(sorted(getattr(window, self.lang) for window in windows))
                return [self.w("conclusion.exempt", windows=safe(named))]
            case "refunded_in_time":
                return [self.w("conclusion.refunded_in_time", at=stamp_text(one.refunded.at), limit=stamp_text(one.due))
                        for one in orders[:IN_FULL] if one.refunded is not None]
            case "handed_over":
                times = [file.added.handed_over_at for file in self.dossier.evidence if file.added.handed_over_at is not None]
                due = min((one.due for one in orders if one.due is not None), default=None)
                return [self.w("conclusion.handed_over", at=stamp_text(max(times, default=None)), limit=stamp_text(due))]

    def _in_time(self) -> list[str]:
        """By the clock the penalty speaks of; an order whose limit is not known rests on its promise."""
        lines = []
        orders, of = self.dossier.orders, "" if len(self.dossier.orders) == 1 else "_batch"
        timed = [(one.limit - one.own_scans[-1].at, one) for one in orders if one.limit is not None and "pickup" in one.alleged]
        if timed:
            left, closest = min(timed, key=lambda pair: pair[0])
            told = {"scan": stamp_text(closest.own_scans[-1].at), "limit": stamp_text(closest.limit), "left": self.span(left)}
            lines.append(self.w(f"conclusion.collected_in_time{of}", **told))
        promised = [one.promised.at for one in orders if one.promised is not None and "promise" in one.alleged]
        if promised:
            lines.append(self.w(f"conclusion.promise_kept{of}", limit=stamp_text(promised[0])))
        return lines

    def span(self, left: timedelta) -> str:
        seconds = round(left.total_seconds())
        return self.w("span", h=seconds // 3600, m=seconds // 60 % 60, s=seconds % 60)

    def rule(self, rule: RuleUsed) -> dict[str, str]:
        figure = rule.figure
        value = str(figure.value).lower()
        known = f"rule.value_{value}"
        if self.words.has(f"appeal_letter.{known}"):
            value = self.w(known)
        source = self.w("rule.own") if rule.own else self.w("rule.unknown")
        if not rule.own and rule.source is not None:
            source = self.w("rule.read", title=rule.source.title, trust=figure.trust or "?", checked=figure.checked or "?")
        since = self.w("rule.since", day=rule.since) if rule.since else self.w("rule.always")
        return {"rule": self.w(f"rule.{rule.name}"), "value": value, "source": source, "since": since}

    def covered(self) -> bool:
        """Whether somebody has looked at every label and found the receiver covered: the letter says no more than that."""
        labels = [file for file in self.dossier.evidence if any(part.id == COVERED for part in file.piece.shows)]
        return bool(labels) and all(COVERED in file.added.shows for file in labels)

    def evidence(self, file: EvidenceFile) -> dict[str, str]:
        seen = set(file.added.shows)
        shows = self.words("app.semicolon").join(
            part.zh if self.lang == "zh" else part.en for part in file.piece.shows if part.id in seen
        )
        return {
            "number": str(file.number), "evidence": file.piece.name.in_language(self.lang), "shows": shows or "—",
            "dated": file.added.dated.isoformat(), "file": file.name, "digest": file.added.attachment.sha256[:DIGEST],
        }

