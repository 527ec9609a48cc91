"""The forms that add, change and withdraw the firm's own documents of a client."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core.access.open_account import OpenAccount
from core.access.verbs import rights_of
from core.base.sizes import MIB
from core.documents.documents import file_of
from core.documents.uploads import (
    MAX_FILE_BYTES,
    MAX_NAME_CHARS,
    Upload,
    add_documents,
    edit_document,
    may_change,
    proposed_name,
    withdraw_document,
)
from core.i18n import t
from core.i18n.formats import moment
from core.store import Row
from core.ui.forms import form_dialog as forms
from core.ui.forms.edit_conflict import start_edit
from core.ui.forms.field_inputs import keep_input, show_problem
from core.ui.forms.form_dialog import form, open_form
from core.ui.parts.escape import md, plain_paragraph
from core.ui.state.open_form import ListState, OpenForm


@form("document", "documents.add")
def _document(account: OpenAccount, editing: OpenForm) -> None:
    draft = editing.start(lambda: {"names": [], "is_shared": False})
    prefix, problems = editing.key("in"), editing.problems
    files = st.file_uploader(
        t("documents.files"),
        accept_multiple_files=True,
        key=f"{prefix}-files",
        help=t("documents.files_help", largest=MAX_FILE_BYTES // MIB),
    )
    show_problem(problems, "files")
    uploads = []
    for place, file in enumerate(files):
        label = t("documents.name") if len(files) == 1 else t("documents.name_of", file=file.name)
        key = keep_input(f"{prefix}-name-{file.file_id}", proposed_name(file.name))
        name = st.text_input(f"{md(label)} *", key=key, max_chars=MAX_NAME_CHARS, autocomplete="off")
        show_problem(problems, f"name-{place}")
        uploads.append(Upload(name, file.name, file.size, file.getvalue))
    shared = _shared(f"{prefix}-shared", draft["is_shared"])
    changes = editing.record_input({"names": [upload.name for upload in uploads], "is_shared": shared})
    forms.buttons(editing, changes, partial(add_documents, account, uploads, is_shared=shared), quiet=True, new=True, save="documents.put")


def _shared(key: str, value: object) -> bool:
    return st.toggle(t("documents.is_shared"), key=keep_input(key, value), help=t("documents.is_shared_help"))


def firm_document(account: OpenAccount, document: Row, back: ListState | None = None) -> None:
    """Draw the foot of an opened document of the firm's own: who put it there, for whom, and what this viewer may do about it."""
    shared = t("widgets.documents.origin.shared" if document["is_shared"] else "widgets.documents.origin.internal")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="document-foot"):
        st.caption(
            md(t("documents.by", who=document["member"] or "–", when=moment(document["uploaded_at"]), shared=shared)), width="stretch"
        )
        if not may_change(account.viewer.id, rights_of(account.viewer), document):
            return
        for name, icon in (("document_edit", "edit"), ("document_withdraw", "delete")):
            if st.button(t(f"documents.{name}"), icon=f":material/{icon}:", key=name, type="tertiary"):
                open_form(name, account.account_id, back, document_id=document["document_id"])
                st.rerun()


@form("document_edit", "documents.document_edit")
def _edit(account: OpenAccount, editing: OpenForm) -> None:
    document = file_of(account.viewer, editing.about["document_id"])
    present = {key: document[key] for key in ("name", "is_shared")}
    labels = {key: t(f"documents.{key}") for key in present}
    draft = start_edit(
        editing, lambda: present, document["version"], labels,
        lambda key, value: str(value) if key == "name" else t("common.yes" if value else "common.no"),
    )  # fmt: skip
    prefix, problems = editing.key("in"), editing.problems
    raw: dict[str, Any] = {}
    raw["name"] = st.text_input(
        f"{t('documents.name')} *", key=keep_input(f"{prefix}-name", draft["name"]), max_chars=MAX_NAME_CHARS, autocomplete="off"
    )
    show_problem(problems, "name")
    raw["is_shared"] = _shared(f"{prefix}-shared", draft["is_shared"])
    changes = editing.record_input(raw)
    forms.buttons(editing, changes, partial(edit_document, account, document["document_id"], editing.version, **raw), quiet=True)


@form("document_withdraw", "documents.document_withdraw", "question")
def _withdraw(account: OpenAccount, editing: OpenForm) -> None:
    document = file_of(account.viewer, editing.about["document_id"])
    editing.start(dict)
    st.html(plain_paragraph(t("documents.withdraw_hint", name=document["name"])))
    forms.buttons(
        editing,
        {"document_id": document["document_id"]},
        partial(withdraw_document, account, document["document_id"]),
        quiet=True,
        save="documents.document_withdraw",
    )
