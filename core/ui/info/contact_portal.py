"""The page of a client's contact: the name and the photo of their own account, and nothing else."""

from __future__ import annotations

import streamlit as st

from core.access.open_account import open_account
from core.base.rights import Viewer
from core.i18n import t
from core.identity.contact_portal import own_accounts
from core.store import reader
from core.ui.forms.form_dialog import say_saved, show_form
from core.ui.info.photo_form import photo_form
from core.ui.parts.empty import empty_state
from core.ui.parts.escape import esc, md
from core.ui.parts.options import named

_STYLE = "<style>[data-testid='stSidebar'] { display: none; }</style>"


def portal(viewer: Viewer) -> None:
    """Draw the whole page of a contact, who chooses among several accounts."""
    st.html(_STYLE)
    accounts = {row["account_id"]: row["name"] for row in own_accounts(viewer)}
    with reader(viewer) as r:
        firm = r.value("SELECT name FROM firm LIMIT 1")
    with st.container(horizontal_alignment="center"), st.container(width=480, key="portal"):
        st.caption(md(firm or t("common.app")))
        chosen = next(iter(accounts), None)
        if chosen is None:
            empty_state("no_accounts", t("portal.nothing"))
            return
        if len(accounts) > 1:
            chosen = st.selectbox(t("portal.which"), list(accounts), format_func=named(accounts), key="portal-account")
        account = open_account(viewer, chosen)
        with st.container(border=True):
            st.html(f'<div class="kb-bar"><div class="kb-who"><h1>{esc(account.name)}</h1></div></div>')
            photo_form(account)
        st.html(f'<form method="post" action="/auth/leave"><button class="kb-link">{t("frame.leave")}</button></form>')
        show_form(account)
        say_saved()
