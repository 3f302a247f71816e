"""Orders refunded because nobody collected them: each once, however many cases, exports and rows speak of it."""

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
from ibis import _

from pdd_audit.data.relations.fined import judged_orders
from pdd_audit.data.relations.order_states import LOGISTIC
from pdd_audit.data.relations.parcels import REFUNDED

if TYPE_CHECKING:
    from pdd_audit.data.relations.compact import Ground

NOT_COLLECTED = "no_pickup"  # class of the reason a buyer gives
UNNAMED = ("other", *LOGISTIC)  # reasons that leave it open whether the missing pickup was one


def refunds(ground: "Ground") -> ir.Table:
    """Orders as ``judged_orders``, with ``because``: said (a refunded case names the missing pickup) or inferred (refunded, the pickup was
    late or never came, and no case names another reason), and refunded_yuan: what the cases gave back, else what the order had brought
    in, and never more than that; null where neither is known."""
    told = judged_orders(ground).inner_join(_given_back(ground), "order_no")
    because = ibis.cases(
        (told.said, "said"), ((told.pickup == "broken") & told.refunded & ~told.elsewhere, "inferred"), else_=ibis.null("string"),
    )
    return told.mutate(because=because).filter(_.because.notnull())


def _given_back(ground: "Ground") -> ir.Table:
    """order_no, refunded (as a whole or in part), said (a case names the missing pickup), elsewhere (one names something else),
    refunded_yuan."""
    lines = ground.lines.group_by("order_no").aggregate(by_status=_.status.isin(REFUNDED).any(), received=_.received_yuan.max())
    lines = lines.mutate(received=lines.received.cast("float64"))
    if ground.beside.after_sales is None:
        return lines.filter(_.by_status).select(
            "order_no", refunded=_.by_status, said=ibis.literal(False), elsewhere=ibis.literal(False), refunded_yuan=_.received,
        )
    joined = lines.left_join(_of_cases(ground), "order_no").drop("order_no_right")
    by_status = joined.by_status & ~joined.later.fill_null(False)
    by_case = joined.by_case.fill_null(False)
    whole = joined.received.isnull() | (joined.amount <= joined.received)
    amount = ibis.cases((joined.amount.isnull(), joined.received), (whole, joined.amount), else_=joined.received)
    return joined.mutate(
        refunded=by_status | by_case, said=joined.said.fill_null(False), elsewhere=joined.elsewhere.fill_null(False), refunded_yuan=amount,
    ).filter(_.refunded).select("order_no", "refunded", "said", "elsewhere", "refunded_yuan")


def _of_cases(ground: "Ground") -> ir.Table:
    """One row an order: by_case (a case was refunded by the moment), later (only after it), said, elsewhere, and the amount of its cases,
    each counted once though several exports hold it."""
    cases = ground.beside.after_sales
    assert cases is not None, "asked only where there are cases"
    refunded = cases.filter(_.status == "refunded")
    known = refunded.refunded_at.isnull() | (refunded.refunded_at <= ground.moment.as_of)
    numbered = refunded.mutate(
        known=known, case=refunded.after_sale_no.coalesce(refunded.refunded_at.cast("string"), ibis.literal("")),
    )
    single = numbered.group_by("order_no", "case").aggregate(
        known=_.known.any(), amount=_.amount_yuan.cast("float64").max(),
        said=(_.reason == NOT_COLLECTED).fill_null(False).any(),
        elsewhere=(_.reason.notnull() & ~_.reason.isin(UNNAMED)).fill_null(False).any(),
    )
    return single.group_by("order_no").aggregate(
        by_case=_.known.any(), later=~_.known.any(), said=(_.said & _.known).any(), elsewhere=(_.elsewhere & _.known).any(),
        amount=ibis.ifelse(_.known, _.amount, None).sum(),
    )
