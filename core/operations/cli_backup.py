"""The commands about backups that need no open store: a restore, the list, the key; and asking for a backup."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from core.base.config import Settings, read_settings
from core.base.errors import AppError
from core.i18n import sentence, t
from core.operations.backup.archive import Contents
from core.operations.backup.encryption import name_of, read_key, write_key
from core.operations.backup.folder_errors import folder_refused
from core.operations.backup.restore import examine, restore
from core.operations.backup.retention import forget_verified, kept_in, note_verified
from core.operations.backup.verify import Progress

Say = Callable[[str], None]


def said_progress(say: Say, word: str) -> Progress:
    """Tell how far it is, every two seconds."""
    told = [time.monotonic()]

    def progress(done: int, of: int) -> None:
        if time.monotonic() - told[0] > 2 and of >> 20:
            told[0] = time.monotonic()
            say(t(f"cli.backup.{word}", done=done >> 20, of=of >> 20, percent=100 * done // max(of, 1)))

    return progress


def say_contents(say: Say, contents: Contents, size: int) -> None:
    """What a backup holds, in a line or two."""
    counts, files = contents.facts.counts, len(contents.members) - 2
    say(
        t(
            "cli.backup.holds", moment=f"{contents.made_at:%Y-%m-%d %H:%M:%S}", accounts=counts.get("account", 0),
            contacts=counts.get("contact", 0), files=files, size=f"{size / 2**20:.1f}",
        )
    )  # fmt: skip
    say(t("cli.backup.head", number=contents.facts.head[0], hash=contents.facts.head[1]))
    if contents.missing:
        say(t("cli.backup.missing", n=len(contents.missing), count=len(contents.missing), example=contents.missing[0]))


def _print(line: str) -> None:
    print(line, flush=True)


def _settings() -> Settings:
    return read_settings()


def _ends(work: Callable[[], int]) -> None:
    """Do it and end with its exit code; an error is said."""
    try:
        code = work()
    except AppError as problem:
        print(sentence(problem), file=sys.stderr)
        code = 1
    raise SystemExit(code)


def backup(target: Annotated[Path | None, typer.Argument(help=t("cli.help.backup_target"))] = None) -> None:
    """Make a backup."""
    from core.operations.control_socket import run

    def work() -> int:
        arguments = {"target": str(target.expanduser().resolve())} if target else {}
        return run(_settings(), "backup", arguments, _print)

    _ends(work)


def backups(target: Annotated[Path | None, typer.Argument()] = None) -> None:
    """The backups in a folder."""

    def work() -> int:
        folder = target or _settings().backups
        try:
            found = kept_in(folder)
        except OSError as problem:
            raise folder_refused(folder, problem) from None
        for one in found:
            state = t("cli.backup.verified", moment=f"{one.verified_at:%Y-%m-%d %H:%M}") if one.verified_at else t("cli.backup.unverified")
            print(f"{one.path}\t{one.size / 2**20:.1f} MiB\t{state}")
        if not found:
            print(t("cli.backup.no_backups", folder=folder))
        return 0

    _ends(work)


def restore_(
    backup: Path,
    verify: Annotated[bool, typer.Option("--verify", help=t("cli.help.restore_verify"))] = False,
    key: Annotated[Path | None, typer.Option("--key", help=t("cli.help.restore_key"))] = None,
) -> None:
    """Put a backup back, or only examine it."""

    def work() -> int:
        settings = _settings()
        known = read_key(key or settings.backup_key_file)
        return verify_backup(settings, backup, known, _print) if verify else _put_back(settings, backup, known)

    _ends(work)


def verify_backup(settings: Settings, backup: Path, key: bytes | None, say: Say) -> int:
    """Examine a backup without touching anything, and remember beside it what came of it."""
    place = settings.data if settings.data.is_dir() else Path(tempfile.gettempdir())
    try:
        examined = examine(backup, key, place, said_progress(say, "examining"))
    except AppError as problem:
        if problem.code in ("backup_damaged", "backup_differs"):
            forget_verified(backup)
        raise
    say_contents(say, examined.contents, backup.stat().st_size)
    if examined.finding:
        forget_verified(backup)
        say(t("cli.backup.record_wrong"))
        say(t(f"audit.found.{examined.finding.code}", number=examined.finding.number, last=examined.finding.last))
        return 1
    try:
        note_verified(backup)
    except OSError:
        say(t("cli.backup.not_noted"))
    say(t("cli.backup.whole"))
    return 0


def _put_back(settings: Settings, backup: Path, key: bytes | None) -> int:
    examined, aside = restore(settings, backup, key, said_progress(_print, "examining"), lambda step: _print(t(f"cli.restore.{step}")))
    say_contents(_print, examined.contents, backup.stat().st_size)
    if finding := examined.finding:
        _print(t("cli.backup.record_wrong"))
        _print(t(f"audit.found.{finding.code}", number=finding.number, last=finding.last))
    _print(t("cli.restore.aside", folder=aside) if aside else t("cli.restore.new", folder=settings.data))
    _print(t("cli.restore.next"))
    return 0


def backup_key(file: Path) -> None:
    """Make a key for backups."""

    def work() -> int:
        name = write_key(file.expanduser().resolve())
        print(t("cli.backup.key_made", file=file, name=name))
        print(t("cli.backup.key_warning"))
        return 0

    _ends(work)


def say_key(settings: Settings, say: Say) -> None:
    """Whether a backup is encrypted, and what that asks for."""
    key = read_key(settings.backup_key_file)
    say(t("cli.backup.sealed_with", name=name_of(key), file=settings.backup_key_file) if key else t("cli.backup.open"))
