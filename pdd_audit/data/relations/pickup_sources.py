"""Pickup sheets against each other: the same parcel, collected at two times that lie more than a day apart.

A scan that was dated back looks so, and so does a number used twice. The earlier time counts; the reader is shown both.
"""

from datetime import timedelta

import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.parcels import seconds_between

FAR_APART = timedelta(hours=24)


def far_apart(pickups: ir.Table | None) -> dict[str, dict[str, str]]:
    """The flag "pickup_sources_apart" with the values of its sentence, or nothing. ``pickups``: rows of the sheets with ``import_id``;
    ``first_file`` and ``other_file`` are such ids."""
    if pickups is None or int(pickups.import_id.nunique().execute()) < 2:
        return {}
    known = pickups.filter(_.picked_up_at.notnull())
    spread = known.group_by("waybill").aggregate(
        first=_.picked_up_at.min(), other=_.picked_up_at.max(), first_file=_.import_id.argmin(_.picked_up_at),
        other_file=_.import_id.argmax(_.picked_up_at),
    )
    apart = spread.filter(
        (seconds_between(spread.first, spread.other) > int(FAR_APART.total_seconds())) & (spread.first_file != spread.other_file)
    )
    count = int(apart.count().execute())
    if not count:
        return {}
    example = apart.order_by("waybill").limit(1).execute().iloc[0]
    return {"pickup_sources_apart": {
        "waybills": str(count), "waybill": str(example["waybill"]), "first": f"{example['first']:%Y-%m-%d %H:%M}",
        "other": f"{example['other']:%Y-%m-%d %H:%M}", "first_file": str(example["first_file"]), "other_file": str(example["other_file"]),
    }}
