"""The six numbers on top of the Overview."""

from __future__ import annotations

import streamlit as st

from core.i18n import t
from core.i18n.formats import ago, money, number
from core.overview.read import WidgetResult

# Tile, widget, number of that widget's tile; the last tile is seen only where a right hides another.
_TILES = (
    ("net_due", "unpaid_invoices", "net_due"),
    ("unseen", "documents", "unseen"),
    ("overdue", "tasks", "overdue"),
    ("to_sign", "signatures", "to_sign"),
    ("waiting", "chats", "waiting"),
    ("last_login", "login_activity", "last_success"),
    ("unread", "emails", "unread"),
)


def tiles(results: dict[str, WidgetResult]) -> None:
    """Draw the first six numbers that can be read."""
    shown = [(key, results[widget].tile[name]) for key, widget, name in _TILES if widget in results and not results[widget].failed]
    with st.grid(6, min_column_width=98, gap="xsmall", border=True, key="tiles"):
        for key, value in shown[:6]:
            if key == "net_due":
                text = money(value)
            elif key == "last_login":
                text = ago(value) or t("widgets.tiles.never")
            else:
                text = number(value)
            st.metric(t(f"widgets.tiles.{key}"), text)
