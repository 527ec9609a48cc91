"""The form in which the holder of a link chooses a password."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.base.errors import AppError, ValidationFailed
from core.i18n import sentence, t
from core.identity.begun_sign_in import Begun
from core.ui.parts.escape import plain_paragraph
from core.ui.parts.problems import sentences


def choose_password(key: str, title: str, hint: str, take: Callable[[str], Begun]) -> Begun | None:
    """Draw title, hint and form; return the sign-in that ``take`` began with the password, None until then.

    What is wrong with a password is shown under the form. ``title`` is Markdown, ``hint`` plain text.
    """
    st.markdown(f"**{title}**")
    st.html(plain_paragraph(hint))
    with st.form(key, enter_to_submit=False):
        password = st.text_input(t("sign_in.new_password"), type="password", key=f"{key}-password", autocomplete="new-password")
        st.caption(t("sign_in.password_hint"))
        if not st.form_submit_button(t("sign_in.invited_go"), type="primary"):
            return None
    try:
        return take(password)
    except ValidationFailed as failed:
        for problem in sentences(failed).values():
            st.error(problem, icon=":material/error:")
    except AppError as refused:
        st.error(sentence(refused), icon=":material/error:")
    return None
