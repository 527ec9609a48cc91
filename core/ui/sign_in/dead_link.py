"""What is shown behind a link that is used up, too old or void."""

from __future__ import annotations

import streamlit as st

from core.i18n import t
from core.ui.parts.escape import esc


def show_dead_link(code: str) -> None:
    """Draw a sentence with what to do, ``errors.<code>``, and a link to the sign-in."""
    st.warning(t(f"errors.{code}"), icon=":material/link_off:")
    st.html(f'<a class="kb-link" href="/" target="_self">{esc(t("sign_in.to_sign_in"))}</a>')
