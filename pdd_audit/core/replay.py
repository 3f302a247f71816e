"""How past evenings are replayed: at which hour, how many, and in what steps of age. Tables and metrics agree on it here."""

AT_HOUR = 18
DAYS = 28  # evenings that are replayed
REFERENCE_DAYS = 28  # days each of them may learn from
SLOT = 20  # minutes of one step of age
