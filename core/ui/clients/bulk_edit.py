"""Change tags and team of all clients the list shows at once, with the number that would change."""

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

PARTS = {"add_tags": Right.MANAGE_TAGS, "remove_tags": Right.MANAGE_TAGS, "add_team": Right.MANAGE_TEAM, "remove_team": Right.MANAGE_TEAM}


def many_button(viewer: Viewer, query: AccountQuery) -> None:
    """Draw *Tags und Team …* under the list, for viewers who may change one of them."""
    if {Right.MANAGE_TAGS, Right.MANAGE_TEAM} & rights_of(viewer):
        st.button(t("many.open"), icon=":material/sell:", type="tertiary", key="many", on_click=_open, args=(viewer, query))


def _open(viewer: Viewer, query: AccountQuery) -> None:
    rows = list_accounts(viewer, replace(query, shown=(), sort="name"), limit=MAX_ACCOUNTS_AT_ONCE + 1).rows
    open_form("many", 0, ids=[row["account_id"] for row in rows])


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
