"""Einstellungen: what the firm decides for itself, a section each; a person has those their rights give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.access import rights_of
from core.errors import NotAllowed
from core.i18n import t
from core.rights import Right, Viewer
from core.ui.field_settings import field_settings


@dataclass(frozen=True)
class Section:
    """One section; its words stand under ``settings.<key>``."""

    key: str
    right: Right
    draw: Callable[[Viewer], None]


SECTIONS: tuple[Section, ...] = (Section("fields", Right.MANAGE_CUSTOM_FIELDS, field_settings),)


def sections_of(viewer: Viewer) -> tuple[Section, ...]:
    """The sections this person has at this moment."""
    rights = rights_of(viewer)
    return tuple(section for section in SECTIONS if section.right in rights)


def settings(viewer: Viewer) -> None:
    """The chosen section. Raises NotAllowed for who has none."""
    mine = {section.key: section for section in sections_of(viewer)}
    if not mine:
        raise NotAllowed()
    chosen = next(iter(mine))
    if len(mine) > 1:
        chosen = st.segmented_control(
            t("settings.title"), list(mine), default=chosen, required=True, key="settings-section", label_visibility="collapsed",
            format_func=lambda key: t(f"settings.{key}"),
        )  # fmt: skip
    mine[chosen].draw(viewer)
