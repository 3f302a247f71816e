"""One line on promises made on the phone, with the way to the page that lists them."""

from pdd_audit.core.filters import ALL
from pdd_audit.services.look_at_today import call_rules, deeds_until, promised_waybills, promises_of, records, scans_of
from pdd_audit.texts.numbers import count
from pdd_audit.ui import cache, session
from pdd_audit.ui.parts import link
from pdd_audit.ui.session import Here


def promise_line(here: Here) -> None:
    """Nothing where no promise has been judged yet."""
    assert here.shop is not None, "promises are made to a shop"
    done = deeds_until(here.ws, here.shop.id, None)
    promised = promised_waybills(done)
    if not promised:
        return
    kept = records(promises_of(done, cache.look(here, scans_of, ALL, promised, None), call_rules(here.ws)))
    n, broken = sum(one.n for one in kept), sum(one.broken for one in kept)
    if n and link(here.words("couriers.promises", n=count(n), broken=count(broken)), "event_available", "go_promises"):
        session.go("today")
