"""One reading for as long as one page is drawn: what is asked of database or ledger many times is answered from what was read first.

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
    """While the block runs, what was read stays as it was read, unless this thread saves something. One inside another is part of it."""
    if _read.get() is not None:
        yield
        return
    before = _read.set({})
    try:
        yield
    finally:
        _read.reset(before)


def read_once(work: Callable[Concatenate[Store, P], T]) -> Callable[Concatenate[Store, P], T]:
    """For what only reads a list, a dictionary or a plain value from the ``engine`` of its first argument; the others have hashes."""

    @wraps(work)
    def reading(store: Store, /, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (work.__qualname__, id(store.engine), args, tuple(sorted(kwargs.items())))  # type: ignore[attr-defined]  # see above
        return once(key, lambda: work(store, *args, **kwargs))

    return reading


def once(key: tuple[Any, ...], find: Callable[[], T]) -> T:
    """What ``find`` finds; within one moment it is asked once for each ``key``, which names all that it depends on."""
    read = _read.get()
    if read is None:
        return find()
    if key not in read:
        read[key] = find()
    own: T = copy.copy(read[key])  # the list is the caller's; what stands in it never changes
    return own


def forget() -> None:
    """Something is saved: what was read before it may be true no more."""
    read = _read.get()
    if read is not None:
        read.clear()
