"""The client's photo with its buttons, and the forms behind them: choose, cut and save, or remove."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import streamlit as st

from core.access.open_account import OpenAccount
from core.access.verbs import rights_of
from core.base.errors import AppError, ValidationFailed
from core.base.rights import Right
from core.documents.photos import Frame, preview, remove_photo, set_photo
from core.i18n import sentence, t
from core.ui.forms import form_dialog as forms
from core.ui.forms.form_dialog import form, open_form
from core.ui.info.photo_crop import crop, source
from core.ui.parts.account_bar import avatar
from core.ui.parts.escape import md
from core.ui.state.open_form import OpenForm
from core.ui.state.ui_state import ui_state


def photo_form(account: OpenAccount, size: int = 96) -> None:
    """Draw the photo or the initials, with buttons for what this viewer may do; the page draws the form itself with ``show_form``."""
    manages = Right.MANAGE_ACCOUNTS in rights_of(account.viewer)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="photo"):
        st.html(avatar(account, size), width="content")
        if not manages and account.viewer.kind != "contact":
            return
        label = t("photo.change") if account.photo_id else t("photo.choose")
        st.button(label, icon=":material/photo_camera:", key="photo-change", on_click=open_form, args=("photo", account.account_id))
        if account.photo_id and manages:
            st.button(
                t("photo.remove"), icon=":material/delete:", type="tertiary", key="photo-remove", on_click=open_form,
                args=("photo_remove", account.account_id),
            )  # fmt: skip


@dataclass
class _Picture:
    """The picture being chosen: ``shown`` is a WebP of it with width and height in pixels, ``content`` the file.

    ``attempt`` and ``failed_saves`` make the choice and the frame over the picture new after each of them.
    """

    attempt: int = 0
    shown: tuple[bytes, int, int] | None = None
    content: bytes = b""
    failed_saves: int = 0


@form("photo", "photo.title")
def _photo(account: OpenAccount, editing: OpenForm) -> None:
    picture = editing.own(_Picture)
    if editing.problem:
        st.error(editing.problem, icon=":material/error:")
    if picture.shown:
        _cut(account, editing, picture, picture.shown)
    else:
        _choose(account, editing, picture)


def _choose(account: OpenAccount, editing: OpenForm, picture: _Picture) -> None:
    """Pick, drop or paste a file, or take a picture; a good one leads on."""
    container = editing.key(f"source-{picture.attempt}")
    way = st.segmented_control(
        t("photo.way"), ["file", "camera"], default="file", required=True, key=editing.key("way"), label_visibility="collapsed",
        format_func=lambda code: t(f"photo.way_{code}"),
    )  # fmt: skip
    with st.container(key=container):
        if way == "camera":
            file = st.camera_input(t("photo.camera"), key=editing.key(f"camera-{picture.attempt}"))
        else:
            file = st.file_uploader(t("photo.file"), key=editing.key(f"file-{picture.attempt}"))
    source(container, editing.key(f"words-{picture.attempt}-{way}"))
    if file is not None:
        _look_at(account, editing, picture, file.getvalue())
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(t("common.cancel"), key=editing.key("cancel")):
            _close()


def _look_at(account: OpenAccount, editing: OpenForm, picture: _Picture, content: bytes) -> None:
    """Read a chosen file and draw the form anew, with the picture or with what is wrong with it."""
    picture.attempt += 1
    editing.problem = None
    try:
        picture.shown = preview(content, account.viewer)
        picture.content = content
    except ValidationFailed as failed:
        editing.problem = _sentences(failed)
    st.rerun(scope="fragment")


def _cut(account: OpenAccount, editing: OpenForm, picture: _Picture, shown: tuple[bytes, int, int]) -> None:
    """Draw the picture under its frame, and do what was pressed."""
    pressed = crop(*shown, editing.key(f"crop-{picture.attempt}"), picture.failed_saves)
    if pressed is None:
        return
    button, frame = pressed
    if button == "cancel":
        _close()
    editing.problem = None
    if button == "other":
        picture.shown = None
        st.rerun(scope="fragment")
    try:
        # Anything but four finite numbers is refused there.
        set_photo(account, picture.content, cast("Frame", frame))
    except ValidationFailed as failed:
        editing.problem = _sentences(failed)
    except AppError as problem:
        editing.problem = sentence(problem)
    else:
        _close(saved=True)
    picture.failed_saves += 1
    st.rerun(scope="fragment")


@form("photo_remove", "photo.remove", "question")
def _remove(account: OpenAccount, editing: OpenForm) -> None:
    st.write(md(t("photo.remove_hint", name=account.name)))
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(t("common.cancel"), key=editing.key("cancel")):
            _close()
        if st.button(t("photo.remove"), type="primary", key=editing.key("remove")):
            remove_photo(account)
            _close(saved=True)


def _close(saved: bool = False) -> None:
    forms.close_form()
    if saved:
        ui_state().is_saved = True
    st.rerun()


def _sentences(failed: ValidationFailed) -> str:
    return " ".join(md(t(f"errors.{code}", **values)) for code, values in failed.problems.values())
