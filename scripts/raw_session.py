"""One Streamlit session without a browser: speaks over the websocket what a browser speaks, and draws nothing."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Radio_pb2 import Radio
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

LONGEST_SECONDS = 60  # then a run counts as lost


class RunFailedError(RuntimeError):
    """The run of the page did not end well; says how."""


@dataclass
class Timer:
    """A part of the page that runs again by itself. ``at``: when next, by the monotonic clock."""

    every: float
    at: float


@dataclass
class Run:
    """What one run of a page sent. ``seconds``: until its end; ``told``: until the text that was waited for, None: it never came."""

    seconds: float = 0.0
    told: float | None = None
    radios: list[Radio] = field(default_factory=list)
    buttons: dict[str, bool] = field(default_factory=dict)  # id -> whether it can be pressed
    alerts: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    components: list[BidiComponent] = field(default_factory=list)

    def button(self, key: str) -> str | None:
        """The id of the button with this key, if it can be pressed."""
        return next((id for id, enabled in self.buttons.items() if enabled and id.endswith(f"-{key}")), None)


class RawSession:
    """A session as its browser sees it. The values of widgets stay, as they do in a browser, as long as the page shows them."""

    def __init__(self, wire: ClientConnection, query: str, hear: Callable[[bytes], None] | None = None) -> None:
        """``hear``: given every message as it came, unpacked."""
        self._hear = hear
        self._wire = wire
        self._query = query
        self._page = ""
        self._values: dict[str, str] = {}
        self._remembered: dict[str, ForwardMsg] = {}
        self._timers: dict[str, Timer] = {}  # by fragment

    async def open(self, page: str) -> Run:
        """The first run of a page."""
        self._page = ""
        return await self._run(BackMsg(), "", page)

    async def pick(self, radio: Radio, option: str, wait_for: str) -> Run:
        """Another option of a radio. ``wait_for``: how the text begins that says it arrived."""
        self._values[radio.id] = option
        return await self._run(BackMsg(), wait_for)

    async def press(self, button: str) -> Run:
        asked = BackMsg()
        asked.rerun_script.widget_states.widgets.append(WidgetState(id=button, trigger_value=True))
        return await self._run(asked, "")

    async def hand_in(self, drop: BidiComponent, tickets: Sequence[str]) -> Run:
        """What a drop zone says once files were sent: their tickets."""
        asked = BackMsg()
        asked.rerun_script.widget_states.widgets.append(WidgetState(id=drop.id, json_value=json.dumps({"tickets": list(tickets)})))
        return await self._run(asked, "")

    async def rest(self, seconds: float) -> int:
        """Nobody presses anything for so long: only what runs by itself does, at its time. How often it ran. What it still says when the
        time is up belongs to the next run."""
        now, ran = time.monotonic(), 0
        until = now + seconds
        for timer in self._timers.values():
            if now - timer.at >= timer.every:  # nobody rested meanwhile: what was missed does not come in a heap
                timer.at += ((now - timer.at) // timer.every + 1) * timer.every
        while self._timers:
            fragment, timer = min(self._timers.items(), key=lambda one: one[1].at)
            if timer.at >= until:
                break
            await asyncio.sleep(timer.at - time.monotonic())
            timer.at += timer.every
            asked = BackMsg()
            asked.rerun_script.fragment_id, asked.rerun_script.is_auto_rerun = fragment, True
            await self._ask(asked)
            ran += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ran_by_itself(), until - time.monotonic())
        await asyncio.sleep(until - time.monotonic())
        return ran

    async def _ran_by_itself(self) -> None:
        while (await self._next()).script_finished != ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY:
            pass

    async def _run(self, asked: BackMsg, wait_for: str, page: str = "") -> Run:
        began, run = time.perf_counter(), Run()
        await self._ask(asked, page)
        while True:
            message = await self._next()
            kind = message.WhichOneof("type")
            if kind == "new_session":
                run = Run()
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                self._see(message.delta.new_element, run, wait_for, began)
            elif kind == "script_finished":
                if message.script_finished in (ForwardMsg.FINISHED_EARLY_FOR_RERUN, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY):
                    continue  # the page asked for another run of itself, or what ran by itself before is done
                if message.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    raise RunFailedError(f"script_finished {message.script_finished}")
                run.seconds = time.perf_counter() - began
                shown = {radio.id for radio in run.radios}
                self._values = {id: value for id, value in self._values.items() if id in shown}
                return run

    async def _ask(self, asked: BackMsg, page: str = "") -> None:
        state = asked.rerun_script
        state.query_string, state.page_name, state.page_script_hash = self._query, page, self._page
        state.cached_message_hashes.extend(self._remembered)
        state.context_info.timezone, state.context_info.locale = "Asia/Shanghai", "zh-CN"
        for id, value in self._values.items():
            state.widget_states.widgets.append(WidgetState(id=id, string_value=value))
        await self._wire.send(asked.SerializeToString())

    async def _next(self) -> ForwardMsg:
        """The next message, with what it says of the page as a whole taken in."""
        message = self._heard(await self._wire.recv())
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self._page = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            fragment, every = message.auto_rerun.fragment_id, message.auto_rerun.interval
            if fragment not in self._timers:  # else it goes on
                self._timers[fragment] = Timer(every, time.monotonic() + every)
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self._timers.pop(fragment, None)
        return message

    def _see(self, element: Element, run: Run, wait_for: str, began: float) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            raise RunFailedError(element.exception.type)
        if kind == "radio":
            run.radios.append(element.radio)
        elif kind == "button":
            run.buttons[element.button.id] = not element.button.disabled
        elif kind == "alert":
            run.alerts.append(f"{element.alert.title} {element.alert.body}".strip())
        elif kind == "bidi_component":
            run.components.append(element.bidi_component)
        elif kind == "markdown":
            run.texts.append(element.markdown.body)
            if wait_for and element.markdown.body.startswith(wait_for):
                run.told = time.perf_counter() - began

    def _heard(self, data: str | bytes) -> ForwardMsg:
        """The message, or the one it refers to that came before."""
        message = ForwardMsg()
        assert isinstance(data, bytes), "Streamlit sends no text"
        if self._hear is not None:
            self._hear(data)
        message.ParseFromString(data)
        if message.WhichOneof("type") == "ref_hash":
            return self._remembered[message.ref_hash]
        if message.metadata.cacheable:
            self._remembered[message.hash] = message
        return message


@asynccontextmanager
async def raw_session(url: str, cookie: str, query: str, hear: Callable[[bytes], None] | None = None) -> AsyncIterator[RawSession]:
    """A new session of the app at ``url`` for whoever holds ``cookie``."""
    stream, headers = f"{url.replace('http', 'ws', 1)}/_stcore/stream", {"Cookie": cookie}
    spoken = [Subprotocol("streamlit"), Subprotocol("none")]  # the second place is for a token that only Streamlit's own login asks for
    async with connect(stream, origin=Origin(url), additional_headers=headers, subprotocols=spoken, max_size=None) as wire:
        yield RawSession(wire, query, hear)
