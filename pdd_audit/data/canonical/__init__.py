"""Kinds of rows the ledger holds, and the module that makes each out of a file's cells."""

from types import ModuleType

from pdd_audit.data.canonical import orders, pickups, service

CANONICAL: dict[str, ModuleType] = {"pdd_orders": orders, "courier_pickups": pickups, "pdd_service": service}
