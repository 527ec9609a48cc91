"""The forms about a team member: invited, changed, sent away, brought back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.access.one_time_links import INVITATION
from core.base.config import read_settings
from core.base.errors import AppError
from core.base.rights import Right, Role, Viewer
from core.i18n import sentence, t
from core.i18n.formats import day, today
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
from core.mail.smtp import can_send, send
from core.store import reader
from core.ui.forms import form_dialog as forms
from core.ui.forms.field_inputs import keep_input, show_problem
from core.ui.forms.form_dialog import form
from core.ui.forms.shown_link import link_to, show_link
from core.ui.parts.escape import md
from core.ui.sign_in.password_reset import show_reset_link


def _inputs(viewer: Viewer, editing: dict[str, Any], draft: Mapping[str, Any]) -> dict[str, Any]:
    """Name, address, role, and the rights of an employee, each with what it gives; raw values by key."""
    problems, prefix = forms.problems_of(editing), forms.key(editing, "in")
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
        # On a slow machine a run can come before the choice has reached the browser and back: then it is what it was.
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
    for place, one in enumerate(Right):
        if place % 2 == 0:
            columns = st.columns(2)
        with columns[place % 2]:
            key = keep_input(f"{prefix}-{one}", draft[f"right:{one}"])
            raw[f"right:{one}"] = st.toggle(t(f"team.right.{one}.name"), key=key)
            st.caption(t(f"team.right.{one}.gives"))
    return raw


def _rights_in(raw: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(right.value for right in Right if raw[f"right:{right}"])


@form("member_invite", "team.invite", "large")
def _invite(viewer: Viewer, editing: dict[str, Any]) -> None:
    if token := editing.get("token"):
        show_link(editing, link_to("join", token))
        return
    empty = {"name": "", "email": "", "role": "employee"} | {f"right:{right}": False for right in Right}
    raw = _inputs(viewer, editing, forms.start(editing, lambda: empty))
    changes = forms.typed(editing, raw)
    forms.buttons(
        editing, changes, invite_member, viewer, done=lambda made: _deliver(viewer, editing, raw["email"], raw["name"], made[1]), quiet=True, new=True,
        save="team.invite_go", name=raw["name"] or "", email=raw["email"] or "", role=raw["role"], rights=_rights_in(raw),
    )  # fmt: skip


@form("member", "team.edit", "large")
def _member(viewer: Viewer, editing: dict[str, Any]) -> None:
    member = team_member(viewer, editing["about"]["member"])

    def present() -> dict[str, object]:
        rights = {f"right:{right}": right in member.rights for right in Right}
        return {"name": member.name, "email": member.email or "", "role": str(member.role)} | rights

    draft = forms.start(editing, present)
    editing.setdefault("version", member.version)
    if editing.get("conflict"):
        labels = {key: t(f"team.{key}") for key in ("name", "email", "role")}
        labels |= {f"right:{right}": t(f"team.right.{right}.name") for right in Right}
        forms.settle(editing, present(), member.version, labels, _written)
        draft = editing["draft"] or editing["begun"]
    raw = _inputs(viewer, editing, draft)
    changes = forms.typed(editing, raw)
    if member.invited_until and "email" in changes:
        st.caption(t("team.voids_link"))
    forms.buttons(
        editing, changes, edit_member, viewer, member.staff_member_id, editing["version"], name=raw["name"] or "", email=raw["email"] or "",
        role=raw["role"], rights=_rights_in(raw),
    )  # fmt: skip


def _written(name: str, value: object) -> str:
    if isinstance(value, bool):
        return t("common.yes") if value else t("common.no")
    return t(f"team.roles.{value}") if name == "role" else str(value) or t("form.none")


def _about(viewer: Viewer, editing: dict[str, Any], hint: str) -> Member:
    member = team_member(viewer, editing["about"]["member"])
    forms.start(editing, dict)
    st.write(md(t(hint, name=member.name)))
    return member


@form("member_deactivate", "team.deactivate", "small")
def _deactivate(viewer: Viewer, editing: dict[str, Any]) -> None:
    member = _about(viewer, editing, "team.deactivate_hint")
    left = parting(viewer, member.staff_member_id)
    for what in ("clients", "tasks"):
        if left[what]:
            alone = left[f"{what}_alone"]
            st.write(t(f"team.leaves.{what}", n=left[what]) + (" " + t(f"team.leaves.{what}_alone", n=alone) if alone else ""))
    forms.buttons(editing, {}, deactivate, viewer, member.staff_member_id, save="team.deactivate", at_once=True)


@form("member_reactivate", "team.reactivate", "small")
def _reactivate(viewer: Viewer, editing: dict[str, Any]) -> None:
    member = _about(viewer, editing, "team.reactivate_hint")
    forms.buttons(editing, {}, reactivate, viewer, member.staff_member_id, save="team.reactivate", at_once=True)


@form("member_withdraw", "team.withdraw", "small")
def _withdraw(viewer: Viewer, editing: dict[str, Any]) -> None:
    member = _about(viewer, editing, "team.withdraw_hint")
    forms.buttons(editing, {}, withdraw_invitation, viewer, member.staff_member_id, save="team.withdraw", at_once=True)


@form("member_invite_again", "team.invite_again", "medium")
def _invite_again(viewer: Viewer, editing: dict[str, Any]) -> None:
    if token := editing.get("token"):
        show_link(editing, link_to("join", token))
        return
    member = _about(viewer, editing, "team.invite_again_hint")
    forms.buttons(
        editing, {}, invite_member_again, viewer, member.staff_member_id, save="team.invite_again", at_once=True,
        done=lambda token: _deliver(viewer, editing, member.email or "", member.name, token),
    )  # fmt: skip


@form("member_reset_link", "team.reset_link", "medium")
def _reset_link(viewer: Viewer, editing: dict[str, Any]) -> None:
    if token := editing.get("token"):
        show_reset_link(token)
        if st.button(t("info.link_done"), type="primary", key=forms.key(editing, "done")):
            forms.close_form()
            st.rerun()
        return
    member = _about(viewer, editing, "team.reset_link_hint")
    forms.buttons(
        editing, {}, make_reset_link, viewer, member.staff_member_id, save="team.reset_link_go", at_once=True,
        done=lambda token: editing.update(token=token, told=None),
    )  # fmt: skip


@form("member_reset_factor", "team.reset_factor", "small")
def _reset_factor(viewer: Viewer, editing: dict[str, Any]) -> None:
    member = _about(viewer, editing, "team.reset_factor_hint")
    forms.buttons(editing, {}, reset_second_factor, viewer, member.staff_member_id, save="team.reset_factor", at_once=True)


@form("member_forget_provider", "team.forget_provider", "small")
def _forget_provider(viewer: Viewer, editing: dict[str, Any]) -> None:
    member = _about(viewer, editing, "team.forget_provider_hint")
    forms.buttons(editing, {}, forget_provider_person, viewer, member.staff_member_id, save="team.forget_provider_go", at_once=True)


def _deliver(viewer: Viewer, editing: dict[str, Any], email: str, who: str, token: str) -> None:
    """Keep the link for showing, and send it where mail is set up."""
    editing |= {"token": token, "told": None, "email": email.strip(), "who": who.strip(), "mail": "none"}
    settings = read_settings()
    if not can_send(settings):
        return
    with reader(viewer) as r:
        firm = r.value("SELECT name FROM firm LIMIT 1")
    words = {"firm": firm, "link": link_to("join", token), "day": day(today() + INVITATION.lasts)}
    try:
        send(settings, editing["email"], t("mail.team_subject", **words), t("mail.team_text", **words))
        editing["mail"] = "sent"
    except AppError as problem:
        editing["mail"] = sentence(problem)
