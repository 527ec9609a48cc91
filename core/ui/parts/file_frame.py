"""Show a stored file inside the page: a frame on our own route, without a sandbox because Chromium's PDF viewer refuses one."""

from __future__ import annotations

import streamlit as st

_JS = """
export default function ({ parentElement, data }) {
  const frame = parentElement.querySelector('iframe') || parentElement.appendChild(document.createElement('iframe'));
  if (frame.getAttribute('src') !== data.url) frame.setAttribute('src', data.url);
}
"""
_CSS = """
iframe { display: block; box-sizing: border-box; width: 100%; height: 620px; border: 1px solid #8886; border-radius: 6px; background: #fff; }
"""

_component = st.components.v2.component("kundenblick_file", css=_CSS, js=_JS)


def file_frame(url: str) -> None:
    """Show what a path of this site answers."""
    _component(data={"url": url}, key=f"file-{url}", height=640)
