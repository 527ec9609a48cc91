"""The command line: every command but serve and demo is asked of the running server, or done here when none runs."""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from typing import Annotated

import typer

from core.base.config import ROOT, Settings, read_settings
from core.base.errors import AppError
from core.base.rights import Right, Role
from core.i18n import of_terminal, sentence, set_language_source, t
from core.operations.cli_backup import backup, backup_key, backups, restore_
from core.operations.startup_checks import OURS, refuse_dangers
from core.store import forget_head
from core.store.data_folder import prepare

FromStdin = Annotated[bool, typer.Option("--password-stdin")]
# As LimitNOFILE in deploy/kundenblick.service.
DESCRIPTORS = 16_384


def _settings(**overrides: object) -> Settings:
    try:
        return read_settings(**overrides)
    except AppError as problem:
        print(sentence(problem), file=sys.stderr)
        raise SystemExit(1) from None


def _run(command: str, **arguments: object) -> None:
    """Have a command done and end with its exit code; a command that failed has said why."""
    from core.operations.control_socket import run

    raise SystemExit(run(_settings(), command, arguments, lambda line: print(line, flush=True)))


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    return typer.prompt(t("cli.password"), hide_input=True, confirmation_prompt=t("cli.password_again"))


def serve(port: Annotated[int | None, typer.Option()] = None) -> None:
    """Serve the app; never builds the sample firm."""
    settings = _settings(**({"port": port} if port is not None else {}))
    os.chdir(ROOT)
    # Each click runs in a thread of its own: with a heap for each of many threads, what one left free helped none of the others.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    os.environ |= OURS | {"KUNDENBLICK_DATA": str(settings.data), "KUNDENBLICK_PORT": str(settings.port)}
    try:
        prepare(settings.data)
    except AppError as problem:
        print(sentence(problem), file=sys.stderr)
        raise SystemExit(1) from None
    refuse_dangers(settings)
    raise_descriptors()
    where = ["--server.port", str(settings.port), "--server.address", settings.address]
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", "app.py", *where])  # noqa: S606 - our own interpreter


def raise_descriptors() -> None:
    """Take as many open files and sockets as the system allows at most, up to what the unit of the service asks for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def demo(if_empty: Annotated[bool, typer.Option("--if-empty")] = False) -> None:
    """Build the sample firm into an empty data folder; only while nothing serves."""
    from core.operations.commands import SYSTEM
    from core.operations.installation import open_installation
    from core.sample import build_sample
    from core.store import close_store, reader

    settings = _settings()
    try:
        open_installation(settings)
        try:
            with reader(SYSTEM) as r:
                filled = r.value("SELECT count(*) FROM staff_member") or r.value("SELECT count(*) FROM account")
            if filled and if_empty:
                return
            if filled:
                raise AppError("sample_not_empty")
            build_sample(settings)
        finally:
            close_store()
    except AppError as problem:
        print(sentence(problem), file=sys.stderr)
        raise SystemExit(1) from None
    print(t("cli.sample_built", folder=settings.data))


def import_(
    mapping: Annotated[Path | None, typer.Argument()] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    skip_refused: Annotated[bool, typer.Option("--skip-refused")] = False,
    again: Annotated[list[str] | None, typer.Option("--again", metavar="TABLE:KEY", help=t("cli.help.again"))] = None,
    rename: Annotated[tuple[str, str] | None, typer.Option("--rename", metavar="OLD NEW", help=t("cli.help.rename"))] = None,
) -> None:
    """Bring data in by a mapping."""
    if (mapping is None) == (rename is None):
        raise typer.BadParameter(t("cli.mapping_or_rename"))
    if rename is not None:
        _run("rename_import", old=rename[0], new=rename[1])
    else:
        _run("import_mapping", file=str(mapping.resolve()), dry_run=dry_run, skip_refused=skip_refused, again=tuple(again or ()))


def tidy() -> None:
    """Put the tables in order."""
    _run("tidy_tables")


def doctor(
    accept_head: Annotated[bool, typer.Option("--accept-head", help=t("cli.help.accept_head"))] = False,
    renew: Annotated[bool, typer.Option("--renew", help=t("cli.help.renew"))] = False,
) -> None:
    """Tell what does not agree."""
    before = forget_head(_settings().database) if accept_head else None
    _run("examine", renew=renew, **({"accepted": before[0]} if before else {}))


def status() -> None:
    """Tell what is in the store."""
    _run("status")


def firm(name: str) -> None:
    """Give the firm a name."""
    _run("firm", name=name)


def user_add(
    name: str,
    email: str,
    role: Role = Role.EMPLOYEE,
    firm: Annotated[str | None, typer.Option("--firm", help=t("cli.help.first_firm"))] = None,
    password_stdin: FromStdin = False,
) -> None:
    """Add a team member; the password is asked for."""
    _run("user_add", name=name, email=email, role=role.value, password=_password(password_stdin), firm=firm)


def user_password(email: str, password_stdin: FromStdin = False) -> None:
    """Set a password; the sessions end."""
    _run("user_password", email=email, password=_password(password_stdin))


def user_role(email: str, role: Role) -> None:
    """Give another role."""
    _run("user_role", email=email, role=role.value)


def user_rights(email: str, rights: Annotated[list[Right] | None, typer.Argument()] = None) -> None:
    """Give exactly these rights."""
    _run("user_rights", email=email, rights=[right.value for right in rights or ()])


def user_assign(email: str, number: str) -> None:
    """Assign to the account with this number."""
    _run("user_assign", email=email, number=number)


def user_unassign(email: str, number: str) -> None:
    """Take off the account with this number."""
    _run("user_unassign", email=email, number=number)


def user_deactivate(email: str) -> None:
    """No sign-in any more."""
    _run("user_deactivate", email=email)


def user_factor_off(email: str) -> None:
    """Take a lost second factor away."""
    _run("user_factor_off", email=email)


def user_forget_provider(email: str) -> None:
    """Forget who came by the identity provider."""
    _run("user_forget_provider", email=email)


def user_password_form() -> None:
    """Let the team sign in with passwords again."""
    _run("user_password_form")


def user_list() -> None:
    """Who is in the team."""
    _run("user_list")


def audit_verify(kept: Annotated[str | None, typer.Option("--head", help=t("cli.help.audit_kept"))] = None) -> None:
    """Examine the record of changes."""
    number, _, whole = (kept or "").strip().partition(":")
    if kept and not (number.isascii() and number.isdecimal() and len(whole) == 64):
        raise typer.BadParameter(t("cli.audit.bad_head"))
    _run("audit_verify", **({"kept": [int(number), whole]} if kept else {}))


def audit_head() -> None:
    """Tell the newest entry's number and hash."""
    _run("audit_head")


def audit_erase(entity: str, entity_id: int, field: Annotated[str | None, typer.Option("--field")] = None) -> None:
    """Take values out of the record of changes."""
    _run("audit_erase", entity=entity, entity_id=entity_id, field=field)


def build() -> typer.Typer:
    """The commands with their help in the language that is set."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=t("cli.help.app"))
    user = typer.Typer(no_args_is_help=True, help=t("cli.help.user"))
    for command in (serve, demo, import_, tidy, doctor, status, firm):
        name = command.__name__.rstrip("_")
        app.command(name, help=t(f"cli.help.{name}"))(command)
    for command in (
        user_add,
        user_password,
        user_role,
        user_rights,
        user_assign,
        user_unassign,
        user_deactivate,
        user_factor_off,
        user_forget_provider,
        user_password_form,
        user_list,
    ):
        user.command(command.__name__.removeprefix("user_").replace("_", "-"), help=t(f"cli.help.{command.__name__}"))(command)
    user.command("right", hidden=True)(user_rights)
    app.add_typer(user, name="user")
    record = typer.Typer(no_args_is_help=True, help=t("cli.help.audit"))
    for command in (audit_verify, audit_head, audit_erase):
        record.command(command.__name__.removeprefix("audit_"), help=t(f"cli.help.{command.__name__}"))(command)
    app.add_typer(record, name="audit")
    for name, command in (("backup", backup), ("backups", backups), ("restore", restore_), ("backup-key", backup_key)):
        app.command(name, help=t(f"cli.help.{name.replace('-', '_')}"))(command)
    return app


def main() -> None:
    """Run the command line in the language of the terminal; what it writes is for its user alone."""
    os.umask(0o077)
    set_language_source(of_terminal)
    build()()
