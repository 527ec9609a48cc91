"""The command line: serve, demo, and the team until it has a page."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from core import members
from core.config import ROOT, Settings, read_settings
from core.errors import AppError, ValidationFailed
from core.i18n import sentence, set_language_source, t
from core.rights import Right, Role, Viewer
from core.store import close_store, open_store, reader

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
user = typer.Typer(no_args_is_help=True)
app.add_typer(user, name="user")
US = Viewer.system("command line", "command")


@contextmanager
def opened() -> Iterator[Settings]:
    """The store, open for one command; an error is said and ends the command with 1."""
    try:
        settings = read_settings()
        open_store(settings)
        try:
            yield settings
        finally:
            close_store()
    except ValidationFailed as failed:
        for code, values in failed.problems.values():
            print(t(f"errors.{code}", **values), file=sys.stderr)
        raise SystemExit(1) from None
    except AppError as problem:
        print(sentence(problem), file=sys.stderr)
        raise SystemExit(1) from None


@app.command()
def serve(port: Annotated[int | None, typer.Option()] = None) -> None:
    """Serve the app; never builds the sample firm."""
    try:
        settings = read_settings(**({"port": port} if port else {}))
    except AppError as problem:
        print(sentence(problem), file=sys.stderr)
        raise SystemExit(1) from None
    os.chdir(ROOT)
    os.environ |= {"KUNDENBLICK_DATA": str(settings.data), "KUNDENBLICK_PORT": str(settings.port)}
    where = ["--server.port", str(settings.port), "--server.address", settings.address]
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", "app.py", *where])  # noqa: S606 - our own interpreter


@app.command()
def demo(if_empty: Annotated[bool, typer.Option("--if-empty")] = False) -> None:
    """Build the sample firm into an empty data folder."""
    from core.sample import build_sample

    with opened() as settings:
        with reader(US) as r:
            filled = r.value("SELECT count(*) FROM staff_member") or r.value("SELECT count(*) FROM account")
        if if_empty and filled:
            return
        build_sample(settings)
        print(t("cli.sample_built", folder=settings.data))


@app.command("import")
def import_(
    mapping: Path,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    skip_refused: Annotated[bool, typer.Option("--skip-refused")] = False,
) -> None:
    """Bring data in as a mapping says; --dry-run only counts and lists."""
    from core.imports.run import import_data, sweep

    with opened() as settings:
        sweep(settings)
        if not import_data(settings, mapping, print, dry_run=dry_run, skip_refused=skip_refused):
            raise SystemExit(1)


def _member(email: str) -> int:
    with reader(US) as r:
        found = r.value("SELECT staff_member_id FROM staff_member WHERE email = $email", email=email.strip().lower())
    if found is None:
        raise AppError("not_found")
    return found


def _account(number: str) -> int:
    with reader(US) as r:
        found = r.value("SELECT account_id FROM account WHERE number = $number", number=number)
    if found is None:
        raise AppError("not_found")
    return found


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    return typer.prompt(t("cli.password"), hide_input=True, confirmation_prompt=True)


FromStdin = Annotated[bool, typer.Option("--password-stdin")]


@user.command("add")
def user_add(name: str, email: str, role: Role = Role.EMPLOYEE, password_stdin: FromStdin = False) -> None:
    """Add a team member; the password is asked for."""
    with opened():
        members.add_member(US, name=name, email=email, role=role.value, password=_password(password_stdin))


@user.command("password")
def user_password(email: str, password_stdin: FromStdin = False) -> None:
    """Set a member's password; their sessions end."""
    with opened():
        members.set_password(US, _member(email), _password(password_stdin))


@user.command("role")
def user_role(email: str, role: Role) -> None:
    """Give a member another role."""
    with opened():
        members.set_role(US, _member(email), role.value)


@user.command("rights")
def user_rights(email: str, rights: Annotated[list[Right] | None, typer.Argument()] = None) -> None:
    """Give a member exactly these rights."""
    with opened():
        members.set_rights(US, _member(email), {right.value for right in rights or ()})


@user.command("assign")
def user_assign(email: str, number: str) -> None:
    """Assign a member to the account with this number."""
    with opened():
        members.assign(US, _member(email), _account(number))


@user.command("unassign")
def user_unassign(email: str, number: str) -> None:
    """Take a member off the account with this number."""
    with opened():
        members.unassign(US, _member(email), _account(number))


@user.command("deactivate")
def user_deactivate(email: str) -> None:
    """No sign-in any more for this member."""
    with opened():
        members.deactivate(US, _member(email))


@user.command("list")
def user_list() -> None:
    """Who is in the team."""
    with opened(), reader(US) as r:
        for row in r.rows("SELECT name, email, role, is_active FROM staff_member ORDER BY name"):
            print(row["role"], row["name"], row["email"] or "–", "" if row["is_active"] else "×", sep="\t")


def main() -> None:
    """Run the command line in the language of the terminal."""
    german = os.environ.get("LANG", "").lower().startswith("de")
    set_language_source(lambda: "de" if german else "en")
    app()
