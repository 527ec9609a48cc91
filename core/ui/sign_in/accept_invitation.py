"""Where a team member's invitation leads: their own password, and in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.i18n import t
from core.identity.begun_sign_in import Begun
from core.identity.password_policy import password_sign_in_allowed
from core.identity.team_invitation import accept_team_invitation, open_team_invitation
from core.ui.parts.escape import md, said_plainly
from core.ui.sign_in.dead_link import worthless
from core.ui.sign_in.new_password import own_password
from core.ui.sign_in.oidc_link import provider


def join_page(token: str, enter: Callable[[Begun], None]) -> None:
    """The password of who was invited, then ``enter``; one sentence for a worthless link."""
    invitation = open_team_invitation(token)
    if invitation is None:
        worthless("team_invitation_worthless")
        return
    st.markdown(f"**{t('team.join_title', firm=md(invitation.firm))}**")
    if not password_sign_in_allowed():
        st.html(said_plainly(t("sign_in.join_by_provider", name=invitation.name, email=invitation.email)))
        provider()
        return
    st.html(said_plainly(t("team.join_hint", name=invitation.name, email=invitation.email)))
    if begun := own_password("join", partial(accept_team_invitation, token)):
        enter(begun)
