"""Letters for a score."""

GRADES = (("A", 90.0), ("B", 80.0), ("C", 70.0), ("D", 60.0), ("E", 0.0))


def grade_of(points: float | None) -> str | None:
    """A >= 90, B >= 80, C >= 70, D >= 60, E below; on the exact value."""
    if points is None:
        return None
    return next((letter for letter, line in GRADES if points + 1e-9 >= line), GRADES[-1][0])
