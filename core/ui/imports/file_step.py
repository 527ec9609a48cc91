"""Step 1: a file or pasted rows; below it what is not finished, and what was taken over."""

from __future__ import annotations

import streamlit as st

from core.base.rights import Viewer
from core.i18n import t
from core.i18n.formats import ago
from core.imports.jobs import Job, runs
from core.imports.uploads import Upload, unread_uploads
from core.ui.imports.address import Place, go_to
from core.ui.imports.drop_box import drop_box
from core.ui.imports.runs_list import runs_list
from core.ui.parts.escape import md

# Of the files one sent and left, as many are offered again.
MAX_UNREAD = 5


def file_step(viewer: Viewer) -> None:
    """Draw the box for a file, the jobs that are not over, and the list of runs."""
    st.caption(t("import_page.intro"))
    if (arrived := drop_box("import-drop")) is not None:
        go_to(Place(file_id=arrived))
        st.rerun()
    known, unread = runs(viewer), unread_uploads(viewer)[:MAX_UNREAD]
    if known.open_jobs or unread:
        st.subheader(t("import_page.open"), anchor=False)
        for one in known.open_jobs:
            _open_job(one)
        for upload in unread:
            _unread(upload)
    runs_list(known)


def _unread(upload: Upload) -> None:
    """Draw a file that was sent and left before it was read."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"import-unread-{upload.id}"):
        st.markdown(md(f"{upload.name} · {ago(upload.made_at)}"), width="content")
        st.badge(t("import_page.unread"), color="gray")
        st.button(t("import_page.go_on"), key=f"import-look-{upload.id}", type="tertiary", icon=":material/arrow_forward:",
                  on_click=go_to, args=(Place(file_id=upload.id, step=2),))  # fmt: skip


def _open_job(one: Job) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"import-open-{one.id}"):
        st.markdown(md(" · ".join(filter(None, (", ".join(one.files) or one.mapping, one.by, ago(one.made_at))))), width="content")
        st.badge(t(f"import_page.state.{one.state}"), color="orange" if one.state == "rehearsed" else "gray")
        st.button(t("import_page.go_on"), key=f"import-go-on-{one.id}", type="tertiary", icon=":material/arrow_forward:",
                  on_click=go_to, args=(Place(job_id=one.id),))  # fmt: skip
