"""When scans are worth a second look. The first number is the platform's own: equal times on ten or more waybills are one of its signs."""

SAME_SECOND = 10  # parcels of one outlet scanned in one and the same second
CLOCKS_DIFFER_SECONDS = 600  # by so much a scan may lie before its label without a word
