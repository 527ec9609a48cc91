"""A section of the settings: the age of the last verified backup, the backups there are, and a button that makes backup."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import streamlit as st

from core.base.errors import AppError
from core.base.rights import Viewer
from core.i18n import sentence, t
from core.i18n.formats import moment, number
from core.operations.backup.encryption import name_of, read_key
from core.operations.backup.folder_errors import FolderRefusedError
from core.operations.backup.retention import DAYS, MONTHS, WEEKS, BackupFile, Standing
from core.operations.backup.schedule import Work, backup_now, backups_of, what_goes_on
from core.ui.parts.columns import ROW_PX, table_height
from core.ui.parts.escape import md, plain_paragraph
from core.ui.parts.viewer import SETTINGS
from core.ui.state.ui_state import ui_state

# Seconds between two looks at a backup that is being made.
PROGRESS_EVERY_S = 2.0


def backup_settings(viewer: Viewer) -> None:
    """Draw the section. Raises NotAllowed."""
    with st.container(horizontal=True, vertical_alignment="center", key="backups-head"):
        st.header(t("backups.title"), anchor=False, width="stretch")
        busy = _is_busy(what_goes_on())
        if st.button(t("backups.now"), icon=":material/backup:", type="primary", key="backup-now", disabled=busy):
            try:
                backup_now(viewer, SETTINGS)
            except AppError as problem:
                ui_state().problems["backups"] = sentence(problem)
            st.rerun()
    if refused := ui_state().take_problem("backups"):
        st.error(refused, icon=":material/error:")
    _going_on()
    try:
        stands, backups = backups_of(viewer, SETTINGS)
    except FolderRefusedError as problem:
        st.error(md(sentence(problem)), icon=":material/error:")
        return
    _standing(stands)
    _arrangement()
    _list(backups)


def _is_busy(work: Work | None) -> bool:
    return work is not None and work.step in ("copying", "verifying")


def _going_on() -> None:
    """Draw the progress of the backup that is being made, and the page anew when it is done; or why the last backup failed."""
    work = what_goes_on()
    if work is not None and work.problem is not None:
        st.error(md(f"{t('backups.failed')} {sentence(work.problem)}"), icon=":material/error:")
    if not _is_busy(work):
        return

    @st.fragment(run_every=PROGRESS_EVERY_S)
    def look() -> None:
        work = what_goes_on()
        if work is None or not _is_busy(work):
            st.rerun()
        if work.step == "copying" and work.of:
            words = t("backups.copying", done=number(work.done >> 20), of=number(work.of >> 20))
            st.progress(min(work.done / work.of, 1.0), text=words)
        else:
            st.progress(1.0 if work.step == "verifying" else 0.0, text=t(f"backups.{'verifying' if work.of else 'beginning'}"))

    look()


def _standing(stands: Standing) -> None:
    if stands.last is None or stands.age is None:
        st.warning(t("backups.none"), icon=":material/warning:")
        return
    when, age = moment(_naive(stands.last.made_at)), _age(stands.age)
    if stands.code == "ok":
        st.success(t("backups.ok", when=when, age=age), icon=":material/check_circle:")
    else:
        st.warning(t("backups.old", when=when, age=age), icon=":material/warning:")


def _age(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    if hours < 1:
        return t("backups.just_now")
    return t("backups.hours", n=hours) if hours < 48 else t("backups.days", n=hours // 24)


def _naive(moment_: datetime) -> datetime:
    return moment_.astimezone(UTC).replace(tzinfo=None)


def _arrangement() -> None:
    """Draw where, when and whether encrypted backups are made, and what is unwise about it."""
    lines = [t("backups.where", folder=SETTINGS.backups)]
    if SETTINGS.backups.is_relative_to(SETTINGS.data):
        lines[0] += f" {t('backups.beside')}"
    if SETTINGS.backup_at_hour == "off":
        lines.append(t("backups.off"))
    else:
        lines.append(t("backups.nightly", hour=SETTINGS.backup_at_hour, days=DAYS, weeks=WEEKS, months=MONTHS))
    try:
        key = read_key(SETTINGS.backup_key_file)
        lines.append(t("backups.sealed", key=name_of(key)) if key else t("backups.open"))
    except AppError as problem:
        lines.append(sentence(problem))
    st.html("".join(plain_paragraph(line) for line in lines))


def _list(backups: list[BackupFile]) -> None:
    if not backups:
        return
    table = [
        {
            t("backups.made_at"): moment(_naive(backup.made_at)),
            t("backups.size"): t("backups.mib", size=number(max(1, backup.size >> 20))),
            t("backups.verified"): moment(_naive(backup.verified_at)) if backup.verified_at else t("backups.not_verified"),
            t("backups.how"): t("backups.by_night" if backup.is_nightly else "backups.by_hand"),
            t("backups.sealed_head"): t("common.yes" if backup.is_sealed else "common.no"),
            t("backups.file"): backup.path.name,
        }
        for backup in backups
    ]
    widths = dict(zip(table[0], (130, 80, 130, 90, 110, 380), strict=True))
    st.dataframe(
        table, hide_index=True, row_height=ROW_PX, height=table_height(len(table), 16), alt=t("backups.title"),
        column_config={name: st.column_config.TextColumn(name, width=width) for name, width in widths.items()},
    )  # fmt: skip
    st.caption(t("backups.restore_hint"))
