"""An import of which nothing can be taken over, or that was stopped: why, and the ways on."""

from __future__ import annotations

import streamlit as st

from core.base.errors import AppError
from core.base.rights import Viewer
from core.i18n import language, sentence, t, words_of
from core.imports.jobs import Job, accept_gone
from core.ui.imports.address import Place, go_to
from core.ui.imports.drafts import draft_in
from core.ui.parts.escape import md
from core.ui.state.ui_state import ui_state

# As many problems are told here; the rest stands in the file of what would change.
MOST_TOLD = 50
# The code of an import that a person stopped: no fault.
CANCELLED = "import_cancelled"


def refused_step(viewer: Viewer, shown: Job) -> None:
    """Draw why nothing was taken over."""
    key = f"errors.{shown.problem}"
    known = words_of(language())
    if shown.problem and (key in known or f"{key}.other" in known):
        show = st.info if shown.problem == CANCELLED else st.error
        show(md(t(key, **shown.problem_values)), icon=":material/block:")
    else:
        st.warning(t(f"import_page.over.{shown.state}"), icon=":material/block:")
    for problem in shown.problems[:MOST_TOLD]:
        # What the command line would be told to do is a button here.
        half = problem.code == "gone_many" and shown.may_accept_gone
        st.markdown(md(t("import_page.half_list", **problem.values) if half else problem.sentence()))
    if shown.problem_count > MOST_TOLD:
        st.caption(t("import_page.changes.more", n=shown.problem_count - MOST_TOLD))
    with st.container(horizontal=True):
        if shown.may_accept_gone:
            st.button(t("import_page.whole_list"), key="import-whole-list", type="primary", icon=":material/check:",
                      on_click=_accept, args=(viewer, shown))  # fmt: skip
        if draft := draft_in(shown.mapping_text):
            st.button(t("import_page.to_columns"), key="import-to-columns", icon=":material/arrow_back:",
                      on_click=go_to, args=(Place(file_id=draft.file_id, step=3),))  # fmt: skip
        st.button(t("import_page.other_file"), key="import-other-file", on_click=go_to, args=(Place(),))


def _accept(viewer: Viewer, shown: Job) -> None:
    """Take the file for the whole list though much of what was open is gone from it."""
    try:
        accept_gone(viewer, shown.id)
    except AppError as problem:
        ui_state().problems["imports"] = sentence(problem)
