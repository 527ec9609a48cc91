"""The team page: the list, and a member with rights, assignments and what can be done about them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.access.view_as import begin_view
from core.base.errors import AppError, NotAllowed, NotFound
from core.base.rights import Right, Role, Viewer
from core.i18n import sentence, t
from core.i18n.formats import ago, day, local
from core.identity.second_factor import has_factor
from core.identity.team import Member, may_see_team, roles_to_give, team_member, team_members
from core.ui.forms.form_dialog import open_form
from core.ui.parts.columns import ROW_PX, table_height
from core.ui.parts.empty import empty_state
from core.ui.parts.escape import esc, md
from core.ui.parts.navigate import PAGES, go_anew
from core.ui.parts.section import section
from core.ui.parts.table_clicks import key_of, label_of, opening_column
from core.ui.parts.viewer import token_hash
from core.ui.state.open_form import About
from core.ui.state.ui_state import ui_state
from core.ui.team import member_forms  # noqa: F401 - registers the forms
from core.ui.team.assignments import assignments_card

# From so many members on the list has a search field.
SEARCHED_FROM = 9
# The list in place of a member.
NO_MEMBER = 0
# On a phone; in pixels.
NARROW = {"name": 136, "role": 112, "state": 112}
WIDTHS_PX = {"name": 200, "email": 230, "role": 125, "state": 165, "assigned": 135, "last": 115}


def team(viewer: Viewer) -> None:
    """Draw the whole page. Raises NotAllowed for people who may not see the team."""
    if not may_see_team(viewer):
        raise NotAllowed()
    state = ui_state()
    if state.next_member is not None:
        next_id, state.next_member = state.next_member, None
        st.switch_page(PAGES["team"], query_params=None if next_id == NO_MEMBER else {"member": str(next_id)})
    if problem := state.take_problem("team"):
        st.error(problem, icon=":material/error:")
    asked = st.query_params.get("member", "")
    if not asked:
        _list(viewer)
        return
    try:
        if not (asked.isascii() and asked.isdecimal() and len(asked) < 19):
            raise NotFound()
        member = team_member(viewer, int(asked))
    except NotFound as problem:
        st.info(sentence(problem), icon=":material/search_off:")
        st.button(t("team.back"), icon=":material/arrow_back:", key="team-back", on_click=_open, args=(NO_MEMBER,))
        return
    _member(viewer, member)


def _open(staff_member_id: int) -> None:
    """Have the address name that member with the next run, or ``NO_MEMBER``: the list."""
    ui_state().next_member = staff_member_id


def _list(viewer: Viewer) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="team-head"):
        st.header(t("team.title"), anchor=False, width="stretch")
        if roles_to_give(viewer):
            st.button(
                t("team.invite"), icon=":material/person_add:", type="primary", key="invite", on_click=open_form, args=("member_invite",)
            )
    everybody = team_members(viewer, gone=True)
    with st.container(horizontal=True, vertical_alignment="center", key="team-wishes"):
        text = ""
        if len(everybody) >= SEARCHED_FROM:
            text = st.text_input(
                t("team.find"),
                type="search",
                live="250ms",
                key="team-text",
                placeholder=t("team.find"),
                label_visibility="collapsed",
                width=300,
            )
        gone = any(member.state == "deactivated" for member in everybody) and st.toggle(t("team.with_gone"), key="team-gone")
    members = team_members(viewer, text or "", gone=bool(gone))
    if not members:
        empty_state("search_off", t("team.nothing"))
        return
    ids = tuple(member.staff_member_id for member in members)
    key, lines, name = key_of("team-rows", ids), [_line(member) for member in members], t("team.name")
    widths = NARROW if ui_state().is_narrow else WIDTHS_PX
    if ui_state().is_narrow:
        shown = [t(f"team.{column}") for column in NARROW]
        lines = [{column: line[column] for column in shown} for line in lines]
    config = {t(f"team.{column}"): st.column_config.Column(width=width) for column, width in widths.items()}
    config[name] = opening_column(name, key, ids, [line[name] for line in lines], _open, width=widths["name"])
    st.dataframe(
        lines, hide_index=True, row_height=ROW_PX, height=table_height(len(members)), key=key, column_config=config, alt=t("team.title")
    )
    st.caption(t("team.found", n=len(members)))


def _line(member: Member) -> dict[str, Any]:
    return {
        t("team.name"): label_of(f"{member.name} ({t('team.you')})" if member.is_own else member.name),
        t("team.email"): member.email or "",
        t("team.role"): t(f"team.roles.{member.role}"),
        t("team.state"): _state(member),
        t("team.assigned"): member.assigned,
        t("team.last"): ago(member.last_signed_in_at) or t("team.never"),
    }


def _state(member: Member) -> str:
    if member.state == "invited" and member.invited_until:
        return t("team.states.invited_until", day=day(local(member.invited_until).date()))
    return t("team.states.not_invited" if member.state == "invited" else f"team.states.{member.state}")


def _member(viewer: Viewer, member: Member) -> None:
    st.button(t("team.back"), icon=":material/arrow_back:", type="tertiary", key="team-back", on_click=_open, args=(NO_MEMBER,))
    facts = [member.email or "", t(f"team.roles.{member.role}"), _state(member)]
    facts.append(t("team.last_at", when=ago(member.last_signed_in_at)) if member.last_signed_in_at else t("team.never_in"))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="member-head"):
        st.html(f'<div class="kb-who"><h1>{esc(member.name)}</h1><p>{esc(" · ".join(filter(None, facts)))}</p></div>', width="stretch")
        if member.is_manageable:
            _actions(viewer, member)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _rights_card(member)
    with right:
        assignments_card(viewer, member)


def _actions(viewer: Viewer, member: Member) -> None:
    about: About = {"member": member.staff_member_id}
    if member.state != "deactivated":
        st.button(
            t("team.view_as"), icon=":material/visibility:", key="view-as-begin", help=t("team.view_as_help"), on_click=_look_as,
            args=(viewer, member.staff_member_id),
        )  # fmt: skip
    st.button(t("team.edit"), icon=":material/edit:", key="member-edit", on_click=open_form, args=("member",), kwargs=dict(about))
    ways = ["reactivate"] if member.state == "deactivated" else ["reset_link", "deactivate"]
    if member.state == "active" and has_factor(viewer, member.staff_member_id):
        ways.insert(1, "reset_factor")
    if member.state == "active" and member.has_come_by_provider:
        ways.insert(-1, "forget_provider")
    if member.state == "invited":
        ways = ["invite_again", "withdraw"] if member.invited_until else ["invite_again", "deactivate"]
    key = f"member-more-{member.staff_member_id}-{member.state}"

    def picked() -> None:
        open_form(f"member_{st.session_state[key]}", **about)

    st.menu_button(
        t("team.more"),
        ways,
        key=key,
        icon=":material/more_vert:",
        help=t("team.more"),
        on_click=picked,
        format_func=lambda way: t(f"team.{way}"),
    )


def _look_as(viewer: Viewer, staff_member_id: int) -> None:
    try:
        begin_view(viewer, staff_member_id, token_hash() or "")
    except AppError as problem:
        ui_state().problems["team"] = sentence(problem)
    else:
        go_anew("/")


def _rights_card(member: Member) -> None:
    with section("rights", t("team.rights")):
        if member.is_own and member.role is Role.EMPLOYEE:
            st.caption(t("team.own_rights"))
        if member.role is not Role.EMPLOYEE:
            st.markdown(t(f"team.every_right_{member.role}"))
            return
        st.caption(t("team.base"))
        lines = "".join(
            f"<dt>{esc(t(f'team.right.{right}.name'))}</dt><dd>{esc(t(f'team.right.{right}.gives'))}</dd>"
            for right in Right
            if right in member.rights
        )
        if lines:
            st.html(f'<dl class="kb-facts">{lines}</dl>')
        missing = [t(f"team.right.{right}.name") for right in Right if right not in member.rights]
        if missing:
            st.caption(md(t("team.missing", names=", ".join(missing))))
