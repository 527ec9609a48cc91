"""What fields and tables of an import are called."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.i18n import t
from core.imports.recognise import FIELDS
from core.ui.info.history_words import field_word, word
from core.ui.parts.escape import esc


def cell_field(table: str, field: str) -> str:
    """Return what a field of a table is called; the table's own word where a row is meant as a whole."""
    if not field:
        return word(f"history.entity.{table}", table)
    if not table:
        return field_word("", field)
    if table in ("account", "account_field_value", "contact_field_value"):
        return field_word(table, field, field) if table != "account" else field_word(table, field)
    entity = word(f"history.entity.{table}", table)
    name = field_word(table, field)
    return name if name == entity else f"{entity}: {name}"


def field_label(field: str, labels: Mapping[str, str] | None = None) -> str:
    """Return what a column becomes, in words; a field of the firm's own by its label."""
    if not field:
        return t("import_page.columns.not_taken")
    if labels and field in labels:
        return labels[field]
    known = FIELDS.get(field)
    return word(f"import_page.field.{field}", (known.label if known else "") or field)


def table_word(table: str) -> str:
    """Return what the rows of a table are called, in the plural."""
    return word(f"import_page.table.{table}", word(f"history.entity.{table}", table))


def counts_word(counts: dict[str, dict[str, int]]) -> str:
    """Return in one line what a run did: how many rows of all tables are new and changed."""
    said = [
        f"{table_word(table)}: {', '.join(t(f'import_page.count.{name}', n=per[name]) for name in ('new', 'changed') if per.get(name))}"
        for table, per in counts.items()
        if per.get("new") or per.get("changed")
    ]
    return "; ".join(said) or t("import_page.nothing_new")


def counts_lines(counts: dict[str, dict[str, int]]) -> None:
    """Draw what happened per table: how many rows are new, changed and the same."""
    lines = []
    for table, per in counts.items():
        said = [t(f"import_page.count.{name}", n=per[name]) for name in ("new", "changed", "same") if per.get(name)]
        if said:
            lines.append(f"<dt>{esc(table_word(table))}</dt><dd>{esc(', '.join(said))}</dd>")
    if lines:
        st.html(f'<dl class="kb-facts">{"".join(lines)}</dl>')
