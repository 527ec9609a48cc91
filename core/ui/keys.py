"""The keyboard: ``/`` and Ctrl+K to the search, Enter opens its first match, arrows walk through the matches."""

from __future__ import annotations

import streamlit as st

_JS = """
export default function () {
  if (window.kundenblickKeys) return;
  window.kundenblickKeys = true;
  const field = () => document.querySelector('[data-testid="stSidebar"] input[type="search"], [data-testid="stSidebar"] input');
  const buttons = () => [...document.querySelectorAll('.st-key-matches button')];
  const foundFor = () => document.getElementById('kb-found-for')?.dataset.typed;
  const typing = (target) => /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable;

  function openFirst(typed, tries) {
    if (field()?.value !== typed) return;
    if (foundFor() === typed && buttons().length) { buttons()[0].click(); return; }
    if (tries > 0) setTimeout(() => openFirst(typed, tries - 1), 50);
  }

  document.addEventListener('keydown', (event) => {
    const target = event.target;
    if ((event.key === '/' && !typing(target)) || ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k')) {
      const focus = () => { field()?.focus(); field()?.select(); };
      if (field()) focus();
      else { document.querySelector('[data-testid="stExpandSidebarButton"]')?.click(); setTimeout(focus, 250); }
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const list = buttons();
    const place = list.indexOf(target);
    if (target === field()) {
      if (event.key === 'Enter' && target.value.trim()) openFirst(target.value, 60);
      else if (event.key === 'ArrowDown' && list.length) { list[0].focus(); event.preventDefault(); }
    } else if (place >= 0) {
      if (event.key === 'ArrowDown') { (list[place + 1] || list[0]).focus(); event.preventDefault(); }
      else if (event.key === 'ArrowUp') { (place ? list[place - 1] : field()).focus(); event.preventDefault(); }
      else if (event.key === 'Escape') { field()?.focus(); }
    }
  }, true);
}
"""

_component = st.components.v2.component("kundenblick_keys", js=_JS)


def keys() -> None:
    """Listen on the whole page, once per page load."""
    _component(key="keys", height=1)
