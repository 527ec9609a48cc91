"""Steps 2 and 3: what the file is, and which column becomes which field; then it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from core.base.errors import AppError, ValidationFailed
from core.base.rights import Viewer
from core.i18n import sentence, t
from core.imports.jobs import begin, rights_lacking
from core.imports.may_import import ADMIN
from core.imports.problems import MappingInvalid
from core.imports.recognise import FIELDS, OWN, mapping_text
from core.imports.templates import Template, template_for
from core.imports.uploads import upload_of
from core.ui.imports.address import Place, go_to
from core.ui.imports.column_questions import odd_boxes, questions, what_is_missing
from core.ui.imports.columns_step import column_choices, first_rows
from core.ui.imports.drafts import Draft, draft_of, keep_draft, with_mark
from core.ui.imports.file_facts import digest, facts_of, is_none, odd_values, own_address, own_fields, proposed_name, rows_of, shown_columns
from core.ui.imports.found_step import facts_lines, otherwise, rows_as_read
from core.ui.imports.remembered import as_last_time, forget_older, free_name, looks_of
from core.ui.imports.step_line import step_line
from core.ui.imports.words import field_label
from core.ui.parts.escape import md
from core.ui.parts.problems import sentences
from core.ui.state.ui_state import ui_state


def reading_steps(viewer: Viewer, place: Place) -> None:
    """Draw the step the address names, 2 or 3; a file that has just come and looks as last time is read at once."""
    draft = draft_of(viewer, place.file_id)
    step_line(3 if place.step == 3 else 2)
    if said := ui_state().take_problem("imports"):
        st.error(md(said), icon=":material/error:")
    try:
        facts = facts_of(viewer, place.file_id, draft.reading)
    except MappingInvalid as wrong:
        _unusable([problem.sentence() for problem in wrong.problems])
        return
    except AppError as problem:
        _unusable([sentence(problem)])
        return
    if place.step == 0 and facts["mapping"]:
        _first_look(viewer, place.file_id, facts)
    if not facts["mapping"]:
        _unusable([t(f"imports.problem.kind.{facts['kind']}")])
    elif place.step == 3:
        _columns(viewer, draft, facts)
    else:
        _found(viewer, draft, facts)


def _first_look(viewer: Viewer, file_id: int, facts: Mapping[str, Any]) -> None:
    """Go on with a file that has just come: to what changes where it is a list that came before, else to what was found out."""
    job_id = None
    try:
        if job_id := as_last_time(viewer, file_id, facts):
            ui_state().known_list = job_id
    except AppError as problem:
        ui_state().problems["imports"] = sentence(problem)
    go_to(Place(job_id=job_id) if job_id else Place(file_id=file_id, step=2))
    st.rerun()


def _unusable(said: list[str]) -> None:
    for line in said:
        st.error(md(line), icon=":material/error:")
    st.button(t("import_page.other_file"), key="import-other-file", icon=":material/arrow_back:", on_click=go_to, args=(Place(),))


def _found(viewer: Viewer, draft: Draft, facts: Mapping[str, Any]) -> None:
    st.markdown(md(t("import_page.found.is", kind=t(f"imports.look.kind.{facts['kind']}"))))
    template = template_for(facts)
    if template is not None:
        st.info(md(t("import_page.template", title=template.title, not_checked=template.not_checked)), icon=":material/draft:")
    facts_lines(facts)
    rows_as_read(facts["columns"], facts["rows"])
    otherwise(facts, f"{draft.file_id}-{digest(draft.reading)}", partial(_otherwise, viewer, draft))
    with st.container(horizontal=True, key="import-buttons"):
        st.button(t("import_page.other_file"), key="import-other-file", on_click=go_to, args=(Place(),))
        st.space("stretch")
        st.button(t("import_page.next" if template is None else "import_page.own_columns"), key="import-next",
                  type="primary" if template is None else "secondary", icon=":material/arrow_forward:",
                  on_click=go_to, args=(Place(file_id=draft.file_id, step=3),))  # fmt: skip
        if template is not None:
            st.button(t("import_page.as_template", title=template.title), key="import-template", type="primary",
                      icon=":material/arrow_forward:", on_click=_begin_template, args=(viewer, draft.file_id, template, facts))  # fmt: skip


def _begin_template(viewer: Viewer, file_id: int, template: Template, facts: Mapping[str, Any]) -> None:
    """Have the file read as those of the program it comes from are."""
    file = upload_of(viewer, file_id).name
    name = free_name(viewer, template.title, facts)
    kept = Draft(file_id, name=name, **looks_of(facts))
    text = with_mark(template.mapping_text(name, facts, file), kept)
    if lacks := _lacks_rights(viewer, file_id, text):
        ui_state().problems["imports"] = lacks
    else:
        _try_to_begin(viewer, file_id, text)


def _otherwise(viewer: Viewer, draft: Draft, reading: dict[str, Any]) -> None:
    """Read the file as somebody chose it: which column is which is found out anew."""
    keep_draft(viewer, replace(draft, reading=draft.reading | reading, fields={}, on_bad={}, match=""))


def _columns(viewer: Viewer, draft: Draft, facts: Mapping[str, Any]) -> None:
    """Draw step 3."""
    own = own_fields(viewer)
    columns = shown_columns(draft, facts)
    rows = rows_of(facts)
    st.caption(t("import_page.columns.about", n=sum(1 for column in columns if column.filled)))
    above = st.container()
    epoch = f"{draft.file_id}-{digest(draft.reading)}"
    labels = {f"{OWN}{key}": label for key, label in own.items()}
    label = partial(field_label, labels=labels)
    fields = column_choices(columns, [*FIELDS, *(key for key in labels if key not in FIELDS)], epoch, label)
    chosen = replace(draft, fields=fields)
    odd = odd_values(columns, fields, rows, facts)
    chosen = odd_boxes(chosen, columns, odd, epoch, len(rows))
    why = {key: {at: problem.reason() for at, problem in found.items() if is_none(problem)} for key, found in odd.items()}
    first_rows(columns, fields, rows, why, label)
    chosen = questions(viewer, chosen, facts, epoch, label)
    if chosen != draft:
        keep_draft(viewer, chosen)
    problem = what_is_missing(fields, label)
    lacks = "" if problem else _lacks_rights(viewer, draft.file_id, _text_of(viewer, chosen, facts, tuple(own)))
    if problem:
        st.warning(md(problem), icon=":material/help:")
    if lacks:
        # Above all columns: whoever lacks a right is not to answer them first.
        above.warning(md(lacks), icon=":material/lock:")
    with st.container(horizontal=True, key="import-buttons"):
        st.button(t("import_page.back"), key="import-back", on_click=go_to, args=(Place(file_id=draft.file_id, step=2),))
        st.space("stretch")
        st.button(t("import_page.read"), key="import-read", type="primary", icon=":material/arrow_forward:", disabled=bool(problem or lacks),
                  on_click=_begin, args=(viewer, chosen, facts, tuple(own)))  # fmt: skip


def _begin(viewer: Viewer, chosen: Draft, facts: Mapping[str, Any], own: tuple[str, ...]) -> None:
    """Have the file read and compared; the address leads to the job from then on."""
    _try_to_begin(viewer, chosen.file_id, _text_of(viewer, chosen, facts, own))


def _text_of(viewer: Viewer, chosen: Draft, facts: Mapping[str, Any], own: tuple[str, ...]) -> str:
    """Return the mapping of what was chosen."""
    answers = {
        "recognise_by": chosen.match, "conflict": chosen.conflict, "notes_by": own_address(viewer), "own_fields": own,
        "on_bad": {int(place): how for place, how in chosen.on_bad.items()},
    }  # fmt: skip
    fields = {int(place): field for place, field in chosen.fields.items() if field}
    file = upload_of(viewer, chosen.file_id).name
    kept = replace(chosen, name=chosen.name or proposed_name(file), **looks_of(facts))
    return with_mark(mapping_text(kept.name, facts, file, fields, answers), kept)


def _lacks_rights(viewer: Viewer, file_id: int, text: str) -> str:
    """Return which rights are lacking to bring this in, as a sentence; '' where none is, or where the mapping is not one yet."""
    try:
        lacking = rights_lacking(viewer, file_id, text)
    except (AppError, ValidationFailed):
        return ""
    if not lacking:
        return ""
    names = [t("import_page.role_admin") if name == ADMIN else t(f"team.right.{name}.name") for name in lacking]
    return t("import_page.rights_lacking", n=len(names), rights=", ".join(t("import_page.quoted", name=name) for name in names))


def _try_to_begin(viewer: Viewer, file_id: int, text: str) -> None:
    """Begin a job, and go to it; what is wrong is said on the page."""
    try:
        job_id = begin(viewer, file_id, text)
    except ValidationFailed as failed:
        ui_state().problems["imports"] = " ".join(sentences(failed).values())
    except AppError as problem:
        ui_state().problems["imports"] = sentence(problem)
    else:
        forget_older(viewer, file_id, job_id)
        go_to(Place(job_id=job_id))
