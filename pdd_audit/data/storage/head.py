"""Which tables of the database this program works on."""

HEAD = "0019"  # the newest migration under ``data/storage/migrations``
