"""Clean up after an import, save, export, backup or restore that was killed."""

from __future__ import annotations

from core.base.config import Settings
from core.documents import stored_files
from core.i18n import t
from core.imports.run import sweep
from core.imports.uploads import sweep_uploads
from core.operations.backup.restore import note_restored
from core.operations.backup.temp_folder import PUTTING_BACK, sweep_parts, sweep_work
from core.operations.command_registry import Say
from core.operations.whole_export.make import sweep_exports
from core.store.scope_files import sweep_scope_files


def sweep_leftovers(settings: Settings, say: Say) -> None:
    """Remove files of interrupted work, record a restore that was completed, and say if one was interrupted.

    The caller has the store open: nobody else is at work.
    """
    sweep(settings)
    sweep_uploads(settings, is_start=True)
    sweep_scope_files(settings.data)
    sweep_exports(settings)
    stored_files.sweep(settings)
    if any(name.startswith(PUTTING_BACK) for name in sweep_work(settings)):
        say(t("cli.restore.stopped"))
    if settings.backups.is_dir():
        sweep_parts(settings.backups)
    if restored := note_restored(settings):
        say(t("cli.restore.recorded", backup=restored))
