"""Say in the sidebar of every page how far one's own import is."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from core.base.rights import Viewer
from core.i18n import t
from core.imports.jobs import OwnJob, own_jobs
from core.store import now
from core.ui.parts.navigate import PAGES
from core.ui.parts.viewer import current_viewer
from core.ui.state.ui_state import ui_state

LOOK_EVERY_S = 3.0
# So long a job that is over is told of.
TOLD_FOR = timedelta(minutes=10)
ICONS = {"read": "hourglass_top", "waiting": "hourglass_top", "taking": "hourglass_top", "rehearsed": "fact_check", "done": "check_circle"}
AT_WORK = frozenset({"read", "waiting", "taking"})


def import_line(viewer: Viewer) -> None:
    """Draw the line, where there is something to tell; while a job is at work it looks again by itself."""
    told = _told(viewer)
    if told is None:
        return

    @st.fragment(run_every=LOOK_EVERY_S if told[1] in AT_WORK else None)
    def line() -> None:
        reader = current_viewer()
        now_told = _told(reader) if reader is not None and reader.kind == "staff" else None
        if now_told is None or (told[1] in AT_WORK) != (now_told[1] in AT_WORK):
            if now_told != told:
                st.rerun()
            return
        number, state = now_told
        st.page_link(
            PAGES["imports"], label=t(f"import_page.line.{state}"), icon=f":material/{ICONS[state]}:", query_params={"import": str(number)}
        )

    with st.container(key="import-line"):
        line()


def _told(viewer: Viewer) -> tuple[int, str] | None:
    """Return number and state of the job that is to be told of; not on its own page, which says more."""
    own = own_jobs(viewer)
    if not own or ui_state().page == "imports":
        return None
    last = own[0]
    is_new = last.state in AT_WORK or last.state == "rehearsed" or (last.state == "done" and is_just(last))
    return (last.id, last.state) if is_new else None


def is_just(job: OwnJob) -> bool:
    """Return whether a job ended a short while ago."""
    return job.ended_at is not None and now() - job.ended_at < TOLD_FOR
