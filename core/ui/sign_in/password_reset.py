"""A forgotten password: the form that asks for a link by mail, and the page the link leads to."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.base.config import read_settings
from core.base.errors import AppError
from core.i18n import sentence, t
from core.identity.password_change import can_mail_links, open_reset, request_reset, reset_password
from core.ui.parts.viewer import network_address
from core.ui.sign_in.dead_link import show_dead_link
from core.ui.sign_in.new_password import choose_password
from core.ui.sign_in.second_factor import proceed
from core.ui.state.ui_state import ui_state


def forgotten() -> bool:
    """Draw the form that asks for a link while it is open; return whether it takes the sign-in's place."""
    if not can_mail_links(read_settings()):
        return False
    state = ui_state().sign_in
    if not state.is_forgotten_open:
        return False
    with st.form("forgotten-form", enter_to_submit=True):
        st.subheader(t("sign_in.forgotten_title"), anchor=False)
        email = st.text_input(t("sign_in.email"), key="forgotten-email", autocomplete="username")
        sent = st.form_submit_button(t("sign_in.forgotten_go"), type="primary")
    if sent:
        try:
            request_reset(read_settings(), email, network_address())
        except AppError as problem:
            st.error(sentence(problem), icon=":material/error:")
        else:
            st.success(t("sign_in.forgotten_sent"), icon=":material/mail:")
    if st.button(t("common.back"), key="forgotten-back", type="tertiary"):
        state.is_forgotten_open = False
        st.rerun()
    return True


def forgotten_button() -> None:
    """Draw the button that opens the form, where mail is set up."""
    if can_mail_links(read_settings()) and st.button(t("sign_in.forgotten"), key="forgotten-open", type="tertiary"):
        ui_state().sign_in.is_forgotten_open = True
        st.rerun()


def reset_page(token: str) -> None:
    """Draw the page a link leads to: a new password, then the sign-in goes on; a sentence for a dead link."""
    reset = open_reset(token)
    if reset is None:
        show_dead_link("reset_worthless")
        return
    hint = t("sign_in.reset_hint", email=reset.email)
    if begun := choose_password("reset", t("sign_in.reset_title"), hint, partial(reset_password, token)):
        del st.query_params["reset"]
        proceed(begun)
