"""Step 2: what the file is, as it was found out; what is guessed says so, and can be chosen otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from core.i18n import language, t, words_of
from core.i18n.formats import number
from core.imports.facts.find import CHOSEN
from core.ui.imports.sheet import cell, sheet
from core.ui.parts.escape import esc

# What is said of a file, and may be chosen otherwise, in this order.
SAID = ("sheet", "encoding", "delimiter", "header", "footer", "decimal", "date")
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "iso-8859-15", "mac-roman", "cp850", "utf-16")
DELIMITERS = (";", "\t", ",", "|")
DECIMALS = (",", ".")
DAYS = ("%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d")
MAX_HEADER_ROW = 40


def facts_lines(facts: Mapping[str, Any]) -> None:
    """Draw what was found out of the file, line by line."""
    lines = []
    for name in SAID:
        value = facts.get(name)
        if not value or (name == "header" and not facts["columns"] and facts["columns_by"] != "place"):
            continue
        guessed = f' <span class="kb-pill kb-orange">{esc(t("import_page.guessed"))}</span>' if name in facts["guessed"] else ""
        lines.append(f"<dt>{esc(t(f'import_page.found.{name}'))}</dt><dd>{esc(value_word(name, value, facts))}{guessed}</dd>")
    if facts.get("bad_bytes"):
        lines.append(
            f"<dt>{esc(t('import_page.found.bad_bytes'))}</dt>"
            f'<dd>{esc(number(facts["bad_bytes"]))} <span class="kb-pill kb-red">{esc(t("import_page.found.look"))}</span></dd>'
        )
    st.html(f'<dl class="kb-facts">{"".join(lines)}</dl>')


def value_word(name: str, value: Any, facts: Mapping[str, Any]) -> str:
    """Return a fact as people say it."""
    if name == "header":
        return t("import_page.found.no_head" if facts["columns_by"] == "place" else "import_page.found.head_row", row=number(value))
    if name == "footer":
        return ", ".join(value)
    key = f"import_page.found.{name}_of.{_key(value)}"
    return t(key) if key in words_of(language()) else str(value)


def _key(value: str) -> str:
    """Return a value as the last part of a word's key."""
    signs = {";": "semicolon", "\t": "tab", ",": "comma", "|": "pipe", ".": "point"}
    return signs.get(value, value.replace("%", "").replace(".", "_").replace("/", "-"))


def rows_as_read(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Draw the first rows as they read, under the heads that were found."""
    width = max([len(columns), *(len(row) for row in rows)], default=0)
    heads = [columns[place] if place < len(columns) else "" for place in range(width)]
    cells = [[cell(row[place] if place < len(row) else "") for place in range(width)] for row in rows]
    sheet(t("import_page.found.reads"), [name or number(place) for place, name in enumerate(heads, 1)], cells)


def otherwise(facts: Mapping[str, Any], epoch: str, on_choose: Callable[[dict[str, Any]], None]) -> None:
    """Draw how else the file may be read; ``on_choose`` gets what differs from what was found."""
    with st.expander(t("import_page.found.otherwise")), st.form(f"import-otherwise-{epoch}", border=False):
        st.caption(t("import_page.found.otherwise_hint"))
        keys = {name: f"import-reading-{name}-{epoch}" for name in CHOSEN}
        offered: dict[str, Sequence[str]] = {}
        if facts["kind"] == "text":
            offered |= {"encoding": ENCODINGS, "delimiter": DELIMITERS}
        if len(facts["sheets"]) > 1:
            offered["sheet"] = facts["sheets"]
        offered |= {"decimal": DECIMALS, "date": DAYS}
        with st.container(horizontal=True):
            for name, choices in offered.items():
                options = list(dict.fromkeys([*filter(None, [facts[name]]), *choices]))
                st.selectbox(
                    t(f"import_page.found.{name}"), options, index=0 if facts[name] else None, key=keys[name], width=240,
                    format_func=lambda value, name=name: value_word(name, value, facts), placeholder=t("import_page.found.none"),
                )  # fmt: skip
            st.number_input(
                t("import_page.found.header_row"), 1, MAX_HEADER_ROW, min(MAX_HEADER_ROW, facts["header"]), key=keys["header"], width=240
            )
        st.checkbox(t("import_page.found.has_head"), value=facts["columns_by"] == "name", key=keys["columns_by"])
        st.form_submit_button(
            t("import_page.found.read_again"), key=f"import-reread-{epoch}", on_click=_choose, args=(facts, keys, on_choose)
        )


def _choose(facts: Mapping[str, Any], keys: Mapping[str, str], on_choose: Callable[[dict[str, Any]], None]) -> None:
    given = {name: st.session_state[key] for name, key in keys.items() if key in st.session_state}
    given["columns_by"] = "name" if given.get("columns_by") else "place"
    on_choose({name: value for name, value in given.items() if value is not None and value != facts[name]})
