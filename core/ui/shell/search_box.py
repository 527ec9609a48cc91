"""The search field of the sidebar, a combobox that asks ``/search`` while a person types, and the clients opened last."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.base.initials import initials
from core.base.rights import Viewer
from core.clients.recent_accounts import recent
from core.i18n import t
from core.ui.parts.navigate import open_account_next
from core.ui.state.ui_state import ui_state

# Clients opened last, a line each.
MAX_RECENT = 6
_FOLDER = Path(__file__).parent
WORDS = (
    "label", "placeholder", "nothing", "nothing_short", "nothing_long", "nothing_letters", "rest", "guess", "failed", "archived",
    "reason_contact", "reason_holder", "reason_phone",
)  # fmt: skip
_component = st.components.v2.component(
    "kundenblick_search",
    css=(_FOLDER / "search_box.css").read_text("utf-8"),
    js=(_FOLDER / "search_box.js").read_text("utf-8"),
    isolate_styles=False,
)


def search_box() -> None:
    """Draw the search field; its list opens over what stands below."""
    words = {key: t(f"search.{key}") for key in WORDS}
    _component(key="search", data={"words": words}, on_open_change=lambda: _choose("search"))


def recent_list(viewer: Viewer) -> None:
    """Draw the clients this person opened last, a line each."""
    last = recent(viewer, MAX_RECENT)
    if not last:
        return
    st.caption(t("search.recent"))
    asked = st.query_params.get("account", "")
    data = {
        "words": {key: t(f"search.{key}") for key in ("recent", "archived")},
        "recent": [
            {
                "id": match.account_id,
                "name": match.name,
                "archived": match.archived,
                "photo": match.photo_id,
                "sign": initials(match.name),
            }
            for match in last
        ],
        "here": int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None,
    }
    _component(key="recent", data=data, on_open_change=lambda: _choose("recent"))


def _choose(key: str) -> None:
    account_id = st.session_state[key].open
    if not isinstance(account_id, int) or not 0 < account_id < 2**63:
        return
    if ui_state().page == "overview":
        # On this page already: another address is enough, without a second run to change pages.
        st.query_params.from_dict({"account": str(account_id)})
    else:
        open_account_next(account_id)
