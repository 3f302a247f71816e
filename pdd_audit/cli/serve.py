"""``serve``: the app for a team, behind a login."""

import argparse
import logging
import os
from pathlib import Path

from pdd_audit.cli.doctor import lines
from pdd_audit.cli.options import Commands
from pdd_audit.cli.shops import opened
from pdd_audit.cli.talk import say
from pdd_audit.core.errors import BETWEEN, AuditError
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
    from pdd_audit.services.home import default_home
    from pdd_audit.services.one_server import Holder, only_server
    from pdd_audit.services.workspace import now

    settings = read_settings(os.environ, lambda file: Path(file).read_text("utf-8"))
    if options.home:  # the pages open the installation themselves
        os.environ["PDD_AUDIT_HOME"] = str(options.home)
    words, home = Words(options.lang), options.home or default_home()
    _prove_safe(home, words)

    from pdd_audit.team.server import Place, serve

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log addresses with codes in them
    holder = Holder(os.getpid(), f"{now():%Y-%m-%d %H:%M}", f"{options.address}:{options.port}")
    with only_server(home, holder), opened(options, temporary=False) as ws:
        say(words("cli.serving", url=settings.public_url, address=options.address, port=options.port))
        place = Place(options.address, options.port)
        serve(ws, settings, place, lambda what, **values: say(words(f"cli.{what}", **values)))
    return 0


def _prove_safe(home: Path, words: Words) -> None:
    """Says what the doctor does not find well. Raises ``serve_unsafe`` when some of it forbids to listen."""
    from pdd_audit.services.doctor import forbids_serving, look_before_serving
    from pdd_audit.services.home import database_url

    checks = [check for check in look_before_serving(home, database_url()) if check.state != "well"]
    for check in checks:
        say(lines(check, words))
    unsafe = [check for check in checks if forbids_serving(check)]
    if unsafe:
        raise AuditError("serve_unsafe", found=BETWEEN.join(words(f"doctor.check.{check.what}.what") for check in unsafe), n=len(unsafe))
