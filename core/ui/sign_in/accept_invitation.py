"""The pages behind an invitation, a team member's and a contact's: the invited person chooses a password and is signed in."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.access.contact_access import open_invitation
from core.i18n import t
from core.identity.contact_portal import accept_invitation
from core.identity.password_policy import password_sign_in_allowed
from core.identity.team_invitation import accept_team_invitation, open_team_invitation
from core.ui.parts.escape import md, plain_paragraph
from core.ui.sign_in.dead_link import show_dead_link
from core.ui.sign_in.new_password import choose_password
from core.ui.sign_in.oidc_link import provider
from core.ui.sign_in.second_factor import proceed


def join_page(token: str) -> None:
    """Draw the page of an invited team member, who comes by the identity provider where passwords are not allowed."""
    invitation = open_team_invitation(token)
    if invitation is None:
        show_dead_link("team_invitation_worthless")
        return
    title = t("team.join_title", firm=md(invitation.firm))
    if not password_sign_in_allowed():
        st.markdown(f"**{title}**")
        st.html(plain_paragraph(t("sign_in.join_by_provider", name=invitation.name, email=invitation.email)))
        provider()
        return
    hint = t("team.join_hint", name=invitation.name, email=invitation.email)
    if begun := choose_password("join", title, hint, partial(accept_team_invitation, token)):
        proceed(begun)


def invited_page(token: str) -> None:
    """Draw the page of an invited contact."""
    invitation = open_invitation(token)
    if invitation is None:
        show_dead_link("invitation_worthless")
        return
    title, hint = t("sign_in.invited_title", firm=md(invitation.firm)), t("sign_in.invited_hint", email=invitation.email)
    if begun := choose_password("invited", title, hint, partial(accept_invitation, token)):
        proceed(begun)
