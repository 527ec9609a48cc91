"""What was taken over, the newest first, and the way to take it back."""

from __future__ import annotations

import streamlit as st

from core.i18n import t
from core.i18n.formats import ago
from core.imports.jobs import Run, Runs
from core.ui.imports.back_form import back_button
from core.ui.imports.words import counts_word
from core.ui.parts.escape import md


def runs_list(known: Runs) -> None:
    """Draw the runs."""
    if not known.runs:
        return
    st.subheader(t("import_page.runs"), anchor=False)
    for run in known.runs:
        _run(run)


def _run(run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"import-run-{run.import_run_id}"):
        st.markdown(f"**{md(run.mapping)}** · {md(counts_word(run.counts))}", width="content")
        st.caption(md(" · ".join(filter(None, (ago(run.finished_at or run.started_at), run.by, ", ".join(run.files))))), width="content")
        if run.undone_at is not None:
            st.badge(t("import_page.undone", when=ago(run.undone_at)), color="gray")
        elif run.is_newest and run.job_id is not None:
            back_button(run.import_run_id)
