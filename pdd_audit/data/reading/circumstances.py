"""Under which circumstances a file is read in."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from pdd_audit.core.imports import Kind
from pdd_audit.core.mapping import ByHand
from pdd_audit.data.reading.limits import COMMAND_LINE, Limits
from pdd_audit.data.reading.read_file import Accept


@dataclass(frozen=True)
class Circumstances:
    """What is said of the file, who hands it in, and who watches: each as ``read_file`` explains it, and handed on to it."""

    expected: Kind | None = None
    snapshot_at: datetime | None = None
    password: str | None = field(default=None, repr=False)
    by_hand: ByHand | None = None
    imported_by: str = ""
    imported_at: datetime | None = None
    shop: str | None = None
    limits: Limits = COMMAND_LINE
    on_progress: Callable[[float], None] | None = None
    accept: Accept | None = None
    stop: threading.Event | None = None
