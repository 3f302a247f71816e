"""What was let go is gone from memory too: freed bytes would lie there until something else needs their place."""

import ctypes

_OVERWRITE = -6  # M_PERTURB of glibc's mallopt
_FREED = 0xFF  # and what is handed out anew is then zero


def overwrite_what_is_freed() -> bool:
    """From now on whatever this process frees is overwritten, in all its threads. False where the C library is not glibc.

    Not overwritten: pieces of a kilobyte or less, which are kept at hand for the next of their size. The price: one more pass over each
    larger piece when it is taken and when it is freed; tables counted by DuckDB and Arrow lie elsewhere and pay nothing.
    """
    try:
        return bool(ctypes.CDLL(None).mallopt(_OVERWRITE, _FREED))
    except (AttributeError, OSError, TypeError):  # no such function; Windows knows no library without a name
        return False
