"""Pure functions from compact tables to measurements. Importing the package registers every metric."""

from pdd_audit.metrics import orders, pickup, service, waves
from pdd_audit.metrics.registry import Metric, registry

__all__ = ["Metric", "orders", "pickup", "registry", "service", "waves"]
