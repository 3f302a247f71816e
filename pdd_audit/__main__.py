"""``python -m pdd_audit``, and the command ``pdd-audit``."""

import atexit
import gc
import os
import sys

gc.set_threshold(100_000, 20, 20)  # loading packages makes objects that stay; walking them on the way takes a tenth of a second

from pdd_audit.cli import main  # noqa: E402 - the line above is about this one


def run() -> None:
    """Runs the command and leaves at once: taking everything that was loaded apart again would take a fifth of a second."""
    code = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):  # nobody reads any more, or the disk is full: the interpreter says so as it leaves
        sys.exit(code)
    atexit._run_exitfuncs()
    os._exit(code)


if __name__ == "__main__":
    run()
