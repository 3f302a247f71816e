"""Passwords of files: from a file or typed where nobody sees them, never as an argument (others could read it in the list of processes)."""

import argparse
import getpass
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pdd_audit.cli.talk import complain, progress
from pdd_audit.core.errors import AuditError, Place
from pdd_audit.texts import Words

if TYPE_CHECKING:
    from pdd_audit.services.home import Home
    from pdd_audit.services.import_files import ImportOutcome, Upload

LONGEST = 255
TRIES = 3


def add_password(parser: argparse.ArgumentParser) -> None:
    """The option of every command that reads files."""
    text = "its first line opens encrypted files; without it you are asked where a terminal is there"
    parser.add_argument("--password-file", type=Path, metavar="FILE", help=text)


def with_password(files: "Sequence[Upload]", file: Path | None) -> "list[Upload]":
    """The uploads with the password of the file, if one is named. Raises password_file."""
    if file is None:
        return list(files)
    try:
        with file.open(encoding="utf-8-sig") as stream:
            password = stream.readline(LONGEST + 2).rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise AuditError("password_file", Place(file=file.name), limit=LONGEST) from error
    if not password or len(password) > LONGEST:
        raise AuditError("password_file", Place(file=file.name), limit=LONGEST)
    return [replace(upload, password=password) for upload in files]


def asked(
    home: "Home", shop_id: str, files: "Sequence[Upload]", outcomes: "Sequence[ImportOutcome]", options: argparse.Namespace
) -> "list[ImportOutcome]":
    """The outcomes after whoever sits at the terminal was asked for the passwords that are wanting; without a terminal, as they were."""
    from pdd_audit.services.import_files import read_again

    result: list[ImportOutcome] = []
    for at, upload in enumerate(files):
        mine = [outcome for outcome in outcomes if outcome.upload == at]
        for _ in range(TRIES if sys.stdin is not None and sys.stdin.isatty() else 0):
            wanting = next((outcome.error for outcome in mine if outcome.wants_password), None)
            if wanting is None:
                break
            complain(wanting, options.lang)
            password = getpass.getpass(Words(options.lang)("cli.password", file=wanting.place.file or upload.name))
            if not password:
                break
            with progress() as tell_share:
                mine = read_again(home, shop_id, replace(upload, password=password), mine, tell_share)
        result += [replace(outcome, upload=at) for outcome in mine]
    return result
