"""The dialog in which a row of the Overview opens, and how it shows facts and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Literal, TypeVar

import streamlit as st

from core.base.errors import AppError, NotFound
from core.i18n import sentence, t
from core.i18n.formats import day, local, today
from core.store import Row
from core.ui.forms.form_dialog import WIDTHS
from core.ui.parts.columns import ROW_PX
from core.ui.parts.escape import esc
from core.ui.parts.return_to_list import go_back
from core.ui.state.open_form import ListState

T = TypeVar("T")


def detail_dialog(
    title: str, back: ListState | None, read: Callable[[], T], draw: Callable[[T], None], kind: Literal["reading", "document"] = "reading"
) -> None:
    """Draw what was read in a dialog of the width of its kind; each time it is drawn anew it is read anew, so that nothing is shown that may no longer be seen."""
    first = [read()]

    @st.dialog(title, width=WIDTHS[kind], on_dismiss=partial(go_back, back))
    def show() -> None:
        try:
            found = first.pop() if first else read()
        except NotFound:
            st.info(t("widgets.open.gone"))
        except AppError as problem:
            st.error(sentence(problem))
        else:
            draw(found)

    show()


def facts(pairs: Iterable[tuple[str, str | None]]) -> None:
    """Draw facts, each beside the word of ``widgets.open.<key>``; one without a value is left out."""
    lines = "".join(f"<dt>{esc(t(f'widgets.open.{key}'))}</dt><dd>{esc(value)}</dd>" for key, value in pairs if value)
    st.html(f'<dl class="kb-facts">{lines}</dl>')


def waiting_since(moment: datetime) -> str:
    """Return since which day something waits, and for how many days."""
    since = local(moment).date()
    return t("widgets.open.waiting_days", day=day(since), n=(today() - since).days)


def plain_table(rows: list[Row], **columns: Callable[..., str]) -> None:
    """Draw rows as a table whose heads are the words of ``widgets.open.<column>``."""
    shown = [{t(f"widgets.open.{key}"): "" if row[key] is None else write(row[key]) for key, write in columns.items()} for row in rows]
    st.dataframe(shown, hide_index=True, row_height=ROW_PX, height="content" if len(shown) < 12 else 360)
