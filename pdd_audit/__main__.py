"""``python -m pdd_audit``."""

import sys

from pdd_audit.cli import main

sys.exit(main())
