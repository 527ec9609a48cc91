"""Step 4: what would change, cell by cell, who would get access, and what was changed both here and in the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice, zip_longest

import pyarrow as pa
import streamlit as st

from core.base.errors import AppError
from core.base.rights import Viewer
from core.i18n import sentence, t
from core.i18n.formats import number
from core.imports.jobs import Cell, Job, cancel, changed_cells, confirm, decide, decide_all
from core.ui.forms.field_inputs import keep_input
from core.ui.imports.address import Place, go_to
from core.ui.imports.cells_export import cell_exports
from core.ui.imports.drafts import draft_in
from core.ui.imports.words import cell_field, counts_lines
from core.ui.parts.columns import ROW_PX, table_height
from core.ui.parts.empty import empty_state
from core.ui.parts.escape import md
from core.ui.parts.pagination import page_read, pages_of
from core.ui.state.ui_state import ui_state

# Kinds in the order in which they are shown; *both* first where somebody has to decide.
SHOWN = ("new", "changed", "both", "gone", "back", "away", "refused")
# As many who would get access are named, each with its tick.
MOST_NAMED = 100
# What the columns of problems hold instead.
TOLD = {"here": "says", "says": "why"}
# Of a column that holds a name or a value.
MIDDLE_PX = 200
CHOICES = ("ours", "theirs", "")


def changes_step(viewer: Viewer, job: Job) -> None:
    """Draw a rehearsal."""
    if job.is_moved:
        st.warning(t("import_page.changes.moved"), icon=":material/sync_problem:")
    if ui_state().known_list == job.id:
        st.info(t("import_page.changes.known", name=md(job.mapping)), icon=":material/history:")
    _buttons(viewer, job)
    _grants(viewer, job)
    for message in job.messages:
        st.caption(md(message))
    kinds = [kind for kind in SHOWN if job.kinds.get(kind)]
    if not has_news(job):
        empty_state("done_all", t("import_page.changes.nothing"))
    if kinds:
        _cells(viewer, job, _kind(job, kinds))


def has_news(job: Job) -> bool:
    """Return whether there is anything to take over."""
    return any(job.kinds.get(kind) for kind in ("new", "changed", "gone", "back", "both"))


def _buttons(viewer: Viewer, job: Job) -> None:
    """Draw what the whole comes to, and the ways on: above the cells, which may be many."""
    with st.container(horizontal=True, vertical_alignment="center", key="import-buttons"):
        if draft := draft_in(job.mapping_text):
            st.button(t("import_page.back"), key="import-back", on_click=go_to, args=(Place(file_id=draft.file_id, step=3),))
        st.button(t("import_page.discard"), key="import-discard", type="tertiary", on_click=_discard, args=(viewer, job))
        st.space("stretch")
        if has_news(job):
            st.button(
                _take_label(job), type="primary", key="import-take", icon=":material/check:", on_click=_try,
                args=(partial(confirm, viewer, job.id, job.digest),),
            )  # fmt: skip
    counts_lines(job.counts)


def _take_label(job: Job) -> str:
    """Return what would be taken over: new clients, else new rows, and changed fields."""
    clients = job.counts.get("account", {}).get("new", 0)
    changed = sum(job.kinds.get(kind, 0) for kind in ("changed", "gone", "back"))
    new = t("import_page.changes.new_clients", n=clients) if clients else t("import_page.changes.new_rows", n=job.kinds.get("new", 0))
    has_new, changes = bool(clients or job.kinds.get("new")), t("import_page.changes.changes", n=changed)
    what = t("import_page.changes.and", one=new, two=changes) if has_new and changed else new if has_new else changes
    return t("import_page.changes.take", what=what) if has_new or changed else t("import_page.step.take")


def _discard(viewer: Viewer, job: Job) -> None:
    if _tried(partial(cancel, viewer, job.id)):
        go_to(Place())


def _grants(viewer: Viewer, job: Job) -> None:
    """Draw who would get access, by name; each can be left out."""
    for grant in job.grants:
        said = t(f"imports.grant.{grant.kind}", n=grant.count, count=number(grant.count)).rstrip(":")
        with st.expander(md(said), icon=":material/key:"):
            if grant.ids:
                st.caption(t("import_page.changes.grants_hint"))
            for name, cell_id in islice(zip_longest(grant.names, grant.ids, fillvalue=""), MOST_NAMED):
                if not cell_id:
                    st.markdown(md(name))
                    continue
                key = keep_input(f"import-grant-{job.id}-{cell_id}", cell_id not in grant.left)
                st.checkbox(md(name), key=key, on_change=_leave, args=(viewer, job, cell_id, key))
            if (more := grant.count - min(MOST_NAMED, len(grant.names))) > 0:
                st.caption(t("import_page.changes.more", n=more))


def _leave(viewer: Viewer, job: Job, cell_id: str, key: str) -> None:
    """Leave one grant out, or give it again."""
    _tried(partial(decide, viewer, job.id, [cell_id], "" if st.session_state[key] else "ours"))


def _kind(job: Job, kinds: Sequence[str]) -> str:
    key = f"import-kind-{job.id}"
    if st.session_state.get(key) not in kinds:
        st.session_state[key] = "both" if "both" in kinds else kinds[0]
    chosen = st.segmented_control(
        t("import_page.changes.kind_label"), kinds, key=key, required=True, label_visibility="collapsed",
        format_func=lambda kind: f"{t(f'import_page.changes.kind.{kind}')} {number(job.kinds[kind])}",
    )  # fmt: skip
    return str(chosen)


def _cells(viewer: Viewer, job: Job, kind: str) -> None:
    field, text = None, ""
    hint = f"import_page.changes.hint.{kind}"
    st.caption(t(hint))
    first = changed_cells(viewer, job.id, kind, limit=1)
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(first.fields) > 1:
            names = sorted(first.fields, key=lambda name: -first.fields[name])
            chosen = st.selectbox(
                t("import_page.changes.field"), [None, *names], key=f"import-only-{job.id}-{kind}", width=260, label_visibility="collapsed",
                format_func=lambda name: t("import_page.changes.all_fields", n=first.total) if name is None
                else f"{cell_field(*name)} ({number(first.fields[name])})",
            )  # fmt: skip
            field = chosen
        text = st.text_input(
            t("import_page.changes.find"), key=f"import-find-{job.id}-{kind}", placeholder=t("import_page.changes.find"), width=240,
            label_visibility="collapsed",
        )  # fmt: skip
        st.space("stretch")
        cell_exports(viewer, job, kind, field, text)
    page_key = f"import-page-{job.id}-{kind}-{hash((field, text))}"
    page = page_read(page_key, lambda offset, limit: changed_cells(viewer, job.id, kind, field, text, offset, limit))
    if not page.rows:
        empty_state("search_off", t("widgets.common.nothing"))
        return
    if kind == "both":
        _decisions(viewer, job, page.rows, first.fields if field is None else {field: page.total})
    else:
        _table(kind, page.rows)
    if (pages := pages_of(page.total)) > 1:
        st.pagination(pages, key=page_key)


def _table(kind: str, rows: Sequence[Cell]) -> None:
    """Draw cells as a table: which row, whose, which field, what stands here, and what the file says; on a phone whose and which in one."""
    told = kind in ("refused", "away")
    columns = {
        "key": [cell.key for cell in rows],
        "client": [cell.client for cell in rows],
        "field": [cell_field(cell.table, cell.field) for cell in rows],
        "here": [cell.here for cell in rows],
        "says": [cell.says for cell in rows],
    }
    widths = {"key": 96, "field": 150, "says": 560 if told else MIDDLE_PX}
    if ui_state().is_narrow:
        about = [" · ".join(filter(None, (cell.client or cell.key, cell_field(cell.table, cell.field)))) for cell in rows]
        columns = {"says": columns["says"]} if told else {"client": about, "here": columns["here"], "says": columns["says"]}
        widths = {"client": 150, "here": 106, "says": 340 if told else 106}
    # A column without any value says nothing.
    columns = {name: values for name, values in columns.items() if any(values)}
    config = {
        name: st.column_config.TextColumn(
            t(f"import_page.changes.col.{TOLD.get(name, name) if told else name}"), width=widths.get(name, MIDDLE_PX)
        )
        for name in columns
    }
    with st.container(key="import-cells"):
        st.dataframe(
            pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}), column_config=config, hide_index=True,
            row_height=ROW_PX, height=table_height(len(rows)), alt=t(f"import_page.changes.kind.{kind}"),
        )  # fmt: skip


def _decisions(viewer: Viewer, job: Job, rows: Sequence[Cell], fields: dict[tuple[str, str], int]) -> None:
    """Draw what was changed both here and in the file, each with the choice of what counts; by field for all at once."""
    with st.container(horizontal=True, vertical_alignment="center", key="import-decide-all"):
        for table, field in fields:
            name = cell_field(table, field)
            for choice in ("ours", "theirs"):
                st.button(
                    t(f"import_page.changes.all_{choice}", field=md(name)), key=f"import-all-{choice}-{table}-{field}", type="tertiary",
                    on_click=_try, args=(partial(decide_all, viewer, job.id, table, field, choice),),
                )  # fmt: skip
    for cell in rows:
        with st.container(key=f"import-both-{cell.id}"):
            about, here, says, choose = st.columns([4, 4, 4, 5], vertical_alignment="center")
            about.markdown(f"**{md(cell.client or cell.key)}** · {md(cell_field(cell.table, cell.field))}")
            here.markdown(f"{t('import_page.changes.col.here')}: {md(cell.here) or '–'}")
            last = f"  \n:gray[{t('import_page.changes.col.last')}: {md(cell.last)}]" if cell.last else ""
            says.markdown(f"{t('import_page.changes.col.says')}: {md(cell.says) or '–'}{last}")
            key = f"import-choice-{job.digest[:8]}-{cell.id}"
            st.session_state.setdefault(key, cell.choice)
            with choose:
                st.segmented_control(
                    t("import_page.changes.counts", field=md(cell_field(cell.table, cell.field))), CHOICES, key=key, required=True,
                    label_visibility="collapsed", format_func=lambda one: t(f"import_page.changes.choice.{one or 'later'}"),
                    on_change=_decide, args=(viewer, job, cell.id, key),
                )  # fmt: skip


def _decide(viewer: Viewer, job: Job, cell_id: str, key: str) -> None:
    _tried(partial(decide, viewer, job.id, [cell_id], st.session_state[key] or ""))


def _try(act: Callable[[], object]) -> None:
    _tried(act)


def _tried(act: Callable[[], object]) -> bool:
    """Do something about a job; what is wrong is said on the page. Returns whether it was done."""
    try:
        act()
    except AppError as problem:
        ui_state().problems["imports"] = sentence(problem)
        return False
    return True
