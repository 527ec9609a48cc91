"""Exports that take a while say so: the browser fetches the file and tells that it is being made."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.i18n import t

_component = st.components.v2.component(
    "kundenblick_downloads", js=(Path(__file__).parent / "downloads.js").read_text("utf-8"), isolate_styles=False
)


def downloads() -> None:
    """Listen for clicks on links to exports, once per page load."""
    _component(key="downloads", data={"words": {word: t(f"common.export_{word}") for word in ("preparing", "failed")}}, height=1)
