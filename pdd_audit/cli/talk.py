"""What a command says: results, refusals, progress."""

import argparse
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pdd_audit.core.errors import AuditError
from pdd_audit.texts import Lang, Words, error_text

REFUSED = 2
BAR = 30


def put(options: argparse.Namespace, result: str | bytes) -> None:
    """To stdout, or whole into a file. Bytes have a file: ``run`` asks for one."""
    if options.out is None:
        assert isinstance(result, str)
        sys.stdout.write(result + "\n")
        return
    data = result if isinstance(result, bytes) else (result + "\n").encode()
    if options.out.exists() and not options.out.is_file():  # /dev/null, a pipe: a file in its place would end it
        with options.out.open("wb") as stream:
            stream.write(data)
        return
    part = options.out.with_name(options.out.name + ".part")
    part.write_bytes(data)
    part.replace(options.out)


def complain(error: AuditError, lang: Lang) -> None:
    """A refusal, with the file it is about."""
    title, body = error_text(error, lang)
    words = Words(lang)
    named = error.place.file is not None and error.place.file not in title
    say(words("cli.refused", title=words("cli.of_file", file=error.place.file, title=title) if named else title, body=body))


def say(text: str) -> None:
    print(text, file=sys.stderr)


@contextmanager
def progress() -> Iterator[Callable[[str, float], None]]:
    """A line on the terminal that counts; silence when nobody watches."""
    watched = sys.stderr.isatty()
    shares: dict[str, float] = {}
    lock = threading.Lock()

    def tell(file: str, share: float) -> None:
        if not watched:
            return
        with lock:  # two files are read side by side
            shares[file] = share
            done = sum(shares.values()) / len(shares)
            filled = round(done * BAR)
            sys.stderr.write(f"\r\033[K[{'#' * filled}{'.' * (BAR - filled)}] {done:4.0%}  {file[-48:]}")
            sys.stderr.flush()

    try:
        yield tell
    finally:
        if watched and shares:
            sys.stderr.write("\r\033[K")
