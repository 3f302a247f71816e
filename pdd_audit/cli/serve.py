"""``serve``: the app for a team, behind a login."""

import argparse
import logging
import os
from pathlib import Path

from pdd_audit.cli.options import Commands
from pdd_audit.cli.shops import opened
from pdd_audit.cli.talk import say
from pdd_audit.texts import Words

PORT = 8501


def add(commands: Commands) -> None:
    serve = commands.add_parser("serve", help="the app for a team, behind a login (OpenID Connect); settings come from the environment")
    serve.add_argument("--lang", choices=["zh", "en"], default="zh", help="language of messages on the console")
    serve.add_argument("--home", type=Path, metavar="DIR", help="folder of ledgers and answers (default: $PDD_AUDIT_HOME)")
    serve.add_argument("--address", default="127.0.0.1", help="where to listen (default: 127.0.0.1, behind a proxy on this machine)")
    serve.add_argument("--port", type=int, default=PORT)
    serve.set_defaults(run=run, checklists=None)  # the pages open the installation themselves, with the shipped ones


def run(options: argparse.Namespace) -> int:
    from pdd_audit.core.team_settings import read_settings

    settings = read_settings(os.environ, lambda file: Path(file).read_text("utf-8"))
    if options.home:  # the pages open the installation themselves
        os.environ["PDD_AUDIT_HOME"] = str(options.home)
    words = Words(options.lang)

    from pdd_audit.team.server import Place, serve

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log addresses with codes in them
    with opened(options, temporary=False) as ws:
        say(words("cli.serving", url=settings.public_url, address=options.address, port=options.port))
        place = Place(options.address, options.port)
        serve(ws, settings, place, lambda code: say(words("cli.setup_code", url=settings.public_url, code=code)))
    return 0
