"""The clients a team member works for: list and search them, assign and unassign one or many at once."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import streamlit as st

from core.access.explanation import assigned_since
from core.access.verbs import rights_of
from core.base.rights import Right, Role, Viewer
from core.clients.account_record import MAX_ACCOUNTS_AT_ONCE, Change, change_many, count_changed
from core.clients.accounts import AccountQuery, list_accounts
from core.clients.list_columns import STATES
from core.clients.list_conditions import Condition
from core.i18n import t
from core.i18n.formats import day, local
from core.identity.team import Member, team_member
from core.ui.forms import form_dialog as forms
from core.ui.forms.field_inputs import keep_input
from core.ui.forms.form_dialog import form, open_form
from core.ui.parts.columns import ROW_PX, table_height
from core.ui.parts.escape import md
from core.ui.parts.options import named
from core.ui.parts.pagination import offset_of
from core.ui.parts.section import section_head
from core.ui.parts.table_clicks import key_of
from core.ui.state.open_form import OpenForm

PAGE_ROWS = 50
# So many found clients are offered to choose from.
MAX_OFFERED = 100


def assignments_card(viewer: Viewer, member: Member) -> None:
    """Draw what the member sees and why, and the assignments with since when and by whom; viewers who manage the team change them."""
    may = Right.MANAGE_TEAM in rights_of(viewer)
    with st.container(gap="xsmall", key="card-assignments"):
        with st.container(horizontal=True, vertical_alignment="center", key="head-assignments"):
            st.html(section_head(t("team.assignments")), width="stretch")
            if may and member.state != "deactivated":
                st.button(
                    t("team.assign"), icon=":material/add:", key="assign", on_click=open_form, args=("assign",),
                    kwargs={"member": member.staff_member_id},
                )  # fmt: skip
        sees_all = member.role is not Role.EMPLOYEE or Right.VIEW_ALL_ACCOUNTS in member.rights
        through = "role" if member.role is not Role.EMPLOYEE else "right" if sees_all else "assigned"
        st.caption(t("team.sees_gone" if member.state == "deactivated" else f"team.sees_{through}", role=t(f"team.roles.{member.role}")))
        text = ""
        if member.assigned > 10:
            text = st.text_input(
                t("team.find_client"), type="search", live="250ms", key=f"assigned-text-{member.staff_member_id}",
                placeholder=t("team.find_client"), label_visibility="collapsed",
            )  # fmt: skip
        _table(viewer, member, text or "", may)


def _table(viewer: Viewer, member: Member, text: str, may: bool) -> None:
    query = AccountQuery(
        text,
        (Condition("team", "is", (str(member.staff_member_id),)), Condition("state", "is", STATES)),
        columns=("name", "number", "state"),
    )
    page_key = f"assigned-page-{member.staff_member_id}-{hash(text)}"
    page = list_accounts(viewer, query, offset_of(page_key, PAGE_ROWS), PAGE_ROWS)
    if not page.total:
        st.caption(t("team.none_found" if text else "team.none_assigned"))
        return
    since = assigned_since(viewer, member.staff_member_id, [row["account_id"] for row in page.rows])
    rows = []
    for row in page.rows:
        at, by, way = since.get(row["account_id"], (None, None, None))
        rows.append(
            {
                t("accounts.name"): row["name"], t("accounts.number"): row["number"], t("accounts.state"): t(f"frame.state.{row['state']}"),
                t("team.since"): day(local(at).date()) if at else "", t("team.by"): by or (t(f"history.way.{way}") if way else ""),
            }
        )  # fmt: skip
    ids = tuple(row["account_id"] for row in page.rows)
    look: dict[str, Any] = {
        "hide_index": True, "row_height": ROW_PX, "height": table_height(len(rows), 14), "alt": t("team.assignments"),
        "key": key_of("assigned-rows", (member.staff_member_id, ids)),
    }  # fmt: skip
    chosen: list[int] = []
    if may:
        picked = st.dataframe(rows, **look, selection_mode="multi-row", on_select="rerun")
        chosen = [ids[place] for place in picked.selection.rows if place < len(ids)]
    else:
        st.dataframe(rows, **look)
    with st.container(horizontal=True, vertical_alignment="center", key="assigned-foot"):
        st.caption(t("accounts.found", n=page.total), width="content")
        if page.total > PAGE_ROWS:
            st.pagination(math.ceil(page.total / PAGE_ROWS), key=page_key)
        st.space("stretch")
        if may and chosen:
            _take_button(t("team.take", n=len(chosen)), "take-chosen", member, chosen)
        elif may and 1 < page.total <= MAX_ACCOUNTS_AT_ONCE:
            st.button(
                t("team.take_all", n=page.total),
                key="take-all",
                type="tertiary",
                on_click=_open_all,
                args=(viewer, member.staff_member_id, query),
            )


def _take_button(label: str, key: str, member: Member, ids: list[int]) -> None:
    st.button(
        label, key=key, type="tertiary", on_click=open_form, args=("unassign",), kwargs={"member": member.staff_member_id, "ids": ids}
    )


def _ids(viewer: Viewer, query: AccountQuery) -> list[int]:
    return [row["account_id"] for row in list_accounts(viewer, query, limit=MAX_ACCOUNTS_AT_ONCE + 1).rows]


def _open_all(viewer: Viewer, staff_member_id: int, query: AccountQuery) -> None:
    open_form("unassign", member=staff_member_id, ids=_ids(viewer, query))


@form("unassign", "team.take_title", "question")
def _unassign(viewer: Viewer, editing: OpenForm) -> None:
    member, ids = team_member(viewer, editing.about["member"]), editing.about["ids"]
    editing.start(dict)
    st.write(md(t("team.take_hint", n=len(ids), name=member.name)))
    forms.buttons(
        editing, {}, partial(change_many, viewer, ids, Change(remove_team=(member.staff_member_id,))), save="team.take_go", at_once=True
    )


@dataclass
class _FoundNames:
    """What the accounts are called that were found so far, by id: the chosen ones keep their names when others are found."""

    by_id: dict[int, str] = field(default_factory=dict)


@form("assign", "team.assign")
def _assign(viewer: Viewer, editing: OpenForm) -> None:
    member = team_member(viewer, editing.about["member"])
    draft = editing.start(lambda: {"text": "", "all": False, "ids": []})
    names = editing.own(_FoundNames).by_id
    st.caption(md(t("team.assign_hint", name=member.name)))
    key = keep_input(editing.key("text"), draft["text"])
    text = st.text_input(t("team.find_client"), type="search", live="250ms", key=key, placeholder=t("team.find_client")) or ""
    query = AccountQuery(text=text)
    found = list_accounts(viewer, query, limit=MAX_OFFERED)
    names |= {row["account_id"]: f"{row['name']} · {row['number']}" for row in found.rows}
    everything = bool(text.strip()) and 1 < found.total <= MAX_ACCOUNTS_AT_ONCE and st.checkbox(
        t("team.assign_all", n=found.total), key=keep_input(editing.key(f"all-{text}"), False)
    )  # fmt: skip
    if everything:
        ids = _ids(viewer, query)
    else:
        key = keep_input(editing.key("ids"), draft["ids"])
        offered = list(dict.fromkeys([*st.session_state[key], *(row["account_id"] for row in found.rows)]))
        ids = st.multiselect(t("team.clients"), offered, key=key, format_func=named(names), placeholder=t("form.none"))
        if found.total > MAX_OFFERED:
            st.caption(t("team.more_found", n=found.total, shown=MAX_OFFERED))
    change = Change(add_team=(member.staff_member_id,))
    if ids:
        st.info(t("many.count", n=count_changed(viewer, ids, change), of=len(ids)), icon=":material/groups:")
    changes = editing.record_input({"text": draft["text"], "all": everything, "ids": list(ids)})
    forms.buttons(editing, changes, partial(change_many, viewer, list(ids), change), save="team.assign_go", confirm="team.assign_confirm")
