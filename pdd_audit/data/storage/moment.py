"""One reading for as long as one page is drawn: what is asked of the database many times over is answered from what it said first.

Held by the thread that draws, and let go by whatever that thread saves; nobody else sees it.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
Store = TypeVar("Store")
_read: ContextVar[dict[Any, Any] | None] = ContextVar("read", default=None)


@contextmanager
def one_moment() -> Iterator[None]:
    """While the block runs, what was read stays as it was read, unless this thread saves something."""
    before = _read.set({})
    try:
        yield
    finally:
        _read.reset(before)


def read_once(work: Callable[Concatenate[Store, P], T]) -> Callable[Concatenate[Store, P], T]:
    """For what only reads a list, a dictionary or a plain value from the ``engine`` of its first argument; the others have hashes."""

    @wraps(work)
    def reading(store: Store, /, *args: P.args, **kwargs: P.kwargs) -> T:
        read = _read.get()
        if read is None:
            return work(store, *args, **kwargs)
        key = (work.__qualname__, id(store.engine), args, tuple(sorted(kwargs.items())))  # type: ignore[attr-defined]  # see above
        if key not in read:
            read[key] = work(store, *args, **kwargs)
        own: T = copy.copy(read[key])  # the list is the caller's; what stands in it never changes
        return own

    return reading


def forget() -> None:
    """Something is saved: what was read before it may be true no more."""
    read = _read.get()
    if read is not None:
        read.clear()
