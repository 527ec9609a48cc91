"""Draw tags: the name always, its colour around it, legible on light and dark."""

from __future__ import annotations

import streamlit as st

from core.base.rights import Viewer
from core.clients.tags import COLORS, tags_named
from core.ui.parts.escape import esc


def tag_chip(name: str, color: str) -> str:
    """Return a tag as HTML."""
    return f'<span class="kb-tag kb-tag-{esc(color)}" title="{esc(name)}">{esc(name)}</span>'


def colored_chips(viewer: Viewer) -> None:
    """Colour the chosen tags in every input whose key contains *tags*."""
    rules = [_rule(row["name"], row["color"]) for row in tags_named(viewer) if row["color"] in COLORS]
    if rules:
        st.html(f"<style>{' '.join(rules)}</style>")


def _rule(name: str, color: str) -> str:
    """Return the CSS rule of a tag; its name is written in numbers of characters, so that it can be nothing but text."""
    escaped = "".join(f"\\{ord(character):x} " for character in name)
    hue = f"var(--kb-{color})"
    return (
        f'[class*="st-key-"][class*="tags"] [data-tag][aria-label="{escaped}"] {{ color: inherit; '
        f"background: color-mix(in srgb, {hue} 16%, transparent); box-shadow: inset 0 0 0 1px color-mix(in srgb, {hue} 60%, transparent); }}"
    )
