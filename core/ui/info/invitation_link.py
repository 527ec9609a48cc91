"""The link that invites a contact: sent where mail is set up, shown once for copying."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.access.contact_access import INVITATION
from core.access.open_account import OpenAccount
from core.base.config import read_settings
from core.base.errors import AppError
from core.i18n import sentence, t
from core.i18n.formats import day, today
from core.mail.smtp import can_send, send
from core.store import reader
from core.ui.forms.form_dialog import close_form, key
from core.ui.parts.escape import md, said_plainly


def _address(token: str) -> str:
    base = read_settings().public_url or "/".join((st.context.url or "").split("/", 3)[:3])
    return f"{base.rstrip('/')}/?invitation={token}"


def deliver(account: OpenAccount, editing: dict[str, Any], email: str, who: str, token: str | None) -> None:
    """After a login was given: keep the link for showing and send it where mail is set up, to ``who`` reads the address.

    Without a token the form closes.
    """
    if token is None:
        close_form()
        st.session_state["saved"] = True
        return
    editing |= {"token": token, "told": None, "email": email, "who": who, "mail": "none"}
    settings = read_settings()
    if can_send(settings):
        with reader(account.viewer) as r:
            firm = r.value("SELECT name FROM firm LIMIT 1")
        words = {"firm": firm, "who": who, "link": _address(token), "day": day(today() + INVITATION)}
        try:
            send(settings, email, t("mail.invitation_subject", **words), t("mail.invitation_text", **words))
            editing["mail"] = "sent"
        except AppError as problem:
            editing["mail"] = sentence(problem)


def show_link(account: OpenAccount, editing: dict[str, Any], token: str) -> None:
    """The link, this once."""
    st.html(said_plainly(t("info.link_made", who=editing["who"], email=editing["email"], day=day(today() + INVITATION))))
    st.code(_address(token), language=None, wrap_lines=True)
    if editing["mail"] == "sent":
        st.success(md(t("info.link_sent", email=editing["email"])), icon=":material/mail:")
    elif editing["mail"] == "none":
        st.caption(t("info.link_not_sent"))
    else:
        st.error(editing["mail"], icon=":material/error:")
    if st.button(t("info.link_done"), type="primary", key=key(editing, "done")):
        close_form()
        st.rerun()
