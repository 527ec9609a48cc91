"""The dialogs a click opens over the Overview: a full list, a document, a conversation, a note, an invoice."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import streamlit as st

from core.access.open_account import OpenAccount
from core.access.verbs import rights_of
from core.base.errors import AppError, NotFound
from core.base.rights import Right
from core.documents.documents import file_of, mark_seen
from core.i18n import sentence, t
from core.i18n.formats import day, moment, money, number
from core.overview import details
from core.overview.work import read_work
from core.store import Row
from core.ui.forms.form_dialog import Width, open_form_of
from core.ui.overview.document_forms import firm_document
from core.ui.overview.full_list import full_list
from core.ui.overview.work_forms import open_work
from core.ui.parts.columns import ROW_PX
from core.ui.parts.escape import md
from core.ui.parts.file_frame import file_frame
from core.ui.parts.return_to_list import go_back
from core.ui.state.open_form import ListState
from core.ui.state.ui_state import ui_state

T = TypeVar("T")


def show_opened(account: OpenAccount) -> None:
    """Draw the dialog that a click asked for, once."""
    state = ui_state()
    asked, state.to_open = state.to_open, None
    if asked is None or open_form_of(account):
        return
    if asked.account_id not in (None, account.account_id):
        return
    state.is_dialog_open = True
    if asked.what == "list":
        _list(account, asked.which, asked.back)
        return
    try:
        _OPENERS[asked.what](account, asked.which, asked.back)
    except NotFound:
        _toast(account, t("widgets.open.gone"), asked.back)
    except AppError as problem:
        _toast(account, sentence(problem), asked.back)


def _list(account: OpenAccount, widget: str, back: ListState | None) -> None:
    if back is not None:
        st.session_state.update(back.inputs)
    full_list(account, widget)


def _toast(account: OpenAccount, words: str, back: ListState | None) -> None:
    """Show a sentence instead of the thing; the list it was to be opened from stays."""
    st.toast(words)
    if back is not None:
        _list(account, back.widget, back)


def _dialog(title: str, width: Width, back: ListState | None, read: Callable[[], T], draw: Callable[[T], None]) -> None:
    """Draw what was read in a dialog; each time it is drawn anew it is read anew, so that nothing is shown that may no longer be seen."""
    first = [read()]

    @st.dialog(title, width=width, on_dismiss=partial(go_back, back))
    def show() -> None:
        try:
            found = first.pop() if first else read()
        except NotFound:
            st.info(t("widgets.open.gone"))
        except AppError as problem:
            st.error(sentence(problem))
        else:
            draw(found)

    show()


def _document(account: OpenAccount, document_id: int, back: ListState | None) -> None:
    document = file_of(account.viewer, document_id)
    mark_seen(account, document_id)

    def draw(document: Row) -> None:
        url = f"/document/{document_id}"
        if document["path"] is None:
            st.info(t("widgets.open.no_file"))
            return
        kind = document["media_type"] or ""
        if kind in ("application/pdf", "text/plain") or kind in ("image/png", "image/jpeg", "image/webp", "image/gif"):
            file_frame(url)
        else:
            st.info(t("widgets.open.no_preview"))
        st.html(f'<a class="kb-link" href="{url}?download=1" download>{t("widgets.open.download")}</a>')
        if not document["is_from_client"]:
            firm_document(account, document, back)

    _dialog(md(document["name"]), "large", back, partial(file_of, account.viewer, document_id), draw)


def _email(account: OpenAccount, email_id: int, back: ListState | None) -> None:
    thread = details.email_thread(account, email_id)
    details.mark_email_read(account, email_id)
    title = md(thread[-1]["subject"] or t("widgets.open.no_subject"))
    _dialog(title, "large", back, partial(details.email_thread, account, email_id), _draw_mails)


def _draw_mails(thread: list[Row]) -> None:
    for mail in thread:
        received = mail["direction"] == "received"
        who = mail["from_address"] if received else mail["to_address"]
        with st.container(border=True, gap="xsmall"):
            line = t("widgets.open.received" if received else "widgets.open.sent", who=who)
            st.caption(f"{md(line)} · {moment(mail['sent_at'])}")
            st.text(mail["body"] or "")


def _chat(account: OpenAccount, chat_id: int, back: ListState | None) -> None:
    chat, _ = details.chat(account, chat_id)
    details.mark_chat_read(account, chat_id)
    _dialog(md(chat["subject"]), "large", back, partial(details.chat, account, chat_id), _draw_messages)


def _draw_messages(found: tuple[Row, list[Row]]) -> None:
    for message in found[1]:
        icon = ":material/person:" if message["is_from_client"] else ":material/business_center:"
        with st.chat_message("client" if message["is_from_client"] else "firm", avatar=icon):
            st.caption(f"{md(message['by_name'] or '')} · {moment(message['sent_at'])}")
            st.text(message["text"])


def _note(account: OpenAccount, note_id: int, back: ListState | None) -> None:
    def draw(note: Row) -> None:
        st.text(note["text"])
        st.caption(md(t("widgets.open.note_by", who=note["saved_by"] or "–", when=moment(note["saved_at"]))))
        mine = note["staff_member_id"] == account.viewer.id
        if (mine or Right.MANAGE_ACCOUNTS in rights_of(account.viewer)) and st.button(t("info.edit"), icon=":material/edit:"):
            open_work(account, "note", note_id, back)
            st.rerun()

    _dialog(t("widgets.notes.col.text"), "medium", back, partial(details.note, account, note_id), draw)


def _invoice(account: OpenAccount, invoice_id: int, back: ListState | None) -> None:
    invoice, _, _ = details.invoice(account, invoice_id)
    title = md(t("widgets.open.invoice", number=invoice["number"]))
    _dialog(title, "large", back, partial(details.invoice, account, invoice_id), _draw_invoice)


def _draw_invoice(found: tuple[Row, list[Row], list[Row]]) -> None:
    invoice, lines, payments = found
    facts = (
        ("issued", day(invoice["issued_on"])),
        ("due", day(invoice["due_on"])),
        ("total", money(invoice["total"])),
        ("paid", money(invoice["paid_amount"])),
        ("open", money(invoice["open_amount"])),
    )
    for place, (key, value) in zip(st.columns(len(facts)), facts, strict=True):
        place.metric(t(f"widgets.open.{key}"), value)
    if lines:
        st.markdown(f"**{t('widgets.open.lines')}**")
        _plain(lines, position=str, text=str, quantity=number, unit_price=money, amount=money)
    st.markdown(f"**{t('widgets.open.payments')}**")
    if payments:
        _plain(payments, paid_on=day, amount=money, method=str, reference=str)
    else:
        st.caption(t("widgets.open.no_payments"))


def _plain(rows: list[Row], **columns) -> None:
    shown = [{t(f"widgets.open.{key}"): "" if row[key] is None else write(row[key]) for key, write in columns.items()} for row in rows]
    st.dataframe(shown, hide_index=True, row_height=ROW_PX, height="content" if len(shown) < 12 else 360)


def _task(account: OpenAccount, task_id: int, back: ListState | None) -> None:
    open_work(account, "task", task_id, back)


def _time_entry(account: OpenAccount, time_entry_id: int, back: ListState | None) -> None:
    entry = read_work(account, "time_entry", time_entry_id)
    if entry["staff_member_id"] == account.viewer.id and not entry["is_billed"]:
        open_work(account, "time_entry", time_entry_id, back)
    else:
        _toast(account, t("work.billed" if entry["is_billed"] else "work.not_own"), back)


_OPENERS = {
    "document": _document, "email": _email, "chat": _chat, "note": _note, "invoice": _invoice, "task": _task, "time_entry": _time_entry,
}  # fmt: skip
