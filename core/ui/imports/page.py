"""*Daten übernehmen*: five steps from a file to what changes; where one is stands in the address and in the store."""

from __future__ import annotations

import streamlit as st

from core.access.verbs import require
from core.base.errors import NotFound
from core.base.rights import Right, Viewer
from core.i18n import sentence, t
from core.imports.jobs import Job, job
from core.ui.imports.address import Place, go_to, place_asked
from core.ui.imports.changes_step import changes_step
from core.ui.imports.file_step import file_step
from core.ui.imports.reading_steps import reading_steps
from core.ui.imports.refused_step import refused_step
from core.ui.imports.step_line import step_line
from core.ui.imports.take_step import at_work, done_step
from core.ui.parts.escape import md
from core.ui.state.ui_state import ui_state


def imports_page(viewer: Viewer) -> None:
    """Draw the whole page. Raises NotAllowed without the right."""
    require(viewer, Right.IMPORT_DATA)
    st.header(t("import_page.title"), anchor=False)
    if viewer.by is not None:
        st.info(t("import_page.not_by_looking"), icon=":material/visibility:")
        return
    place = place_asked()
    if place.job_id:
        _job(viewer, place)
    elif place.file_id:
        reading_steps(viewer, place)
    else:
        step_line(1)
        _problem()
        file_step(viewer)


def _job(viewer: Viewer, place: Place) -> None:
    try:
        shown = job(viewer, place.job_id)
    except NotFound as problem:
        step_line(1)
        st.info(md(sentence(problem)), icon=":material/search_off:")
        st.button(t("import_page.to_start"), key="import-to-start", on_click=go_to, args=(Place(),))
        return
    step_line({"done": 6, "waiting": 5, "taking": 5}.get(shown.state, 4))
    st.caption(_about(shown))
    _problem()
    if shown.state in ("read", "waiting", "taking"):
        at_work(shown)
    elif shown.state == "rehearsed":
        changes_step(viewer, shown)
    elif shown.state == "done":
        done_step(viewer, shown)
    else:
        refused_step(viewer, shown)


def _about(shown: Job) -> str:
    """Return of which file and list a job is."""
    return md(" · ".join(filter(None, (*shown.files, shown.mapping, shown.by))))


def _problem() -> None:
    """Draw what a button could not do, this once."""
    if said := ui_state().take_problem("imports"):
        st.error(md(said), icon=":material/error:")
