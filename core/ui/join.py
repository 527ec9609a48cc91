"""Where a team member's invitation leads: their own password, and in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.begun import Begun
from core.i18n import t
from core.password_form import form_is_open
from core.team_invitation import accept_team_invitation, open_team_invitation
from core.ui.escape import md, said_plainly
from core.ui.own_password import own_password
from core.ui.provider import provider
from core.ui.worthless import worthless


def join_page(token: str, enter: Callable[[Begun], None]) -> None:
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
    if begun := own_password("join", partial(accept_team_invitation, token)):
        enter(begun)
