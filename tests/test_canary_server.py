"""Nobody's name, phone, address, number or remark gets past the import into what a server in team mode sends, or stays in its memory. As
people use it: files go by the upload route, the Data page takes them in, two people look at pages and fetch every file they are offered."""

import asyncio
import re
import urllib.request
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest

from pdd_audit.core.people import Role
from pdd_audit.services.import_files import list_imports
from pdd_audit.services.people import person_of
from pdd_audit.services.shops import create_shop
from pdd_audit.services.workspace import open_workspace
from scripts.load_sessions import ISSUER, Guest, arrived, serving
from scripts.load_storm import StormFile, sent_in
from scripts.raw_session import RawSession, Run, raw_session
from tests.canaries import WORD, finds, needles, under, views
from tests.data.builders import an_order, as_csv
from tests.server_memory import pages_of
from tests.test_canary import PEOPLE, SHOP, Files

pytestmark = pytest.mark.slow
ORDER = an_order(1)["订单号"].encode()
OFFERED = re.compile(rb"/download/[\w-]{32}")  # no longer: what follows in a message may be a letter
READING = b"importing"  # in the key of the card that stands on the page as long as files are read or counted
PAGES = ("checklist", "results", "pickup", "today", "data", "report")
SMALLEST = 2_000  # bytes; what is shorter than a kilobyte may lie in memory that is freed and not overwritten
LONGEST_SECONDS = 300  # on a busy machine
REFUSED = "people.csv"


@dataclass
class Seen:
    """What was seen of a server, places and bytes. ``wire``: what it sent, ``kept``: what it wrote, unpacked; ``memory``: people in its memory,
    ``orders``: how often an order number is there. ``planted``, ``echoed``: people found there and sent once they were put in on purpose."""

    wire: list[tuple[str, bytes]] = field(default_factory=list)
    kept: list[tuple[str, bytes]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    offered: list[bytes] = field(default_factory=list)
    memory: list[str] = field(default_factory=list)
    orders: int = 0
    planted: list[str] = field(default_factory=list)
    echoed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Person:
    """Somebody with a session of their own. ``heard``: every message it was sent."""

    guest: Guest
    url: str
    session: RawSession
    heard: list[bytes]

    async def sends(self, files: Sequence[StormFile]) -> Run:
        """By the upload route and the Data page, which then tells what came of them."""
        run = await self.session.open("data")
        drop = next(one for one in run.components if "-files_" in one.id)
        tickets = [await asyncio.to_thread(sent_in, self.url, self.guest.cookie, drop, file) for file in files]
        before = len(self.heard)
        run = await self.session.hand_in(drop, tickets)
        while any(READING in message for message in self.heard[before:]):
            await asyncio.sleep(0.5)  # the page is drawn again, as its browser would ask
            before = len(self.heard)
            run = await self.session.open("data")
        return run

    def fetched(self) -> list[tuple[str, bytes]]:
        """Every file that was offered."""
        found = []
        for address in sorted({one.decode() for message in self.heard for one in OFFERED.findall(message)}):
            with urllib.request.urlopen(urllib.request.Request(self.url + address, headers={"Cookie": self.guest.cookie}), timeout=60) as answer:
                found += [(str(answer.headers), str(answer.headers).encode()), ("file", answer.read())]
        return found


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> Seen:
    folder, seen = tmp_path_factory.mktemp("server"), Seen()
    workspace = open_workspace(folder / "home")
    shop = create_shop(workspace, SHOP).id
    person_of(workspace, ISSUER, "host", "店主", None)  # whoever comes first owns what nobody owns
    guests = arrived(workspace, "林", shop, Role.OWNER), arrived(workspace, "高", shop)
    workspace.state.close()
    (scratch := folder / "scratch").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(scratch))
        with serving(folder / "home", "", folder / "told.txt") as (url, pid):
            asyncio.run(asyncio.wait_for(_use(url, pid, guests, seen), LONGEST_SECONDS))
    workspace = open_workspace(folder / "home")
    seen.kinds = sorted(report.source for report in list_imports(workspace, shop))
    workspace.state.close()
    seen.kept = [view for name, data in under(folder) for view in views(name, data)]
    return seen


async def _use(url: str, pid: int, guests: tuple[Guest, Guest], seen: Seen) -> None:
    make = Files()
    strangers = [["序号", *PEOPLE[:9]], *([str(row), *make.people(REFUSED, PEOPLE[:9]).values()] for row in range(30))]
    files = [StormFile(name, data) for name, data in make.good().items() if len(data) >= SMALLEST]
    async with AsyncExitStack() as stack:
        owner, member = [await _come(stack, url, guest) for guest in guests]
        await owner.sends(files)
        for page in PAGES:
            await member.session.open(page)
            run = await owner.session.open(page)
        for form in ("pdf", "xlsx"):  # on the last page
            run = await owner.session.press(run.button(f"make_{form}"))
        for person in (owner, member):
            seen.offered += [data for _, data in await asyncio.to_thread(person.fetched)]
        await asyncio.to_thread(_search_memory, pid, seen)

        refusal = await owner.sends([StormFile(REFUSED, as_csv(strangers, "gb18030"))])  # it stays there: somebody may name its columns
        await owner.session.press(refusal.button("map_0"))  # its first rows, and what they could be
        for person in (owner, member):
            seen.wire += [(f"message {number} to {person.guest.name}", message) for number, message in enumerate(person.heard)]
        seen.wire += [view for data in seen.offered for view in views("download", data)]

        control, before = StormFile(f"{WORD}.csv", b"\n".join(needles())), len(owner.heard)
        drop = next(one for one in (await owner.session.open("data")).components if "-files_" in one.id)
        ticket = await asyncio.to_thread(sent_in, url, owner.guest.cookie, drop, control)
        seen.planted = await asyncio.to_thread(lambda: [found for name, data in pages_of(pid) for found in finds(name, data)])
        await owner.session.hand_in(drop, [ticket])
        await owner.session.open("data")
        seen.echoed = [found for message in owner.heard[before:] for found in finds("message", message)]


async def _come(stack: AsyncExitStack, url: str, guest: Guest) -> Person:
    heard: list[bytes] = []
    return Person(guest, url, await stack.enter_async_context(raw_session(url, guest.cookie, f"lang=zh&shop={guest.shop}", heard.append)), heard)


def _search_memory(pid: int, seen: Seen) -> None:
    for name, data in pages_of(pid):
        seen.memory += finds(name, data)
        seen.orders += data.count(ORDER)


def test_people_are_in_nothing_the_server_sends_or_writes(seen):
    assert {"pdd_orders", "courier_pickups", "chat_log"} <= set(seen.kinds), "nothing was taken in, so nothing was tried"
    assert {data[:4] for data in seen.offered} >= {b"PK\x03\x04", b"%PDF"} and any(SHOP.encode() in data for data in seen.offered)
    assert any(ORDER in data for _, data in seen.wire) and any(ORDER in data for _, data in seen.kept), "what is kept is not seen either"
    assert [found for name, data in seen.wire + seen.kept for found in finds(name, data)] == []
    assert any(WORD in found or repr(WORD.encode())[2:-1] in found for found in seen.echoed), "somebody who was sent was not found"


def test_people_are_not_in_the_servers_memory_once_their_files_are_in(seen):
    assert seen.memory == [], "\n".join(seen.memory)
    assert seen.orders, "what is kept is not seen either"
    assert len(seen.planted) >= len(needles()), "somebody who was there was not found"
