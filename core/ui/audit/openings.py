"""Who opened or downloaded documents, in *Protokoll*: a page at a time, each row leads to its document; and its export."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.access.verbs import rights_of
from core.audit.log import AuditQuery
from core.audit.openings import read_openings
from core.base.rights import Right, Viewer
from core.documents.spreadsheets import CSV_TYPE, XLSX_TYPE, to_csv, to_xlsx
from core.i18n import language, speaking, t
from core.i18n.formats import moment
from core.store import Row
from core.ui.parts.columns import ROW_PX, table_height
from core.ui.parts.empty import empty_state
from core.ui.parts.navigate import open_account_next
from core.ui.parts.pagination import page_read, pages_of
from core.ui.parts.return_to_list import ask_for
from core.ui.parts.table_clicks import key_of, label_of, opening_column
from core.web.export_downloads import offer

WIDTHS_PX = {"when": 130, "who": 150, "did": 140, "document": 300, "account": 240}


def openings_list(viewer: Viewer, query: AuditQuery) -> None:
    """Draw the openings that fit, and what they are no part of."""
    st.caption(t("audit.opening_hint"))
    page_key = f"audit-openings-{hash(repr(query))}"
    page = page_read(page_key, partial(read_openings, viewer, query))
    if not page.rows:
        empty_state("visibility", t("audit.nothing"))
        return
    _table(page.rows)
    with st.container(horizontal=True, vertical_alignment="center", key="audit-foot"):
        st.caption(t("audit.entries", n=page.total), width="content")
        if (pages := pages_of(page.total)) > 1:
            st.pagination(pages, key=page_key)
        st.space("stretch")
        if Right.EXPORT_DATA in rights_of(viewer):
            for kind, media_type, make in (("csv", CSV_TYPE, to_csv), ("xlsx", XLSX_TYPE, to_xlsx)):
                name = f"{t('audit.kind.opening')}.{kind}"
                export_id = offer(viewer, name, media_type, partial(_bytes, viewer, query, make, language()))
                st.link_button(
                    t(f"widgets.common.{kind}"), f"/export/{export_id}", icon=":material/download:", key=f"export-openings-{kind}"
                )


def _heads() -> dict[str, str]:
    return {
        "when": t("history.when"), "who": t("history.who"), "did": t("audit.did"), "document": t("history.entity.document"),
        "account": t("audit.account"),
    }  # fmt: skip


def _words(row: Row) -> tuple[str, str, str, str]:
    """Return who did what to which document of whom."""
    account = f"{row['account']} · {row['number']}" if row["account"] else t("audit.unseen_account")
    return row["who"] or "", t(f"audit.opening.{row['way']}"), row["document"] or "", account


def _table(rows: list[Row]) -> None:
    heads = _heads()
    table = []
    for row in rows:
        who, did, document, account = _words(row)
        table.append(dict(zip(heads.values(), (moment(row["opened_at"]), who, did, label_of(document), account), strict=True)))
    ids = tuple((row["account_id"], row["document_id"], row["staff_member_id"], row["opened_at"]) for row in rows)
    key, named = key_of("audit-openings", ids), heads["document"]
    config = {heads[name]: st.column_config.TextColumn(heads[name], width=width) for name, width in WIDTHS_PX.items()}
    config[named] = opening_column(named, key, ids, [line[named] for line in table], _open, width=WIDTHS_PX["document"])
    st.dataframe(
        table, hide_index=True, row_height=ROW_PX, height=table_height(len(rows)), key=key, column_config=config, alt=t("audit.kind.opening"),
    )  # fmt: skip


def _open(place: tuple[int, int, int, object]) -> None:
    """Show the client with the next run, and there the document."""
    account_id, document_id, _, _ = place
    ask_for("document", document_id, account_id=account_id)
    open_account_next(account_id)


def _bytes(viewer: Viewer, query: AuditQuery, make: Callable[..., bytes], code: str) -> bytes:
    with speaking(code):
        return make(list(_heads().values()), [(row["opened_at"], *_words(row)) for row in read_openings(viewer, query).rows])
