"""*Protokoll*: read the record of changes, exports and refusals, verify that it is whole, and erase values of an entry."""

from __future__ import annotations

import time
from functools import partial

import streamlit as st

from core.access.verbs import require, rights_of
from core.audit.examination import LastAudit, erase_values, may_erase, verify
from core.audit.log import MAX_EXPORTED_ENTRIES, AuditQuery, Page, count, last_audit, note_reading, read_all, read_page
from core.audit.openings import OPENING
from core.base.errors import AppError
from core.base.rights import Right, Viewer
from core.documents.spreadsheets import CSV_TYPE, XLSX_TYPE, to_csv, to_xlsx
from core.i18n import language, sentence, speaking, t
from core.i18n.formats import ago, local, moment, number
from core.store import Row
from core.ui.audit.filters import audit_filters
from core.ui.audit.openings import openings_list
from core.ui.audit.wording import account_word, did_word, new_word, old_word, verdict_word, way_word, who_word
from core.ui.forms.form_dialog import WIDTHS
from core.ui.parts.columns import ROW_PX, table_height
from core.ui.parts.empty import empty_state
from core.ui.parts.escape import esc, md
from core.ui.parts.navigate import open_account_page
from core.ui.parts.table_clicks import choose, chosen_of, key_of, label_of, opening_column
from core.ui.parts.viewer import SETTINGS
from core.ui.state.ui_state import ui_state
from core.web.export_downloads import offer

PAGE_ROWS = 50
# So many rows are in sight, with the chosen entry below them.
VISIBLE_ROWS = 18
# After so many seconds the same reading is written down again.
VISIT_S = 600


def audit_page(viewer: Viewer) -> None:
    """Draw the whole page. Raises NotAllowed without the right."""
    require(viewer, Right.VIEW_AUDIT)
    st.header(t("audit.title"), anchor=False)
    _state(viewer)
    query = audit_filters(viewer)
    _note(viewer, query)
    if query.kind == OPENING:
        openings_list(viewer, query)
        return
    place = f"audit-place-{hash(repr(query))}"
    before, after = ui_state().audit_bounds.get(place, (None, None))
    page = read_page(viewer, query, before, after, PAGE_ROWS)
    if not page.rows:
        empty_state("history", t("audit.nothing"))
        return
    total = count(viewer, query)
    chosen = _table(page.rows, place)
    _foot(viewer, query, page, total, place)
    if chosen is not None:
        _entry(viewer, chosen)


def _note(viewer: Viewer, query: AuditQuery) -> None:
    """Write down that the record is read: once for each query, and again after ``VISIT_S``."""
    asked, at = repr(query), time.monotonic()
    asked_last, last_at = ui_state().audit_read
    if asked_last != asked or at - last_at > VISIT_S:
        note_reading(viewer, _asked(query))
    ui_state().audit_read = (asked, at)


def _asked(query: AuditQuery) -> str:
    parts = {
        "who": query.who and f"{query.who[0]} {query.who[1] or ''}".strip(), "account": query.account_id, "kind": query.kind,
        "from": query.since and query.since.isoformat(sep=" "), "until": query.until and query.until.isoformat(sep=" "),
    }  # fmt: skip
    return ", ".join(f"{name}={value}" for name, value in parts.items() if value is not None)


def _state(viewer: Viewer) -> None:
    """Draw what the last examination of the record found, and the button that examines it."""
    verdict = last_audit(viewer)
    with st.container(horizontal=True, vertical_alignment="center", key="audit-state"):
        _verdict(verdict)
        if st.button(t("audit.verify"), icon=":material/verified:", key="audit-verify"):
            bar = st.progress(0.0, t("audit.verifying"))

            def progress(done: int, of: int) -> None:
                bar.progress(done / of, t("audit.so_far", done=number(done), of=number(of)))

            verify(viewer, SETTINGS, progress=progress)
            st.rerun()


def _verdict(verdict: LastAudit | None) -> None:
    if verdict is None:
        st.badge(t("audit.never"), icon=":material/help:", color="gray")
        return
    by = t("audit.examined", when=ago(verdict.made_at), who=verdict.who or t("history.kind.system"), entries=number(verdict.entries))
    if verdict.finding is None:
        st.badge(t("audit.whole"), icon=":material/check:", color="green")
        st.caption(md(by), width="content")
    else:
        st.error(md(f"{verdict_word(verdict.finding)} {by} {t('audit.what_to_do')}"), icon=":material/gpp_bad:")


def _table(rows: list[Row], place: str) -> Row | None:
    """Draw the entries as a table; return the chosen entry, as long as the table shows it."""
    table = [
        {
            t("history.when"): moment(row["made_at"]),
            t("history.who"): who_word(row),
            t("audit.did"): label_of(did_word(row)),
            t("audit.account"): account_word(row),
            t("history.from"): old_word(row),
            t("history.to"): new_word(row),
            t("history.through"): way_word(row),
        }
        for row in rows
    ]
    widths = dict(zip(table[0], (122, 118, 230, 150, 116, 116, 74), strict=True))
    if ui_state().is_narrow:
        # On a phone when and what; who, and the rest, stand in the entry.
        table = [{name: line[name] for name in (t("history.when"), t("audit.did"))} for line in table]
    config = {name: st.column_config.TextColumn(name, width=width) for name, width in widths.items()}
    ids, did = tuple(row["audit_entry_id"] for row in rows), t("audit.did")
    key = key_of("audit-rows", ids)
    config[did] = opening_column(did, key, ids, [line[did] for line in table], choose, "audit", place, width=widths[did])
    st.dataframe(
        table,
        hide_index=True,
        row_height=ROW_PX,
        height=table_height(len(rows), VISIBLE_ROWS),
        key=key,
        column_config=config,
        alt=t("audit.title"),
    )
    return chosen_of("audit", place, "audit_entry_id", rows)


def _foot(viewer: Viewer, query: AuditQuery, page: Page, total: int, place: str) -> None:
    first, last = page.rows[0]["audit_entry_id"], page.rows[-1]["audit_entry_id"]
    with st.container(horizontal=True, vertical_alignment="center", key="audit-foot"):
        st.caption(t("audit.entries", n=total), width="content")
        for name, icon, where, there in (
            ("newest", "first_page", (None, None), page.newer),
            ("newer", "chevron_left", (None, first), page.newer),
            ("older", "chevron_right", (last, None), page.older),
        ):
            st.button(
                t(f"audit.{name}"), icon=f":material/{icon}:", key=f"audit-{name}", disabled=not there, on_click=_go, args=(place, where)
            )
        st.space("stretch")
        if Right.EXPORT_DATA in rights_of(viewer):
            for kind, media_type, make in (("csv", CSV_TYPE, to_csv), ("xlsx", XLSX_TYPE, to_xlsx)):
                export_id = offer(viewer, f"{t('audit.title')}.{kind}", media_type, partial(_bytes, viewer, query, make, language()))
                st.link_button(t(f"widgets.common.{kind}"), f"/export/{export_id}", icon=":material/download:", key=f"export-audit-{kind}")
    if total > MAX_EXPORTED_ENTRIES and Right.EXPORT_DATA in rights_of(viewer):
        st.caption(t("audit.export_most", most=number(MAX_EXPORTED_ENTRIES)))


def _go(place: str, bounds: tuple[int | None, int | None]) -> None:
    ui_state().audit_bounds[place] = bounds


def _bytes(viewer: Viewer, query: AuditQuery, make, code: str) -> bytes:
    with speaking(code):
        labels = [
            t("audit.number"),
            t("history.when"),
            t("history.who"),
            t("audit.account"),
            t("audit.did"),
            t("history.from"),
            t("history.to"),
        ]
        return make(
            [*labels, t("history.through")],
            (
                (
                    row["audit_entry_id"], row["made_at"], who_word(row), account_word(row), did_word(row), old_word(row), new_word(row),
                    way_word(row),
                )
                for row in read_all(viewer, query)
            ),
        )  # fmt: skip


def _entry(viewer: Viewer, row: Row) -> None:
    """Draw the chosen entry in full, with what can be done about it."""
    with st.container(gap="small", key="audit-entry"):
        when = f"{moment(row['made_at'])}:{local(row['made_at']):%S}"
        st.markdown(f"**{md(did_word(row))}**")
        st.caption(md(t("audit.entry", number=number(row["audit_entry_id"]), when=when, who=who_word(row), way=way_word(row))))
        for name, text in ((t("history.from"), old_word(row)), (t("history.to"), new_word(row))):
            if text:
                st.html(f'<div class="kb-value"><b>{esc(name)}</b> <span style="white-space: pre-wrap">{esc(text)}</span></div>')
        with st.container(horizontal=True):
            if (
                row["account_id"]
                and row["account"]
                and not row["gone"]
                and st.button(t("audit.open_account"), icon=":material/open_in_new:", key=f"audit-open-{row['audit_entry_id']}")
            ):
                open_account_page(row["account_id"], "info")
            if _can_erase(viewer, row) and st.button(
                t("audit.erase"), icon=":material/ink_eraser:", key=f"audit-erase-{row['audit_entry_id']}"
            ):
                _erase(viewer, row)


def _can_erase(viewer: Viewer, row: Row) -> bool:
    held = row["old_value"] is not None or row["new_value"] is not None
    return held and row["field"] is not None and row["action"] in ("changed", "deleted") and may_erase(viewer)


def _erase(viewer: Viewer, row: Row) -> None:
    @st.dialog(t("audit.erase_title"), width=WIDTHS["form"])
    def ask() -> None:
        st.markdown(md(t("audit.erase_what", what=did_word(row))))
        st.caption(t("audit.erase_hint"))
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button(t("common.cancel"), key="audit-erase-not"):
                st.rerun()
            if st.button(t("audit.erase_now"), type="primary", key="audit-erase-now"):
                contact = row["contact_id"] if row["entity_id"] is None else None
                try:
                    erase_values(
                        viewer, row["entity"], row["entity_id"], account_id=row["account_id"], contact_id=contact, field=row["field"]
                    )
                except AppError as problem:
                    st.error(sentence(problem), icon=":material/error:")
                else:
                    st.rerun()

    ask()
