"""A visitor without a browser: a websocket that speaks Streamlit's protocol and asks for updates as often as a browser would."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol


@dataclass
class Visitor:
    """One session; `updates` collects the seconds that each update of the page took, from asking to the last byte."""

    link: str
    socket: ClientConnection
    buttons: dict[str, str] = field(default_factory=dict)
    points: int = 0
    """Points on the longest line of any chart that was received."""
    polls: dict[str, float] = field(default_factory=dict)
    """Seconds between updates that the page asks for, by the part that it wants updated."""
    updates: list[float] = field(default_factory=list)
    updated: list[float] = field(default_factory=list)
    """When each of them was asked for, by the event loop's clock."""
    arrival: float = 0.0
    """Seconds from knocking to the whole first page."""
    words: str = ""
    kept: dict[str, ForwardMsg] = field(default_factory=dict)

    @classmethod
    async def arrive(cls, port: int, name: str, link: str) -> Self:
        """Open the first page at a link, as a browser with a name of its own."""
        start = time.perf_counter()
        headers = {"Cookie": f"lmc_visitor={name:0<22}"}
        socket = await connect(
            f"ws://127.0.0.1:{port}/_stcore/stream", additional_headers=headers, subprotocols=[Subprotocol("streamlit")], max_size=None
        )
        visitor = cls(link, socket)
        await visitor.run()
        visitor.arrival = time.perf_counter() - start
        return visitor

    async def leave(self) -> None:
        """Close the page."""
        await self.socket.close()

    async def click(self, label: str) -> None:
        """Press a button and wait for the page that follows."""
        await self.run(button=self.buttons[label])

    async def run(self, button: str | None = None, fragment: str | None = None) -> float:
        """Let the page or a part of it run; the seconds until all of it was received."""
        message = BackMsg()
        message.rerun_script.query_string = self.link
        message.rerun_script.cached_message_hashes.extend(self.kept)
        if button:
            message.rerun_script.widget_states.widgets.add(id=button, trigger_value=True)
        if fragment:
            message.rerun_script.fragment_id = fragment
            message.rerun_script.is_auto_rerun = True
        start = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        again = True
        while again:
            again = await self._receive_run(fragment)
        return time.perf_counter() - start

    async def watch(self, until: float) -> None:
        """Ask for updates at the pace that the page sets, until a moment of the event loop's clock or until nothing updates any more."""
        while time.monotonic() < until and self.polls:
            fragment, pause = next(iter(self.polls.items()))
            await asyncio.sleep(pause)
            self.updated.append(time.monotonic())
            self.updates.append(await self.run(fragment=fragment))

    async def _receive_run(self, fragment: str | None) -> bool:
        """Take in messages until a run has ended; whether the page runs once more because it asked for that itself."""
        if fragment is None:
            self.polls.clear()
        while True:
            message = ForwardMsg()
            message.ParseFromString(await self.socket.recv(decode=False))
            if message.WhichOneof("type") == "ref_hash":
                message = self.kept[message.ref_hash]
            elif message.metadata.cacheable:
                self.kept[message.hash] = message
            match message.WhichOneof("type"):
                case "delta":
                    self._take(message)
                case "auto_rerun":
                    self.polls[message.auto_rerun.fragment_id] = message.auto_rerun.interval
                case "stop_auto_rerun":
                    for stopped in message.stop_auto_rerun.fragment_ids:
                        self.polls.pop(stopped, None)
                case "page_info_changed":
                    self.link = message.page_info_changed.query_string
                case "script_finished":
                    early = message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
                    if early:
                        self.polls.clear()
                    return early

    def _take(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        match element.WhichOneof("type"):
            case "button":
                self.buttons[element.button.label] = element.button.id
            case "html":
                self.words += element.html.body
            case "bidi_component":
                charts = json.loads(element.bidi_component.bytes)["charts"]
                lines = [len(trace["x"]) for chart in charts for trace in chart["traces"]]
                self.points = max([self.points, *lines])
