"""An open page notices within five seconds what changed behind it: the sign-in, the rights, the account's rows."""

from __future__ import annotations

import streamlit as st

from core.access import open_account
from core.errors import AppError
from core.rights import Viewer
from core.store import changes_of, reader
from core.ui.viewer import current_viewer

SECONDS = 4


def _state(viewer: Viewer | None) -> tuple[object, object]:
    """(who may be here, what the account holds), cheap to ask."""
    if viewer is None:
        return None, None
    try:
        with reader(viewer) as r:
            who = (viewer, r.scope.role, r.scope.rights)
        asked = st.query_params.get("account")
        if asked is None:
            return who, None
        account = open_account(viewer, asked)
        return (*who, account.account_id), changes_of(account.account_id)
    except AppError as problem:
        return (viewer, problem.code), None


def watch(viewer: Viewer) -> None:
    """Run the page again when what it depends on is no longer what it was; rows alone wait for an open dialog."""
    st.session_state["watched"] = _state(viewer)

    @st.fragment(run_every=SECONDS)
    def look() -> None:
        who, rows = _state(current_viewer())
        known_who, known_rows = st.session_state["watched"]
        if who != known_who or (rows != known_rows and not st.session_state.get("dialog_open")):
            st.session_state["ran_by_itself"] = True
            st.rerun()

    look()
