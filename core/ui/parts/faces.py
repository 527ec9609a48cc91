"""The face of a client in a table: the photo as a disc, or a disc with initials."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from typing import Any

import streamlit as st

from core.base.initials import initials
from core.i18n import t
from core.ui.parts.escape import esc

# The key of the column in a table.
FACE = "face"
FACE_PX = 40
# The last letter, an invisible one, of a head that ellipsis.js does not write: it is for screen readers.
UNWRITTEN = "\u2060"
# Ground and letters of a disc with initials, light and dark, as in style.py.
_COLORS = (("#d9e7e4", "#1a4f4b"), ("#22403c", "#a9d6cf"))
# Pixels a photo is asked for in: twice what it takes on the screen.
_PHOTO_PX = 48


def face(photo_id: int | None, name: str) -> str:
    """Return the address of a client's face."""
    if photo_id:
        return f"/photo/{photo_id}?size={_PHOTO_PX}&round=1"
    return _disc(initials(name), st.context.theme.type == "dark")


@lru_cache(maxsize=4_000)
def _disc(letters: str, is_dark: bool) -> str:
    ground, ink = _COLORS[is_dark]
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 48 48"><circle cx="24" cy="24" r="24" fill="{ground}"/>'
        f'<text x="24" y="31" text-anchor="middle" font-family="sans-serif" font-weight="600" font-size="19" fill="{ink}">{esc(letters)}</text></svg>'
    )
    return f"data:image/svg+xml;base64,{b64encode(drawing.encode()).decode()}"


def face_column() -> Any:
    """Return how a table shows the column of faces."""
    return st.column_config.ImageColumn(t("frame.photo") + UNWRITTEN, width=FACE_PX)
