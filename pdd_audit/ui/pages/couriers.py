"""Couriers: who or what the late parcels come from."""

import streamlit as st

from pdd_audit.services.run_audit import Audit
from pdd_audit.ui import cache, session
from pdd_audit.ui.charts.compare import compare_chart, compared, outside
from pdd_audit.ui.parts import heading, nothing_yet

here = session.current()
words = here.words


def draw(audit: Audit) -> None:
    pictures = audit.pictures
    pickup = audit.result.metrics["pickup_24h_ratio"]
    late = 1 - pickup.value if pickup.value is not None else None
    st.markdown(f"# {compared(words, 'couriers', outside(pictures.couriers, 'courier', 'parcels', late))}", anchors=False)
    if not pictures.couriers.empty:
        st.caption(words("metrics.couriers_caption"))
        compare_chart(pictures.couriers, "courier", "late", "parcels", late, words, "couriers", "charts.couriers_alt")
    outlets = pictures.outlets.dropna(subset=["outlet"])
    if not outlets.empty:
        with st.container(gap="small"):
            heading(compared(words, "outlets", outside(outlets, "outlet", "parcels", late)), words("metrics.outlets_caption"))
            compare_chart(outlets, "outlet", "late", "parcels", late, words, "outlets", "charts.outlets_alt")


audit = cache.audit(here)
if audit is None or not cache.imports(here):
    nothing_yet(here, words("metrics.empty"))
else:
    draw(audit)
