"""Step 5: how far a takeover is, and what it did; it goes on when one leaves the page."""

from __future__ import annotations

import streamlit as st

from core.base.errors import AppError
from core.base.rights import Viewer
from core.i18n import language, sentence, t, words_of
from core.i18n.formats import ago, moment, number
from core.imports.jobs import Job, cancel, job, runs
from core.ui.imports.address import Place, go_to
from core.ui.imports.back_form import back_button
from core.ui.imports.words import counts_lines
from core.ui.parts.escape import md
from core.ui.parts.navigate import PAGES
from core.ui.parts.viewer import current_viewer
from core.ui.state.ui_state import ui_state

# How often a page looks how far a job is.
LOOK_EVERY_S = 1.0
AT_WORK = frozenset({"read", "waiting", "taking"})


def at_work(shown: Job) -> None:
    """Draw how far a job is until it is at something else; then the page is drawn anew."""

    @st.fragment(run_every=LOOK_EVERY_S)
    def look() -> None:
        viewer = current_viewer()
        if viewer is None:
            st.rerun()
        now = job(viewer, shown.id)
        if now.state not in AT_WORK or now.state != shown.state:
            st.rerun()
        with st.container(key="import-at-work"):
            st.markdown(f"**{t(f'import_page.state.{now.state}')}**")
            st.progress(_part(now), _said(now))
            st.caption(t("import_page.may_leave"))
            st.button(t("import_page.stop"), key="import-stop", icon=":material/close:", on_click=_stop, args=(viewer, now.id))

    look()


def _said(now: Job) -> str:
    """Return how far a job is in words."""
    progress = now.progress
    if progress.place > 1:
        return t("import_page.in_line", place=number(progress.place))
    key = f"imports.job_step.{progress.step}"
    known = words_of(language())
    return md(t(key, **progress.values)) if key in known or f"{key}.other" in known else ""


def _part(now: Job) -> float:
    """Return how much of the work is done, by what the steps tell."""
    done, total = now.progress.values.get("done"), now.progress.values.get("total")
    if isinstance(done, int) and isinstance(total, int) and total:
        return min(1.0, done / total)
    return {"read": 0.2, "waiting": 0.0, "taking": 0.5}.get(now.state, 0.0)


def _stop(viewer: Viewer, job_id: int) -> None:
    try:
        if not cancel(viewer, job_id):
            ui_state().problems["imports"] = t("import_page.too_late")
    except AppError as problem:
        ui_state().problems["imports"] = sentence(problem)


def done_step(viewer: Viewer, shown: Job) -> None:
    """Draw what was taken over, or that it was taken back since."""
    run = next((run for run in runs(viewer).runs if run.import_run_id == shown.import_run_id), None)
    if run is not None and run.undone_at is not None:
        st.info(t("import_page.is_undone", when=ago(run.undone_at)), icon=":material/undo:")
    else:
        st.success(t("import_page.done", when=moment(shown.ended_at)), icon=":material/check_circle:")
    counts_lines(shown.counts)
    with st.container(horizontal=True):
        if st.button(t("import_page.clients"), key="import-clients", icon=":material/groups:"):
            st.switch_page(PAGES["accounts"])
        st.button(t("import_page.another"), key="import-another", icon=":material/add:", on_click=go_to, args=(Place(),))
        if run is not None and run.is_newest:
            back_button(run.import_run_id)
