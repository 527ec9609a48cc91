"""What Kunden says when no client fits: what is spelled similarly, or how the first client comes."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.access.verbs import rights_of
from core.base.rights import Right
from core.clients.accounts import AccountQuery, list_accounts
from core.clients.list_conditions import Condition
from core.clients.search import search
from core.i18n import t
from core.ui.clients.list_state import ListScene
from core.ui.parts.escape import md
from core.ui.parts.navigate import open_account_next

MAX_ALIKE = 6


def nothing_found(drawn: ListScene, query: AccountQuery) -> None:
    """Say that no client fits what is wanted, and offer what is spelled similarly; or that there is none yet and how the first one comes."""
    viewer = drawn.viewer
    if replace(query, sort="name", descending=False, columns=(), sums=False) != AccountQuery():
        st.info(t("accounts.nothing"), icon=":material/search_off:")
        _alike(drawn, query.text)
        return
    rights = rights_of(viewer)
    if list_accounts(viewer, AccountQuery(conditions=(Condition("state", "is", ("archived",)),)), 0, 1).total:
        said = t("accounts.only_archived")
    elif Right.VIEW_ALL_ACCOUNTS not in rights:
        said = t("accounts.nobody_assigned")
    else:
        said = t("accounts.nobody_yet") + (" " + t("accounts.nobody_yet_how") if Right.MANAGE_ACCOUNTS in rights else "")
    st.info(said, icon=":material/groups:")


def _alike(drawn: ListScene, text: str) -> None:
    """Offer clients who are only spelled like what was searched, as guesses."""
    guesses = [match for match in search(drawn.viewer, text, MAX_ALIKE) if match.is_guess]
    if not guesses:
        return
    with st.container(key="accounts-alike", gap="xsmall"):
        st.caption(t("search.guess"))
        for match in guesses:
            label = md(f"{match.name} · {match.number}" + (f" · {t('frame.state.archived')}" if match.archived else ""))
            st.button(label, key=f"alike-{match.account_id}", type="tertiary", on_click=open_account_next, args=(match.account_id,))
