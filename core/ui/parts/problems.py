"""Turn errors into sentences; an unforeseen one gets a number that also stands in the log."""

from __future__ import annotations

import logging
import secrets

import streamlit as st

from core.access.refusals import note_refusal
from core.base.errors import AppError, NotAllowed, StoreError, ValidationFailed
from core.i18n import sentence, t
from core.store import store_is_open, why_closed
from core.ui.parts.escape import md
from core.ui.parts.viewer import current_viewer

log = logging.getLogger(__name__)


def on_script_error(problem: Exception) -> bool:
    """Show a sentence for an error that no page handled (Streamlit calls this); the trace goes to the log alone."""
    if isinstance(problem, NotAllowed) and not problem.is_noted and (viewer := current_viewer()) is not None:
        note_refusal(viewer, "page")
    if isinstance(problem, NotAllowed):
        st.info(md(error_sentence(problem)), icon=":material/lock:")
    else:
        st.error(md(error_sentence(problem)), icon=":material/error:")
    return True


def error_sentence(problem: Exception) -> str:
    """Return the sentence for an error; for an unforeseen one a number, which stands beside the trace in the log."""
    if isinstance(problem, AppError) and problem.code not in ("unexpected", "bad_declaration"):
        return sentence(problem)
    reference = secrets.token_hex(3).upper()
    log.error("unexpected error %s", reference, exc_info=problem)
    return t("errors.unexpected", reference=reference)


def sentences(failed: ValidationFailed) -> dict[str, str]:
    """Return the sentence for each field whose value was refused."""
    return {field: t(f"errors.{code}", **values) for field, (code, values) in failed.problems.items()}


def no_store() -> None:
    """Draw the page while the database cannot be used, and end the run; the page looks every two seconds and goes when it can."""

    @st.fragment(run_every=2)
    def again() -> None:
        if store_is_open():
            st.rerun()
        problem = why_closed()
        st.error(sentence(problem) if problem else t("errors.store_unavailable"), icon=":material/database_off:")
        if problem and problem.code != StoreError.code:
            st.caption(t("frame.no_store"))

    with st.container(horizontal_alignment="center"), st.container(width=640, key="no-store"):
        st.header(t("common.app"), anchor=False)
        again()
    st.stop()
