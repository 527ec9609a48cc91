"""The bar of an account: photo or initials, name, facts at its left; Übersicht and Info at its right."""

from __future__ import annotations

import streamlit as st

from core.access.open_account import OpenAccount
from core.i18n import t
from core.store import cached, sql
from core.ui.parts.escape import esc
from core.ui.parts.navigate import PAGES
from core.ui.parts.tag_chips import tag_chip


def initials(name: str) -> str:
    """Return at most two letters that stand for a name: BG for Bäckerei Grünwald GmbH."""
    words = [word for word in name.replace("&", " ").split() if word[:1].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"


def avatar(account: OpenAccount, size: int = 44) -> str:
    """Return the photo, or a circle with initials, as HTML; ``size`` is in pixels."""
    if account.photo_id:
        alt = esc(t("frame.photo_of", name=account.name))
        return f'<img class="kb-face" src="/photo/{account.photo_id}?size={size * 2}" width="{size}" height="{size}" alt="{alt}">'
    return f'<span class="kb-face kb-initials" style="width:{size}px;height:{size}px">{esc(initials(account.name))}</span>'


def account_bar(account: OpenAccount) -> None:
    """Draw whose profile this is, on every page of the account."""
    asked = {"account_id": account.account_id}
    facts = (
        cached(account.viewer, ("facts", account.account_id), lambda r: r.row(sql("account_facts"), **asked), "account_tag", "tag") or {}
    )
    line = [
        esc(account.number),
        esc(t(f"frame.kind.{account.kind}")),
        f'<span class="kb-state kb-{account.state}">{esc(t(f"frame.state.{account.state}"))}</span>',
    ]
    if facts.get("team"):
        line.append(esc(t("frame.team", names=facts["team"])))
    line += [tag_chip(tag["name"], tag["color"]) for tag in facts.get("tags") or ()]
    name = esc(account.name)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="account-bar"):
        st.html(
            f'<div class="kb-bar">{avatar(account)}<div class="kb-who"><h1 title="{name}">{name}</h1>'
            f'<p title="{esc(facts.get("team") or "")}">{" · ".join(line)}</p></div></div>',
            width="stretch",
        )
        with st.container(horizontal=True, gap=None, width="content", key="account-pages"):
            for page in ("overview", "info"):
                if page in PAGES:
                    query = {"account": str(account.account_id)}
                    st.page_link(PAGES[page], label=t(f"frame.{page}"), query_params=query, width="content")
