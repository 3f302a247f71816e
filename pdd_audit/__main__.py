"""``python -m pdd_audit``, and the command ``pdd-audit``."""

import atexit
import os
import signal
import sys

by_key = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # else it is ignored here, as in the background of a shell
if by_key:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # while packages load, Ctrl-C ends this at once and without a traceback

from pdd_audit.cli import STOPPED, UNREAD, main  # noqa: E402 - the lines above are about this one


def run() -> None:
    """Runs the command and leaves at once: taking everything that was loaded apart again would take a fifth of a second."""
    if by_key:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        code = main()
    except KeyboardInterrupt:  # before the command has begun, or once more while it ends
        code = STOPPED
    except BrokenPipeError:
        code = UNREAD
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:  # whoever reads has enough, as `head` has
        code = UNREAD
    except (OSError, ValueError):  # the disk is full: the interpreter says so as it leaves
        sys.exit(code)
    atexit._run_exitfuncs()
    os._exit(code)


if __name__ == "__main__":
    run()
