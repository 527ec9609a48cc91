"""Commands for mail that comes in: from files, and from the firm's mailboxes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.base.config import Settings
from core.i18n import t
from core.imports.mail_in.mailboxes import fetch_all, lines_of, mailboxes
from core.imports.mail_in.take import take_files
from core.operations.command_registry import Commands, FromTerminal, Say

COMMANDS = Commands()


@COMMANDS.add("mail take")
def take(
    settings: Settings,
    say: Say,
    *,
    path: Annotated[
        str, FromTerminal(Annotated[Path, typer.Argument(help=t("cli.help.mail_path"))], lambda path: str(path.expanduser().resolve()))
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help=t("cli.help.mail_dry_run"))] = False,
) -> int:
    """Take in the mails of a file or folder.

    Args:
        settings: The settings of this installation.
        say: Called with each line for people.
        path: An ``.eml`` or ``.mbox`` file, or a folder that holds such files or is a Maildir.
        dry_run: Say what would be taken in, and write nothing.
    """
    if not Path(path).exists():
        say(t("mail_in.path_missing", path=path))
        return 1
    taken = take_files(settings, [Path(path)], say, dry_run=dry_run)
    for line in lines_of(taken, dry_run=dry_run):
        say(line)
    return 1 if taken.unread else 0


@COMMANDS.add("mail fetch")
def fetch(settings: Settings, say: Say) -> int:
    """Fetch the new mails of the firm's mailboxes now."""
    if not mailboxes(settings):
        say(t("mail_in.no_mailboxes"))
        return 1
    return 0 if fetch_all(settings, say) else 1
