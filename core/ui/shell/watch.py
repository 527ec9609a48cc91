"""Have an open page notice within five seconds what changed behind it: the sign-in, the rights, the account's rows.

It also warns before the sign-in ends by itself. Asking does not keep the sign-in alive: only what the person does counts (guard).
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import streamlit as st

from core.base.rights import Scope, Viewer
from core.i18n import t
from core.i18n.formats import time_of_day
from core.identity.sessions import TimeLeft
from core.store import now
from core.ui.parts.viewer import current_viewer, time_left
from core.ui.shell.current_account import CurrentAccount
from core.ui.state.ui_state import ui_state
from core.web.change_poll import TODAY, found, mark, minutes_left, state_of
from core.web.sockets import WATCH

# How often an open page asks.
POLL_EVERY_S = 4
_component = st.components.v2.component(
    "kundenblick_watch", js=(Path(__file__).parent / "watch.js").read_text("utf-8"), isolate_styles=False
)


def watch(viewer: Viewer, scope: Scope | None = None, here: CurrentAccount | None = None) -> None:
    """Run the page again when something it depends on has changed; a change of rows waits until no dialog is open.

    ``scope`` and ``here`` are what this run has read already: what the viewer may, and the account of the address.
    """
    asked, state = _asked(), ui_state()
    if scope is None or asked == TODAY or (here is None and asked is not None):
        state.watched = state_of(viewer, asked)
    else:
        state.watched = found(viewer, scope, *((here.account.account_id, here.changes) if here else ()))
    just_drawn = [True]

    @st.fragment
    def look() -> None:
        watched = ui_state().watched
        if just_drawn:
            just_drawn.clear()
        else:
            who, rows = state_of(current_viewer(), _asked())
            if who != watched[0] or (rows != watched[1] and not ui_state().is_dialog_open):
                st.rerun()
        left = time_left()
        with st.container(key="watch", gap=None):
            data = {"account": asked, "mark": mark(watched, minutes_left(left)), "every": POLL_EVERY_S}
            _component(key=WATCH, data=data, on_other_change=lambda: None, height=1)
        _say_end(left)

    look()


def _asked() -> str | None:
    """Return what the page is about: what waits over all clients, the account id in its address, or neither."""
    return TODAY if ui_state().page == TODAY else st.query_params.get("account")


def _say_end(left: TimeLeft | None) -> None:
    """Draw, shortly before the sign-in ends, when and why it does, and a way to stay where there is one."""
    minutes = minutes_left(left)
    if left is None or minutes is None:
        return
    with st.container(key="session-end", horizontal=True, vertical_alignment="center"):
        if left.absolute <= left.idle:
            at = time_of_day(now() + timedelta(minutes=left.absolute))
            st.markdown(t("profile.ends_at", time=at), width="stretch")
            return
        st.markdown(t("profile.ends_idle", n=minutes), width="stretch")
        # The click itself keeps the sign-in alive.
        st.button(t("profile.stay"), key="stay-signed-in", type="primary")
