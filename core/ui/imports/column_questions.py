"""Below the columns: values that stand out with what to do, and the two questions that only a person can answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from core.base.rights import Viewer
from core.i18n import t
from core.imports.job_mapping import MAX_NAME_CHARS
from core.imports.problems import Problem
from core.imports.recognise import FIELDS
from core.imports.uploads import upload_of
from core.ui.forms.field_inputs import keep_input
from core.ui.imports.columns_step import ColumnShown
from core.ui.imports.drafts import Draft
from core.ui.imports.file_facts import is_none, proposed_name
from core.ui.imports.remembered import free_name
from core.ui.imports.sheet import cut
from core.ui.parts.escape import md

# What becomes of a value that is none, as the page proposes it: nothing of it is lost.
ON_BAD = ("note", "leave", "refuse")
CONFLICTS = ("ask", "theirs", "ours")
# By what a client may be known again.
KNOWN_BY = ("account.number", "account.name", "field.steuernummer", "field.ust_idnr")
EXAMPLES = 3


def odd_boxes(
    draft: Draft, columns: Sequence[ColumnShown], odd: Mapping[str, Mapping[int, Problem]], epoch: str, rows: int
) -> Draft:  # fmt: skip
    """Draw a box for each column and kind of value that stands out; return the draft with what becomes of those that are none."""
    if not odd:
        return replace(draft, on_bad={})
    chosen: dict[str, str] = {}
    st.subheader(t("import_page.columns.odd"), anchor=False)
    st.caption(t("import_page.columns.sample", n=rows))
    for column in columns:
        found = list(odd.get(column.key, {}).values())
        none, part = [one for one in found if is_none(one)], [one for one in found if not is_none(one)]
        if none:
            chosen[column.key] = _box(draft, column, none, epoch)
        if part:
            _told(column, "odd_part", part)
    return replace(draft, on_bad=chosen)


def _box(draft: Draft, column: ColumnShown, none: Sequence[Problem], epoch: str) -> str:
    """Draw the values of a column that are none; return what becomes of them."""
    with st.container(key=f"import-odd-{epoch}-{column.key}"):
        said, act = st.columns([7, 4], vertical_alignment="center")
        with said:
            _told(column, "odd_none", none)
        key = keep_input(f"import-on-bad-{epoch}-{column.key}", draft.on_bad.get(column.key, ON_BAD[0]))
        with act:
            chosen = st.selectbox(
                t("import_page.columns.odd_label", column=md(column.name)), ON_BAD, key=key, label_visibility="collapsed",
                format_func=lambda how: t(f"import_page.columns.odd_do.{how}"),
            )  # fmt: skip
    return str(chosen)


def _told(column: ColumnShown, what: str, found: Sequence[Problem]) -> None:
    values = list(dict.fromkeys(cut(str(one.values.get("value", ""))) for one in found))[:EXAMPLES]
    line = t(f"import_page.columns.{what}", column=column.name, n=len(found), of=column.filled)
    st.markdown(f"**{md(line)}**  \n:gray[{md(' · '.join(values))}]")


def questions(viewer: Viewer, draft: Draft, facts: Mapping[str, Any], epoch: str, label: Callable[[str], str]) -> Draft:
    """Draw the questions; return the draft with their answers."""
    there = set(draft.fields.values())
    known_by = [field for field in KNOWN_BY if field in there]
    match, conflict = draft.match, draft.conflict or CONFLICTS[0]
    with st.container(key="import-questions"):
        first, second, third = st.columns(3)
        if known_by:
            key = keep_input(f"import-match-{epoch}", match if match in known_by else known_by[0])
            if st.session_state[key] not in known_by:
                st.session_state[key] = known_by[0]
            match = first.selectbox(t("import_page.columns.match"), known_by, key=key, format_func=label)
        key = keep_input(f"import-conflict-{epoch}", conflict)
        conflict = second.selectbox(
            t("import_page.columns.conflict"), CONFLICTS, key=key, format_func=lambda one: t(f"import_page.columns.conflict_of.{one}")
        )
        key = keep_input(
            f"import-name-{epoch}", draft.name or free_name(viewer, proposed_name(upload_of(viewer, draft.file_id).name), facts)
        )
        name = third.text_input(t("import_page.columns.name"), key=key, max_chars=MAX_NAME_CHARS, help=t("import_page.columns.name_help"))
    return replace(draft, match=match, conflict=conflict, name=name.strip())


def what_is_missing(fields: Mapping[str, str], label: Callable[[str], str]) -> str:
    """Return what must be chosen before the file can be read, in a sentence; '' when nothing is."""
    chosen = [field for field in fields.values() if field]
    for field in dict.fromkeys(chosen):
        if chosen.count(field) > 1 and not (field in FIELDS and FIELDS[field].is_many):
            return t("import_page.columns.twice", field=label(field))
    named = {"account.name", "contact.name", "contact.last_name", "contact.company"}
    return "" if named & set(chosen) else t("import_page.columns.need_name")
