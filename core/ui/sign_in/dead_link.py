"""What somebody finds behind a link that lets nobody in any more."""

from __future__ import annotations

import streamlit as st

from core.i18n import t
from core.ui.parts.escape import esc


def worthless(code: str) -> None:
    """One sentence with what to do, ``errors.<code>``, and the way to the sign-in."""
    st.warning(t(f"errors.{code}"), icon=":material/link_off:")
    st.html(f'<a class="kb-link" href="/" target="_self">{esc(t("sign_in.to_sign_in"))}</a>')
