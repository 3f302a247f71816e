"""The command line: thin, library underneath. One module per command; it loads what it needs when it runs.

Results on stdout, messages on stderr; exit 0, 2 for a refused input, 3 for a fetch that left waybills open or a watch that could not tell
somebody, 130 after Ctrl-C, 1 for a fault of ours. The doctor's own: 1 for warnings, 2 for what is broken.
"""

import argparse
import gc
import importlib
import io
import sys
from collections.abc import Sequence

from pdd_audit.cli.talk import REFUSED, complain, say
from pdd_audit.core.errors import AuditError
from pdd_audit.texts import Words

COMMANDS = {  # command -> its module, in the order of the help
    "score": "score", "score-all": "score_all", "import": "import_files", "preview": "preview", "ledger": "ledger", "shop": "shop",
    "fetch": "fetch", "watch": "watch", "remind": "remind", "send-report": "send_report", "log": "log", "doctor": "doctor",
    "serve": "serve", "people": "people",
    "check-checklists": "check", "demo": "demo",
}
STOPPED = 130  # what shells give for a command ended by Ctrl-C
UNREAD = 141  # and for one whose output nobody reads any more
SELDOM = (100_000, 20, 100)  # loading libraries makes a million objects that stay: looking through them often costs a quarter of it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    gc.set_threshold(*SELDOM)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # a pipe on a Chinese Windows would be GBK and could not carry every sign
    given = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(prog="pdd-audit", description="Scores a Pinduoduo shop against prevention of 24小时未揽收.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in given[:1] if given[:1] and given[0] in COMMANDS else COMMANDS:  # whoever names none sees all of them in the help
        importlib.import_module(f"pdd_audit.cli.{COMMANDS[command]}").add(commands)
    options = parser.parse_args(given)
    try:
        return int(options.run(options))
    except AuditError as error:
        complain(error, options.lang)
        return REFUSED
    except KeyboardInterrupt:
        say(Words(options.lang)("cli.stopped"))
        return STOPPED
