"""Scans of each outlet, and how many of them are worth checking."""

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.core.scan_signs import SAME_SECOND
from pdd_audit.data.relations.compact import Ground
from pdd_audit.data.relations.rows.couriers import scanned


def scans(ground: Ground) -> ir.Table:
    """courier, outlet, exact, bulk, batches (groups of one second), labelled, before_label, settled, standing: parcels."""
    table = scanned(ground)
    many = table.same_second >= SAME_SECOND
    return table.group_by("courier", "outlet").aggregate(
        exact=table.exact.sum(), bulk=many.sum(), batches=ibis.ifelse(many, table.picked_up_at, None).nunique(),
        labelled=table.labelled_at.notnull().sum(), before_label=_.before_label.sum(), settled=_.settled.sum(),
        standing=_.standing.sum(),
    )
