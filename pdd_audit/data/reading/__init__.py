"""From a stranger's file to rows of the ledger. ``read_file`` is the way in; all but it and its neighbours runs in a limited child."""
