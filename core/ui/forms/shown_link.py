"""A link that lets somebody in, shown once in the form that made it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.access.one_time_links import INVITATION
from core.base.config import read_settings
from core.i18n import t
from core.i18n.formats import day, today
from core.ui.forms.form_dialog import close_form, key
from core.ui.parts.escape import md, said_plainly


def link_to(purpose: str, token: str) -> str:
    """Return the address that a token of this purpose (``invitation``, ``join``) opens."""
    base = read_settings().public_url or "/".join((st.context.url or "").split("/", 3)[:3])
    return f"{base.rstrip('/')}/?{purpose}={token}"


def show_link(editing: dict[str, Any], link: str) -> None:
    """Draw the link for copying, and whether it was sent; ``editing`` says to whom and what came of the mail."""
    st.html(said_plainly(t("info.link_made", who=editing["who"], email=editing["email"], day=day(today() + INVITATION.lasts))))
    st.code(link, language=None, wrap_lines=True)
    if editing["mail"] == "sent":
        st.success(md(t("info.link_sent", email=editing["email"])), icon=":material/mail:")
    elif editing["mail"] == "none":
        st.caption(t("info.link_not_sent"))
    else:
        st.error(editing["mail"], icon=":material/error:")
    if st.button(t("info.link_done"), type="primary", key=key(editing, "done")):
        close_form()
        st.rerun()
