"""The command line: thin, library underneath. One module per command; it loads what it needs when it runs.

Results on stdout, messages on stderr; exit 0, 2 for a refused input, 3 for a fetch that left waybills open, 1 for a fault of ours.
"""

import argparse
import io
import sys
from collections.abc import Sequence

from pdd_audit.cli import check, demo, fetch, import_files, ledger, preview, score, score_all, shop
from pdd_audit.cli.talk import REFUSED, complain
from pdd_audit.core.errors import AuditError

COMMANDS = (score, score_all, import_files, preview, ledger, shop, fetch, check, demo)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # a pipe on a Chinese Windows would be GBK and could not carry every sign
    parser = argparse.ArgumentParser(prog="pdd-audit", description="Scores a Pinduoduo shop against prevention of 24小时未揽收.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except AuditError as error:
        complain(error, options.lang)
        return REFUSED
