"""While a form is open, reloading or closing the tab asks first."""

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
    """Ask before the page goes, as long as this is drawn."""
    _component(key="leave-guard", height=1)
