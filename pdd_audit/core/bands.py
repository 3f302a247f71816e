"""Hours of upload in bands: the vans of a day as far as nobody has told us their timetable."""

BANDS = ((0, 9), (9, 12), (12, 16), (16, 18), (18, 21), (21, 24))
BAND_NAMES = tuple(f"{start:02d}–{end:02d}" for start, end in BANDS)
