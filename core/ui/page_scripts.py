"""Three small scripts that listen on the whole page, started once per page load."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

# A press counts though the page moves under it; what is cut says itself in full; a table stays where it was scrolled to.
SCRIPTS = ("press", "whole_text", "table_scroll")
_components = {
    name: st.components.v2.component(
        f"kundenblick_{name}", js=(Path(__file__).parent / f"{name}.js").read_text("utf-8"), isolate_styles=False
    )
    for name in SCRIPTS
}


def page_scripts() -> None:
    """Start them."""
    for name, component in _components.items():
        component(key=f"script-{name}", height=1)
