"""Lead from a query that is shown somewhere to *Abfragen*, where it can be changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

import streamlit as st

from core.access.verbs import rights_of
from core.activity.own_queries import parameters_in, written_out
from core.base.rights import Right, Viewer
from core.i18n import t
from core.ui.parts.navigate import PAGES
from core.ui.state.ui_state import ui_state


def sql_popover(
    viewer: Viewer, text: str, parameters: Mapping[str, object], key: str, *, runs_there: bool = True, over: int | None = None
) -> None:
    """Draw *SQL* beside a list, for who may analyse: the query as it was put, its values, and the way to *Abfragen*.

    Args:
        viewer: Who looks.
        text: The query.
        parameters: Its values.
        key: Of the popover.
        runs_there: Whether *Abfragen* has all it reads; else it is said that it has not.
        over: How many clients its rows are of, where that is said.
    """
    if Right.ANALYSE not in rights_of(viewer):
        return
    with st.popover(t("queries.sql"), icon=":material/code:", key=key):
        if over is not None:
            st.caption(t("activity.sql_over", n=over))
        for name, value in parameters.items():
            st.text(f"${name} = {written_out(value)}")
        if runs_there:
            sql_button(viewer, text, parameters, f"{key}-open")
        else:
            st.caption(t("queries.not_there"))
        st.code(text, language="sql", wrap_lines=True)


def sql_button(viewer: Viewer, text: str, parameters: Mapping[str, object], key: str) -> None:
    """Draw *In Abfragen öffnen* for a query that reads the viewer's tables, for who may analyse; nothing for others.

    Args:
        viewer: Who looks.
        text: The query, with ``$name`` for its parameters.
        parameters: Their values.
        key: Of the button.
    """
    if Right.ANALYSE in rights_of(viewer) and st.button(t("queries.open"), icon=":material/terminal:", key=key):
        open_in_queries(text, parameters)


def open_in_queries(text: str, parameters: Mapping[str, object]) -> NoReturn:
    """Show *Abfragen* with this query in its editor and its parameters beside it; it is run when somebody says so."""
    named = parameters_in(text)
    ui_state().queries.take(text, {name: written_out(value) for name, value in parameters.items() if name in named})
    st.switch_page(PAGES["queries"])
