"""The bar of an account, in sight however far one scrolls: who it is, its pages, whom to call, what to add, who comes next."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import streamlit as st

from core.access.open_account import OpenAccount
from core.base.initials import initials
from core.i18n import t
from core.i18n.formats import number
from core.store import Row, cached, sql
from core.ui.parts.escape import esc
from core.ui.parts.list_neighbours import Neighbours, list_neighbours
from core.ui.parts.navigate import PAGES, open_account_next
from core.ui.parts.short_words import short_name
from core.ui.parts.tag_chips import tag_chip
from core.ui.state.ui_state import ui_state

# The pages of an account, in the order of their tabs.
ACCOUNT_PAGES = ("overview", "info")
# The colour of a state that is no usual one.
STATE_COLORS = {"pending": "orange", "offline": "gray", "archived": "gray"}
# The face in the bar, in pixels.
FACE_PX = 40


def avatar(account: OpenAccount, size: int = FACE_PX) -> str:
    """Return the photo, or a circle with initials, as HTML; ``size`` is in pixels."""
    if account.photo_id:
        alt = esc(t("frame.photo_of", name=account.name))
        return f'<img class="kb-face" src="/photo/{account.photo_id}?size={size * 2}" width="{size}" height="{size}" alt="{alt}">'
    return f'<span class="kb-face kb-initials" style="width:{size}px;height:{size}px">{esc(initials(account.name))}</span>'


def account_bar(account: OpenAccount, add: Callable[[OpenAccount], None]) -> None:
    """Draw whose profile this is, on every page of the account; ``add`` draws the menu of what staff add to it."""
    asked = {"account_id": account.account_id}
    facts = (
        cached(account.viewer, ("facts", account.account_id), lambda r: r.row(sql("account_facts"), **asked), "account_tag", "tag") or {}
    )
    contact = cached(
        account.viewer, ("main contact", account.account_id), lambda r: r.row(sql("main_contact"), **asked),
        "account_contact", "contact", "contact_email", "email_access",
    )  # fmt: skip
    neighbours = list_neighbours(account.viewer, account.account_id)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="account-bar"):
        st.html(_who(account, facts), width="stretch")
        _pages(account)
        if contact and (said := _ways_to(contact)):
            st.html(said, width="content")
        add(account)
        if neighbours:
            _steps(neighbours)


def _who(account: OpenAccount, facts: Row) -> str:
    """Return face, name, state, number, kind, team and tags as HTML."""
    state = esc(t(f"frame.state.{account.state}"))
    line = [esc(account.number), esc(t(f"frame.kind.{account.kind}"))]
    team = facts.get("team") or ""
    if team:
        line.append(esc(", ".join(short_name(name) for name in team.split(", "))))
    pill = ""
    if account.state == "active":
        line.insert(0, f'<span class="kb-state kb-active">{state}</span>')
    else:
        pill = f'<span class="kb-pill kb-{STATE_COLORS[account.state]}">{state}</span>'
    tags = " ".join(tag_chip(tag["name"], tag["color"]) for tag in facts.get("tags") or ())
    name, title = esc(account.name), esc(t("frame.team", names=team)) if team else ""
    return (
        f'<div class="kb-bar">{avatar(account)}<div class="kb-who"><div class="kb-name"><h1 title="{name}">{name}</h1>{pill}</div>'
        f'<p title="{title}">{" · ".join(line)} {tags}</p></div></div>'
    )


def _pages(account: OpenAccount) -> None:
    """Draw the account's pages as tabs; the key of their container says which one is shown."""
    shown = ui_state().page
    with st.container(horizontal=True, gap=None, width="content", key=f"account-pages-{shown}"):
        for page in ACCOUNT_PAGES:
            if page in PAGES:
                query = {"account": str(account.account_id)}
                st.page_link(PAGES[page], label=t(f"frame.{page}"), query_params=query, width="content")


def _ways_to(contact: Row) -> str:
    """Return the contact one calls first, with number and address to press, as HTML; nothing without either."""
    ways = []
    if contact["phone"]:
        said = esc(t("frame.call", name=contact["name"], number=contact["phone"]))
        ways.append(
            f'<a href="tel:{dialled(contact["phone"])}" title="{said}" aria-label="{said}">{_sign("call")}<span>{esc(contact["phone"])}</span></a>'
        )
    if contact["email"]:
        said = esc(t("frame.write", name=contact["name"], email=contact["email"]))
        address = esc(quote(contact["email"], safe="@"))
        ways.append(f'<a href="mailto:{address}" title="{said}" aria-label="{said}">{_sign("mail")}</a>')
    if not ways:
        return ""
    return f'<div class="kb-contact"><p>{esc(contact["name"])}</p><div>{"".join(ways)}</div></div>'


def dialled(number: str) -> str:
    """Return a telephone number as a link dials it: digits and the plus alone."""
    return re.sub(r"[^0-9+]", "", number)


def _sign(name: str) -> str:
    return f'<span class="kb-sign" aria-hidden="true" translate="no">{name}</span>'


def _steps(neighbours: Neighbours) -> None:
    """Draw the place in the list one came from, and the buttons to the clients before and after it (``J`` and ``K``)."""
    place = t("frame.place", place=number(neighbours.place), total=number(neighbours.total))
    with st.container(horizontal=True, gap=None, width="content", vertical_alignment="center", key="steps"):
        st.html(f'<p class="kb-place">{esc(place)}</p>', width="content")
        for way, icon, other in (("before", "chevron_left", neighbours.before), ("after", "chevron_right", neighbours.after)):
            st.button(
                t(f"frame.step_{way}"), icon=f":material/{icon}:", type="tertiary", key=f"step-{way}", disabled=other is None,
                on_click=step_to, args=(other,),
            )  # fmt: skip


def step_to(account_id: int | None) -> None:
    """Show another account on the page that is shown (from a button's callback)."""
    if account_id is None:
        return
    page = ui_state().page
    if page == "info":
        open_account_next(account_id, "info")
    else:
        st.query_params.from_dict({"account": str(account_id)})
