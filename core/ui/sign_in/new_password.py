"""What a link of one's own leads to: a new password, what is wrong with it, and the way in."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.base.errors import AppError, ValidationFailed
from core.i18n import sentence, t
from core.identity.begun_sign_in import Begun


def own_password(key: str, take: Callable[[str], Begun]) -> Begun | None:
    """The form; who ``take`` says it is once the password was taken, else None with what was wrong under it."""
    with st.form(key, enter_to_submit=False):
        password = st.text_input(t("sign_in.new_password"), type="password", key=f"{key}-password", autocomplete="new-password")
        st.caption(t("sign_in.password_hint"))
        if not st.form_submit_button(t("sign_in.invited_go"), type="primary"):
            return None
    try:
        return take(password)
    except ValidationFailed as failed:
        for code, filled in failed.problems.values():
            st.error(t(f"errors.{code}", **filled), icon=":material/error:")
    except AppError as problem:
        st.error(sentence(problem), icon=":material/error:")
    return None
