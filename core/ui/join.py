"""Where a team member's invitation leads: their own password, and in."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errors import AppError, ValidationFailed
from core.i18n import sentence, t
from core.password_form import form_is_open
from core.rights import Viewer
from core.team_invitation import accept_team_invitation, open_team_invitation
from core.ui.escape import md, said_plainly
from core.ui.provider import provider
from core.ui.worthless import worthless


def join_page(token: str, enter: Callable[[Viewer], None]) -> None:
    """The password of who was invited, then ``enter``; one sentence for a worthless link."""
    invitation = open_team_invitation(token)
    if invitation is None:
        worthless("team_invitation_worthless")
        return
    st.markdown(f"**{t('team.join_title', firm=md(invitation.firm))}**")
    if not form_is_open():
        st.html(said_plainly(t("sign_in.join_by_provider", name=invitation.name, email=invitation.email)))
        provider()
        return
    st.html(said_plainly(t("team.join_hint", name=invitation.name, email=invitation.email)))
    with st.form("join", enter_to_submit=False):
        password = st.text_input(t("sign_in.new_password"), type="password", key="join-password", autocomplete="new-password")
        st.caption(t("sign_in.password_hint"))
        if not st.form_submit_button(t("sign_in.invited_go"), type="primary"):
            return
    try:
        viewer = accept_team_invitation(token, password)
    except ValidationFailed as failed:
        for code, filled in failed.problems.values():
            st.error(t(f"errors.{code}", **filled))
    except AppError as problem:
        st.error(sentence(problem))
    else:
        enter(viewer)
