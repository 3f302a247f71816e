"""What was let go is gone from memory too: freed bytes would lie there until something else needs their place."""

import ctypes
from threading import Lock, Timer

HOUR = 3_600.0  # longer than any upload is kept for somebody to look at
_OVERWRITE = -6  # M_PERTURB of glibc's mallopt
_FREED, _AS_IT_WAS = 0xFF, 0  # and what is handed out anew is then zero
_lock = Lock()
_end: Timer | None = None


def overwrite_what_is_freed(seconds: float = HOUR) -> bool:
    """For so long, from the last call on, whatever this process frees is overwritten, in all its threads. False where the C library is not
    glibc.

    Not overwritten: pieces of a kilobyte or less, which are kept at hand for the next of their size. The price: one more pass over each
    larger piece when it is taken and when it is freed, a tenth of the time of a page; tables counted by DuckDB and Arrow lie elsewhere.
    """
    global _end
    with _lock:
        if _end is not None:
            _end.cancel()
        _end = Timer(seconds, _set, [_AS_IT_WAS])
        _end.daemon = True
        _end.start()
        return _set(_FREED)


def _set(byte: int) -> bool:
    try:
        return bool(ctypes.CDLL(None).mallopt(_OVERWRITE, byte))
    except (AttributeError, OSError, TypeError):  # no such function; Windows knows no library without a name
        return False
