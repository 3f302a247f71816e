"""``watch``: take in new files of a folder, and tell the shop's people of parcels that run late."""

import argparse
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pdd_audit.cli.import_files import tell as tell_imports
from pdd_audit.cli.options import Commands, add_usual
from pdd_audit.cli.shops import known_shop, opened
from pdd_audit.cli.talk import REFUSED, complain, say
from pdd_audit.core.errors import AuditError
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count

if TYPE_CHECKING:
    from pdd_audit.services.shops import Shop
    from pdd_audit.services.watch import Channel, Told
    from pdd_audit.services.workspace import Workspace

UNTOLD = 3
LEAST_SECONDS, USUAL_SECONDS, USUAL_SETTLE = 10, 300, 10


def add(commands: Commands) -> None:
    watch = commands.add_parser("watch", help="take in new files of a folder and tell of parcels that run late; see docs/watch.md")
    add_usual(watch)
    watch.add_argument("folder", type=Path, metavar="FOLDER", help="where exports and pickup sheets arrive")
    watch.add_argument("--shop", metavar="NAME", help="whose files they are; not needed where there is one shop")
    watch.add_argument("--once", action="store_true", help="one look, for cron and the task scheduler")
    watch.add_argument("--every", type=_seconds, default=USUAL_SECONDS, metavar="SECONDS", help=f"between looks (default {USUAL_SECONDS})")
    settle = f"how long a file must stand still before it is read (default {USUAL_SETTLE})"
    watch.add_argument("--settle", type=_seconds, default=USUAL_SETTLE, metavar="SECONDS", help=settle)
    watch.set_defaults(run=run, pause=time.sleep, clock=time.time)


def run(options: argparse.Namespace) -> int:
    from pdd_audit.services.watch import VARIABLE, channels_of

    channels = channels_of(os.environ)
    words = Words(options.lang)
    if not channels:
        say(words("watch.no_channels", name=VARIABLE))
    with opened(options, temporary=False) as workspace:
        shop = known_shop(workspace, options.shop)
        code = look(workspace, shop, channels, options)
        try:
            while not options.once:
                options.pause(options.every)
                code = look(workspace, shop, channels, options)
        except KeyboardInterrupt:
            say(words("watch.ended"))
            return 0
    return code


def look(workspace: "Workspace", shop: "Shop", channels: "list[Channel]", options: argparse.Namespace) -> int:
    """One look at the folder; the exit code it would end with. What cannot be read now may be readable at the next one."""
    from pdd_audit.services.watch import look_twice, take_in, tell
    from pdd_audit.services.workspace import now

    try:
        whole = look_twice(options.folder, options.settle, options.pause, options.clock)
        outcomes = take_in(workspace, shop, options.folder, whole)
        tell_imports(outcomes, options)
        told = tell(workspace, shop, channels, now(), options.lang) if channels else None
    except AuditError as error:
        complain(error, options.lang)
        return REFUSED
    if told is not None:
        _say(told, Words(options.lang))
        if told.refused or told.unknown:
            return UNTOLD
    return REFUSED if any(outcome.error for outcome in outcomes) else 0


def _say(told: "Told", words: Words) -> None:
    if told.interrupted:
        say(words("watch.interrupted", n=count(told.interrupted)))
    if told.silent:
        say(words(told.silent))
        return
    say(words("watch.told", n=count(told.sent), messages=count(told.messages)))
    programs = words("cli.joiner").join(words(f"today.message.{program}") for program in sorted(told.failed))
    if told.refused:
        say(words("watch.refused", n=count(told.refused), programs=programs))
    if told.unknown:
        say(words("watch.unknown", n=count(told.unknown), programs=programs))


def _seconds(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not LEAST_SECONDS <= int(text) <= 86_400:
        raise argparse.ArgumentTypeError(f'"{text}" is no pause; needed {LEAST_SECONDS} to 86400 seconds')
    return int(text)


