"""*Neuer Kunde*: a dialog that keeps what was typed and shows each problem at its field."""

from __future__ import annotations

import streamlit as st

from core.access import rights_of
from core.accounts import create_account, find_contacts, propose_number
from core.errors import AppError, ValidationFailed
from core.i18n import sentence, t
from core.record import KINDS
from core.rights import Right, Viewer
from core.ui.escape import md
from core.ui.navigate import open_account_page


def new_account_button(viewer: Viewer) -> None:
    """*Neuer Kunde*, for who may manage accounts."""
    if Right.MANAGE_ACCOUNTS not in rights_of(viewer):
        return
    if st.button(t("accounts.new"), icon=":material/add:", type="primary", key="new-account"):
        st.session_state["new-problems"] = {}
        st.session_state["new-number"] = propose_number(viewer)
        _dialog(viewer)


def _dialog(viewer: Viewer) -> None:
    @st.dialog(t("accounts.new"))
    def show() -> None:
        values = _account_inputs() | _contact_inputs(viewer)
        if not st.button(t("common.save"), type="primary", key="new-save"):
            return
        try:
            account_id = create_account(viewer, **values)
        except ValidationFailed as failed:
            st.session_state["new-problems"] = {field: t(f"errors.{code}", **filled) for field, (code, filled) in failed.problems.items()}
            st.rerun(scope="fragment")
        except AppError as problem:
            st.error(sentence(problem))
        else:
            open_account_page(account_id)

    show()


def _said(*fields: str) -> None:
    for field in fields:
        if problem := st.session_state.get("new-problems", {}).get(field):
            st.caption(f":red[{md(problem)}]")


def _account_inputs() -> dict[str, object]:
    name = st.text_input(t("accounts.name"), key="new-name", max_chars=200)
    _said("name")
    kind = st.segmented_control(
        t("accounts.kind"), KINDS, default="person", required=True, format_func=lambda k: t(f"frame.kind.{k}"), key="new-kind"
    )
    _said("kind")
    number = st.text_input(t("accounts.number"), key="new-number", max_chars=40)
    _said("number")
    return {"name": name, "kind": kind or "", "number": number}


def _contact_inputs(viewer: Viewer) -> dict[str, object]:
    """A contact to create, or one to link."""
    way = st.segmented_control(
        t("accounts.contact_way"), ["new", "known"], default="new", required=True,
        format_func=lambda code: t(f"accounts.contact_{code}"), key="new-way",
    )  # fmt: skip
    if way == "known":
        return {"contact_id": _known_contact(viewer)}
    name = st.text_input(t("accounts.contact_name"), key="new-contact", max_chars=200, help=t("accounts.contact_hint"))
    _said("contact_name")
    email = st.text_input(t("accounts.contact_email"), key="new-email", type="email")
    _said("contact_email")
    return {"contact_name": name.strip() or st.session_state.get("new-name", ""), "contact_email": email}


def _known_contact(viewer: Viewer) -> int | None:
    text = st.text_input(t("accounts.contact_find"), key="new-find", type="search", live="250ms")
    found = {row["contact_id"]: row for row in find_contacts(viewer, text or "")}
    if not found:
        if text:
            st.caption(t("accounts.contact_not_found"))
        _said("contact_name")
        return None

    def written(contact_id: int) -> str:
        row = found[contact_id]
        return " · ".join(filter(None, (row["name"], row["email"])))

    chosen = st.selectbox(t("accounts.contact_pick"), list(found), format_func=written, key=f"new-pick-{text}")
    _said("contact_name")
    return chosen
