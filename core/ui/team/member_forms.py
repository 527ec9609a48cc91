"""The forms about a team member: invite, change, deactivate and reactivate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from core.base.rights import Right, Role, Viewer
from core.i18n import t
from core.identity.members import deactivate
from core.identity.oidc_subject import forget_provider_person
from core.identity.password_change import make_reset_link
from core.identity.second_factor import reset_second_factor
from core.identity.team import (
    Member,
    edit_member,
    invite_member,
    invite_member_again,
    parting,
    reactivate,
    roles_to_give,
    team_member,
    withdraw_invitation,
)
from core.ui.forms import form_dialog as forms
from core.ui.forms.edit_conflict import start_edit
from core.ui.forms.field_inputs import keep_input, show_problem
from core.ui.forms.form_dialog import form
from core.ui.forms.shown_link import deliver, show_link, show_reset_link
from core.ui.parts.escape import md
from core.ui.state.open_form import MadeLink, OpenForm


def _inputs(viewer: Viewer, editing: OpenForm, draft: Mapping[str, Any]) -> dict[str, Any]:
    """Draw name, address, role, and the rights of an employee, each with what it gives; return raw values by key."""
    problems, prefix = editing.problems, editing.key("in")
    raw = dict(draft)
    left, right = st.columns(2)
    with left:
        raw["name"] = st.text_input(f"{t('team.name')} *", key=keep_input(f"{prefix}-name", draft["name"]), autocomplete="off")
        show_problem(problems, "name")
    with right:
        raw["email"] = st.text_input(
            f"{t('team.email')} *", key=keep_input(f"{prefix}-email", draft["email"]), autocomplete="off",
            placeholder=t("form.example_email"),
        )  # fmt: skip
        show_problem(problems, "email")
    roles = [str(role) for role in roles_to_give(viewer)]
    if len(roles) > 1:
        # On a slow machine a run can come before the browser has sent the first choice: then the role is what it was.
        raw["role"] = st.segmented_control(
            t("team.role"), roles, required=True, key=keep_input(f"{prefix}-role", draft["role"]),
            format_func=lambda role: t(f"team.roles.{role}"),
        ) or draft["role"]  # fmt: skip
    show_problem(problems, "role")
    if raw["role"] != Role.EMPLOYEE:
        st.caption(t(f"team.every_right_{raw['role']}"))
        return raw
    st.markdown(f"**{t('team.rights')}**")
    st.caption(t("team.base"))
    for place, right_key in enumerate(Right):
        if place % 2 == 0:
            columns = st.columns(2)
        with columns[place % 2]:
            key = keep_input(f"{prefix}-{right_key}", draft[f"right:{right_key}"])
            raw[f"right:{right_key}"] = st.toggle(t(f"team.right.{right_key}.name"), key=key)
            st.caption(t(f"team.right.{right_key}.gives"))
    return raw


def _rights_in(raw: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(right.value for right in Right if raw[f"right:{right}"])


@form("member_invite", "team.invite")
def _invite(viewer: Viewer, editing: OpenForm) -> None:
    if editing.link:
        show_link(editing, editing.link, "join")
        return
    empty: dict[str, Any] = {"name": "", "email": "", "role": "employee"}
    empty |= {f"right:{right}": False for right in Right}
    raw = _inputs(viewer, editing, editing.start(lambda: empty))
    changes = editing.record_input(raw)
    forms.buttons(
        editing,
        changes,
        partial(invite_member, viewer, name=raw["name"] or "", email=raw["email"] or "", role=raw["role"], rights=_rights_in(raw)),
        done=lambda made: deliver(viewer, editing, "join", "team", MadeLink(made[1], raw["email"].strip(), raw["name"].strip())),
        quiet=True,
        new=True,
        save="team.invite_go",
    )


@form("member", "team.edit")
def _member(viewer: Viewer, editing: OpenForm) -> None:
    member = team_member(viewer, editing.about["member"])

    def present() -> dict[str, Any]:
        values: dict[str, Any] = {"name": member.name, "email": member.email or "", "role": str(member.role)}
        return values | {f"right:{right}": right in member.rights for right in Right}

    labels = {key: t(f"team.{key}") for key in ("name", "email", "role")}
    labels |= {f"right:{right}": t(f"team.right.{right}.name") for right in Right}
    raw = _inputs(viewer, editing, start_edit(editing, present, member.version, labels, _display_text))
    changes = editing.record_input(raw)
    if member.invited_until and "email" in changes:
        st.caption(t("team.voids_link"))
    forms.buttons(
        editing,
        changes,
        partial(
            edit_member,
            viewer,
            member.staff_member_id,
            editing.version,
            name=raw["name"] or "",
            email=raw["email"] or "",
            role=raw["role"],
            rights=_rights_in(raw),
        ),
    )


def _display_text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return t("common.yes") if value else t("common.no")
    return t(f"team.roles.{value}") if name == "role" else str(value) or t("form.none")


def _about(viewer: Viewer, editing: OpenForm, hint: str) -> Member:
    """Draw a sentence about the member of a form without inputs; return the member."""
    member = team_member(viewer, editing.about["member"])
    editing.start(dict)
    st.write(md(t(hint, name=member.name)))
    return member


@form("member_deactivate", "team.deactivate", "question")
def _deactivate(viewer: Viewer, editing: OpenForm) -> None:
    member = _about(viewer, editing, "team.deactivate_hint")
    left = parting(viewer, member.staff_member_id)
    for what in ("clients", "tasks"):
        if left[what]:
            alone = left[f"{what}_alone"]
            st.write(t(f"team.leaves.{what}", n=left[what]) + (" " + t(f"team.leaves.{what}_alone", n=alone) if alone else ""))
    forms.buttons(editing, {}, partial(deactivate, viewer, member.staff_member_id), save="team.deactivate", at_once=True)


@form("member_invite_again", "team.invite_again", "question")
def _invite_again(viewer: Viewer, editing: OpenForm) -> None:
    if editing.link:
        show_link(editing, editing.link, "join")
        return
    member = _about(viewer, editing, "team.invite_again_hint")
    forms.buttons(
        editing,
        {},
        partial(invite_member_again, viewer, member.staff_member_id),
        save="team.invite_again",
        at_once=True,
        done=lambda token: deliver(viewer, editing, "join", "team", MadeLink(token, member.email or "", member.name)),
    )


@form("member_reset_link", "team.reset_link", "question")
def _reset_link(viewer: Viewer, editing: OpenForm) -> None:
    if editing.link:
        show_reset_link(editing, editing.link)
        return
    member = _about(viewer, editing, "team.reset_link_hint")

    def made(token: str) -> None:
        editing.link, editing.consequences = MadeLink(token), []

    forms.buttons(
        editing,
        {},
        partial(make_reset_link, viewer, member.staff_member_id),
        save="team.reset_link_go",
        at_once=True,
        done=made,
    )


def _confirmed_form(name: str, verb: Callable[[Viewer, int], object], save: str) -> None:
    """Register a form without inputs: a sentence about a member, what the verb would cause, and the button that does it."""

    @form(f"member_{name}", f"team.{name}", "question")
    def draw(viewer: Viewer, editing: OpenForm) -> None:
        member = _about(viewer, editing, f"team.{name}_hint")
        forms.buttons(editing, {}, partial(verb, viewer, member.staff_member_id), save=save, at_once=True)


_confirmed_form("reactivate", reactivate, "team.reactivate")
_confirmed_form("withdraw", withdraw_invitation, "team.withdraw")
_confirmed_form("reset_factor", reset_second_factor, "team.reset_factor")
_confirmed_form("forget_provider", forget_provider_person, "team.forget_provider_go")
