"""Lines that several commands print: progress, the contents of a backup, what is wrong with a record of changes."""

from __future__ import annotations

import time
from collections.abc import Callable

from core.base.config import Settings
from core.base.sizes import MIB
from core.i18n import t
from core.operations.backup.archive import Contents
from core.operations.backup.encryption import name_of, read_key
from core.operations.backup.verify import Progress
from core.operations.command_registry import Say
from core.store import Finding

# Seconds between two lines of how far something is.
PROGRESS_EVERY_S = 2.0


def now_and_then(report: Callable[..., None]) -> Callable[..., None]:
    """Return ``report`` as a function that passes a call on at most every ``PROGRESS_EVERY_S`` seconds, and drops the others."""
    last = time.monotonic()

    def progress(*how_far: object) -> None:
        nonlocal last
        if time.monotonic() - last > PROGRESS_EVERY_S:
            last = time.monotonic()
            report(*how_far)

    return progress


def bytes_progress(say: Say, word: str) -> Progress:
    """Return a progress function (bytes done, bytes in all) that says ``cli.backup.<word>``; below one MiB in all it says nothing."""

    def report(done: int, of: int) -> None:
        if of >= MIB:
            say(t(f"cli.backup.{word}", done=done // MIB, of=of // MIB, percent=100 * done // of))

    return now_and_then(report)


def say_contents(say: Say, contents: Contents, size: int) -> None:
    """Say what a backup of ``size`` bytes holds, and which files it lacks."""
    counts, files = contents.facts.counts, len(contents.members) - 2
    say(
        t(
            "cli.backup.holds", moment=f"{contents.made_at:%Y-%m-%d %H:%M:%S}", accounts=counts.get("account", 0),
            contacts=counts.get("contact", 0), files=files, size=f"{size / MIB:.1f}",
        )
    )  # fmt: skip
    say(t("cli.backup.head", number=contents.facts.head[0], hash=contents.facts.head[1]))
    if contents.missing:
        say(t("cli.backup.missing", n=len(contents.missing), count=len(contents.missing), example=contents.missing[0]))


def say_key(settings: Settings, say: Say) -> None:
    """Say whether backups are encrypted, and with which key. Raises AppError for a key file that holds no key."""
    key = read_key(settings.backup_key_file)
    say(t("cli.backup.sealed_with", name=name_of(key), file=settings.backup_key_file) if key else t("cli.backup.open"))


def say_finding(say: Say, finding: Finding) -> None:
    """Say what is wrong with the record of changes, and from which entry on."""
    say(t(f"audit.found.{finding.code}", number=finding.number, last=finding.last))
