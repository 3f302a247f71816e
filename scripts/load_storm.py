"""Somebody who takes files in while others answer: a workbook and an archive that would unpack to a gigabyte, then half a million orders.

Each goes the way a browser takes: to the upload route with the token of the page, and its ticket to the page as the drop zone says it. The
page is to refuse the first two and to read the third; a file takes from the first byte sent to the end of the page's run that tells it.
"""

import asyncio
import csv
import io
import json
import time
import urllib.request
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote

import xlsxwriter
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from websockets.exceptions import WebSocketException

from scripts.raw_session import RawSession, Run, RunFailedError, raw_session

MB = 1024 * 1024
BOMB_MB = 1024  # unpacked
ORDERS = 500_000
LONGEST_FILE_SECONDS = 300
LOOK_SECONDS = 0.5
LONGEST_TOLD = 100  # letters of a refusal
PARTS = BEFORE, DURING, AFTER = "before", "during", "after"


@dataclass(frozen=True)
class StormFile:
    """``expected``: stands in what the page says of it, None: it is to be refused."""

    name: str
    data: bytes
    expected: str | None = None


@dataclass(frozen=True)
class Importer:
    """Somebody with a login who may take files in. ``cookie``: as their browser sends it."""

    cookie: str
    shop: str
    files: list[StormFile]


@dataclass(frozen=True)
class Outcome:
    """Of one file. ``sent`` and ``seconds``: until the server had it, and until the page had told it."""

    name: str
    megabytes: float
    sent: float
    seconds: float
    told: str
    right: bool


@dataclass
class Storm:
    """In one shop, by the monotonic clock. ``broken``: why it ended early."""

    shop: str
    began: float
    ended: float = 0.0
    outcomes: list[Outcome] = field(default_factory=list)
    broken: str = ""

    @property
    def went_well(self) -> bool:
        return not self.broken and all(one.right for one in self.outcomes)

    def part(self, began: float, ended: float) -> str:
        """Where in it something lies that took so long; what only touches it is in it."""
        return BEFORE if ended < self.began else AFTER if began > self.ended else DURING

    def told(self) -> list[str]:
        lines = [f"storm of {self.ended - self.began:.0f} s{': ' if self.broken else ''}{self.broken}"]
        return lines + [
            f"- {one.name}, {one.megabytes:.1f} MB: {one.seconds:.1f} s, {one.sent:.1f} of them to send it; "
            f"{'' if one.right else 'NOT AS IT SHOULD BE: '}{one.told}" for one in self.outcomes
        ]


def storm_files(orders: Path) -> list[StormFile]:
    """``orders``: the order export of a demo shop, which is repeated under other numbers."""
    sink = io.BytesIO()
    book = xlsxwriter.Workbook(sink, {"in_memory": True})
    book.add_worksheet().write_row(0, 0, ["订单号", "订单状态", "快递单号"])
    book.close()
    return [
        StormFile("sheetbomb.xlsx", _bomb(sink.getvalue(), "xl/worksheets/sheet1.xml")),
        StormFile("zipbomb.zip", _bomb(None, "orders.csv")),
        StormFile("halfmillion.zip", _many_orders(orders), f"{ORDERS:,}"),
    ]


def _bomb(package: bytes | None, large: str) -> bytes:
    """A package, or an empty one, whose member ``large`` is a gigabyte of spaces: honest about its size, and small."""
    sink, spaces = io.BytesIO(), b" " * MB
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new:
        if package is not None:
            with zipfile.ZipFile(io.BytesIO(package)) as old:
                for member in old.namelist():
                    if member != large:
                        new.writestr(member, old.read(member))
        with new.open(large, "w") as out:
            for _ in range(BOMB_MB):
                out.write(spaces)
    return sink.getvalue()


def _many_orders(orders: Path) -> bytes:
    """All columns of the export, in an archive: as bare text it would be longer than an upload may be."""
    with orders.open(encoding="utf-8-sig", newline="") as source:
        header, *rows = csv.reader(source)
    number, waybill = header.index("订单号"), header.index("快递单号")
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        with io.TextIOWrapper(package.open("orders.csv", "w"), "utf-8", newline="") as out:
            write = csv.writer(out)
            write.writerow(header)
            for at in range(ORDERS):
                row = list(rows[at % len(rows)])
                row[number] = f"{row[number][:7]}{at:015d}"  # the day stays
                if row[waybill].strip():
                    row[waybill] = f"{row[waybill][:2]}{at:0{len(row[waybill].strip()) - 2}d}\t"
                write.writerow(row)
    return sink.getvalue()


async def take_in(url: str, importer: Importer) -> Storm:
    """One file after the other, by a session of its own on the Data page."""
    storm = Storm(importer.shop, time.monotonic())
    try:
        async with raw_session(url, importer.cookie, f"lang=zh&shop={importer.shop}") as session:
            run = await asyncio.wait_for(session.open("data"), LONGEST_FILE_SECONDS)
            for file in importer.files:
                run = await asyncio.wait_for(_one_file(url, importer, session, run, file, storm), LONGEST_FILE_SECONDS)
    except (WebSocketException, RunFailedError, URLError, OSError, TimeoutError) as error:
        storm.broken = f"{type(error).__name__} {error}"
    storm.ended = time.monotonic()
    return storm


async def _one_file(url: str, importer: Importer, session: RawSession, run: Run, file: StormFile, storm: Storm) -> Run:
    drop = next((one for one in run.components if "-files_" in one.id), None)
    if drop is None:
        raise RunFailedError("no drop zone: " + "; ".join(run.alerts))
    began = time.monotonic()
    ticket = await asyncio.to_thread(sent_in, url, importer.cookie, drop, file)
    sent = time.monotonic() - began
    run = await session.hand_in(drop, [ticket])
    while not (told := _told(run, file)):  # it is read beside the pages; whoever waits for it gives up in time
        await asyncio.sleep(LOOK_SECONDS)
        run = await session.open("data")
    right = file.expected is None or file.expected in told
    storm.outcomes.append(Outcome(file.name, len(file.data) / MB, sent, time.monotonic() - began, told, right))
    return run


def sent_in(url: str, cookie: str, drop: BidiComponent, file: StormFile) -> str:
    """Sends a file by the upload route, as the drop zone of a page does. Its ticket."""
    page = json.loads(drop.json)
    asked = urllib.request.Request(f"{url}/api/upload", file.data, method="PUT", headers={
        "Cookie": cookie, "Origin": url, "X-Token": page["token"], "X-Shop": page["shop"], "X-Right": page["right"],
        "X-File-Name": quote(file.name), "Content-Type": "application/octet-stream",
    })
    with urllib.request.urlopen(asked, timeout=LONGEST_FILE_SECONDS) as answer:
        return str(json.load(answer)["ticket"])


def _told(run: Run, file: StormFile) -> str:
    """The refusal of this file, or what stands below its name; nothing as long as it is being read."""
    stem = Path(file.name).stem
    refusal = next((alert[:LONGEST_TOLD] for alert in run.alerts if stem in alert), "")
    title = next((at for at, text in enumerate(run.texts) if text.startswith("**") and stem in text), None)
    return refusal if title is None else " ".join(run.texts[title : title + 3])  # its kind, and how many rows
