"""The way to the firm's identity provider, on the sign-in page."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from core.i18n import language, t
from core.ui.parts.escape import esc, md
from core.ui.parts.viewer import SETTINGS
from core.ui.sign_in.second_factor import way_back

# What the address can say after the way back from the provider; anything else is ignored.
ANSWERS = ("failed", "unknown", "silent", "another")


def provider() -> None:
    """Draw the link to the provider, and a sentence when it led nowhere."""
    answer = st.query_params.get("oidc")
    if answer in ANSWERS:
        st.error(t(f"sign_in.oidc_{answer}", name=md(SETTINGS.oidc_name)), icon=":material/error:")
    asked = {"back": way_back(), "language": language()} | ({"anew": "1"} if answer in ANSWERS else {})
    address = f"/auth/oidc?{urlencode(asked)}"
    words = t("sign_in.oidc", name=SETTINGS.oidc_name)
    st.html(f'<a class="kb-link kb-provider" href="{esc(address)}" target="_self">{esc(words)}</a>')
