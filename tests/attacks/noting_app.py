"""The app with a notebook: which call of the code drew which input, and any form opened by address.

For every input a line ``key TAB file:line`` goes to the file NOTED_INPUTS, the line being that of the call in ``core/ui`` or ``pages``; with
it the attacks know which places one can type into they have met. ``?open=NAME&about=JSON`` opens the form of that name over the page. This
file is an entry of its own beside ``app.py``; nothing of it is in the app.
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

from core.config import read_settings
from core.ui import editing
from core.ui.problems import on_script_error
from core.web.guard import Guard
from core.web.lifespan import lifespan
from core.web.routes import routes
from tests.attacks.inputs import CALLS

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
        line = f"{kwargs.get('key')}\t{_caller()}"
        if line not in _noted:
            _noted.add(line)
            with open(os.environ["NOTED_INPUTS"], "a", encoding="utf-8") as out:
                out.write(line.replace("\n", " ") + "\n")
        return method(*args, **kwargs)

    return noted


for name in CALLS:
    method = _noting(getattr(DeltaGenerator, name))
    setattr(DeltaGenerator, name, method)
    setattr(st, name, functools.partial(method, st._main))

_show = editing.show_form


def _asked_for(subject: editing.Subject) -> None:
    """Show the form the address asks for, once in a page's life; else what is open."""
    wanted = st.query_params.get("open")
    if wanted and not st.session_state.get("opened-by-address"):
        st.session_state["opened-by-address"] = True
        about = {key: tuple(value) if isinstance(value, list) else value for key, value in json.loads(st.query_params["about"]).items()}
        editing.open_form(wanted, getattr(subject, "account_id", 0), **about)
    _show(subject)


editing.show_form = _asked_for

settings = read_settings(port=st.get_option("server.port"), address=st.get_option("server.address") or "localhost")
app = st.App(
    str(ROOT / "core/ui/frame.py"),
    routes=routes(settings),
    middleware=[Middleware(Guard, settings=settings)],
    lifespan=lifespan(settings),
    on_script_error=on_script_error,
)
