"""Fetch courier traces from a live source: only when asked, only with the shop's own keys, into a file the shop then imports."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.people import Right
from pdd_audit.data.live.answers import Failed, NotFound, Outcome, Parcel, Reason, SourceName, Stop, Trace
from pdd_audit.data.live.bounded_post import BoundedPost, Bounds
from pdd_audit.data.live.courier_codes import CourierCodes, courier_codes
from pdd_audit.data.live.fetching import Patience, TraceSource, ask_all
from pdd_audit.data.live.kuaidi100 import Kuaidi100
from pdd_audit.data.live.pdd_open import PddOpen
from pdd_audit.data.live.settings import address_of, keys_of
from pdd_audit.data.live.trace_file import open_trace_file
from pdd_audit.data.live.waybill_list import is_waybill, read_waybills
from pdd_audit.services.access import needs
from pdd_audit.services.rows import list_rows
from pdd_audit.services.shops import get_shop
from pdd_audit.services.workspace import Workspace, now

__all__ = [
    "FetchSummary", "LiveSource", "Parcel", "Patience", "Unanswered", "fetch_traces", "live_source", "open_parcels", "read_waybills",
]

OPEN_ROWS = ("open_over_limit", "open_at_risk")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class LiveSource:
    """A source that is ready to be asked, and the courier codes it knows."""

    source: TraceSource
    codes: CourierCodes


@dataclass(frozen=True)
class Unanswered:
    """A waybill without a trace. ``reason``: why; ``not_found`` is the source's "no record yet". ``code``: its own code, if any."""

    waybill: str
    reason: Reason | str
    code: str = ""


@dataclass(frozen=True)
class FetchSummary:
    """``asked`` = ``answered`` + ``not_found`` + failures of the source. ``skipped``: already in the file. ``unanswered`` lists every
    waybill behind ``not_found`` and ``failed``; none of them says anything about its pickup."""

    asked: int
    answered: int
    not_found: int
    skipped: int
    failed: Counter[str] = field(default_factory=Counter)
    unanswered: tuple[Unanswered, ...] = ()


@contextmanager
def live_source(
    name: SourceName, codes_file: Path | None = None, url: str | None = None, environ: Mapping[str, str] | None = None,
    bounds: Bounds | None = None,
) -> Iterator[LiveSource]:
    """The source with the keys of the environment. Raises AuditError without keys, or for a wrong address or code file."""
    variables = os.environ if environ is None else environ
    keys = keys_of(name, variables)
    codes = courier_codes(name, codes_file)
    post = BoundedPost(address_of(name, variables, url), bounds)
    try:
        yield LiveSource(_asking(name, keys, post), codes)
    finally:
        post.close()


def _asking(name: SourceName, keys: Sequence[SecretStr], post: BoundedPost) -> TraceSource:
    if name == "kuaidi100":
        customer, key = keys
        return Kuaidi100(customer, key, post)
    client_id, client_secret, access_token = keys
    return PddOpen(client_id, client_secret, access_token, post)


@needs(Right.EXPORT_ROWS)
def open_parcels(workspace: Workspace, shop_id: str) -> list[Parcel]:
    """The shop's uploaded parcels without a known pickup, oldest first: those the pickup sheets show as open, and those that no
    pickup sheet speaks of. Raises AuditError for the demo shop: its numbers are invented, or somebody else's."""
    shop = get_shop(workspace, shop_id)
    if shop is not None and shop.is_demo:
        raise AuditError("live_demo_shop", found=shop.name)
    found: dict[str, Parcel] = {}
    for what in (*OPEN_ROWS, "excluded"):
        rows = list_rows(workspace, shop_id, what, limit=None)
        if rows.empty:
            continue
        if what == "excluded":
            rows = rows[rows["excluded"] == "pickup_unknown"]
        for row in rows.itertuples():
            courier = row.courier if isinstance(row.courier, str) else None
            found.setdefault(str(row.waybill), Parcel(str(row.waybill), courier))
    return list(found.values())


def fetch_traces(
    live: LiveSource, waybills: Sequence[Parcel], out: Path, *, on_progress: Progress | None = None, patience: Patience | None = None,
    clock: Callable[[], datetime] = now,
) -> FetchSummary:
    """Ask for every waybill that ``out`` does not hold yet; each answer is in the file before the next question.

    ``on_progress(done, total)``. Raises AuditError when the source refuses the key or the quota is used up (the file keeps what was
    answered), and when ``out`` cannot be written or holds something else.
    """
    wanted = list({parcel.waybill: parcel for parcel in waybills}.values())
    with open_trace_file(out) as file:
        left = [parcel for parcel in wanted if parcel.waybill not in file.known]
        tally = _Tally(skipped=len(wanted) - len(left))
        questions: list[tuple[Parcel, str]] = []
        for parcel in left:
            code = live.codes.code(parcel.courier)
            if not is_waybill(parcel.waybill):
                tally.failed(parcel, Failed("waybill_unusable"))
            elif code is None:
                tally.failed(parcel, Failed("courier_unknown"))
            else:
                questions.append((parcel, code))
        for done, (parcel, outcome) in enumerate(ask_all(live.source, questions, patience or Patience()), start=1):
            if isinstance(outcome, Trace):
                file.add(live.source.name, parcel, outcome, clock())
            elif isinstance(outcome, Stop):
                raise AuditError(outcome.error, Place(), found=outcome.code, source=live.source.name, answered=tally.answered, out=out.name)
            tally.count(parcel, outcome)
            if on_progress:
                on_progress(done, len(questions))
    return tally.summary()


@dataclass
class _Tally:
    """The summary while it grows."""

    skipped: int
    answered: int = 0
    not_found: int = 0
    failures: list[Unanswered] = field(default_factory=list)
    not_asked: int = 0

    def count(self, parcel: Parcel, outcome: Outcome) -> None:
        if isinstance(outcome, Trace):
            self.answered += 1
        elif isinstance(outcome, NotFound):
            self.not_found += 1
            self.failures.append(Unanswered(parcel.waybill, "not_found"))
        elif isinstance(outcome, Failed):
            self.failed(parcel, outcome)

    def failed(self, parcel: Parcel, outcome: Failed) -> None:
        self.not_asked += outcome.reason in ("waybill_unusable", "courier_unknown", "not_asked")
        self.failures.append(Unanswered(parcel.waybill, outcome.reason, outcome.code))

    def summary(self) -> FetchSummary:
        return FetchSummary(
            asked=self.answered + len(self.failures) - self.not_asked, answered=self.answered, not_found=self.not_found,
            skipped=self.skipped, failed=Counter(one.reason for one in self.failures if one.reason != "not_found"),
            unanswered=tuple(self.failures),
        )
