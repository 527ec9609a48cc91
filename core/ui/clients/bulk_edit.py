"""What is done with the clients that are ticked, or with all the list shows: tags and team, archive, restore."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from core.access.verbs import rights_of
from core.base.rights import Right, Viewer
from core.clients.account_record import (
    MAX_ACCOUNTS_AT_ONCE,
    Change,
    archive_many,
    change_many,
    count_archived,
    count_changed,
    restore_many,
)
from core.clients.accounts import AccountQuery, choices, list_accounts
from core.i18n import t
from core.ui.forms import form_dialog as forms
from core.ui.forms.field_inputs import keep_input
from core.ui.forms.form_dialog import form, open_form
from core.ui.parts.options import named
from core.ui.parts.tag_chips import colored_chips
from core.ui.state.open_form import OpenForm
from core.ui.state.ui_state import ui_state

PARTS = {"add_tags": Right.MANAGE_TAGS, "remove_tags": Right.MANAGE_TAGS, "add_team": Right.MANAGE_TEAM, "remove_team": Right.MANAGE_TEAM}


ICONS = {"archive": "archive", "restore": "unarchive"}
# Who has one of these changes many clients at once, and ticks them.
MANY = frozenset({Right.MANAGE_TAGS, Right.MANAGE_TEAM, Right.MANAGE_ACCOUNTS})


def many_buttons(viewer: Viewer, query: AccountQuery) -> None:
    """Draw what can be done with the clients that are ticked, or with all that the list shows."""
    rights, ticked = rights_of(viewer), ui_state().accounts.ticked
    if ticked:
        st.caption(t("many.ticked", n=len(ticked)), width="content")
        st.button(t("many.untick"), icon=":material/close:", type="tertiary", key="many-untick", on_click=untick)
    if {Right.MANAGE_TAGS, Right.MANAGE_TEAM} & rights:
        st.button(t("many.open"), icon=":material/sell:", type="tertiary", key="many", on_click=open_many, args=("many", viewer, query))
    for way in _ways(query) if Right.MANAGE_ACCOUNTS in rights else ():
        st.button(
            t(f"many.{way}"), icon=f":material/{ICONS[way]}:", type="tertiary", key=f"many-{way}", on_click=open_many,
            args=(f"many_{way}", viewer, query),
        )  # fmt: skip


def _ways(query: AccountQuery) -> tuple[str, ...]:
    """Return whether the clients of a list can be archived, restored, or both: by whether it shows archived ones."""
    states = next((condition.values for condition in query.conditions if condition.column == "state"), ())
    return ("restore",) if set(states) == {"archived"} else ("archive", "restore") if "archived" in states else ("archive",)


def untick() -> None:
    """Tick nobody; the table is drawn anew."""
    state = ui_state()
    state.accounts.ticked = set()
    _, generation = state.tables.get("accounts-rows", (None, 0))
    state.tables["accounts-rows"] = (None, generation)


def open_many(name: str, viewer: Viewer, query: AccountQuery) -> None:
    """Open a form about the clients that are ticked, else about all that the list shows (a button's callback)."""
    ticked = sorted(ui_state().accounts.ticked)
    if not ticked:
        asked = replace(query, columns=("name",), sums=False, sort="name")
        ticked = [row["account_id"] for row in list_accounts(viewer, asked, limit=MAX_ACCOUNTS_AT_ONCE + 1).rows]
    open_form(name, 0, ids=ticked)


@form("many", "many.title")
def _many(viewer: Viewer, editing: OpenForm) -> None:
    ids, rights = editing.about["ids"], rights_of(viewer)
    tags, members = choices(viewer)
    draft = editing.start(lambda: {part: [] for part in PARTS})
    st.caption(t("many.hint", n=len(ids)))
    colored_chips(viewer)
    raw: dict[str, Any] = dict(draft)
    for row in (("add_tags", "remove_tags"), ("add_team", "remove_team")):
        for place, part in zip(st.columns(2), row, strict=True):
            if PARTS[part] in rights:
                names = tags if part.endswith("tags") else members
                key = keep_input(editing.key(part), draft[part])
                raw[part] = place.multiselect(t(f"many.{part}"), list(names), key=key, format_func=named(names), placeholder=t("form.none"))
    changes = editing.record_input(raw)
    change = Change(**{part: tuple(chosen) for part, chosen in raw.items()})
    if change.parts:
        n = count_changed(viewer, ids, change)
        st.info(t("many.count", n=n, of=len(ids)), icon=":material/groups:")
    forms.buttons(editing, changes, partial(change_many, viewer, ids, change), save="many.save", confirm="many.confirm")


@form("many_archive", "many.archive_title", "question")
def _archive(viewer: Viewer, editing: OpenForm) -> None:
    ids = editing.about["ids"]
    editing.start(lambda: {"n": len(ids) - count_archived(viewer, ids)})
    n = editing.inputs["n"]
    st.markdown(f"**{t('many.archive_count', n=n)}**")
    st.write(t("many.archive_hint"))
    forms.buttons(editing, {}, partial(archive_many, viewer, ids), save="info.archive", at_once=True, done=_done)


@form("many_restore", "many.restore_title", "question")
def _restore(viewer: Viewer, editing: OpenForm) -> None:
    ids = editing.about["ids"]
    editing.start(lambda: {"n": count_archived(viewer, ids)})
    st.markdown(f"**{t('many.restore_count', n=editing.inputs['n'])}**")
    st.write(t("many.restore_hint"))
    forms.buttons(editing, {}, partial(restore_many, viewer, ids), save="info.restore", at_once=True, done=_done)


def _done(_changed: int) -> None:
    """Close the form; who was ticked is shown no more."""
    forms.close_form()
    untick()
    ui_state().is_saved = True
