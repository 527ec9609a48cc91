"""The one place where errors become sentences; unknown ones get a number that also stands in the log."""

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
    """Streamlit's last resort: a sentence for the person, the trace for the log alone."""
    if isinstance(problem, NotAllowed) and not problem.is_noted and (viewer := current_viewer()) is not None:
        note_refusal(viewer, "page")
    if isinstance(problem, NotAllowed):
        st.info(md(said_of(problem)), icon=":material/lock:")
    else:
        st.error(md(said_of(problem)), icon=":material/error:")
    return True


def said_of(problem: Exception) -> str:
    """The sentence for an error; of one nobody foresaw a number, with the trace beside it in the log."""
    if isinstance(problem, AppError) and problem.code not in ("unexpected", "bad_declaration"):
        return sentence(problem)
    reference = secrets.token_hex(3).upper()
    log.error("unexpected error %s", reference, exc_info=problem)
    return t("errors.unexpected", reference=reference)


def sentences(failed: ValidationFailed) -> dict[str, str]:
    """Return the sentence for each field whose value was refused."""
    return {field: t(f"errors.{code}", **values) for field, (code, values) in failed.problems.items()}


def no_store() -> None:
    """The page while the database cannot be used; it tries again by itself and goes away when it can."""

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
