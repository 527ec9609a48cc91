"""The access matrix: address × account over everything the viewer may see, with what is odd about it."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from core.access.contact_access import SWITCHES
from core.base.rights import Viewer
from core.clients.contact_emails import address_matrix
from core.i18n import t
from core.i18n.formats import day, local
from core.store import Row
from core.ui.parts.columns import ROW_PX, table_height
from core.ui.parts.empty import empty_state
from core.ui.parts.navigate import open_account_next
from core.ui.parts.pagination import offset_of
from core.ui.parts.table_clicks import key_of, label_of, opening_column
from core.ui.state.ui_state import ui_state

PAGE_ROWS = 100
# All nine columns fit beside each other in a window of 1280 px; a cut text is shown in full under the pointer.
SWITCH_WIDTH_PX = 88
WIDTHS_PX = {"odd": 190, "address": 150, "who": 92, "account": 136, "last_login": 82}
# On a phone, in this order; in pixels.
NARROW = {"account": 132, "address": 112, "odd": 116}
ODD = ("is_orphan", "staff_address", "nobody_signs", "login_without_notify", "no_login_for_a_year")


def access_matrix(viewer: Viewer) -> None:
    """Draw the whole page; a client's name opens its record."""
    st.header(t("matrix.title"), anchor=False)
    st.caption(t("matrix.hint"))
    only_odd = st.toggle(t("matrix.only_odd"), key="matrix-odd", persist_state="session")
    key = f"matrix-page-{only_odd}"
    rows = address_matrix(viewer, PAGE_ROWS, offset_of(key, PAGE_ROWS), only_odd)
    if not rows:
        empty_state("verified_user", t("matrix.nothing_odd" if only_odd else "matrix.nothing"))
        return
    table = [_line(row) for row in rows]
    if ui_state().is_narrow:
        shown = [t(f"matrix.{key}") for key in NARROW]
        table = [{name: line[name] for name in shown} for line in table]
    ids = tuple(row["account_id"] for row in rows)
    # The address belongs to the key: one client has many, and another row must not open in place of the pressed one.
    drawn = key_of("matrix-rows", tuple((row["account_id"], row["email"]) for row in rows))
    widths = NARROW if ui_state().is_narrow else WIDTHS_PX
    heads = {"notify": t("info.notify_head"), "last_login": t("matrix.last")}
    config = {t(f"matrix.{key}"): st.column_config.CheckboxColumn(heads.get(key), width=SWITCH_WIDTH_PX) for key in SWITCHES}
    config |= {t(f"matrix.{key}"): st.column_config.TextColumn(heads.get(key), width=width) for key, width in widths.items()}
    name = t("matrix.account")
    labels = [line[name] for line in table]
    config[name] = opening_column(name, drawn, ids, labels, _open, width=widths["account"])
    st.dataframe(
        table,
        hide_index=True,
        row_height=ROW_PX,
        height=table_height(len(rows), 22),
        key=drawn,
        column_config=config,
        alt=t("matrix.title"),
    )
    total = rows[0]["total"]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("matrix.found", n=total), width="content")
        if total > PAGE_ROWS:
            st.pagination(math.ceil(total / PAGE_ROWS), key=key)


def _line(row: Row) -> dict[str, Any]:
    odd = ", ".join(t(f"matrix.{code}") for code in ODD if row[code])
    last = row["last_login_at"]
    return (
        {
            t("matrix.odd"): odd,
            t("matrix.address"): row["email"],
            t("matrix.who"): row["holder_name"] or row["contact"] or "",
            t("matrix.account"): label_of(f"{row['account']} · {row['number']}"),
        }
        | {t(f"matrix.{switch}"): bool(row[switch]) and row["suspended_at"] is None for switch in SWITCHES}
        | {t("matrix.last_login"): day(local(last).date()) if last else ""}
    )


def _open(account_id: int) -> None:
    open_account_next(account_id, "info")
