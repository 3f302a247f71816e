"""Another try, and one more, for what may go well a moment later."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from pdd_audit.data.storage.faults import PassingAuditError

PAUSES_SECONDS = (0.3, 1.5)  # a database server that restarts needs about as long
T = TypeVar("T")


def patiently(work: Callable[[], T]) -> T:
    """The result of the first try that goes through, of three. Raises what the last one said, or at once what no waiting cures."""
    for pause in PAUSES_SECONDS:
        try:
            return work()
        except PassingAuditError:
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - so that people who waited together do not come back together
    return work()
