"""What would change as a file: for whoever may take data out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import streamlit as st

from core.access.verbs import rights_of
from core.base.rights import Right, Viewer
from core.documents.spreadsheets import CSV_TYPE, XLSX_TYPE, to_csv, to_xlsx
from core.i18n import language, speaking, t
from core.imports.jobs import Job, changed_cells
from core.ui.imports.words import cell_field
from core.web.export_downloads import offer

PART = 10_000


def cell_exports(viewer: Viewer, job: Job, kind: str, field: tuple[str, str] | None, text: str) -> None:
    """Draw the links that fetch the cells of one kind as CSV and Excel."""
    if Right.EXPORT_DATA not in rights_of(viewer):
        return
    for ending, media_type, make in (("csv", CSV_TYPE, to_csv), ("xlsx", XLSX_TYPE, to_xlsx)):
        name = f"{t(f'import_page.changes.kind.{kind}')}.{ending}"
        export_id = offer(viewer, name, media_type, partial(_bytes, viewer, job.id, kind, field, text, make, language()))
        st.link_button(t(f"widgets.common.{ending}"), f"/export/{export_id}", icon=":material/download:", key=f"import-export-{ending}")


def _bytes(
    viewer: Viewer, job_id: int, kind: str, field: tuple[str, str] | None, text: str, make: Callable[..., bytes], code: str
) -> bytes:  # fmt: skip
    with speaking(code):
        heads = [t(f"import_page.changes.col.{name}") for name in ("key", "client", "field", "here", "says")]
        return make(heads, _rows(viewer, job_id, kind, field, text))


def _rows(viewer: Viewer, job_id: int, kind: str, field: tuple[str, str] | None, text: str) -> Iterator[tuple[str, ...]]:
    offset = 0
    while True:
        page = changed_cells(viewer, job_id, kind, field, text, offset, PART)
        yield from ((cell.key, cell.client, cell_field(cell.table, cell.field), cell.here, cell.says) for cell in page.rows)
        offset += PART
        if offset >= page.total:
            return
