"""What an imported file was understood to be. Kept beside its rows, shown on the Data page and in the JSON result."""

import hashlib
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["pdd_orders", "courier_pickups", "pdd_service", "pdd_after_sales", "pdd_bill", "pdd_violations", "waybill_labels"]
Reading = Literal["collected_only", "lists_open"]


_READ_AS = "read_as_"  # how the notices of a unit that a person named begin


class NoticeRecord(BaseModel):
    """A notice of ``warnings.<code>`` in texts.yaml with the values of its sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    code: str
    values: dict[str, Any] = {}


class ImportReport(BaseModel):
    """One file: ``rows_read == rows_kept + sum(left_out.values())`` always holds.

    ``kind``: of its rows; ``source``: the layout it was recognised by. ``first_row``: the file's row of the first stored row, for rows
    stored without their number. ``columns``: canonical name -> header as it stood in the file. ``dropped_personal``: headers whose
    cells were never kept. ``distinct``: every order and every waybill of an order export stands in one row only. ``reading``,
    ``couriers``, ``first_scan``: only for pickup sheets; what absence from the sheet means.
    ``imported_by``: who handed the file in, as the system or the app calls them; nothing more is kept about a person.
    ``snapshot_at``: when it was exported; ``stated``: as a person says, see ``core.export_times``. ``newest_event``: of a file that does
    not tell, the last thing in it that had happened when it was imported. Times are Asia/Shanghai without an offset.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    file: str
    kind: Kind
    source: str
    sha256: str
    size_bytes: int
    rows_read: int
    rows_kept: int
    left_out: dict[str, int] = {}
    period_from: datetime | None = None
    period_to: datetime | None = None
    snapshot_at: datetime | None = None
    snapshot_from: Literal["file_name", "sheet", "newest_stamp", "stated", "none"] = "none"
    encoding: str = ""
    newest_event: datetime | None = None
    header_row: int = 1
    first_row: int = 2
    columns: dict[str, str] = {}
    ignored_columns: list[str] = []
    dropped_personal: list[str] = []
    distinct: bool = False
    reading: Reading | None = None
    couriers: list[str] = []
    first_scan: datetime | None = None
    notices: list[NoticeRecord] = []
    imported_at: datetime | None = None
    imported_by: str = ""

    @property
    def by_hand(self) -> bool:
        """Whether a person has named its columns."""
        return any(notice.code == "mapped_by_hand" for notice in self.notices)

    @property
    def units(self) -> dict[str, str]:
        """Column of ours -> the unit in which it was read because a person said so."""
        return {str(one.values.get("name")): one.code.removeprefix(_READ_AS) for one in self.notices if one.code.startswith(_READ_AS)}

    @property
    def version(self) -> str:
        """Names this reading of the file: its digest, and, where a person said how to read it, what came of that. The same bytes may be
        read again in other units or under other columns."""
        if not (self.by_hand or self.units):
            return self.sha256
        return f"{self.sha256} {hashlib.sha256(self.model_dump_json().encode()).hexdigest()}"

    @property
    def seen_until(self) -> datetime | None:
        """When the file was exported, else the latest moment it proves: it was exported no earlier. None where it proves nothing."""
        known = self.snapshot_at or self.newest_event
        if known is not None or self.period_to is None:
            return known
        # an import of before the newest event was stored; a period may end at a mistyped year
        return None if self.imported_at is not None and self.period_to > self.imported_at.replace(tzinfo=None) else self.period_to
