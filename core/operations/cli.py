"""The command line: every command but serve and a few local ones is asked of the running server, or done here when none runs."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterable
from typing import Annotated

import typer
from typer.exceptions import TyperException

from core.base.config import ROOT, read_settings
from core.i18n import of_terminal, set_language_source, t
from core.operations.command_registry import Command, Commands, front, say_line
from core.operations.startup_checks import SERVER_ENVIRONMENT, refuse_dangers
from core.operations.usage_errors import PROGRAM, usage_sentences
from core.store.data_folder import prepare

# Open files and sockets, as LimitNOFILE in deploy/kundenblick.service.
MAX_DESCRIPTORS = 16_384
SERVING = Commands()
# What a shell expects of a call that cannot be understood.
USAGE_EXIT_CODE = 2


@SERVING.add("serve", is_local=True)
def serve(*, port: Annotated[int | None, typer.Option()] = None) -> None:
    """Become the server of this installation; never builds the sample firm."""
    settings = read_settings() if port is None else read_settings(port=port)
    os.chdir(ROOT)
    # Each click runs in a thread of its own: with a heap for each of many threads, what one left free helped none of the others.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    os.environ |= SERVER_ENVIRONMENT | {"KUNDENBLICK_DATA": str(settings.data), "KUNDENBLICK_PORT": str(settings.port)}
    prepare(settings.data)
    refuse_dangers(settings)
    raise_descriptors()
    where = ["--server.port", str(settings.port), "--server.address", settings.address]
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", "app.py", *where])  # noqa: S606 - our own interpreter


def raise_descriptors() -> None:
    """Allow this process as many open files and sockets as the system lets it, at most ``MAX_DESCRIPTORS``."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(MAX_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def build(commands: Iterable[Command]) -> typer.Typer:
    """Return the command line of these commands, with its help in the language that is set."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=t("cli.help.app"))
    # Without a callback typer would take the only command of an app for the app itself.
    app.callback()(lambda: None)
    groups: dict[tuple[str, ...], typer.Typer] = {(): app}
    for command in commands:
        if not command.words:
            continue
        *above, name = command.words
        if (group := groups.get(tuple(above))) is None:
            group = groups[tuple(above)] = typer.Typer(no_args_is_help=True, help=t(f"cli.help.{above[0]}"))
            app.add_typer(group, name=above[0])
        asks = front(command, _run)
        group.command(name, help=t(command.help_key))(asks)
        for alias in command.aliases:
            group.command(alias, hidden=True, help=t(command.help_key))(asks)
    return app


def _run(command: Command, arguments: dict[str, object]) -> int | None:
    """Run a local command here and any other in the server, if there is one. Returns the exit code."""
    if command.is_local:
        return command.perform(**arguments)
    from core.operations.control_socket import run

    return run(read_settings(), command.name, arguments, say_line)


def every_command() -> list[Command]:
    """Return the commands in the order in which help lists them."""
    from core.operations.all_commands import COMMANDS

    return [*SERVING.values(), *COMMANDS.values()]


def main() -> None:
    """Run the command line in the language of the terminal; what it writes is for its user alone."""
    os.umask(0o077)
    set_language_source(of_terminal)
    # serve is replaced by the server, which loads its modules itself: those of the other commands would cost each start 0.2 s of computing.
    app = build(SERVING.values() if sys.argv[1:2] == ["serve"] else every_command())
    try:
        code = typer.main.get_command(app).main(prog_name=PROGRAM, standalone_mode=False)
    except typer.Abort:
        print(t("cli.usage.aborted"), file=sys.stderr)
        code = 1
    except TyperException as problem:
        if type(problem).__name__ == "NoArgsIsHelpError":  # its message is the help
            print(problem.format_message(), file=sys.stderr)
        else:
            print(usage_sentences(problem, sys.argv[1:]), file=sys.stderr)
        code = USAGE_EXIT_CODE
    sys.exit(code if isinstance(code, int) else 0)
