"""``fetch``: ask a courier-tracking service for traces."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pdd_audit.cli.options import Commands, add_usual
from pdd_audit.cli.shops import known_shop, opened
from pdd_audit.cli.talk import progress, say
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import count

if TYPE_CHECKING:
    from pdd_audit.services.fetch_traces import FetchSummary  # its network library loads only when something is fetched

INCOMPLETE = 3
NAMED = 20
MOST_A_SECOND = 50


def add(commands: Commands) -> None:
    fetch = commands.add_parser("fetch", help="ask a courier-tracking service for traces; needs keys of your own, off without them")
    add_usual(fetch)
    fetch.add_argument("--source", required=True, choices=["kuaidi100", "pdd"], help="whom to ask; keys from the environment")
    which = fetch.add_mutually_exclusive_group(required=True)
    which.add_argument("--shop", metavar="NAME", help="ask for this shop's uploaded parcels without a known pickup")
    which.add_argument("--waybills", type=Path, metavar="FILE", help="ask for these: waybill,courier a line, or a CSV with such columns")
    fetch.add_argument("--out", required=True, type=Path, metavar="FILE", help="JSON Lines; a file that exists is taken up where it ended")
    fetch.add_argument("--rate", type=_rate, default=5.0, metavar="N", help="questions a second at most (default 5)")
    fetch.add_argument("--courier-codes", type=Path, metavar="FILE", help="YAML: source -> courier -> the source's code for it")
    fetch.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from pdd_audit.services.fetch_traces import Patience, fetch_traces, live_source, open_parcels, read_waybills

    words, out = Words(options.lang), options.out
    with live_source(options.source, options.courier_codes) as live:  # without keys it ends here, before anything is read
        if options.waybills:
            parcels = read_waybills(options.waybills)
        else:
            with opened(options, temporary=False) as workspace:
                parcels = open_parcels(workspace, known_shop(workspace, options.shop).id)
        if not parcels:
            say(words("fetch.nothing"))
            return 0
        say(words("fetch.start", source=options.source, count=count(len(parcels)), rate=f"{options.rate:g}", file=out.name))
        try:
            with progress() as tell:
                summary = fetch_traces(live, parcels, out, patience=Patience(rate=options.rate),
                                       on_progress=lambda done, total: tell(out.name, done / total))
        except KeyboardInterrupt:
            say(words("fetch.interrupted", file=out.name))
            return INCOMPLETE
    say(_fetched(summary, words))
    return INCOMPLETE if summary.failed else 0


def _fetched(summary: "FetchSummary", words: Words) -> str:
    lines = [words("fetch.done", asked=count(summary.asked), answered=count(summary.answered), not_found=count(summary.not_found),
                   failed=count(sum(summary.failed.values())), skipped=count(summary.skipped))]
    by_reason: dict[str, list[str]] = {}
    for one in summary.unanswered:
        named = words("fetch.with_code", waybill=one.waybill, code=one.code) if one.code else one.waybill
        by_reason.setdefault(one.reason, []).append(named)
    for reason, all_named in by_reason.items():
        named = words("cli.joiner").join(all_named[:NAMED])
        if len(all_named) > NAMED:
            named = words("fetch.more", waybills=named, count=count(len(all_named) - NAMED))
        lines.append(words("fetch.reason", name=words(f"fetch.reasons.{reason}"), count=count(len(all_named)), waybills=named))
    lines += [words("fetch.unknown_stays_unknown")] * bool(by_reason) + [words("fetch.again")] * bool(summary.failed)
    return "\n  ".join(lines)


def _rate(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0.01 <= found <= MOST_A_SECOND:
        raise argparse.ArgumentTypeError(f'"{text}" is no rate; needed 0.01 to {MOST_A_SECOND} a second')
    return found
