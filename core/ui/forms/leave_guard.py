"""Have the browser ask before a tab with an open form is reloaded or closed."""

from __future__ import annotations

import streamlit as st

_JS = """
export default function () {
  const ask = (event) => { event.preventDefault(); event.returnValue = ''; };
  window.addEventListener('beforeunload', ask);
  return () => window.removeEventListener('beforeunload', ask);
}
"""

_component = st.components.v2.component("kundenblick_leave_guard", js=_JS)


def leave_guard() -> None:
    """Draw what makes the browser ask, for as long as it is drawn."""
    _component(key="leave-guard", height=1)
