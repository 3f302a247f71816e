"""Which tables of the database this program works on."""

HEAD = "0020"  # the newest migration under ``data/storage/migrations``
