"""*Einstellungen*: what the firm decides for itself, in sections that people see by their rights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.base.errors import NotAllowed
from core.base.rights import Right, Role, Viewer
from core.i18n import t
from core.store import scope_of
from core.ui.forms.field_inputs import keep_input
from core.ui.settings.backups import backup_settings
from core.ui.settings.fields import field_settings
from core.ui.settings.firm import firm_settings
from core.ui.settings.sign_in_rules import sign_in_rules
from core.ui.settings.tags import tag_settings
from core.ui.state.ui_state import ui_state


@dataclass(frozen=True)
class Section:
    """A section; its words stand under ``settings.<key>``. A section without a right is for owners and admins."""

    key: str
    right: Right | None
    draw: Callable[[Viewer], None]


SECTIONS: tuple[Section, ...] = (
    Section("firm", None, firm_settings),
    Section("fields", Right.MANAGE_CUSTOM_FIELDS, field_settings),
    Section("tags", Right.MANAGE_TAGS, tag_settings),
    Section("sign_in", None, sign_in_rules),
    Section("backups", None, backup_settings),
)


def sections_of(viewer: Viewer) -> tuple[Section, ...]:
    """Return the sections this person may see at this moment."""
    scope = scope_of(viewer)
    leads = scope.role in (Role.OWNER, Role.ADMIN)
    return tuple(section for section in SECTIONS if (leads if section.right is None else scope.allows(section.right)))


def settings(viewer: Viewer) -> None:
    """Draw the chosen section, which stands in the address. Raises NotAllowed for a person who may see none."""
    mine = {section.key: section for section in sections_of(viewer)}
    if not mine:
        raise NotAllowed()
    chosen: str | None = next(iter(mine))
    asked = st.query_params.get("section", "")
    if asked in mine and asked != ui_state().section:
        ui_state().section = st.session_state["settings-section"] = asked
    if len(mine) > 1:
        chosen = st.segmented_control(
            t("settings.title"), list(mine), required=True, key=keep_input("settings-section", chosen), label_visibility="collapsed",
            format_func=lambda key: t(f"settings.{key}"), on_change=_note_section,
        )  # fmt: skip
    mine[chosen or next(iter(mine))].draw(viewer)


def _note_section() -> None:
    """Keep the chosen section in the address, for F5 and for a link to it."""
    st.query_params["section"] = ui_state().section = st.session_state["settings-section"]
