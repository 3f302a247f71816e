"""Pure functions from compact tables to measurements. Importing the package registers every metric."""

from pdd_audit.metrics import last_van, orders, pickup, service, waves
from pdd_audit.metrics.registry import Metric, registry

__all__ = ["Metric", "last_van", "orders", "pickup", "registry", "service", "waves"]
