"""Somebody saved a row while its form was open: field by field the person chooses whose value counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core.i18n import t
from core.ui.parts.escape import md
from core.ui.state.open_form import OpenForm
from core.ui.state.ui_state import ui_state


def start_edit(
    editing: OpenForm,
    present: Callable[[], Mapping[str, Any]],
    version: int,
    labels: Mapping[str, str],
    display_text: Callable[[str, Any], str],
) -> dict[str, Any]:
    """Return what the inputs of a row's form begin with; what somebody else changed since it was opened is settled first.

    Args:
        editing: The form.
        present: The row's values as they are now, raw by key.
        version: The row's version as it is now; the form keeps the one it was opened with.
        labels: What the inputs are called.
        display_text: A raw value of a key as people read it.
    """
    editing.start(present)
    if not editing.version:
        editing.version = version
    if editing.has_conflict:
        _settle(editing, present(), version, labels, display_text)
    return editing.inputs


def _settle(
    editing: OpenForm, fresh: Mapping[str, Any], version: int, labels: Mapping[str, str], display_text: Callable[[str, Any], str]
) -> None:
    """Show what each field was, what the other person made of it and what was typed, and end the run until it is settled.

    Where the other person changed none of these fields, the form goes on with the new version.
    """
    before, mine = editing.initial or {}, editing.inputs
    theirs = {name for name in fresh if fresh[name] != before.get(name)}
    if not theirs:
        editing.initial, editing.version, editing.has_conflict = dict(fresh), version, False
        st.info(t("form.conflict_elsewhere"), icon=":material/group:")
        return
    st.warning(t("form.conflict"), icon=":material/group:")
    chosen: dict[str, Any] = {}
    asked: dict[str, str] = {}
    for name in fresh:
        chosen[name] = fresh[name] if name in theirs else mine[name]
        if name not in theirs:
            continue
        st.markdown(f"**{md(labels.get(name, name))}**")
        st.caption(md(t("form.was", value=display_text(name, before.get(name)))))
        their_words = t("form.theirs", value=display_text(name, fresh[name]))
        if mine.get(name) == before.get(name):
            st.text(their_words)
            continue
        asked[name] = editing.key(f"settle-{name}")
        _ask(labels.get(name, name), their_words, t("form.mine", value=display_text(name, mine[name])), asked[name])

    def settled() -> None:
        # As a callback it counts even if the run that was to draw this is ended by the next, as a choice made just before does.
        own = {name: mine[name] for name, key in asked.items() if st.session_state[key] == "mine"}
        editing.initial, editing.draft, editing.version = dict(fresh), chosen | own, version
        editing.has_conflict, editing.problems, editing.key_epoch = False, {}, ui_state().next_form_epoch()

    st.button(t("form.settle"), type="primary", key=editing.key("settle"), on_click=settled)
    st.stop()


def _ask(label: str, their_words: str, own_words: str, key: str) -> None:
    """Draw the choice between the other person's value and one's own."""
    words = {"theirs": their_words, "mine": own_words}
    st.radio(label, list(words), key=key, label_visibility="collapsed", format_func=lambda choice: md(words[choice]))
