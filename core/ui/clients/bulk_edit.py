"""Change tags and team of the clients that are ticked, or of all the list shows, with the number that would change."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from core.access.verbs import rights_of
from core.base.rights import Right, Viewer
from core.clients.account_record import MAX_ACCOUNTS_AT_ONCE, Change, change_many, count_changed
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


# Who has one of these changes many clients at once, and ticks them.
MANY = frozenset({Right.MANAGE_TAGS, Right.MANAGE_TEAM, Right.MANAGE_ACCOUNTS})


def many_buttons(viewer: Viewer, query: AccountQuery) -> None:
    """Draw what can be done with the clients that are ticked, or with all that the list shows."""
    rights, ticked = rights_of(viewer), ui_state().accounts.ticked
    if ticked:
        st.caption(t("many.ticked", n=len(ticked)), width="content")
        st.button(t("many.untick"), icon=":material/close:", type="tertiary", key="many-untick", on_click=_untick)
    if {Right.MANAGE_TAGS, Right.MANAGE_TEAM} & rights:
        st.button(t("many.open"), icon=":material/sell:", type="tertiary", key="many", on_click=_open, args=("many", viewer, query))


def _untick() -> None:
    """Tick nobody; the table is drawn anew."""
    state = ui_state()
    state.accounts.ticked = set()
    _, generation = state.tables.get("accounts-rows", (None, 0))
    state.tables["accounts-rows"] = (None, generation)


def _open(name: str, viewer: Viewer, query: AccountQuery) -> None:
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
