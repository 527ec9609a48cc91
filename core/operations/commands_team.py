"""Commands about the team: adding members, roles, rights, assignments, ways to sign in."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from core.base.config import Settings
from core.base.contact_points import same_address
from core.base.errors import AppError
from core.base.rights import Right, Role
from core.i18n import t
from core.identity import members
from core.identity.firm import firm_name
from core.identity.oidc_subject import forget_provider_person
from core.identity.password_policy import allow_password_sign_in
from core.identity.second_factor import reset_second_factor
from core.operations.command_registry import Commands, FromTerminal, Say
from core.operations.commands import SYSTEM
from core.store import reader

COMMANDS = Commands()


def _ask_password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    return typer.prompt(t("cli.password"), hide_input=True, confirmation_prompt=t("cli.password_again"))


Password = Annotated[str, FromTerminal(Annotated[bool, typer.Option("--password-stdin")], _ask_password, False)]
RoleName = Annotated[str, FromTerminal(Role, lambda role: role.value)]
RightNames = Annotated[
    list[str], FromTerminal(Annotated[list[Right] | None, typer.Argument()], lambda rights: [right.value for right in rights or ()], None)
]


def _member(email: str) -> int:
    """Return the id of the member with this address. Raises AppError."""
    with reader(SYSTEM) as r:
        found = r.value("SELECT staff_member_id FROM staff_member WHERE email = $email", email=same_address(email))
    if found is None:
        raise AppError("member_not_found", email=email)
    return found


def _account(number: str) -> int:
    """Return the id of the account with this number. Raises AppError."""
    with reader(SYSTEM) as r:
        found = r.value("SELECT account_id FROM account WHERE number = $number", number=number)
    if found is None:
        raise AppError("number_not_found", number=number)
    return found


def _say_changed(say: Say, email: str) -> int:
    say(t("cli.user.changed", email=email))
    return 0


@COMMANDS.add("user add")
def user_add(
    _settings: Settings,
    say: Say,
    *,
    name: str,
    email: str,
    role: RoleName = Role.EMPLOYEE,
    firm: Annotated[str | None, typer.Option("--firm", help=t("cli.help.first_firm"))] = None,
    password: Password,
) -> int:
    """Add a team member; the first owner completes the installation with the firm, whose name can be changed later."""
    there = firm_name()
    wanted = firm if firm is not None or role != Role.OWNER else t("cli.firm.default", name=name)
    members.add_member(SYSTEM, name=name, email=email, role=role, password=password, firm=wanted)
    say(t("cli.user.added", email=email))
    if there is None and wanted is not None:
        say(t("cli.firm.named", name=firm_name()))
    elif firm is not None and firm != there:
        say(t("cli.firm.there", name=there))
    return 0


@COMMANDS.add("user password")
def user_password(_settings: Settings, say: Say, *, email: str, password: Password) -> int:
    """Set a member's password and end the member's sessions."""
    members.set_password(SYSTEM, _member(email), password)
    return _say_changed(say, email)


@COMMANDS.add("user role")
def user_role(_settings: Settings, say: Say, *, email: str, role: RoleName) -> int:
    """Set a member's role."""
    members.set_role(SYSTEM, _member(email), role)
    return _say_changed(say, email)


@COMMANDS.add("user rights", aliases=("right",))
def user_rights(_settings: Settings, say: Say, *, email: str, rights: RightNames) -> int:
    """Give a member exactly these rights."""
    members.set_rights(SYSTEM, _member(email), set(rights))
    return _say_changed(say, email)


@COMMANDS.add("user assign")
def user_assign(_settings: Settings, say: Say, *, email: str, number: str) -> int:
    """Assign a member to the account with this number."""
    members.assign(SYSTEM, _member(email), _account(number))
    return _say_changed(say, email)


@COMMANDS.add("user unassign")
def user_unassign(_settings: Settings, say: Say, *, email: str, number: str) -> int:
    """Take a member off the account with this number."""
    members.unassign(SYSTEM, _member(email), _account(number))
    return _say_changed(say, email)


@COMMANDS.add("user deactivate")
def user_deactivate(_settings: Settings, say: Say, *, email: str) -> int:
    """Deactivate a member: no sign-in any more."""
    members.deactivate(SYSTEM, _member(email))
    return _say_changed(say, email)


@COMMANDS.add("user factor-off")
def user_factor_off(_settings: Settings, say: Say, *, email: str) -> int:
    """Remove a member's second factor; it can be set up anew at the next sign-in."""
    reset_second_factor(SYSTEM, _member(email))
    return _say_changed(say, email)


@COMMANDS.add("user forget-provider")
def user_forget_provider(_settings: Settings, say: Say, *, email: str) -> int:
    """Forget the member's identity at the provider: the next one there with the member's address signs in as the member."""
    forget_provider_person(SYSTEM, _member(email))
    return _say_changed(say, email)


@COMMANDS.add("user password-form")
def user_password_form(_settings: Settings, say: Say) -> int:
    """Let the team sign in with passwords again, whatever the firm chose."""
    allow_password_sign_in(SYSTEM)
    say(t("cli.user.form_opened"))
    return 0


@COMMANDS.add("user list")
def user_list(_settings: Settings, say: Say) -> int:
    """List the team by name: role, name, address, rights, whether inactive; separated by tabs."""
    query = """SELECT m.name, m.email, m.role, m.is_active, list(r.right_key ORDER BY r.right_key) AS rights FROM staff_member m
               LEFT JOIN staff_right r USING (staff_member_id) GROUP BY ALL ORDER BY m.name"""
    with reader(SYSTEM) as r:
        rows = r.rows(query)
    for row in rows:
        rights = ", ".join(right for right in row["rights"] if right)
        active = "" if row["is_active"] else t("cli.user.inactive")
        say("\t".join([row["role"], row["name"], row["email"] or "–", rights, active]).rstrip())
    return 0
