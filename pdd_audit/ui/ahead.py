"""While people look at one page of a shop, what its other pages show is found: whoever turns to one need not wait for it."""

import threading
from contextlib import suppress

import streamlit as st

from pdd_audit.core.filters import ALL
from pdd_audit.ui import cache
from pdd_audit.ui.session import Here, freeze
from pdd_audit.ui.warm_up import warm_up_once


def look_ahead(here: Here) -> threading.Thread | None:
    """Begun once for each state of a shop's files; None where there is nothing to look at. What a page has found is not found again."""
    if here.shop is None or not cache.imports(here):
        return None
    return _begun(here, str(here.ws.home), here.shop.id, cache.ledger_version(here, here.shop))


@st.cache_resource(max_entries=64, show_spinner=False)
def _begun(_here: Here, home: str, shop_id: str, ledger: str) -> threading.Thread:  # noqa: ARG001 - the rest is the key
    thread = threading.Thread(target=_find, args=(_here,), name="look-ahead", daemon=True)
    thread.start()
    return thread


def _find(here: Here) -> None:
    warm_up_once().join()
    from pdd_audit.services.choose import choices_of  # loaded by now: the first page of a server's life does not wait for them
    from pdd_audit.services.incidents.remedies import count_remedies
    from pdd_audit.services.incidents.tell_buyers import concerned
    from pdd_audit.services.look_at_appeals import find_appealable
    from pdd_audit.services.look_at_couriers import look_at_couriers
    from pdd_audit.services.look_at_days import look_at_days
    from pdd_audit.services.look_at_pickup import look_at_pickup
    from pdd_audit.services.look_at_today import look_at_today
    from pdd_audit.services.look_at_tonight import look_at_tonight
    from pdd_audit.services.look_at_trends import look_at_trends

    numbers = (choices_of, look_at_days, look_at_pickup, look_at_tonight, look_at_couriers, look_at_trends)
    for at in (*numbers, look_at_today, concerned, count_remedies, find_appealable):
        with suppress(Exception):  # whatever it is, the page that needs it meets it again and says so
            cache.look(here, at, ALL)
    freeze()
