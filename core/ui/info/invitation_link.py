"""The link that invites a contact: sent where mail is set up, shown once for copying."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.access.one_time_links import INVITATION
from core.access.open_account import OpenAccount
from core.base.config import read_settings
from core.base.errors import AppError
from core.i18n import sentence, t
from core.i18n.formats import day, today
from core.mail.smtp import can_send, send
from core.store import reader
from core.ui.forms.form_dialog import close_form
from core.ui.forms.shown_link import link_to


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
        words = {"firm": firm, "who": who, "link": link_to("invitation", token), "day": day(today() + INVITATION.lasts)}
        try:
            send(settings, email, t("mail.invitation_subject", **words), t("mail.invitation_text", **words))
            editing["mail"] = "sent"
        except AppError as problem:
            editing["mail"] = sentence(problem)
