"""A browser nobody wrote: Streamlit's own messages over a websocket, with whatever cookie, origin, session, fragment or widget one likes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect


@dataclass
class Said:
    """What the server answered: all of its text, and what one could send back."""

    text: str = ""
    fragments: list[str] = field(default_factory=list)
    watching: list[str] = field(default_factory=list)
    buttons: dict[str, str] = field(default_factory=dict)
    session: str = ""
    page: str = ""
    finished: bool = False


class Speaker:
    """One websocket."""

    def __init__(self, url: str, token: str | None = None, origin: str | None = None, session: str = "") -> None:
        headers = {"Cookie": f"kundenblick={token}"} if token else {}
        self.url = url
        self.socket = connect(
            url.replace("http", "ws") + "/_stcore/stream", origin=origin or url, additional_headers=headers, max_size=None, open_timeout=20, legacy=True,
            subprotocols=["streamlit", "x", session] if session else ["streamlit"],
        )  # fmt: skip
        self.page = ""

    def run(self, query: str = "", page: str = "", fragment: str = "", widgets: tuple = (), wait: float = 30) -> Said:
        """Ask for a run (of a fragment alone, with these widgets' values) and hear it to its end."""
        message = BackMsg()
        run = message.rerun_script
        run.query_string, run.page_name, run.page_script_hash = query, page, "" if page else self.page
        run.fragment_id = fragment
        run.context_info.locale, run.context_info.timezone, run.context_info.url = "de-DE", "Europe/Berlin", self.url
        for widget in widgets:
            run.widget_states.widgets.add(**widget)
        self.socket.send(message.SerializeToString())
        return self.hear(wait)

    def hear(self, wait: float) -> Said:
        """Everything until a run ends, or nothing comes for ``wait`` seconds."""
        said, until = Said(), time.monotonic() + wait
        while not said.finished and time.monotonic() < until:
            try:
                data = self.socket.recv(timeout=max(0.05, until - time.monotonic()))
            except TimeoutError:
                break
            message = ForwardMsg.FromString(data)
            said.text += data.decode("utf-8", "replace")
            match message.WhichOneof("type"):
                case "new_session":
                    said.session = message.new_session.initialize.session_id
                    self.page = message.new_session.page_script_hash
                case "delta":
                    if message.delta.fragment_id:
                        said.fragments.append(message.delta.fragment_id)
                    element = message.delta.new_element
                    if element.WhichOneof("type") == "button":
                        said.buttons[element.button.label] = element.button.id
                    if element.bidi_component.component_name == "kundenblick_watch":
                        said.watching.append(message.delta.fragment_id)
                case "script_finished":
                    # A run that asks for another one goes on.
                    said.finished = message.script_finished in (
                        ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
                    )  # fmt: skip
        return said

    def close(self) -> None:
        self.socket.close()
