"""One widget on the Overview: title, badge, the tile's sentence, *Alle 86*, and its newest rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import streamlit as st

from core.access.open_account import OpenAccount
from core.i18n import language, t
from core.i18n.formats import ago, hours, money, number
from core.overview.catalogue import CATALOGUE
from core.overview.data_age import data_ages
from core.overview.read import WidgetResult
from core.overview.spec import Column, Metric, Widget
from core.overview.sql_composition import ROWS_ON_CARD
from core.store import Row
from core.ui.overview.full_list import open_list
from core.ui.overview.work_forms import ADDS, add_button
from core.ui.parts.age_mark import age_mark
from core.ui.parts.columns import ROW_PX, CardTable, card_table, opener, table_height
from core.ui.parts.escape import esc, md
from core.ui.parts.return_to_list import ask_for
from core.ui.parts.table_clicks import key_of, opening_column
from core.ui.state.ui_state import ui_state

# Of each widget the number of its tile that waits, the colour of that, and whether the badge's words say it or the tile's sentence.
PILLS = {
    "documents": ("unseen", "orange", "badge"),
    "tasks": ("overdue", "red", "badge"),
    "emails": ("unread", "orange", "tile"),
    "chats": ("waiting", "orange", "tile"),
    "unpaid_invoices": ("overdue", "red", "badge"),
}
# Pinned notes on top of the page, and how much of each is written there.
MAX_PINNED = 5
PINNED_CHARS = 300
# Narrower than this, in pixels, cards stand below each other.
CARD_LEAST_PX = 460


def tile_values(widget: Widget, tile: dict[str, Any]) -> dict[str, Any]:
    """Return the tile's numbers as people read them; ``n`` is the first count, for singular and plural."""
    write: dict[str, Callable[[Any], str]] = {"money": money, "hours": hours, "moment": ago, "count": number}
    kinds = {metric.name: metric.kind for metric in widget.tile}
    values = {name: write[kinds.get(name, "money")](value) for name, value in tile.items()}
    first: Metric = widget.tile[0]
    return values | ({"n": tile[first.name]} if first.kind == "count" else {})


def tile_sentence(widget: Widget, tile: dict[str, Any]) -> str:
    """Return the number that matters, as a short sentence."""
    key, values = f"widgets.{widget.key}.tile", tile_values(widget, tile)
    if widget.key == "login_activity" and not tile["last_success"]:
        return t(f"{key}_never")
    if widget.key == "time_entries" and "unbilled_amount" in values:
        return t(f"{key}_amount", **values)
    if widget.key == "unpaid_invoices":
        left = t("widgets.unpaid_invoices.credit_left", **values) if tile["credit_left"] else ""
        if not tile["open_amount"]:
            return left
        return t(key, **values)
    return t(key, **values)


def tile_in_full(widget: Widget, tile: dict[str, Any]) -> str:
    """Return how the tile's number comes about, where it is computed from others, else nothing."""
    if widget.key != "unpaid_invoices":
        return ""
    return t("widgets.unpaid_invoices.tile_in_full", **tile_values(widget, tile))


def widget_card(account: OpenAccount, result: WidgetResult, *, is_phone: bool) -> None:
    """Draw one card; a failed widget says so and leaves the others alone."""
    widget = result.widget
    rows = [] if result.failed else _rows_of(result)
    card = _table_of(result, rows, is_phone) if rows else None
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"head-{widget.key}"):
        _head(result, card.whole if card else "")
        if n := result.tile.get("from_firm"):
            st.button(
                t(f"widgets.{widget.key}.from_firm", n=n), key=f"firm-{widget.key}", type="tertiary", on_click=open_list,
                args=(widget.key, "firm"),
            )  # fmt: skip
        if widget.key in ADDS and not result.failed:
            add_button(account, widget.key)
        # Where the card leaves rows out, they are in the list, also when it shows none.
        if not result.failed and (result.total or result.has_others):
            st.button(
                _all_of(widget, result.total, language()), key=f"all-{widget.key}", type="tertiary", icon=":material/chevron_right:", icon_position="right",
                on_click=open_list, args=(widget.key, "" if result.total else "all"),
            )  # fmt: skip
    if result.failed:
        st.error(t("widgets.common.failed"), icon=":material/error:")
    elif card:
        rows_table(account, result, rows, card)
    # Below the rows: the head has no room for it.
    if mark := age_mark(data_ages(account.viewer).get(widget.table)):
        st.html(mark)


@lru_cache(maxsize=2_000)
def _all_of(widget: Widget, total: int, _language: str) -> str:
    """Return the label *Alle 86*; what stands in italics is for screen readers only: *Alle 86 Dokumente anzeigen*."""
    if not total:
        return t("widgets.common.all_others")
    rest = t(f"widgets.{widget.key}.found", n=total).removeprefix(number(total)).strip()
    return f"{t('widgets.common.all_short', total=number(total))} *{t('widgets.common.all_named', rest=rest)}*"


def _head(result: WidgetResult, whole: str) -> None:
    """Draw title, pill and sentence as one piece of HTML: thirteen times three elements are a tenth of the page's time.

    ``whole`` goes with it to ``whole_text.js``, which tells under the pointer what a cell says shortly.

    The pill counts what waits, in the colour of its meaning; a sentence that counts nothing is not written, and where there is no row
    the sentence says so.
    """
    widget, pill = result.widget, "" if result.failed else _pill(result)
    empty = not result.failed and not result.total
    sentence = "" if result.failed or pill_says_it(result) else tile_sentence(widget, result.tile)
    explained = tile_in_full(widget, result.tile) if sentence and result.total else ""
    if empty:
        left = f" {sentence}" if result.tile.get("credit_left") else ""
        sentence = t(f"widgets.{widget.key}.empty") + left
    elif not any(result.tile.get(metric.name) for metric in widget.tile):
        sentence = ""
    tile = "" if explained or not sentence else f'<span class="kb-tile">{esc(sentence)}</span>'
    st.html(
        f'<div class="kb-head"{whole}><h2>{esc(t(f"widgets.{widget.key}.title"))}</h2>{pill}{tile}</div>',
        width="content" if explained else "stretch",
    )
    if explained:
        st.caption(md(sentence), width="content", wrap=False, help=md(explained))


def pill_says_it(result: WidgetResult) -> bool:
    """Return whether the pill says already what the tile's sentence would say."""
    return result.widget.key in ("documents", "emails", "chats") and bool(result.total)


def _pill(result: WidgetResult) -> str:
    """Return how much waits as a pill of HTML: red what is late, orange what is ours to do; nothing where nothing waits."""
    widget, found = result.widget, PILLS.get(result.widget.key)
    if not found or not (n := int(result.tile.get(found[0], 0))):
        return ""
    words = t(f"widgets.{widget.key}.badge", n=n) if found[2] == "badge" else tile_sentence(widget, result.tile)
    return f'<span class="kb-badge kb-pill kb-{found[1]}">{esc(words)}</span>'


def pinned_notes(account: OpenAccount, results: dict[str, WidgetResult]) -> None:
    """Draw the pinned notes, a line each, where they are seen first; a press opens one."""
    result = results.get("notes")
    pinned = [row for row in result.rows if row["is_pinned"]][:MAX_PINNED] if result and not result.failed else []
    if not pinned:
        return
    with st.container(gap=None, key="pinned"):
        for row in pinned:
            st.button(
                md(" ".join(row["text"].split())[:PINNED_CHARS]), key=f"pinned-{row['note_id']}", type="tertiary", icon=":material/keep:",
                wrap=False, on_click=_open, args=(account.account_id, "note", row["note_id"]),
            )  # fmt: skip


def _rows_of(result: WidgetResult) -> list[Row]:
    """Return the newest rows for the card, without those that stand above the page already."""
    above = result.widget.above
    pinned = [row for row in result.rows if above and row[above]]
    return [*pinned[MAX_PINNED:], *(row for row in result.rows if not above or not row[above])][:ROWS_ON_CARD]


def cards(account: OpenAccount, results: dict[str, WidgetResult]) -> None:
    """Draw all cards in pairs, in page order; one whose neighbour the viewer may not see takes the whole line.

    So a card keeps its place for every client and every right, and staff find it by position.
    """
    is_phone = ui_state().is_narrow
    grid = st.grid(2, min_column_width=CARD_LEAST_PX, gap=(26, 40), key="cards")
    for place in range(0, len(CATALOGUE), 2):
        pair = [results[widget.key] for widget in CATALOGUE[place : place + 2] if widget.key in results]
        for result in pair:
            with grid.cell(column_span="all" if len(pair) == 1 else 1), st.container(gap=None, key=f"card-{result.widget.key}"):
                widget_card(account, result, is_phone=is_phone)


def _table_of(result: WidgetResult, rows: list[Row], is_phone: bool) -> CardTable:
    columns = [column for column in result.widget.columns if column.card and column.key in rows[0] and _is_shown(column, result, rows)]
    return card_table(result.widget, columns, rows, is_phone=is_phone)


def rows_table(account: OpenAccount, result: WidgetResult, rows: list[Row], card: CardTable) -> None:
    """Draw the newest five rows as a table as high as they are; where rows open, their names open them."""
    widget, config, key = result.widget, card.config, None
    if opens := opener(widget, widget.columns):
        ids = tuple(row[widget.id_column] for row in rows)
        key, named = key_of(f"rows-{widget.key}", (account.account_id, ids)), config[opens.key]
        config = config | {
            opens.key: opening_column(named["label"], key, ids, card.labels, _open, account.account_id, widget.opens, width=named["width"])
        }
    st.dataframe(
        card.table,
        column_config=config,
        hide_index=True,
        row_height=ROW_PX,
        height=table_height(len(rows)),
        placeholder="",
        alt=t(f"widgets.{widget.key}.title"),
        key=key,
    )


def _is_shown(column: Column, result: WidgetResult, rows: list[Row]) -> bool:
    """Return whether a column has anything to say: one without any value is left out."""
    if column.right is not None and f"unbilled_{column.key}" not in result.tile:
        return False
    if column.wide:
        return True
    return any(row[column.key] if column.kind == "payable" else row[column.key] not in (None, "") for row in rows)


def _open(account_id: int, opens: str, row_id: int) -> None:
    ask_for(opens, row_id, account_id=account_id)
