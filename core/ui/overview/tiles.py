"""The six numbers on top of the Overview; each opens the list of what it counts."""

from __future__ import annotations

import streamlit as st

from core.i18n import t
from core.i18n.formats import ago, money, number
from core.overview.read import WidgetResult
from core.ui.overview.full_list import open_list
from core.ui.parts.escape import md

# Tile, widget, number of that widget's tile, colour of what waits, scope of the list that shows what is counted; the last tile is seen
# only where a right hides another.
TILES = (
    ("net_due", "unpaid_invoices", "net_due", "blue", ""),
    ("unseen", "documents", "unseen", "orange", "new"),
    ("overdue", "tasks", "overdue", "red", "overdue"),
    ("to_sign", "signatures", "to_sign", "blue", "open"),
    ("waiting", "chats", "waiting", "orange", "us"),
    ("last_login", "login_activity", "last_success", "", ""),
    ("unread", "emails", "unread", "orange", "unread"),
)


def tiles(results: dict[str, WidgetResult]) -> None:
    """Draw the first six numbers that can be read."""
    shown = [tile for tile in TILES if tile[1] in results and not results[tile[1]].failed]
    with st.grid(6, min_column_width=112, gap=None, key="tiles"):
        for key, widget, name, color, scope in shown[:6]:
            tile = results[widget].tile
            with st.container(gap=None, key=f"tile-{key}"):
                label = t(f"widgets.tiles.{key}")
                st.metric(label, _value(key, tile[name], _color(key, color, tile)), label_visibility="collapsed")
                st.button(label, key=f"tile-open-{key}", type="tertiary", on_click=open_list, args=(widget, scope))


def _color(key: str, color: str, tile: dict) -> str:
    """Return the colour of a number that is not nothing: an amount is a problem once some of it is late, else the client's turn."""
    return "red" if key == "net_due" and tile.get("overdue") else color


def _value(key: str, value, color: str) -> str:
    """Return the number as people read it, in its colour; nothing is grey."""
    if key == "last_login":
        return md(ago(value)) or f":gray[{t('widgets.tiles.never')}]"
    words = md(money(value) if key == "net_due" else number(value))
    return f":{color if value else 'gray'}[{words}]"
