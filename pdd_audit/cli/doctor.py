"""``doctor``: what is unsafe or broken here, and the cure."""

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING

from pdd_audit.cli.options import Commands, add_usual
from pdd_audit.texts import Words

if TYPE_CHECKING:
    from pdd_audit.services.doctor import Check

MARKS = {"well": "✓", "warning": "!", "broken": "✗"}


def add(commands: Commands) -> None:
    doctor = commands.add_parser("doctor", help="what is unsafe or broken here, and the cure; exit 1 for warnings, 2 for what is broken")
    add_usual(doctor)
    doctor.add_argument("--format", choices=["text", "json"], default="text")
    doctor.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from pdd_audit.services.doctor import STATES, look_at_home, look_at_program, worst
    from pdd_audit.services.home import database_url, default_home
    from pdd_audit.team.doctor import look_at_provider

    home = look_at_home(options.home or default_home(), database=database_url())
    checks = [*look_at_program(options.checklists), *look_at_provider(os.environ), *home]
    words, state = Words(options.lang), worst(checks)
    if options.format == "json":
        rows = [{"check": one.what, "state": one.state, "code": one.found, **_told(one, words)} for one in checks]
        sys.stdout.write(json.dumps({"state": state, "checks": rows}, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write("\n".join([*(lines(one, words) for one in checks), "", _sum(checks, words)]) + "\n")
    return STATES.index(state)


def _told(check: "Check", words: Words) -> dict[str, str]:
    """What was looked at, found and needed, and the cure where one is asked for."""
    key = f"doctor.check.{check.what}"
    values = dict(check.values)
    if "finding" in values:  # named by the ledger, in its own words
        values["finding"] = words.coded("ledger.findings", str(values["finding"]))
    return {
        "what": words(f"{key}.what"),
        "found": words(f"{key}.found.{check.found}", **values),
        "needed": words(f"{key}.needed", **values),
        "cure": "" if check.state == "well" else words(f"{key}.cure", **values),
    }


def lines(check: "Check", words: Words) -> str:
    """One line of what is well; of the rest also what was needed and the cure."""
    told = _told(check, words)
    head = words("doctor.line", mark=MARKS[check.state], what=told["what"], found=told["found"])
    if check.state == "well":
        return head
    return "\n".join([head, words("doctor.needed", needed=told["needed"]), words("doctor.cure", cure=told["cure"])])


def _sum(checks: "list[Check]", words: Words) -> str:
    counted = {state: sum(check.state == state for check in checks) for state in MARKS}
    return words("doctor.sum", **counted)
