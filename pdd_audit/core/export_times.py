"""When a file was exported, as somebody of the shop says: it stands over what the file itself tells, and the file stays as it is."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import Field

from pdd_audit.core.questions import Part


class ExportTime(Part):
    """One word on one file, never edited; the last one on it counts. ``exported_at``: None: what the file tells counts again.

    ``sha256``: of the file's bytes. Times are Asia/Shanghai without an offset.
    """

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    exported_at: datetime | None
    by: Annotated[str, Field(min_length=1, max_length=60)]
    at: datetime


def standing(said: Iterable[ExportTime]) -> dict[str, ExportTime]:
    """sha256 -> the word that counts; nothing for a file whose word was taken back."""
    return {sha256: one for sha256, one in {one.sha256: one for one in said}.items() if one.exported_at is not None}
