"""The dialogs a click opens over the Overview: a full list, or what a row of it opens."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.access.open_account import OpenAccount
from core.access.verbs import rights_of
from core.base.errors import AppError, NotFound
from core.base.rights import Right
from core.documents.documents import file_of, mark_seen
from core.documents.openings import OPENED, note_opening, openings_of
from core.i18n import sentence, t
from core.i18n.formats import day, moment, money, number
from core.overview import details
from core.overview.work import read_work
from core.store import Row
from core.ui.forms.form_dialog import open_form_of
from core.ui.overview.conversation_dialogs import open_chat, open_email
from core.ui.overview.detail_dialog import detail_dialog, facts, plain_table
from core.ui.overview.document_forms import firm_document
from core.ui.overview.full_list import full_list
from core.ui.overview.request_dialogs import open_approval, open_contract, open_organizer, open_signature
from core.ui.overview.turn_line import TURN_LIST, turn_list
from core.ui.overview.work_forms import open_work
from core.ui.parts.escape import esc, md
from core.ui.parts.file_frame import file_frame
from core.ui.state.open_form import ListState
from core.ui.state.ui_state import ui_state

# Openings of a document that are told without asking.
OPENINGS_AT_ONCE = 3


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
    if widget == TURN_LIST:
        turn_list(account)
    else:
        full_list(account, widget)


def _toast(account: OpenAccount, words: str, back: ListState | None) -> None:
    """Show a sentence instead of the thing; the list it was to be opened from stays."""
    st.toast(words)
    if back is not None:
        _list(account, back.widget, back)


def _document(account: OpenAccount, document_id: int, back: ListState | None) -> None:
    document = file_of(account.viewer, document_id)
    mark_seen(account, document_id)
    note_opening(account.viewer, document, OPENED)

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
        if document["seen_at"]:
            st.caption(md(t("widgets.open.first_seen", who=document["seen_by"] or "–", when=moment(document["seen_at"]))))
        _openings(openings_of(account, document_id))
        if not document["is_from_client"]:
            firm_document(account, document, back)

    detail_dialog(md(document["name"]), back, partial(file_of, account.viewer, document_id), draw, "document")


def _openings(rows: list[Row]) -> None:
    """Say who opened or downloaded a document when: the last of them at once, the others on demand."""
    said = [md(t(f"widgets.open.way.{row['way']}", who=row["who"] or "–", when=moment(row["opened_at"]))) for row in rows]
    for line in said[:OPENINGS_AT_ONCE]:
        st.caption(line)
    if more := said[OPENINGS_AT_ONCE:]:
        with st.expander(t("widgets.open.way.more", n=len(more), count=len(more)), icon=":material/history:"):
            for line in more:
                st.caption(line)


def _note(account: OpenAccount, note_id: int, back: ListState | None) -> None:
    def draw(note: Row) -> None:
        st.text(note["text"])
        st.caption(md(t("widgets.open.note_by", who=note["saved_by"] or "–", when=moment(note["saved_at"]))))
        mine = note["staff_member_id"] == account.viewer.id
        if (mine or Right.MANAGE_ACCOUNTS in rights_of(account.viewer)) and st.button(t("info.edit"), icon=":material/edit:"):
            open_work(account, "note", note_id, back)
            st.rerun()

    detail_dialog(t("widgets.notes.col.text"), back, partial(details.note, account, note_id), draw)


def _invoice(account: OpenAccount, invoice_id: int, back: ListState | None) -> None:
    invoice, _, _ = details.invoice(account, invoice_id)
    title = md(t("widgets.open.invoice", number=invoice["number"]))
    detail_dialog(title, back, partial(details.invoice, account, invoice_id), _draw_invoice)


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
        plain_table(lines, position=str, text=str, quantity=number, unit_price=money, amount=money)
    st.markdown(f"**{t('widgets.open.payments')}**")
    if payments:
        plain_table(payments, paid_on=day, amount=money, method=str, reference=str)
    else:
        st.caption(t("widgets.open.no_payments"))


def _task(account: OpenAccount, task_id: int, back: ListState | None) -> None:
    open_work(account, "task", task_id, back)


def _time_entry(account: OpenAccount, time_entry_id: int, back: ListState | None) -> None:
    entry = read_work(account, "time_entry", time_entry_id)
    if entry["staff_member_id"] == account.viewer.id and not entry["is_billed"]:
        open_work(account, "time_entry", time_entry_id, back)
    else:
        _toast(account, t("work.billed" if entry["is_billed"] else "work.not_own"), back)


def _job(account: OpenAccount, job_id: int, back: ListState | None) -> None:
    title = md(details.job(account, job_id)[0]["name"])
    detail_dialog(title, back, partial(details.job, account, job_id), _draw_job)


def _draw_job(found: tuple[Row, list[Row]]) -> None:
    job, stages = found
    facts(
        (
            ("status", t(f"widgets.jobs.status.{job['status']}")),
            ("pipeline", job["pipeline"]),
            ("begun", moment(job["created_at"])),
            ("stage_since", moment(job["stage_since_at"])),
            ("due", day(job["due_on"]) if job["due_on"] else None),
        )
    )
    present = next((stage["place"] for stage in stages if stage["is_current"]), 0)
    lines = [_stage_line(stage, present) for stage in stages]
    st.html(f'<ol class="kb-stages" aria-label="{esc(t("widgets.open.stages"))}">{"".join(lines)}</ol>')


def _stage_line(stage: Row, present: int) -> str:
    """Return a stage as a line of HTML: passed, present or to come, and since when as far as that is known."""
    kind = "passed" if stage["place"] < present else "present" if stage["is_current"] else "to-come"
    when = f"<small>{esc(t('widgets.open.since', when=moment(stage['reached_at'])))}</small>" if stage["reached_at"] else ""
    current = ' aria-current="step"' if stage["is_current"] else ""
    return f'<li class="kb-{kind}"{current}>{esc(stage["name"])} {when}</li>'


def _login(account: OpenAccount, login_id: int, back: ListState | None) -> None:
    def draw(login: Row) -> None:
        facts(
            (
                ("outcome", t(f"widgets.login_activity.outcome.{login['outcome']}")),
                ("when", moment(login["tried_at"])),
                ("contact", login["contact"] if login["contact"] != login["who"] else None),
                ("email", login["email"]),
                ("device", login["device"]),
                ("network_address", login["network_address"]),
            )
        )

    title = md(details.login(account, login_id)["who"])
    detail_dialog(title, back, partial(details.login, account, login_id), draw)


_OPENERS = {
    "document": _document, "email": open_email, "chat": open_chat, "note": _note, "invoice": _invoice, "task": _task, "time_entry": _time_entry,
    "job": _job, "approval": open_approval, "signature": open_signature, "organizer": open_organizer, "login": _login,
    "contract": open_contract,
}  # fmt: skip
