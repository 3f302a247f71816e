"""What the gate and the screen behind it agree on: the headers by which the gate says who somebody is, and how it proves to be the gate."""

import secrets
from functools import cache

PREFIX = "x-audit-"  # whatever a browser sends under it is deleted
IDENTITY = "X-Audit-User"  # the id of a person; Streamlit hands it to the page as st.user["audit_user"]
USER_KEY = "audit_user"
MARK = "X-Audit-Gate"  # proves that a request came through the gate of this process
TOKEN = "X-Audit-Token"  # noqa: S105 - the name of a header: what a page must send back with whatever changes something


@cache
def gate_mark() -> str:
    """Known to this process only, another one after each start."""
    return secrets.token_urlsafe(32)


def through_the_gate(mark: str | None) -> bool:
    """Whether this is what the gate of this process says. Nothing at all is not."""
    return mark is not None and secrets.compare_digest(mark.encode("utf-8", "replace"), gate_mark().encode())
