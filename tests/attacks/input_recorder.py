"""The app with a notebook: which call of the code drew which input, and any form opened by address.

For every input a line ``key TAB file:line`` goes to the file NOTED_INPUTS, the line being that of the call in ``core/ui`` or ``pages``; with
it the attacks know which places one can type into they have met. Calls that carry a callback, dialogs and fragments are noted alike, as
``acts TAB file:line``. ``?open=NAME&about=JSON`` opens the form of that name over the page, ``?show=WHAT&which=ID`` what a row opens.
With BLIND_GUARD the guard lets messages of ended sessions pass: then the store alone stands in their way. ``attack`` is a command that
does to a session what the firm or the clock would do. This file is an entry of its own beside ``app.py``; nothing of it is in the app.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit.delta_generator import DeltaGenerator

sys.path.insert(0, str(Path(__file__).parents[2]))

from core.access.open_account import OpenAccount
from core.base.config import Settings, read_settings
from core.base.rights import Viewer
from core.documents.openings import write_openings
from core.identity.sessions import start_session
from core.operations.all_commands import COMMANDS
from core.operations.command_registry import Say
from core.ui.forms import form_dialog
from core.ui.overview import detail_dialogs
from core.ui.parts.problems import on_script_error
from core.ui.parts.return_to_list import ask_for
from core.web.guard import Guard
from core.web.lifespan import lifespan
from core.web.routes import routes
from core.web.sockets import Socket, Sockets
from tests.attacks.ending import end_by, state_of_firm
from tests.attacks.inputs import ACTING, CALLBACKS, CALLS

ROOT = Path(__file__).parents[2]
_noted: set[str] = set()


def _caller() -> str | None:
    """``file:line`` of the nearest call in our own code."""
    frame = sys._getframe(2)
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(ROOT / "core") or file.is_relative_to(ROOT / "pages"):
            return f"{file.relative_to(ROOT)}:{frame.f_lineno}"
        frame = frame.f_back
    return None


def _noting(method):
    @functools.wraps(method)
    def noted(*args, **kwargs):
        _note(f"{kwargs.get('key')}\t{_caller()}")
        return method(*args, **kwargs)

    return noted


def _note(line: str) -> None:
    if line not in _noted:
        _noted.add(line)
        with open(os.environ["NOTED_INPUTS"], "a", encoding="utf-8") as out:
            out.write(line.replace("\n", " ") + "\n")


def _noting_acts(method, *, always: bool = False):
    @functools.wraps(method)
    def noted(*args, **kwargs):
        if always or any(name in kwargs for name in CALLBACKS):
            _note(f"acts\t{_caller()}")
        return method(*args, **kwargs)

    return noted


for name in CALLS:
    method = _noting(getattr(DeltaGenerator, name))
    setattr(DeltaGenerator, name, method)
    setattr(st, name, functools.partial(method, st._main))
for name in ACTING:
    method = _noting_acts(getattr(DeltaGenerator, name))
    setattr(DeltaGenerator, name, method)
    setattr(st, name, functools.partial(method, st._main))
st.column_config.ButtonColumn = _noting_acts(st.column_config.ButtonColumn)
st.dialog, st.fragment = _noting_acts(st.dialog, always=True), _noting_acts(st.fragment, always=True)

_show = form_dialog.show_form


def _asked_for(subject: form_dialog.Subject) -> None:
    """Show the form the address asks for, once in a page's life; else what is open."""
    wanted = st.query_params.get("open")
    if wanted and not st.session_state.get("opened-by-address"):
        st.session_state["opened-by-address"] = True
        about = {key: tuple(value) if isinstance(value, list) else value for key, value in json.loads(st.query_params["about"]).items()}
        form_dialog.open_form(wanted, getattr(subject, "account_id", 0), **about)
    _show(subject)


form_dialog.show_form = _asked_for
_opened = detail_dialogs.show_opened


def _shown(account: OpenAccount) -> None:
    """Open what the address asks for, once in a page's life; else what was clicked."""
    what = st.query_params.get("show")
    if what and not st.session_state.get("shown-by-address"):
        st.session_state["shown-by-address"] = True
        which = st.query_params["which"]
        ask_for(what, int(which) if which.isdecimal() else which)
    _opened(account)


detail_dialogs.show_opened = _shown


@COMMANDS.add("")
def attack(settings: Settings, say: Say, *, way: str, about: dict) -> int:
    """Do to a session what the firm, its person or the clock would do."""
    if way == "look":
        # What was opened before is written a second later: it is not to count as written afterwards.
        write_openings()
        say(json.dumps(state_of_firm()))
    elif way == "begin":
        who = Viewer.contact(about["contact_email"]) if "contact_email" in about else Viewer.staff(about["member"])
        say(start_session(who, "127.0.0.1", "x"))
    else:
        end_by(way, about)
    return 0


if os.environ.get("BLIND_GUARD"):

    async def _lets_pass(*_: object) -> bool:
        return True

    Sockets._is_still = _lets_pass
    Socket.end = lambda *_: None

settings = read_settings(port=st.get_option("server.port"), address=st.get_option("server.address") or "localhost")
app = st.App(
    str(ROOT / "core/ui/frame.py"),
    routes=routes(settings),
    middleware=[Middleware(Guard, settings=settings)],
    lifespan=lifespan(settings),
    on_script_error=on_script_error,
)
