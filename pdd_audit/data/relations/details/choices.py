"""What the parcels of a shop can be chosen by."""

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.compact import Ground

MOST_GOODS = 200  # a list longer than this is no choice


def choices(ground: Ground) -> ir.Table:
    """name, code, label, parcels: every courier, outlet and province, and the goods most sent."""
    parcels = ground.parcels
    plain = [_counted(parcels, name, name) for name in ("courier", "outlet", "province")]
    goods = _counted(parcels, "goods", "goods_id").order_by(ibis.desc("parcels"), "code").limit(MOST_GOODS)
    if ground.goods is not None:
        named = goods.left_join(ground.goods, goods.code == ground.goods.goods_id)
        goods = named.select("name", "code", label=named.goods_name.coalesce(named.code), parcels=named.parcels)
    return ibis.union(*plain, goods)


def _counted(parcels: ir.Table, name: str, column: str) -> ir.Table:
    known = parcels.filter(parcels[column].notnull())
    counted = known.group_by(code=known[column]).aggregate(parcels=_.count())
    return counted.select(name=ibis.literal(name), code=counted.code, label=counted.code, parcels=counted.parcels)
