"""Mark the sample firm as such on every page: in the sidebar, and on the page itself where the sidebar is closed or missing."""

from __future__ import annotations

import streamlit as st

from core.base.rights import Viewer
from core.i18n import t
from core.store import cached
from core.ui.parts.escape import esc

SYSTEM = Viewer.system("sample mark")


def sample_mark(viewer: Viewer | None) -> None:
    """Draw the mark in the line above the page, where it takes no room; a team member's open sidebar has its own (``style.py``)."""
    at_work = viewer is not None and viewer.kind == "staff"
    asks = viewer if viewer is not None and at_work else SYSTEM
    if cached(asks, ("is_sample",), lambda r: r.value("SELECT is_sample FROM firm LIMIT 1"), "firm"):
        st.html(f'<p class="kb-sample{"" if at_work else " kb-alone"}">{esc(t("common.sample"))}</p>')
