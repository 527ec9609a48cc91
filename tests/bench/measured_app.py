"""The app with a stopwatch on its script threads: each writes its milliseconds of computing to the file BENCH_TIMES, a line each.

With BENCH_KEPT_READS what was read once is answered from memory, so that a thread's time is that of drawing alone. This
file is an entry of its own beside ``app.py``; nothing of it is in the app.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

sys.path.insert(0, str(Path(__file__).parents[2]))

from core import store
from core.base.config import read_settings
from core.ui.parts.problems import on_script_error
from core.ui.shell import current_account
from core.web.guard import Guard
from core.web.lifespan import lifespan
from core.web.routes import routes


def stopwatch(file: str) -> None:
    """Note the computing time of every script thread: everything from a click to the last message handed over."""
    whole = ScriptRunner._run_script_thread

    def timed(self: ScriptRunner) -> None:
        whole(self)
        with open(file, "a", encoding="ascii") as times:
            times.write(f"{time.thread_time() * 1000:.2f}\n")

    ScriptRunner._run_script_thread = timed


class KeptReader:
    """A reader whose answers are kept for good: the second time nothing is asked of the database."""

    answers: dict[object, object] = {}  # noqa: RUF012 - one for the process

    def __init__(self, ask: Callable, who: object) -> None:
        self._ask, self._who = ask, who

    def _kept(self, key: object, make: Callable[[object], object]) -> object:
        key = (repr(self._who), key)
        if key not in self.answers:
            with self._ask() as r:
                self.answers[key] = make(r)
        return self.answers[key]

    def __getattr__(self, name: str) -> object:
        if name in ("scope", "viewer"):
            return self._kept(name, lambda r: getattr(r, name))
        return lambda *given, **named: self._kept((name, repr(given), repr(named)), lambda r: getattr(r, name)(*given, **named))


def keep_reads() -> None:
    """Have ``reader(…)`` answer from memory, and nothing be written by opening an account."""
    real = store.open_reader

    @contextmanager
    def kept(engine: object, *who: object, **more: object) -> Iterator[KeptReader]:
        reader = KeptReader(lambda: real(engine, *who, **more), (who, more))
        assert reader.scope
        yield reader

    store.open_reader = kept
    current_account.remember_opened = lambda account: None


stopwatch(os.environ["BENCH_TIMES"])
if os.environ.get("BENCH_KEPT_READS"):
    keep_reads()
settings = read_settings(port=st.get_option("server.port"), address=st.get_option("server.address") or "localhost")
app = st.App(
    str(Path(__file__).parents[2] / "core/ui/frame.py"),
    routes=routes(settings),
    middleware=[Middleware(Guard, settings=settings)],
    lifespan=lifespan(settings),
    on_script_error=on_script_error,
)
