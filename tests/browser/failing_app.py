"""The app whose saves fail half-way when wanted: with a file ``fail`` in the data folder the record of a change cannot be written, after
all the change's own rows were. ``full``: as the engine says it of a full disk; ``broken``: as a mistake in the code would.

This file is an entry of its own beside ``app.py``; nothing of it is in the app.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import streamlit as st
from starlette.middleware import Middleware

sys.path.insert(0, str(Path(__file__).parents[2]))

from core.base.config import read_settings
from core.store import Tx
from core.ui.parts.problems import on_script_error
from core.web.guard import Guard
from core.web.lifespan import lifespan
from core.web.routes import routes

ROOT = Path(__file__).parents[2]
settings = read_settings(port=st.get_option("server.port"), address=st.get_option("server.address") or "localhost")
FAULTS = {
    "full": duckdb.IOException('IO Error: Could not write file "kundenblick.duckdb.wal": No space left on device'),
    "broken": ValueError("Von einer Klientin: 4711"),
}
_insert_many = Tx.insert_many


def _failing(tx: Tx, table: str, *rest: object) -> None:
    wanted = settings.data / "fail"
    if table == "audit_entry" and wanted.exists():
        raise FAULTS[wanted.read_text("ascii")]
    _insert_many(tx, table, *rest)


Tx.insert_many = _failing
app = st.App(
    str(ROOT / "core/ui/frame.py"),
    routes=routes(settings),
    middleware=[Middleware(Guard, settings=settings)],
    lifespan=lifespan(settings),
    on_script_error=on_script_error,
)
