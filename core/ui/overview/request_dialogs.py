"""What the client was asked for, opened: an approval, a signature, a contract, an organizer, with who is missing and since when."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.access.open_account import OpenAccount
from core.i18n import t
from core.i18n.formats import moment
from core.overview import details
from core.store import Row
from core.ui.overview.detail_dialog import detail_dialog, facts, waiting_since
from core.ui.parts.escape import md
from core.ui.parts.return_to_list import ask_for
from core.ui.state.open_form import ListState


def open_approval(account: OpenAccount, approval_id: int, back: ListState | None) -> None:
    """Open a request for approval. Raises NotFound."""

    def draw(row: Row) -> None:
        is_open = row["status"] == "pending"
        facts(
            (
                ("status", t(f"widgets.approvals.status.{row['status']}")),
                ("asked", moment(row["asked_at"])),
                ("waiting_since", waiting_since(row["asked_at"]) if is_open else None),
                ("decided", moment(row["decided_at"]) if row["decided_at"] else None),
                ("decided_by", row["decided_by"]),
                ("reason", row["reason"]),
            )
        )
        _document_button(row, back)

    title = md(details.approval(account, approval_id)["document_name"])
    detail_dialog(title, back, partial(details.approval, account, approval_id), draw)


def open_signature(account: OpenAccount, signature_id: int, back: ListState | None) -> None:
    """Open a document sent for signature. Raises NotFound."""
    title = md(details.signature(account, signature_id)[0]["name"])
    detail_dialog(title, back, partial(details.signature, account, signature_id), partial(_draw_signing, "signatures", back))


def open_contract(account: OpenAccount, contract_id: int, back: ListState | None) -> None:
    """Open a contract. Raises NotFound."""
    title = md(details.contract(account, contract_id)[0]["name"])
    detail_dialog(title, back, partial(details.contract, account, contract_id), partial(_draw_signing, "contracts", back))


def _draw_signing(widget: str, back: ListState | None, found: tuple[Row, list[Row]]) -> None:
    row, signatories = found
    is_open = row["status"] in ("pending", "partially_signed")
    nobody = is_open and signatories and not any(one["signed_at"] or one["may_sign"] for one in signatories)
    facts(
        (
            ("status", t(f"widgets.{widget}.status.{'nobody' if nobody else row['status']}")),
            ("sent_on", moment(row["sent_at"])),
            ("waiting_since", waiting_since(row["sent_at"]) if is_open else None),
            ("needs", t(f"widgets.open.needs_{row['needs']}") if len(signatories) > 1 else None),
        )
    )
    if not signatories:
        st.caption(t("widgets.open.no_signatories"))
    for signatory in signatories:
        name = signatory["holder_name"] or signatory["name"] or signatory["email"] or "–"
        with st.container(border=True, gap=None):
            st.markdown(f"**{md(name)}**")
            beside = [] if signatory["email"] in (None, name) else [signatory["email"]]
            st.caption(md(" · ".join([*beside, _signed_word(row, signatory, is_open)])))
    _document_button(row, back)


def _signed_word(row: Row, signatory: Row, is_open: bool) -> str:
    """Return whether and when somebody signed, or since when the signature is missing."""
    if signatory["signed_at"]:
        return t("widgets.open.signed_on", when=moment(signatory["signed_at"]))
    if not is_open:
        return t("widgets.open.not_signed")
    return t(
        "widgets.open.signature_missing" if signatory["may_sign"] else "widgets.open.may_not_sign", since=waiting_since(row["sent_at"])
    )


def _document_button(row: Row, back: ListState | None) -> None:
    """Draw the button that opens the document a request is about, where it is known."""
    if (document_id := row.get("document_id")) is None:
        return
    if st.button(t("widgets.open.document"), icon=":material/description:", key="open-document"):
        ask_for("document", document_id, back)
        st.rerun()


def open_organizer(account: OpenAccount, organizer_id: int, back: ListState | None) -> None:
    """Open a questionnaire with its dates and how far it is answered. Raises NotFound."""

    def draw(row: Row) -> None:
        answered, asked = row["answered_count"], row["question_count"]
        facts(
            (
                ("status", t(f"widgets.organizers.status.{row['status']}")),
                ("sent_on", moment(row["sent_at"])),
                ("changed", moment(row["updated_at"])),
                ("waiting_since", waiting_since(row["sent_at"]) if row["status"] == "pending" else None),
                ("archived", moment(row["archived_at"]) if row["archived_at"] else None),
            )
        )
        st.progress(min(1.0, answered / asked) if asked else 1.0, text=t("widgets.open.answered", answered=answered, asked=asked))

    title = md(details.organizer(account, organizer_id)["name"])
    detail_dialog(title, back, partial(details.organizer, account, organizer_id), draw)
