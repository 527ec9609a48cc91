"""*Zurücknehmen*: what would go, stand as before and stay, and the button that does it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.base.rights import Viewer
from core.i18n import t
from core.i18n.formats import number
from core.imports.taking_back import Stay, rehearse_taking_back, take_import_back
from core.ui.forms import form_dialog as forms
from core.ui.forms.form_dialog import form, open_form
from core.ui.imports.words import cell_field, table_word
from core.ui.parts.escape import esc
from core.ui.state.open_form import OpenForm

# What stays and is named at once; the others behind a press.
STAYS_AT_ONCE = 8


def back_button(import_run_id: int) -> None:
    """Draw the button that asks whether a run is to be taken back."""
    st.button(
        t("import_page.take_back.title"), icon=":material/undo:", key=f"import-back-{import_run_id}", type="tertiary",
        on_click=open_form, args=("import_back",), kwargs={"row_id": import_run_id},
    )  # fmt: skip


@form("import_back", "import_page.take_back.title", "question")
def _back(viewer: Viewer, editing: OpenForm) -> None:
    import_run_id = editing.about["row_id"]
    told = rehearse_taking_back(viewer, import_run_id)
    editing.start(dict)
    st.html(f'<p class="kb-line">{esc(t("import_page.take_back.asks", mapping=told.mapping))}</p>')
    lines = [
        t(f"import_page.take_back.{key}", table=table_word(table), n=count, count=number(count))
        for key, counts in (("go", told.go), ("values", told.back), ("again", told.again))
        for table, count in counts.items()
    ]
    _list(lines or [t("imports.back.nothing")])
    if told.stays:
        st.html(f'<p class="kb-line"><b>{esc(t("import_page.take_back.stays", n=told.stay_count, count=number(told.stay_count)))}</b></p>')
        said = [_stay(stay) for stay in told.stays]
        _list(said[:STAYS_AT_ONCE])
        if more := said[STAYS_AT_ONCE:]:
            with st.expander(
                t("import_page.take_back.more", n=told.stay_count - STAYS_AT_ONCE, count=number(told.stay_count - STAYS_AT_ONCE))
            ):
                _list(more)
    forms.buttons(
        editing, {"run": import_run_id}, partial(take_import_back, viewer, import_run_id), quiet=True, save="import_page.take_back.save"
    )


def _list(lines: list[str]) -> None:
    st.html(f"<ul>{''.join(f'<li>{esc(line)}</li>' for line in lines)}</ul>")


def _stay(stay: Stay) -> str:
    return t(f"import_page.take_back.why.{stay.why}", name=stay.name or table_word(stay.table), field=cell_field(stay.table, stay.field))
