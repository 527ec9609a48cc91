"""The client's photo with its buttons, and the forms behind them: choose, cut, save; remove."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.access.open_account import OpenAccount
from core.access.verbs import rights_of
from core.base.errors import AppError, ValidationFailed
from core.base.rights import Right
from core.documents.photos import preview, remove_photo, set_photo
from core.i18n import sentence, t
from core.ui.forms import form_dialog as forms
from core.ui.forms.form_dialog import form, open_form
from core.ui.info.photo_crop import crop, source
from core.ui.parts.account_bar import avatar
from core.ui.parts.escape import md


def photo_form(account: OpenAccount, size: int = 96) -> None:
    """The photo or the initials, with what this viewer may do about it; the page shows the form itself with ``show_form``."""
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


@form("photo", "photo.title")
def _photo(account: OpenAccount, editing: dict[str, Any]) -> None:
    if problem := editing.get("problem"):
        st.error(problem, icon=":material/error:")
    if "shown" in editing:
        _cut(account, editing)
    else:
        _choose(account, editing)


def _choose(account: OpenAccount, editing: dict[str, Any]) -> None:
    """Pick, drop or paste a file, or take a picture; a good one leads on."""
    turn = editing.setdefault("chosen", 0)
    container = forms.key(editing, f"source-{turn}")
    way = st.segmented_control(
        t("photo.way"), ["file", "camera"], default="file", required=True, key=forms.key(editing, "way"), label_visibility="collapsed",
        format_func=lambda code: t(f"photo.way_{code}"),
    )  # fmt: skip
    with st.container(key=container):
        if way == "camera":
            picture = st.camera_input(t("photo.camera"), key=forms.key(editing, f"camera-{turn}"))
        else:
            picture = st.file_uploader(t("photo.file"), key=forms.key(editing, f"file-{turn}"))
    source(container, forms.key(editing, f"words-{turn}-{way}"))
    if picture is not None:
        _look_at(account, editing, picture.getvalue())
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(t("common.cancel"), key=forms.key(editing, "cancel")):
            _away()


def _look_at(account: OpenAccount, editing: dict[str, Any], content: bytes) -> None:
    editing["chosen"] += 1
    editing["problem"] = None
    try:
        editing["shown"] = preview(content, account.viewer)
        editing["content"] = content
    except ValidationFailed as failed:
        editing["problem"] = _said(failed)
    st.rerun(scope="fragment")


def _cut(account: OpenAccount, editing: dict[str, Any]) -> None:
    said = crop(*editing["shown"], forms.key(editing, f"crop-{editing['chosen']}"), editing.get("tries", 0))
    if said is None:
        return
    what, frame = said
    if what == "cancel":
        _away()
    editing["problem"] = None
    if what == "other":
        del editing["shown"], editing["content"]
        st.rerun(scope="fragment")
    try:
        set_photo(account, editing["content"], frame)
    except ValidationFailed as failed:
        editing["problem"] = _said(failed)
    except AppError as problem:
        editing["problem"] = sentence(problem)
    else:
        _away(saved=True)
    editing["tries"] = editing.get("tries", 0) + 1
    st.rerun(scope="fragment")


@form("photo_remove", "photo.remove", "small")
def _remove(account: OpenAccount, editing: dict[str, Any]) -> None:
    st.write(md(t("photo.remove_hint", name=account.name)))
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(t("common.cancel"), key=forms.key(editing, "cancel")):
            _away()
        if st.button(t("photo.remove"), type="primary", key=forms.key(editing, "remove")):
            remove_photo(account)
            _away(saved=True)


def _away(saved: bool = False) -> None:
    forms.close_form()
    if saved:
        st.session_state["saved"] = True
    st.rerun()


def _said(failed: ValidationFailed) -> str:
    return " ".join(md(t(f"errors.{code}", **values)) for code, values in failed.problems.values())
