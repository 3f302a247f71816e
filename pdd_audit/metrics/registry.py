"""Metrics are small named functions of the compact tables: the decorator registers them, the function's name is the metric's id,
the first line of its docstring is its definition."""

from collections.abc import Callable
from dataclasses import dataclass

from pdd_audit.core.measurement import Better, Measurement, MetricInfo, Unit
from pdd_audit.core.tables import CompactTables
from pdd_audit.core.targets import STANDARD_TARGETS

Compute = Callable[[CompactTables], Measurement]


@dataclass(frozen=True)
class Metric:
    """A registered metric: what it is and how it is computed."""

    info: MetricInfo
    compute: Compute


registry: dict[str, Metric] = {}


def metric(unit: Unit, better: Better) -> Callable[[Compute], Compute]:
    """Register a function under its own name, with our line for it where ``core.targets`` has one."""

    def register(compute: Compute) -> Compute:
        definition = (compute.__doc__ or "").strip().splitlines()[0]
        info = MetricInfo(compute.__name__, unit, better, definition, STANDARD_TARGETS.get(compute.__name__))
        registry[compute.__name__] = Metric(info, compute)
        return compute

    return register
