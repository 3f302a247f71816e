"""How far clocks may be apart. Light on purpose: the processes that read files load it."""

from datetime import timedelta

CLOCKS_DIFFER = timedelta(minutes=5)  # between the computer that exported and this one
