"""An open page notices within five seconds what changed behind it: the sign-in, the rights, the account's rows.

It also says before the sign-in ends by itself. Asking does not keep it alive: only what the person does is noted (guard).
"""

from __future__ import annotations

import math
from datetime import timedelta

import streamlit as st

from core.access import account_head, account_number
from core.errors import AccountNotFound, AppError
from core.i18n import t
from core.i18n.formats import local
from core.portal import own_accounts
from core.rights import Scope, Viewer
from core.store import changes_of, now, scope_of
from core.ui.current import Here
from core.ui.viewer import current_viewer, time_left
from core.web.sessions import TimeLeft

SECONDS = 4
# Minutes before the end; of a short idle time a third.
WARNED = 5.0
State = tuple[object, object]


def _state(viewer: Viewer | None) -> State:
    """(who may be here, what the account holds), asked in one look: every open page does so every four seconds."""
    if viewer is None:
        return None, None
    try:
        if viewer.kind == "contact":
            return (viewer, *(tuple(row.values()) for row in own_accounts(viewer))), None
        asked, scope = st.query_params.get("account"), scope_of(viewer)
        if asked is None:
            return _found(viewer, scope)
        account_id = account_number(asked)
        changes = changes_of(account_id)
        if account_head(viewer, account_id) is None:
            raise AccountNotFound()
        return _found(viewer, scope, account_id, changes)
    except AppError as problem:
        return (viewer, problem.code), None


def _found(viewer: Viewer, scope: Scope, account_id: int | None = None, changes: int | None = None) -> State:
    who = (viewer, scope.role, scope.rights)
    return (who, None) if account_id is None else ((*who, account_id), changes)


def watch(viewer: Viewer, scope: Scope | None = None, here: Here | None = None) -> None:
    """Run the page again when what it depends on is no longer what it was; rows alone wait for an open dialog.

    ``scope`` and ``here`` are what this run found already: what the viewer may, and the account of the address.
    """
    if scope is None or (here is None and "account" in st.query_params):
        st.session_state["watched"] = _state(viewer)
    else:
        st.session_state["watched"] = _found(viewer, scope, *((here.account.account_id, here.changes) if here else ()))
    just_drawn = [True]

    @st.fragment(run_every=SECONDS)
    def look() -> None:
        if just_drawn:
            just_drawn.clear()
            # A page drawn anew keeps the notice that stood there.
            if st.session_state.get("end_is_near"):
                _say_end(time_left())
            return
        who, rows = _state(current_viewer())
        known_who, known_rows = st.session_state["watched"]
        if who != known_who or (rows != known_rows and not st.session_state.get("dialog_open")):
            st.rerun()
        _say_end(time_left())

    look()


def _say_end(left: TimeLeft | None) -> None:
    """Shortly before the end: when and why it comes, and a way to stay where there is one."""
    near = left is not None and min(left.idle, left.absolute) <= min(WARNED, left.of_idle / 3)
    st.session_state["end_is_near"] = near
    if left is None or not near:
        return
    with st.container(key="session-end", horizontal=True, vertical_alignment="center"):
        if left.absolute <= left.idle:
            at = local(now() + timedelta(minutes=left.absolute))
            st.markdown(t("profile.ends_at", time=f"{at:%H:%M}"), width="stretch")
            return
        minutes = max(1, math.ceil(left.idle))
        st.markdown(t("profile.ends_idle", n=minutes), width="stretch")
        # The click itself is what keeps the sign-in alive.
        st.button(t("profile.stay"), key="stay-signed-in", type="primary")
