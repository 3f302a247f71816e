"""Which tables of the database this program works on."""

HEAD = "0015"  # the newest migration under ``data/storage/migrations``
