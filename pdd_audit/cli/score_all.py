"""``score-all``: many shops side by side."""

import argparse
from contextlib import closing
from pathlib import Path

from pdd_audit.cli.options import Commands, add_usual, moment
from pdd_audit.cli.shops import opened
from pdd_audit.cli.talk import REFUSED, put, say
from pdd_audit.core.errors import AuditError
from pdd_audit.texts import Words

MOST_JOBS = 32


def add(commands: Commands) -> None:
    every = commands.add_parser("score-all", help="score many shops: a folder with one subfolder per shop, or all shops of the ledger")
    add_usual(every)
    every.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="one subfolder per shop; without it: the shops of the ledger")
    every.add_argument("--as-of", type=moment, metavar="TIME", help="the snapshot of all shops (Asia/Shanghai)")
    every.add_argument("--answers-name", default="answers.yaml", metavar="NAME", help="name of the answers file in a shop's subfolder")
    every.add_argument("--scope", choices=["full", "quick"], default="full")
    every.add_argument("--format", choices=["text", "json", "csv"], default="text")
    every.add_argument("--out", type=Path, metavar="FILE", help="write the result here instead of stdout")
    every.add_argument("--jobs", type=_jobs, default=1, metavar="N", help="shops at the same time (default 1); each takes its own memory")
    every.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from pdd_audit.reports.columns import printable
    from pdd_audit.reports.shop_table import render_csv, render_json, render_table, score_told
    from pdd_audit.services.score_all import Asked, score_folders, score_shops, shop_folders
    from pdd_audit.services.shops import list_shops

    asked = Asked(options.scope, options.as_of, options.answers_name, options.jobs)
    folders = None if options.folder is None else shop_folders(options.folder)
    words = Words(options.lang)
    with opened(options, temporary=folders is not None) as workspace:
        shops = [] if folders is not None else list_shops(workspace)
        if folders is None and not shops:
            raise AuditError("no_shops")
        rows, found = [], score_shops(workspace, shops, asked) if folders is None else score_folders(workspace, folders, asked)
        with closing(found):  # before the installation: after Ctrl-C nobody counts any more
            for row in found:
                rows.append(row)
                key = "score_all.failed" if not row.scored else "score_all.done_problems" if row.problems else "score_all.done"
                say(words(key, done=len(rows), total=len(shops or folders or []), shop=printable(row.shop),
                           score=printable(score_told(row, words)), problems=len(row.problems)))
    render = {"json": render_json, "csv": render_csv, "text": render_table}[options.format]
    mark = "\ufeff" if options.format == "csv" and options.out else ""  # spreadsheets read a file without it as GBK
    put(options, mark + render(rows, options.lang))
    return 0 if all(row.scored for row in rows) else REFUSED


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_JOBS:
        raise argparse.ArgumentTypeError(f'"{text}" is no number of jobs; needed 1 to {MOST_JOBS}')
    return int(text)
