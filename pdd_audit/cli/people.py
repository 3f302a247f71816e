"""``people``: who may log in to the server, for whoever sits at its machine."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from pdd_audit.cli.options import Commands, add_usual
from pdd_audit.cli.shops import known_shop, opened
from pdd_audit.cli.talk import say
from pdd_audit.core.errors import AuditError
from pdd_audit.texts import Words
from pdd_audit.texts.numbers import DASH, full_moment

if TYPE_CHECKING:
    from pdd_audit.services.people import Listed
    from pdd_audit.services.workspace import Workspace


def add(commands: Commands) -> None:
    people = commands.add_parser("people", help="who may log in to this server, and who owns a shop (team mode)")
    actions = people.add_subparsers(required=True, metavar="ACTION")

    listing = actions.add_parser("list", help="everybody who ever logged in, with their shops")
    add_usual(listing)
    listing.add_argument("--format", choices=["text", "json"], default="text")
    listing.set_defaults(run=_list)

    for name, run, told in (
        ("disable", _disable, "lock somebody out at once; what they said stays"), ("enable", _enable, "let somebody in again"),
        ("make-owner", _make_owner, "make somebody owner of a shop whose owner is gone"),
    ):
        action = actions.add_parser(name, help=told)
        add_usual(action)
        action.add_argument("person", metavar="PERSON", help="id or name, as people list shows them")
        if name == "make-owner":
            action.add_argument("--shop", metavar="NAME", help="name of the shop; may be left out when there is only one")
        action.set_defaults(run=run)


def _list(options: argparse.Namespace) -> int:
    from pdd_audit.services.people import everybody
    from pdd_audit.services.shops import list_shops

    with opened(options, temporary=False) as workspace:
        found, shops = everybody(workspace), {shop.id: shop.name for shop in list_shops(workspace)}
    if options.format == "json":
        sys.stdout.write(json.dumps([_plain(one, shops) for one in found], ensure_ascii=False, indent=1) + "\n")
        return 0
    words = Words(options.lang)
    for one in found:
        places = [
            words("cli.people.place", shop=shops[id], role=words(f"people.role.{role}.name"))
            for id, role in one.shops.items() if id in shops
        ]
        state = "disabled" if one.disabled_at else "host" if one.person.host else "active"
        sys.stdout.write(words(
            "cli.people.line", id=one.person.id, name=one.person.name, email=one.person.email or DASH, seen=full_moment(one.seen_at),
            state=words(f"cli.people.state.{state}"), shops=words("app.semicolon").join(places) or DASH,
        ) + "\n")
    if not found:
        say(words("cli.people.none"))
    return 0


def _plain(one: "Listed", shops: dict[str, str]) -> dict[str, Any]:
    return {
        "id": one.person.id, "name": one.person.name, "email": one.person.email, "host": one.person.host,
        "seen_at": one.seen_at.isoformat(),
        "disabled_at": one.disabled_at.isoformat() if one.disabled_at else None,
        "shops": {shops[id]: role for id, role in one.shops.items() if id in shops},
    }


def _disable(options: argparse.Namespace) -> int:
    return _turn(options, disabled=True)


def _enable(options: argparse.Namespace) -> int:
    return _turn(options, disabled=False)


def _turn(options: argparse.Namespace, disabled: bool) -> int:
    from pdd_audit.services.people import disable

    with opened(options, temporary=False) as workspace:
        one = _named(workspace, options.person)
        disable(workspace, one.person.id, disabled)
    say(Words(options.lang)(f"cli.people.{'disabled' if disabled else 'enabled'}", name=one.person.name))
    return 0


def _make_owner(options: argparse.Namespace) -> int:
    from pdd_audit.services.people import make_owner

    with opened(options, temporary=False) as workspace:
        one, shop = _named(workspace, options.person), known_shop(workspace, options.shop)
        make_owner(workspace, shop.id, one.person.id)
    say(Words(options.lang)("cli.people.owner_made", name=one.person.name, shop=shop.name))
    return 0


def _named(workspace: "Workspace", given: str) -> "Listed":
    from pdd_audit.services.people import everybody

    found = next((one for one in everybody(workspace) if given in (one.person.id, one.person.name)), None)
    if found is None:
        raise AuditError("no_such_person", found=given)
    return found
