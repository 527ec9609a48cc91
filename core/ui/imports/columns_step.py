"""Step 3: which column becomes which field; a column that is guessed says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from core.i18n import t
from core.ui.forms.field_inputs import keep_input
from core.ui.imports.sheet import cell, cut, sheet
from core.ui.parts.escape import esc, md

# From so many filled columns on they are shown in one table instead of a choice each.
MOST_SELECTS = 60
EXAMPLES = 4
# Rows that are shown as they would be.
SHOWN_ROWS = 8
MAX_EXAMPLE_CHARS = 40
NOT_TAKEN = ""
# Why a column becomes nothing, where the page says so.
NO_FIELD = ("unknown", "no_place", "second")


@dataclass(frozen=True)
class ColumnShown:
    """A column of the file: what it is called there, some of its values, how many rows fill it, and the field it becomes."""

    key: str
    name: str
    examples: tuple[str, ...]
    filled: int
    field: str
    is_sure: bool
    why: str = ""


def column_choices(columns: Sequence[ColumnShown], options: Sequence[str], epoch: str, label: Callable[[str], str]) -> dict[str, str]:
    """Draw a row for each column with values; return the field each column becomes, '' for one that is left out.

    Args:
        columns: All columns of the file.
        options: The fields to choose from.
        epoch: Stands in the keys of the inputs.
        label: Returns what a field is called.
    """
    used = [column for column in columns if column.filled]
    chosen = _editor(used, options, epoch, label) if len(used) > MOST_SELECTS else _selects(used, options, epoch, label)
    if empty := [column for column in columns if not column.filled]:
        with st.expander(t("import_page.columns.empty", n=len(empty))):
            chosen |= (
                _editor(empty, options, f"{epoch}-empty", label) if len(empty) > MOST_SELECTS else _selects(empty, options, epoch, label)
            )
    return chosen


def _selects(columns: Sequence[ColumnShown], options: Sequence[str], epoch: str, label: Callable[[str], str]) -> dict[str, str]:
    chosen = {}
    for column in columns:
        with st.container(key=f"import-column-{epoch}-{column.key}"):
            name, field, examples = st.columns([3, 4, 6], vertical_alignment="center")
            name.html(f'<p class="kb-column"><b>{esc(column.name)}</b>{_sure_pill(column)}</p>')
            key = keep_input(f"import-field-{epoch}-{column.key}", column.field)
            with field:
                chosen[column.key] = st.selectbox(
                    t("import_page.columns.becomes", column=md(column.name)), [NOT_TAKEN, *options], format_func=label, key=key,
                    label_visibility="collapsed",
                )  # fmt: skip
            examples.html(
                f'<p class="kb-examples">{" · ".join(esc(cut(text, MAX_EXAMPLE_CHARS)) for text in column.examples[:EXAMPLES])}</p>'
            )
    return chosen


def _sure_pill(column: ColumnShown) -> str:
    if column.field and not column.is_sure:
        return f' <span class="kb-pill kb-orange">{esc(t("import_page.guessed"))}</span>'
    if not column.field and column.why in NO_FIELD:
        return f' <span class="kb-pill">{esc(t(f"import_page.why.{column.why}"))}</span>'
    return ""


def _editor(columns: Sequence[ColumnShown], options: Sequence[str], epoch: str, label: Callable[[str], str]) -> dict[str, str]:
    """Draw one table for very many columns: a double click into *wird zu* changes it."""
    labels = {label(field): field for field in (NOT_TAKEN, *options)}
    head = {word: t(f"import_page.columns.head.{word}") for word in ("name", "field", "sure", "examples")}
    rows = [
        {
            head["name"]: column.name,
            head["field"]: label(column.field),
            head["sure"]: "" if not column.field or column.is_sure else t("import_page.guessed"),
            head["examples"]: " · ".join(cut(text, MAX_EXAMPLE_CHARS) for text in column.examples[:EXAMPLES]),
        }
        for column in columns
    ]
    st.caption(t("import_page.columns.editor_hint"))
    edited = st.data_editor(
        rows, key=f"import-editor-{epoch}", hide_index=True, disabled=[head["name"], head["sure"], head["examples"]],
        column_config={head["field"]: st.column_config.SelectboxColumn(options=list(labels), required=True)},
    )  # fmt: skip
    return {column.key: labels.get(row[head["field"]], NOT_TAKEN) for column, row in zip(columns, edited, strict=True)}


def first_rows(
    columns: Sequence[ColumnShown], fields: Mapping[str, str], rows: Sequence[Sequence[str]], why: Mapping[str, Mapping[int, str]],
    label: Callable[[str], str],
) -> None:  # fmt: skip
    """Draw the first rows as they would be taken over, those with a wrong cell first; it has a colour, a sign, and says why.

    Args:
        columns: The columns of the file.
        fields: By a column's key what it becomes.
        rows: The first rows of the file.
        why: By a column's key and the place of a row, why its value is none.
        label: Returns what a field is called.
    """
    taken = [column for column in columns if fields.get(column.key)]
    if not taken or not rows:
        return
    wrong = sorted({place for column in taken for place in why.get(column.key, ())})
    shown = [*wrong[:SHOWN_ROWS], *(place for place in range(len(rows)) if place not in set(wrong))][:SHOWN_ROWS]
    cells = [
        [cell(_at(rows[place], int(column.key)), why.get(column.key, {}).get(place)) for column in taken]
        for place in shown
    ]  # fmt: skip
    sheet(t("import_page.columns.first_rows"), [label(fields[column.key]) for column in taken], cells)


def _at(row: Sequence[str], place: int) -> str:
    return row[place] if place < len(row) else ""
