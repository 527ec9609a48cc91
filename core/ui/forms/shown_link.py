"""A link that lets somebody in: sent where mail is set up, and shown once in the form that made it."""

from __future__ import annotations

import streamlit as st

from core.access.one_time_links import INVITATION
from core.base.config import read_settings
from core.base.errors import AppError
from core.base.rights import Viewer
from core.i18n import sentence, t
from core.i18n.formats import day, today
from core.identity.password_change import link_address
from core.mail.smtp import can_send, reason_of, send
from core.store import reader
from core.ui.forms.form_dialog import close_form
from core.ui.parts.escape import md, plain_paragraph
from core.ui.state.open_form import MadeLink, OpenForm


def site_address() -> str:
    """Return where people reach this site, without a path: as configured, else as this browser does."""
    return read_settings().public_url or "/".join((st.context.url or "").split("/", 3)[:3])


def link_to(purpose: str, token: str) -> str:
    """Return the address that a token of this purpose (``invitation``, ``join``) opens."""
    return f"{site_address().rstrip('/')}/?{purpose}={token}"


def deliver(viewer: Viewer, editing: OpenForm, purpose: str, mail: str, link: MadeLink) -> None:
    """Keep a link in its form to be shown, and send it to ``link.email`` where mail is set up.

    ``mail`` names the mail's words: ``mail.<mail>_subject`` and ``mail.<mail>_text``.
    """
    editing.link, editing.consequences = link, []
    send_link(viewer, purpose, mail, link)


def send_link(viewer: Viewer, purpose: str, mail: str, link: MadeLink) -> str:
    """Send a link to ``link.email`` where mail is set up, and keep in it what came of that; as ``deliver``.

    Return why it was not sent, as ``reason_of`` says it; '' when it was, or when no mail is set up.
    """
    settings = read_settings()
    if not can_send(settings):
        return ""
    with reader(viewer) as r:
        firm = r.value("SELECT name FROM firm LIMIT 1")
    words = {"firm": firm, "who": link.who, "link": link_to(purpose, link.token), "day": day(today() + INVITATION.lasts)}
    try:
        send(settings, link.email, t(f"mail.{mail}_subject", **words), t(f"mail.{mail}_text", **words))
        link.mail = "sent"
    except AppError as problem:
        link.mail = sentence(problem)
        return reason_of(problem)
    return ""


def show_link(editing: OpenForm, link: MadeLink, purpose: str) -> None:
    """Draw the link for copying, to whom it goes and whether it was sent, and the button that ends it."""
    st.html(plain_paragraph(t("info.link_made", who=link.who, email=link.email, day=day(today() + INVITATION.lasts))))
    st.code(link_to(purpose, link.token), language=None, wrap_lines=True)
    if link.mail == "sent":
        st.success(md(t("info.link_sent", email=link.email)), icon=":material/mail:")
    elif link.mail == "none":
        st.caption(t("info.link_not_sent"))
    else:
        st.error(link.mail, icon=":material/error:")
    _close_button(editing)


def show_reset_link(editing: OpenForm, link: MadeLink) -> None:
    """Draw the link that leads a colleague to a new password, and the button that ends it."""
    st.markdown(md(t("sign_in.reset_made")))
    st.code(link_address(site_address(), link.token), language=None, wrap_lines=True)
    _close_button(editing)


def _close_button(editing: OpenForm) -> None:
    if st.button(t("info.link_done"), type="primary", key=editing.key("done")):
        close_form()
        st.rerun()
