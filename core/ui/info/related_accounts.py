"""A card of *Info*: other clients that share a contact with this one."""

from __future__ import annotations

import streamlit as st

from core.access.open_account import OpenAccount
from core.clients.contacts import related_accounts
from core.i18n import t
from core.ui.parts.escape import esc, md
from core.ui.parts.navigate import open_account_page


def related_card(account: OpenAccount) -> None:
    """Draw the related accounts the viewer sees; each opens."""
    related = related_accounts(account)
    if not related:
        return
    with st.container(gap="xsmall", key="card-related"):
        st.html(f'<div class="kb-head"><h2>{esc(t("info.related"))}</h2></div>')
        for row in related:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                if st.button(md(row["name"]), key=f"related-{row['account_id']}", type="tertiary"):
                    open_account_page(row["account_id"], "info")
                st.caption(md(f"{row['number']} · {t('info.through', names=row['contacts'])}"), width="content")
