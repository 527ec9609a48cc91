"""One widget on the Overview: title, badge, the tile's sentence, *Alle 86*, and its newest rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.access.open_account import OpenAccount
from core.i18n import t
from core.i18n.formats import ago, hours, money, number
from core.overview.catalogue import CATALOGUE
from core.overview.read import WidgetResult
from core.overview.spec import Column, Metric, Widget
from core.overview.sql_composition import ROWS_ON_CARD
from core.ui.overview.full_list import open_list
from core.ui.overview.work_forms import ADDS, add_button
from core.ui.parts.columns import ROW_PX, card_table, opener, table_height
from core.ui.parts.escape import esc, md
from core.ui.parts.return_to_list import ask_for
from core.ui.parts.table_clicks import key_of, opening_column


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


def widget_card(account: OpenAccount, result: WidgetResult) -> None:
    """Draw one card; a failed widget says so and leaves the others alone."""
    widget = result.widget
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"head-{widget.key}"):
        _head(result)
        # Where the card leaves rows out, they are in the list, also when it shows none.
        if not result.failed and (result.total or widget.where):
            n = number(result.total)
            st.button(
                t("widgets.common.all_short", total=n) if result.total else t("widgets.common.all_others"),
                key=f"all-{widget.key}",
                type="tertiary",
                icon=":material/open_in_full:",
                help=t("widgets.common.all", total=n) if result.total else None,
                on_click=open_list,
                args=(widget.key, "" if result.total else "all"),
            )
        if widget.key in ADDS and not result.failed:
            add_button(account, widget.key)
    if result.failed:
        st.error(t("widgets.common.failed"), icon=":material/error:")
    elif not result.total:
        st.caption(t(f"widgets.{widget.key}.empty"))
    else:
        rows_table(account, result)
    if result.tile.get("from_firm"):
        n = result.tile["from_firm"]
        st.button(
            t(f"widgets.{widget.key}.from_firm", n=n), key=f"firm-{widget.key}", type="tertiary", icon=":material/business_center:",
            on_click=open_list, args=(widget.key, "firm"),
        )  # fmt: skip


def _head(result: WidgetResult) -> None:
    """Draw title, badge and the tile's sentence as one piece of HTML: thirteen times three elements are a tenth of the page's time."""
    widget, marked = result.widget, _badge_count(result)
    sentence = tile_sentence(widget, result.tile) if not result.failed and (result.total or result.tile.get("credit_left")) else ""
    explained = tile_in_full(widget, result.tile) if sentence and result.total else ""
    badge = f'<span class="kb-badge kb-badge-{_color(widget)}">{esc(t(f"widgets.{widget.key}.badge", n=marked))}</span>' if marked else ""
    tile = "" if explained or not sentence else f'<span class="kb-tile">{esc(sentence)}</span>'
    st.html(f'<div class="kb-head"><h2>{esc(t(f"widgets.{widget.key}.title"))}</h2>{badge}{tile}</div>')
    if explained:
        st.caption(md(sentence), width="stretch", text_alignment="right", wrap=False, help=md(explained))


def cards(account: OpenAccount, results: dict[str, WidgetResult]) -> None:
    """Draw all cards in two columns, in page order.

    A card keeps its column for every client and every right, so that staff find it by position.
    """
    columns = st.columns(2, gap="small")
    for result in results.values():
        with columns[CATALOGUE.index(result.widget) % 2], st.container(border=True, gap="xsmall", key=f"card-{result.widget.key}"):
            widget_card(account, result)


def rows_table(account: OpenAccount, result: WidgetResult) -> None:
    """Draw the newest five rows as a table as high as they are; where rows open, their names open them."""
    widget = result.widget
    above = sum(1 for row in result.rows if widget.above and row[widget.above])
    rows = result.rows[: ROWS_ON_CARD + above]
    columns = [column for column in widget.columns if column.card and column.key in rows[0] and _is_shown(column, result)]
    table, config, labels = card_table(widget, columns, rows)
    key = None
    if opens := opener(widget, columns):
        ids = tuple(row[widget.id_column] for row in rows)
        key, named = key_of(f"rows-{widget.key}", (account.account_id, ids)), config[opens.key]
        config = config | {
            opens.key: opening_column(named["label"], key, ids, labels, _open, account.account_id, widget.opens, width=named["width"])
        }
    st.dataframe(
        table,
        column_config=config,
        hide_index=True,
        row_height=ROW_PX,
        height=table_height(len(rows)),
        placeholder="",
        alt=t(f"widgets.{widget.key}.title"),
        key=key,
    )


def _is_shown(column: Column, result: WidgetResult) -> bool:
    if column.kind == "flag":
        return any(row[column.key] for row in result.rows)
    return column.right is None or f"unbilled_{column.key}" in result.tile


def _badge_count(result: WidgetResult) -> int:
    """Return the number on the card's badge."""
    counts = {"documents": "unseen", "tasks": "overdue", "unpaid_invoices": "overdue"}
    name = counts.get(result.widget.key)
    return int(result.tile.get(name, 0)) if name and not result.failed else 0


def _color(widget: Widget) -> str:
    return "green" if widget.key == "documents" else "orange"


def _open(account_id: int, opens: str, row_id: int) -> None:
    ask_for(opens, row_id, account_id=account_id)
