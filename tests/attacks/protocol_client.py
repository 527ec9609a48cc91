"""A browser nobody wrote: Streamlit's own messages over a websocket, with whatever cookie, origin, session, fragment or widget one likes."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field

import pyarrow as pa
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

CELL = '{"selection": {"rows": [0], "columns": [], "cells": [[0, "0"]]}}'


@dataclass(frozen=True)
class Widget:
    """Something on the page one can press or type into."""

    id: str
    kind: str
    options: tuple[str, ...] = ()

    @property
    def is_pressed(self) -> bool:
        """Whether touching it does something; else it only holds what was typed."""
        return self.kind in ("button", "menu_button", "checkbox", "dataframe", "row", "pagination", "bidi_component", "button_group")

    def pressed(self) -> list[dict[str, object]]:
        """What a browser sends when it was pressed, once for each thing it offers."""
        match self.kind:
            case "button":
                return [{"id": self.id, "trigger_value": True}]
            case "menu_button" | "row":
                return [{"id": self.id, "string_trigger_value": {"data": option}} for option in self.options]
            case "checkbox":
                return [{"id": self.id, "bool_value": value} for value in (True, False)]
            case "dataframe":
                return [{"id": self.id, "string_value": CELL}]
            case "button_group":
                return [{"id": self.id, "string_array_value": {"data": [option]}} for option in self.options]
            case "pagination":
                return [{"id": self.id, "int_value": 2}]
            case _:
                return [
                    {
                        "id": f"{self.id}__events",
                        "json_trigger_value": '[{"event": "said", "value": {"what": "save", "frame": [0, 0, 1, 1]}}]',
                    }
                ]

    def typed(self, text: str) -> dict[str, object] | None:
        """What it holds once something was typed into it; None for what one does not type into."""
        return {"id": self.id, "string_value": text} if self.kind in ("text_input", "text_area") else None


@dataclass
class Said:
    """What the server answered: all of its text, and what one could send back."""

    text: str = ""
    fragments: list[str] = field(default_factory=list)
    watching: list[str] = field(default_factory=list)
    buttons: dict[str, str] = field(default_factory=dict)
    widgets: list[Widget] = field(default_factory=list)
    session: str = ""
    page: str = ""
    finished: bool = False
    closed: int | None = None


class Speaker:
    """One websocket. After the first run it names the page that was drawn, as a browser does."""

    def __init__(self, url: str, token: str | None = None, origin: str | None = None, session: str = "") -> None:
        headers = {"Cookie": f"kundenblick={token}"} if token else {}
        self.url = url
        # What is not read yet is held without limit, else nobody answers the server's pings and it closes the socket after a minute (1011).
        self.socket = connect(
            url.replace("http", "ws") + "/_stcore/stream", origin=origin or url, additional_headers=headers, max_size=None, max_queue=None, open_timeout=20,
            ping_interval=None, legacy=True,
            subprotocols=["streamlit", "x", session] if session else ["streamlit"],
        )  # fmt: skip
        self.page = ""

    def run(self, query: str = "", page: str = "", fragment: str = "", widgets: tuple = (), wait: float = 30) -> Said:
        """Ask for a run (of a fragment alone, with these widgets' values) and hear it to its end."""
        try:
            self.ask(query, page, fragment, widgets)
        except ConnectionClosed:
            return Said(closed=self.socket.close_code)
        return self.hear(wait)

    def ask(self, query: str = "", page: str = "", fragment: str = "", widgets: tuple = ()) -> None:
        """Ask for a run and do not wait for it."""
        message = BackMsg()
        run = message.rerun_script
        run.query_string, run.page_name, run.page_script_hash = query, page, "" if page else self.page
        run.fragment_id = fragment
        run.context_info.locale, run.context_info.timezone, run.context_info.url = "de-DE", "Europe/Berlin", self.url
        for widget in widgets:
            nested = {key: value["data"] for key, value in widget.items() if isinstance(value, dict)}
            state = run.widget_states.widgets.add(**{key: value for key, value in widget.items() if key not in nested})
            if "string_trigger_value" in nested:
                state.string_trigger_value.data = nested["string_trigger_value"]
            if "string_array_value" in nested:
                state.string_array_value.data.extend(nested["string_array_value"])
        self.socket.send(message.SerializeToString())

    def hear(self, wait: float) -> Said:
        """Everything until a run ends, or nothing comes for ``wait`` seconds."""
        said, until = Said(), time.monotonic() + wait
        while not said.finished and time.monotonic() < until:
            try:
                data = self.socket.recv(timeout=max(0.05, until - time.monotonic()))
            except TimeoutError:
                break
            except ConnectionClosed:
                said.closed = self.socket.close_code
                break
            message = ForwardMsg.FromString(data)
            said.text += data.decode("utf-8", "replace")
            match message.WhichOneof("type"):
                case "new_session":
                    said.session = message.new_session.initialize.session_id
                case "navigation":
                    # Not the one of ``new_session``: that is the main script's, whatever page is drawn.
                    self.page = message.navigation.page_script_hash
                case "delta":
                    if message.delta.fragment_id:
                        said.fragments.append(message.delta.fragment_id)
                    self._note(said, message)
                case "script_finished":
                    # A run that asks for another one goes on.
                    said.finished = message.script_finished in (
                        ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
                    )  # fmt: skip
        return said

    def _note(self, said: Said, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind is None:
            return
        own = getattr(element, kind)
        if kind == "button":
            said.buttons[own.label] = own.id
        if kind == "bidi_component" and own.component_name == "kundenblick_watch":
            said.watching.append(message.delta.fragment_id)
        for column, id_ in own.button_click_widgets.items() if kind == "dataframe" else ():
            labels = pa.ipc.open_stream(own.arrow_data.data).read_all()[column].to_pylist()
            said.widgets.append(Widget(id_, "row", tuple(json.dumps({"row": row, "label": label}) for row, label in enumerate(labels))))
        if getattr(own, "id", ""):
            options = (
                tuple(own.options) if kind == "menu_button" else tuple(one.content for one in own.options) if kind == "button_group" else ()
            )
            said.widgets.append(Widget(own.id, kind, options))

    def close(self) -> None:
        self.socket.close()
