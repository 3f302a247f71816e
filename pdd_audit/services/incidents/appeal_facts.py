"""What the ledger says of orders that were penalised, order by order, every time and amount with the file and row it stands in."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from pdd_audit.core.errors import Place
from pdd_audit.core.exemptions import Exemption, Waiver
from pdd_audit.core.figures import RulePacks
from pdd_audit.core.imports import ImportReport
from pdd_audit.core.incidents.appeal_claims import Clock, InWords, Limits, OrderFacts, Penalty, Stamp
from pdd_audit.core.people import Right
from pdd_audit.services.access import needs
from pdd_audit.services.calendars import days_noted
from pdd_audit.services.measure import Ask, ask_about, ground_of, pickup_moment
from pdd_audit.services.rules import home_rules_of
from pdd_audit.services.workspace import Workspace

LONG_AGO = datetime(1970, 1, 1)


@needs(Right.LOOK)
def facts_of(workspace: Workspace, shop_id: str, orders: Sequence[str] | None = None) -> dict[str, OrderFacts]:
    """Order -> its facts, newest order first; of every penalised order where none are named. An order the files do not hold is not there.
    Raises AuditError when the engine cannot run."""
    ask = ask_about(workspace, shop_id, None)
    if ask is None or not workspace.ledger(shop_id).paths("pdd_orders"):
        return {}
    from pdd_audit.data.relations.evidence import evidence_of  # the engine loads only when something is counted

    with ground_of(workspace, shop_id, ask) as ground:
        found = evidence_of(ground, orders, {report.sha256: report.first_row for report in ask.reports})
    rules = home_rules_of(workspace, shop_id)
    reader = _Reader(ask, rules, windows_in_words(days_noted(workspace, shop_id).waivers, rules.exemptions))
    by_order = {
        name: {str(key): part for key, part in frame.groupby("order_no", sort=False)} for name, frame in vars(found).items() if len(frame)
    }

    def of(name: str, order: str) -> pd.DataFrame:
        return by_order.get(name, {}).get(order, getattr(found, name).iloc[:0])

    named = sorted(by_order.get("uploads", {}), reverse=True)
    return {order: reader.facts(order, {name: of(name, order) for name in vars(found)}) for order in named}


def windows_in_words(known: Sequence[Waiver], official: Iterable[Exemption]) -> dict[str, InWords]:
    """Name of an exemption window -> what it is, from when to when and for whom, as a letter says it. Two windows of one name keep the
    bare name: nobody could tell whose days are meant. A window that the shop noted itself has the words it was noted in."""
    reasons = {window.id: InWords(window.reason.zh, window.reason.en) for window in official}
    often = Counter(window.name for window in known)
    return {one.name: _in_words(one, reasons.get(one.name, InWords(one.name, one.name))) for one in known if often[one.name] == 1}


def _in_words(window: Waiver, reason: InWords) -> InWords:
    days, where = f"{window.start:%Y-%m-%d} – {window.end - timedelta(days=1):%Y-%m-%d}", (*window.provinces, *window.couriers)
    return InWords(f"{reason.zh} {days} {'、'.join(where)}".rstrip(), f"{reason.en} {days} {', '.join(where)}".rstrip())


class _Reader:
    """Rows of one order become its facts."""

    def __init__(self, ask: Ask, rules: RulePacks, named: Mapping[str, InWords]) -> None:
        self.reports: dict[str, ImportReport] = {report.sha256: report for report in ask.reports}
        self.seen_until = pickup_moment(ask)
        self.rules = rules
        self.named = named

    def facts(self, order: str, of: Mapping[str, pd.DataFrame]) -> OrderFacts:
        rows = self._speaking(of["uploads"])
        uploads = self._uploads(rows)
        confirmed = self._newest(rows, "confirmed_at")
        day = (confirmed or (uploads[0] if uploads else None) or Stamp(self.seen_until, Place())).at.date()
        pack = self.rules.pack_for(day)
        windows: dict[Clock, tuple[InWords, ...]] = {
            clock: tuple(sorted(
                self.named.get(name, InWords(name, name)) for name in of["windows"].loc[of["windows"]["clock"] == clock, "window"]
            ))
            for clock in ("pickup", "promise")
        }
        expected = of["expected"]["cost_yuan"].dropna()
        refunds = [self._stamp(row, "refunded_at") for row in of["refunds"].to_dict("records")]
        return OrderFacts(
            order_no=order, courier=self._courier(rows), uploads=uploads,
            scans=tuple(sorted((self._stamp(row, "picked_up_at", "outlet") for row in of["scans"].to_dict("records")), key=_by_time)),
            penalties=tuple(self._penalty(row) for row in of["penalties"].to_dict("records")),
            limits=Limits(pack.id, pack.number("pickup_limit_hours"), pack.value("promise_needs_pickup") is True, windows),
            confirmed=confirmed, promised=self._newest(rows, "promised_ship_at"), refunded=max(refunds, key=_by_time, default=None),
            expected_yuan=float(expected.max()) if len(expected) and float(expected.max()) else None, seen_until=self.seen_until,
        )

    def _speaking(self, rows: pd.DataFrame) -> list[dict[str, Any]]:
        """Rows of the platform's own exports where there are any with an upload: an ERP's clock is another one."""
        records: list[dict[str, Any]] = rows.to_dict("records")
        own = [row for row in records if self._report(row) is not None and self.reports[row["import_id"]].source == "pdd_orders"]
        return own if any(pd.notna(row["shipped_at"]) for row in own) else records

    def _report(self, row: Mapping[str, Any]) -> ImportReport | None:
        return self.reports.get(str(row["import_id"]))

    def _place(self, row: Mapping[str, Any], column: str | None = None) -> Place:
        report = self._report(row)
        header = None if report is None or column is None else report.columns.get(column)
        return Place(
            file=None if report is None else report.file, row=None if pd.isna(row["file_row"]) else int(row["file_row"]), column=header
        )

    def _stamp(self, row: Mapping[str, Any], column: str, what: str = "") -> Stamp:
        said = row[what] if what else ""
        return Stamp(_moment(row[column]), self._place(row, column), said if isinstance(said, str) else "")

    def _uploads(self, rows: Sequence[Mapping[str, Any]]) -> tuple[Stamp, ...]:
        first: dict[str, Stamp] = {}
        for row in rows:
            if isinstance(row["waybill"], str) and pd.notna(row["shipped_at"]):
                stamp = self._stamp(row, "shipped_at", "waybill")
                if stamp.what not in first or stamp.at < first[stamp.what].at:
                    first[stamp.what] = stamp
        return tuple(sorted(first.values(), key=_by_time))

    def _newest(self, rows: Sequence[Mapping[str, Any]], column: str) -> Stamp | None:
        """What the newest export says of a time."""
        known = [row for row in rows if pd.notna(row[column])]
        return self._stamp(max(known, key=self._age), column) if known else None

    def _age(self, row: Mapping[str, Any]) -> tuple[datetime, int]:
        report = self._report(row)
        return (report.seen_until if report and report.seen_until else LONG_AGO, -int(row["file_row"] or 0))

    def _courier(self, rows: Sequence[Mapping[str, Any]]) -> str:
        known = [row for row in rows if isinstance(row["courier"], str)]
        return str(max(known, key=self._age)["courier"]) if known else ""

    def _penalty(self, row: Mapping[str, Any]) -> Penalty:
        return Penalty(
            kind=str(row["kind"]), yuan=None if pd.isna(row["yuan"]) else float(row["yuan"]),
            at=None if pd.isna(row["at"]) else _moment(row["at"]), place=self._place(row), booked=bool(row["booked"]),
        )


def _by_time(stamp: Stamp) -> datetime:
    return stamp.at


def _moment(value: Any) -> datetime:
    found: datetime = pd.Timestamp(value).to_pydatetime()
    return found.replace(microsecond=0)
