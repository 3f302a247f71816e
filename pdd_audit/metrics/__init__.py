"""Pure functions from compact tables to measurements. Importing the package registers every metric."""

from pdd_audit.metrics import waves, pickup, last_van, orders, service  # isort: skip  # the order in which results list them
from pdd_audit.metrics.registry import Metric, registry

__all__ = ["Metric", "last_van", "orders", "pickup", "registry", "service", "waves"]
