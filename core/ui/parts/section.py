"""A part of a page under a head with a hairline, without a box."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.ui.parts.escape import esc


def section(key: str, title: str) -> DeltaGenerator:
    """Draw the head of a part of a page; return the container to draw the rest of it in."""
    box = st.container(gap="xsmall", key=f"card-{key}")
    box.html(section_head(title, is_lined=True))
    return box


def section_head(title: str, *, is_lined: bool = False) -> str:
    """Return the head as HTML; ``is_lined``: with its hairline, where nothing stands beside it."""
    return f'<div class="kb-head kb-part-head{" kb-lined" if is_lined else ""}"><h2>{esc(title)}</h2></div>'
