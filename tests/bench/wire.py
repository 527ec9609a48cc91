"""A browser tab without a browser: Streamlit's own messages over a real websocket, with a real session cookie."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Iterable
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from core.base.config import read_settings
from core.web.guard import cookie_name

RUN = ForwardMsg.ScriptFinishedStatus
TRIGGER = "$$STREAMLIT_INTERNAL_KEY_{}__events"
KEPT_RUNS = 2
# The server gives a silent connection up after five seconds.
KEPT_ALIVE = 3.0


class Tab:
    """One open page: it polls as the page asks for, keeps large messages as a browser does, and clicks.

    ``errors`` are what the page showed as an error; ``polls`` how often it asked whether something changed.
    """

    def __init__(self, url: str, token: str) -> None:
        self.url, self.host = url, urlsplit(url).netloc
        self.cookie = f"{cookie_name(read_settings({}))}={token}"
        self.query, self.page, self.polls, self.received = "", "", 0, 0
        self.components: dict[str, str] = {}
        self.errors: list[str] = []
        self._run, self._kept, self._polling = 0, {}, None
        self._said: dict[str, object] = {}
        self._finished: asyncio.Event | None = None
        self._socket: ClientConnection | None = None
        self._listening: asyncio.Task | None = None

    async def enter(self, query: str = "", page: str = "", patience: float = 60) -> float:
        """Load a page; returns milliseconds from the first message to the last."""
        self._socket = await connect(
            f"ws://{self.host}/_stcore/stream", origin=self.url, additional_headers={"Cookie": self.cookie},
            subprotocols=["streamlit"], max_size=None, open_timeout=patience, ping_interval=None,
        )  # fmt: skip
        self._listening = asyncio.create_task(self._listen())
        self.query = query
        return await self._asked(patience, page_name=page)

    async def click(self, component: str, value: object, patience: float = 60) -> float:
        """Have a component of ours say ``open``; returns milliseconds from the click to the last message of the run."""
        ours = self.components[component]
        event = {"id": TRIGGER.format(ours), "json_trigger_value": json.dumps([{"event": "open", "value": value}])}
        return await self._asked(patience, widgets=[{"id": ours, "json_value": "{}"}, event])

    async def leave(self) -> None:
        if self._polling is not None:
            self._polling.cancel()
        if self._socket is not None:
            await self._socket.close()
        if self._listening is not None:
            self._listening.cancel()

    async def _asked(self, patience: float, page_name: str = "", widgets: Iterable[dict] = ()) -> float:
        self._finished = asyncio.Event()
        began = time.perf_counter()
        await self._send(page_name=page_name, widgets=widgets)
        async with asyncio.timeout(patience):
            await self._finished.wait()
        return (time.perf_counter() - began) * 1000

    async def _send(self, page_name: str = "", widgets: Iterable[dict] = ()) -> None:
        message = BackMsg()
        run = message.rerun_script
        run.query_string, run.page_script_hash, run.page_name = self.query, self.page, page_name
        run.context_info.timezone, run.context_info.locale, run.context_info.url = "Europe/Berlin", "de-DE", self.url
        run.cached_message_hashes.extend(self._kept)
        for widget in widgets:
            run.widget_states.widgets.add(**widget)
        await self._socket.send(message.SerializeToString())

    async def _listen(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            async for data in self._socket:
                self.received += len(data)
                message = ForwardMsg.FromString(data)
                self._take(message)

    def _take(self, message: ForwardMsg) -> None:
        match message.WhichOneof("type"):
            case "new_session":
                self.page = message.new_session.page_script_hash
                if not message.metadata.run.fragment_ids:
                    self._begin_run()
            case "delta":
                self._delta(message)
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "script_finished":
                if message.script_finished == RUN.FINISHED_SUCCESSFULLY and self._finished is not None:
                    self._finished.set()
            case "session_event":
                self.errors.append("session event")

    def _begin_run(self) -> None:
        self._run += 1
        self._kept = {key: run for key, run in self._kept.items() if self._run - run < KEPT_RUNS}

    def _delta(self, message: ForwardMsg) -> None:
        if message.metadata.cacheable:
            self._kept[message.hash] = self._run
        if message.delta.WhichOneof("type") != "new_element":
            return
        element = message.delta.new_element
        match element.WhichOneof("type"):
            case "bidi_component":
                component = element.bidi_component
                self.components[component.component_name] = component.id
                if component.component_name == "kundenblick_watch":
                    self._watch(component)
            case "exception":
                self.errors.append(element.exception.message)
            case "alert":
                self.errors.append(element.alert.body)

    def _watch(self, component: object) -> None:
        """From now on ask every few seconds whether the page is still what it should be, as the page's script does."""
        self._said = json.loads(component.json if component.WhichOneof("data") == "json" else component.mixed.json)
        self._said["id"] = component.id
        if self._polling is None:
            self._polling = asyncio.create_task(self._poll())

    async def _poll(self) -> None:
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        host, port = self.host.split(":")
        while True:
            await asyncio.sleep(self._said["every"])
            self.polls += 1
            said, account = self._said, self._said["account"]
            query = "" if account is None else f"?account={account}"
            head = f"GET /watch{query} HTTP/1.1\r\nHost: {self.host}\r\nCookie: {self.cookie}\r\n\r\n"
            try:
                streams = streams or await asyncio.open_connection(host, int(port))
                streams[1].write(head.encode())
                answer = json.loads(await body_of(streams[0]))
            except (ConnectionError, asyncio.IncompleteReadError):
                streams = None
                continue
            if self._said is said and answer["mark"] != said["mark"]:
                event = json.dumps([{"event": "other", "value": answer["mark"]}])
                await self._send(widgets=[{"id": TRIGGER.format(said["id"]), "json_trigger_value": event}])


async def body_of(reader: asyncio.StreamReader) -> bytes:
    """What an HTTP answer holds. Raises ValueError for one that is no success."""
    answer = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    if " 200 " not in answer.split("\r\n")[0]:
        raise ValueError(answer.split("\r\n")[0])
    return await reader.readexactly(int(answer.split("content-length:")[1].split("\r\n")[0]))


class Asking:
    """The search field's own connection, kept between keystrokes and opened anew after a pause, as a browser does."""

    def __init__(self, tab: Tab) -> None:
        self._tab, self._used = tab, 0.0
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def search(self, text: str) -> tuple[float, list[dict]]:
        """(milliseconds, what was found) for one question. Raises ValueError for an answer that is none."""
        if time.monotonic() - self._used > KEPT_ALIVE:
            self.close()
            host, port = self._tab.host.split(":")
            self._streams = await asyncio.open_connection(host, int(port))
        reader, writer = self._streams
        body = text.encode()
        asks = f"POST /search?quick HTTP/1.1\r\nHost: {self._tab.host}\r\nOrigin: http://{self._tab.host}\r\n"
        head = f"{asks}Cookie: {self._tab.cookie}\r\nContent-Length: {len(body)}\r\n\r\n"
        began = time.perf_counter()
        writer.write(head.encode() + body)
        found = json.loads(await body_of(reader))["found"]
        self._used = time.monotonic()
        return (time.perf_counter() - began) * 1000, found

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
