"""Commands about backups: making, listing, verifying and restoring them, and their key. All but making need no open store."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from core.base.config import Settings, read_settings
from core.base.errors import AppError
from core.base.sizes import MIB
from core.i18n import t
from core.operations.backup.encryption import read_key, write_key
from core.operations.backup.folder_errors import folder_refused
from core.operations.backup.make import make_backup
from core.operations.backup.restore import examine, restore
from core.operations.backup.retention import forget_verified, kept_in, note_verified
from core.operations.backup.verify import Examined
from core.operations.command_registry import Commands, FromTerminal, Say, say_line
from core.operations.commands import SYSTEM
from core.operations.report import bytes_progress, say_contents, say_finding, say_key

COMMANDS = Commands()


@COMMANDS.add("backup")
def backup(
    settings: Settings,
    say: Say,
    *,
    target: Annotated[
        str | None,
        FromTerminal(
            Annotated[Path | None, typer.Argument(help=t("cli.help.backup_target"))],
            lambda folder: folder and str(folder.expanduser().resolve()),
        ),
    ] = None,
) -> int:
    """Make a backup into a folder, or into the configured one."""
    archive, contents = make_backup(settings, Path(target) if target else None, viewer=SYSTEM, progress=bytes_progress(say, "copying"))
    say(t("cli.backup.made", file=archive))
    say_contents(say, contents, archive.stat().st_size)
    say_key(settings, say)
    return 0


@COMMANDS.add("backups", is_local=True)
def backups(*, target: Annotated[Path | None, typer.Argument()] = None) -> int:
    """List the backups in a folder, or in the configured one."""
    folder = target or read_settings().backups
    try:
        found = kept_in(folder)
    except OSError as problem:
        raise folder_refused(folder, problem) from None
    for file in found:
        state = t("cli.backup.verified", moment=f"{file.verified_at:%Y-%m-%d %H:%M}") if file.verified_at else t("cli.backup.unverified")
        print(f"{file.path}\t{file.size / MIB:.1f} MiB\t{state}")
    if not found:
        print(t("cli.backup.no_backups", folder=folder))
    return 0


@COMMANDS.add("restore", is_local=True)
def restore_backup(
    *,
    backup: Path,
    verify: Annotated[bool, typer.Option("--verify", help=t("cli.help.restore_verify"))] = False,
    key: Annotated[Path | None, typer.Option("--key", help=t("cli.help.restore_key"))] = None,
) -> int:
    """Restore a backup, or only verify it."""
    settings = read_settings()
    known = read_key(key or settings.backup_key_file)
    return verify_backup(settings, backup, known, say_line) if verify else _restore(settings, backup, known, say_line)


def verify_backup(settings: Settings, backup: Path, key: bytes | None, say: Say) -> int:
    """Verify a backup without changing it, and note the result beside it. Returns the exit code.

    Raises AppError for a backup that is damaged, differs or cannot be opened with this key.
    """
    place = settings.data if settings.data.is_dir() else Path(tempfile.gettempdir())
    try:
        examined = examine(backup, key, place, bytes_progress(say, "examining"))
    except AppError as problem:
        if problem.code in ("backup_damaged", "backup_differs"):
            forget_verified(backup)
        raise
    say_contents(say, examined.contents, backup.stat().st_size)
    if examined.finding:
        forget_verified(backup)
        _say_wrong_record(say, examined)
        return 1
    try:
        note_verified(backup)
    except OSError:
        say(t("cli.backup.not_noted"))
    say(t("cli.backup.whole"))
    return 0


def _say_wrong_record(say: Say, examined: Examined) -> None:
    if examined.finding:
        say(t("cli.backup.record_wrong"))
        say_finding(say, examined.finding)


def _restore(settings: Settings, backup: Path, key: bytes | None, say: Say) -> int:
    examined, aside = restore(settings, backup, key, bytes_progress(say, "examining"), lambda step: say(t(f"cli.restore.{step}")))
    say_contents(say, examined.contents, backup.stat().st_size)
    _say_wrong_record(say, examined)
    say(t("cli.restore.aside", folder=aside) if aside else t("cli.restore.new", folder=settings.data))
    say(t("cli.restore.next"))
    return 0


@COMMANDS.add("backup-key", is_local=True)
def backup_key(*, file: Path) -> int:
    """Write a new key for backups into a new file."""
    name = write_key(file.expanduser().resolve())
    print(t("cli.backup.key_made", file=file, name=name))
    print(t("cli.backup.key_warning"))
    return 0
