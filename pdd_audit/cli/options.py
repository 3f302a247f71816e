"""Arguments that several commands share."""

import argparse
from datetime import datetime
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # argparse has no public name for it


def add_usual(parser: argparse.ArgumentParser) -> None:
    """Language and places: every command has them."""
    parser.add_argument("--lang", choices=["zh", "en"], default="zh", help="language of messages and reports")
    home = "folder of ledgers and answers (default: $PDD_AUDIT_HOME or the user's data folder)"
    parser.add_argument("--home", type=Path, metavar="DIR", help=home)
    parser.add_argument("--checklists", type=Path, metavar="DIR", help="folder of the checklists")


def add_output(parser: argparse.ArgumentParser, *files: str) -> None:
    """How a result is written, and where. ``files``: further forms, which need ``--out``."""
    parser.add_argument("--format", choices=["json", "text", "html", *files], default="text")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the result here instead of stdout")


def add_mapping(parser: argparse.ArgumentParser) -> None:
    """The option of the commands that read files nobody recognises."""
    text = "columns of files that are not recognised, or units of those that are; see the command preview"
    parser.add_argument("--mapping", type=Path, metavar="FILE.yaml", help=text)


def moment(text: str) -> datetime:
    """A moment in Asia/Shanghai; one with an offset is converted."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}" is no time; needed e.g. "2026-11-20 18:00"') from None
    return found if found.tzinfo is None else found.astimezone(SHANGHAI).replace(tzinfo=None)
