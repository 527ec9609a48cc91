"""How tags look: the name always, its colour around it, legible on light and dark."""

from __future__ import annotations

import streamlit as st

from core.base.rights import Viewer
from core.clients.tags import COLORS, tags_named
from core.ui.parts.escape import esc


def tag_chip(name: str, color: str) -> str:
    """A tag as HTML."""
    return f'<span class="kb-tag kb-tag-{esc(color)}" title="{esc(name)}">{esc(name)}</span>'


def colored_chips(viewer: Viewer) -> None:
    """Give the chosen tags of every input whose key speaks of tags their colour."""
    rules = [_rule(row["name"], row["color"]) for row in tags_named(viewer) if row["color"] in COLORS]
    if rules:
        st.html(f"<style>{' '.join(rules)}</style>")


def _rule(name: str, color: str) -> str:
    """The rule of one tag; every character of its name is a number in it, so that the name is only text."""
    written = "".join(f"\\{ord(character):x} " for character in name)
    hue = f"var(--kb-{color})"
    return (
        f'[class*="st-key-"][class*="tags"] [data-tag][aria-label="{written}"] {{ color: inherit; '
        f"background: color-mix(in srgb, {hue} 16%, transparent); box-shadow: inset 0 0 0 1px color-mix(in srgb, {hue} 60%, transparent); }}"
    )
