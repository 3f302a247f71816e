"""When and how fast a buyer is to be answered: the platform's window of hours, and the two limits of its service figures."""

FROM_HOUR, TO_HOUR = 8, 23
LIMIT_SECONDS, QUICK_SECONDS = 180, 30
