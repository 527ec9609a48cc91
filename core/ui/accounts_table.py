"""Drawing Kunden: the filters, the table, *Neuer Kunde*."""

from __future__ import annotations

import math
from functools import partial

import pyarrow as pa
import streamlit as st

from core.access import rights_of
from core.accounts import KINDS, SORTS, STATES, AccountPage, Wish, choices, create_account, list_accounts, propose_number
from core.errors import AppError, ValidationFailed
from core.export import CSV_TYPE, XLSX_TYPE, to_csv, to_xlsx
from core.i18n import language, sentence, speaking, t
from core.i18n.formats import local, money
from core.rights import Right, Viewer
from core.ui.escape import md
from core.ui.navigate import open_account_page
from core.web.exports import offer

PAGE = 50
DAY = {"de": "DD.MM.YYYY", "en": "DD/MM/YYYY"}


def filters(viewer: Viewer) -> Wish:
    """One row of filters; they stay as they are while one visits a client and comes back."""
    tags, members = choices(viewer)

    def label(what: str):
        return lambda code: t(f"frame.{what}.{code}")

    keep = {"persist_state": "session"}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="filters"):
        text = st.text_input(
            t("accounts.text"), key="only-text", type="search", live="250ms", placeholder=t("accounts.find"), width=170, **keep
        )
        kinds = st.multiselect(
            t("accounts.kind"), KINDS, format_func=label("kind"), key="only-kinds", placeholder=t("accounts.any"), width=126, **keep
        )
        by_tag = st.multiselect(
            t("accounts.tags"), tags, format_func=tags.get, key="only-tags", placeholder=t("accounts.any"), width=126, **keep
        )
        by_member = st.multiselect(
            t("accounts.team"), members, format_func=members.get, key="only-members", placeholder=t("accounts.any"), width=146, **keep
        )
        states = st.multiselect(
            t("accounts.state"),
            STATES,
            format_func=label("state"),
            key="only-states",
            placeholder=t("accounts.not_archived"),
            width=190,
            **keep,
        )
        sorts = [key for key in SORTS if key not in ("open_amount", "net_due") or Right.SEE_INVOICES in rights_of(viewer)]
        sort = st.selectbox(
            t("accounts.sort"), sorts, index=sorts.index("name"), format_func=lambda k: t(f"accounts.{k}"), key="by", width=150, **keep
        )
        descending = st.toggle(t("accounts.descending"), key="by-descending", **keep)
    return Wish(text or "", kinds, states, by_tag, by_member, sort, descending)


def accounts_table(viewer: Viewer, wish: Wish) -> None:
    """A page of the list; a click opens the client."""
    page_key = f"accounts-page-{hash(repr(wish))}"
    page = list_accounts(viewer, wish, (st.session_state.get(page_key, 1) - 1) * PAGE, PAGE)
    if not page.total:
        st.info(t("accounts.nothing"), icon=":material/search_off:")
        return
    key = f"accounts-rows-{st.session_state.get('turn', 0)}"
    ids = tuple(row["account_id"] for row in page.rows)
    st.dataframe(
        _table(page),
        column_config=_config(page.columns),
        hide_index=True,
        row_height=28,
        height=32 + 28 * len(page.rows),
        placeholder="",
        key=key,
        on_select=partial(_pick, key, ids),
        selection_mode="single-cell",
        alt=t("frame.clients"),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("accounts.found", n=page.total), width="content")
        if page.total > PAGE:
            st.pagination(math.ceil(page.total / PAGE), key=page_key)
        st.space("stretch")
        _exports(viewer, wish)


def _pick(key: str, ids: tuple[int, ...]) -> None:
    cells = st.session_state[key].selection.cells
    if cells and cells[0][0] < len(ids):
        st.session_state["open_next"] = ids[cells[0][0]]
        st.session_state["turn"] = st.session_state.get("turn", 0) + 1


def _word(key: str, value: object) -> str | None:
    if value is None:
        return None
    return t(f"frame.{key}.{value}") if key in ("kind", "state") else str(value)


def _table(page: AccountPage) -> pa.Table:
    arrays = []
    for key in page.columns:
        values = [row[key] for row in page.rows]
        if key.endswith("_at"):
            arrays.append(pa.array([None if v is None else local(v).replace(tzinfo=None) for v in values], pa.timestamp("ms")))
        elif key == "unread_count":
            arrays.append(pa.array(values, pa.int64()))
        elif key in ("open_amount", "net_due"):
            arrays.append(pa.array([money(v) if v else "" for v in values], pa.string()))
        else:
            arrays.append(pa.array([_word(key, v) for v in values], pa.string()))
    return pa.Table.from_arrays(arrays, names=list(page.columns))


def _config(columns: tuple[str, ...]) -> dict[str, object]:
    config: dict[str, object] = {}
    widths = {
        "number": 56, "name": 164, "kind": 88, "state": 80, "tags": 84, "team": 100, "open_amount": 86, "net_due": 86, "unread_count": 64,
    }  # fmt: skip
    for key in columns:
        label = t(f"accounts.{key}")
        if key.endswith("_at"):
            config[key] = st.column_config.DatetimeColumn(label, format=DAY[language()], width=84)
        elif key in ("open_amount", "net_due"):
            config[key] = st.column_config.TextColumn(label, width=widths[key], alignment="right")
        else:
            config[key] = st.column_config.Column(label, width=widths.get(key))
    return config


def _exports(viewer: Viewer, wish: Wish) -> None:
    if Right.EXPORT_DATA not in rights_of(viewer):
        return
    for kind, media_type, make in (("csv", CSV_TYPE, to_csv), ("xlsx", XLSX_TYPE, to_xlsx)):
        export_id = offer(viewer, f"{t('frame.clients')}.{kind}", media_type, partial(_bytes, viewer, wish, make, language()))
        st.link_button(t(f"widgets.common.{kind}"), f"/export/{export_id}", icon=":material/download:", key=f"export-accounts-{kind}")


def _bytes(viewer: Viewer, wish: Wish, make, code: str) -> bytes:
    page = list_accounts(viewer, wish, limit=None)
    with speaking(code):
        return make(
            [t(f"accounts.{key}") for key in page.columns],
            [[_word(key, row[key]) if key in ("kind", "state") else row[key] for key in page.columns] for row in page.rows],
        )


def new_account_button(viewer: Viewer) -> None:
    """*Neuer Kunde*, for who may manage accounts."""
    if Right.MANAGE_ACCOUNTS in rights_of(viewer) and st.button(
        t("accounts.new"), icon=":material/add:", type="primary", key="new-account"
    ):
        _new_account(viewer)


def _new_account(viewer: Viewer) -> None:
    @st.dialog(t("accounts.new"))
    def show() -> None:
        problems: dict[str, str] = st.session_state.get("new-problems", {})

        def said(field: str) -> None:
            if field in problems:
                st.caption(f":red[{md(problems[field])}]")

        name = st.text_input(t("accounts.name"), key="new-name", max_chars=200)
        said("name")
        kind = st.segmented_control(
            t("accounts.kind"), KINDS, default="person", required=True, format_func=lambda k: t(f"frame.kind.{k}"), key="new-kind"
        )
        st.session_state.setdefault("new-number", propose_number(viewer))
        number = st.text_input(t("accounts.number"), key="new-number", max_chars=40)
        said("number")
        contact_name = st.text_input(t("accounts.contact_name"), key="new-contact", max_chars=200, help=t("accounts.contact_hint"))
        said("contact_name")
        contact_email = st.text_input(t("accounts.contact_email"), key="new-email", type="email")
        said("contact_email")
        if not st.button(t("common.save"), type="primary", key="new-save"):
            return
        try:
            account_id = create_account(
                viewer, name=name, kind=kind, number=number, contact_name=contact_name or name, contact_email=contact_email
            )
        except ValidationFailed as failed:
            st.session_state["new-problems"] = {field: t(f"errors.{code}", **filled) for field, (code, filled) in failed.problems.items()}
            st.rerun(scope="fragment")
        except AppError as problem:
            st.error(sentence(problem))
        else:
            st.session_state.pop("new-problems", None)
            open_account_page(account_id)

    for key in ("new-problems", "new-number"):
        st.session_state.pop(key, None)
    show()
