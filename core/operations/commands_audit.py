"""Commands about the record of changes: examining it, its head, erasing values."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from core.audit import examination
from core.base.config import Settings
from core.base.errors import AppError, NotFound
from core.i18n import t
from core.operations.command_registry import Commands, FromTerminal, Say
from core.operations.commands import SYSTEM
from core.operations.report import now_and_then, say_finding
from core.store import AuditReport, ends_of, examine_record, head_mark, refused_record

HASH_CHARS = 64
COMMANDS = Commands()


def _parse_head(text: str | None) -> list[object] | None:
    """Return [number, hash] of ``NUMBER:HASH``. Raises BadParameter."""
    if not text:
        return None
    number, _, entry_hash = text.strip().partition(":")
    if not (number.isascii() and number.isdecimal() and len(entry_hash) == HASH_CHARS):
        raise typer.BadParameter(t("cli.audit.bad_head"))
    return [int(number), entry_hash]


def _verify_refused(settings: Settings, say: Say, *, kept: list | None = None) -> int:
    """Examine the record of a database that could not be opened; the exit code is never 0."""
    began = time.monotonic()
    with refused_record(settings.database) as (ask, head):
        report = examine_record(ask, head, head_mark(settings.database), tuple(kept) if kept else None)
    return max(1, _say_report(settings, say, report, time.monotonic() - began))


@COMMANDS.add("audit verify", on_refused=_verify_refused)
def audit_verify(
    settings: Settings,
    say: Say,
    *,
    kept: Annotated[
        list | None, FromTerminal(Annotated[str | None, typer.Option("--head", help=t("cli.help.audit_kept"))], _parse_head)
    ] = None,
) -> int:
    """Examine the record of changes; the exit code is 1 if something is wrong.

    Args:
        settings: The settings of this installation.
        say: Called with each line for people.
        kept: [number, hash] of a head kept elsewhere, which the record must hold.
    """
    began = time.monotonic()
    progress = now_and_then(lambda done, of: say(t("cli.audit.so_far", done=done, of=of, percent=100 * done // of)))
    report = examination.verify(SYSTEM, settings, tuple(kept) if kept else None, progress)
    return _say_report(settings, say, report, time.monotonic() - began)


def _say_report(settings: Settings, say: Say, report: AuditReport, seconds: float) -> int:
    if report.mark is None:
        say(t("cli.audit.no_mark"))
    for first, last, moment in ends_of(settings.database).unmarked:
        say(t("cli.audit.unmarked", first=first, last=last, moment=moment))
    if report.older_batches:
        say(t("cli.audit.older_batches", n=report.older_batches, count=report.older_batches))
    if report.erased:
        say(t("cli.audit.erased", n=report.erased, count=report.erased))
    say(t("cli.audit.walked", entries=report.entries, seconds=f"{seconds:.1f}", speed=int(report.entries / max(seconds, 0.001))))
    if report.finding:
        for finding in filter(None, (report.finding, report.also)):
            say_finding(say, finding)
        return 1
    say(t("cli.audit.well", number=report.head[0], hash=report.head[1]))
    return 0


@COMMANDS.add("audit head")
def audit_head(_settings: Settings, say: Say) -> int:
    """Say number and hash of the newest entry, to be kept elsewhere."""
    number, entry_hash = examination.head()
    say(f"{number}:{entry_hash}")
    return 0


@COMMANDS.add("audit erase")
def audit_erase(
    _settings: Settings, say: Say, *, entity: str, entity_id: int, field: Annotated[str | None, typer.Option("--field")] = None
) -> int:
    """Erase the values of a row, or of one field of it, from the entries made so far."""
    try:
        count = examination.erase_values(SYSTEM, entity=entity, entity_id=entity_id, field=field)
    except NotFound:
        raise AppError("nothing_to_erase") from None
    say(t("cli.audit.erasing", n=count, count=count))
    return 0
