"""Forms over a page, as dialogs: what was typed survives errors, reruns and a detour; closing one with changes asks first.

A form is a function registered under its name (``@form``), which draws its inputs and ends with ``buttons``. The open one stands in
``ui_state().form``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any, Literal, TypeVar, Unpack

import streamlit as st

from core.access.open_account import OpenAccount, still_open
from core.access.preview import Consequence, consequences
from core.base.errors import AppError, BadDeclaration, EditConflict, NotAllowed, NotFound, ValidationFailed
from core.base.rights import Viewer
from core.i18n import language, sentence, t, words_of
from core.i18n.formats import day
from core.ui.forms.field_inputs import countries
from core.ui.forms.leave_guard import leave_guard
from core.ui.parts.escape import esc, md
from core.ui.parts.problems import error_sentence
from core.ui.parts.return_to_list import go_back
from core.ui.state.open_form import About, ListState, OpenForm
from core.ui.state.ui_state import ui_state

T = TypeVar("T")
Subject = OpenAccount | Viewer
Width = Literal["small", "medium", "large"]
# What a dialog is for; each kind has one width.
Kind = Literal["question", "form", "reading", "list", "document"]
WIDTHS: dict[Kind, Width] = {"question": "small", "form": "medium", "reading": "medium", "list": "large", "document": "large"}
Form = Callable[[Any, OpenForm], None]
FORMS: dict[str, tuple[str, Width, Form]] = {}
# A form of so many inputs is in sight with its buttons; in a longer one what is wrong may be out of sight.
INPUTS_IN_SIGHT = 6
# Beyond so many consequences the rest is folded.
CONSEQUENCES_IN_SIGHT = 12


def form(name: str, title: str, kind: Literal["form", "question", "list"] = "form") -> Callable[[Form], Form]:
    """Register a form under its name; ``title`` is the key of its heading. Raises BadDeclaration for a name that is taken.

    A *question* is answered by its buttons; a *form* is filled in; a *list* shows rows to be decided about.
    """

    def register(draw: Form) -> Form:
        if name in FORMS:
            raise BadDeclaration(f"{draw.__module__}: there is a form {name!r} already")
        FORMS[name] = (title, WIDTHS[kind], draw)
        return draw

    return register


def open_form(name: str, account_id: int = 0, back: ListState | None = None, **about: Unpack[About]) -> None:
    """Open a form with the next run (a button's callback); without an account it is about the firm. Closing it leads ``back``.

    What was typed into another form, which the browser's back button left open, goes along to be shown in this one.
    """
    state = ui_state()
    left = state.form
    state.form = OpenForm(name, account_id, state.next_form_epoch(), about, back)
    if left and left.is_unsaved:
        state.form.left_before = left


def close_form() -> None:
    """Put the form away, and open the list again that it was opened from."""
    state = ui_state()
    closed, state.form = state.form, None
    go_back(closed.back if closed else None)


def open_form_of(subject: Subject) -> OpenForm | None:
    """Return the form that is open over this account's pages, or over the firm's, if any."""
    editing = ui_state().form
    about = subject.account_id if isinstance(subject, OpenAccount) else 0
    return editing if editing and editing.account_id == about else None


def show_form(subject: Subject) -> None:
    """Draw the form that is open over this account or the firm, as a dialog only its own buttons close."""
    editing = open_form_of(subject)
    if editing is None:
        return
    ui_state().is_dialog_open = True
    title, width, draw = FORMS[editing.name]

    @st.dialog(t(title), width=width, dismissible=False)
    def show() -> None:
        leave_guard()
        show_left_form(editing)
        try:
            # A form that was opened earlier shows nothing of a client the viewer may no longer see.
            still_open(subject)
            draw(subject, editing)
        except AppError as problem:
            st.error(t("form.gone") if isinstance(problem, NotFound) else sentence(problem), icon=":material/error:")
            _show_typed(editing)
            if st.button(t("common.close"), key=f"form-gone-{editing.key_epoch}"):
                close_form()
                st.rerun()

    show()


def show_left_form(editing: OpenForm) -> None:
    """Show what was typed into the form before this one and never saved: a way back to it, or its text to copy."""
    left = editing.left_before
    if not left:
        return
    with st.container(border=True, gap="xsmall", key="form-left"):
        st.markdown(md(t("form.left", title=t(FORMS[left.name][0]))))
        _show_typed(left)
        with st.container(horizontal=True):
            if left.account_id == editing.account_id and st.button(t("form.left_back"), key=editing.key("left-back")):
                ui_state().form = left
                st.rerun()
            if st.button(t("form.discard"), key=editing.key("left-discard")):
                editing.left_before = None
                st.rerun(scope="fragment")


def buttons(
    editing: OpenForm,
    changes: Mapping[str, object],
    call: partial[T],
    *,
    done: Callable[[T], None] | None = None,
    save: str = "common.save",
    confirm: str = "form.confirm",
    at_once: bool = False,
    quiet: bool = False,
    new: bool = False,
) -> None:
    """Draw *Speichern* and *Abbrechen*; what saving would cause is shown before it, when there is anything.

    Args:
        editing: The form.
        changes: What of its inputs differs from the beginning; nothing is saved without.
        call: The verb that saves, with its arguments; an OpenAccount or a Viewer is the first.
        done: Called with what the verb returned; without it the form closes and the page is drawn anew.
        save: The key of the word on the button.
        confirm: The key of the word on the button once the consequences are shown.
        at_once: The form has no inputs: the consequences are shown as it opens.
        quiet: Saving changes nobody's sight: consequences are not asked for.
        new: The record is new: saving is tried even when nothing was typed, so that what is needed is said.
    """
    if at_once and not editing.are_consequences_asked:
        _try(editing, partial(_ask_consequences, editing, call))
    with st.container(gap="xsmall", key="form-buttons"):
        _show_above_buttons(editing)
        confirms = bool(editing.consequences) and not at_once
        ways = st.container(horizontal=True, horizontal_alignment="right")
    with ways:
        if editing.is_leaving and not confirms:
            _leave_or_stay(editing)
            return
        if st.button(t("common.back" if confirms else "common.cancel"), key=editing.key("back" if confirms else "cancel")):
            _step_back(editing, confirms, bool(changes))
        if at_once and editing.problem:
            return
        if st.button(t(confirm if confirms else save), key=editing.key("confirm" if confirms else "save"), type="primary"):
            if not (changes or at_once or new):
                close_form()
                st.rerun()
            _save(editing, call, done, asks=not (confirms or at_once or quiet))


def _leave_or_stay(editing: OpenForm) -> None:
    """Ask whether what was typed is to be thrown away."""
    if st.button(t("form.discard"), key=editing.key("discard")):
        close_form()
        st.rerun()
    if st.button(t("form.keep_editing"), key=editing.key("keep"), type="primary"):
        editing.is_leaving = False
        st.rerun(scope="fragment")


def _step_back(editing: OpenForm, confirms: bool, is_changed: bool) -> None:
    """From the consequences to the inputs; from changed inputs to the question; else out of the form."""
    if confirms:
        editing.consequences = []
    elif is_changed:
        editing.is_leaving = True
    else:
        close_form()
        st.rerun()
    st.rerun(scope="fragment")


def _show_above_buttons(editing: OpenForm) -> None:
    """Show what is wrong, what will happen and what is not saved yet, in sight wherever a long form is scrolled to."""
    if editing.problem:
        st.error(md(editing.problem), icon=":material/error:")
        if editing.is_refused:
            _show_typed(editing)
    if len(editing.draft or ()) > INPUTS_IN_SIGHT and editing.problems:
        st.caption(f":red[{md(t('form.wrong', fields=', '.join(_label_of(editing, name) for name in editing.problems)))}]")
    if editing.consequences:
        _show_consequences(editing.consequences)
    elif editing.is_leaving:
        st.warning(t("form.unsaved"), icon=":material/edit_note:")


def _show_consequences(found: list[Consequence]) -> None:
    with st.container(border=True, gap="xsmall", key="form-consequences"):
        st.markdown(f"**{t('consequences.title')}**")
        lines = [f"<li>{esc(t(f'consequences.{consequence.code}', **consequence.values))}</li>" for consequence in found]
        st.html(f'<ul class="kb-consequences">{"".join(lines[:CONSEQUENCES_IN_SIGHT])}</ul>')
        if more := lines[CONSEQUENCES_IN_SIGHT:]:
            with st.expander(t("form.consequences_more", n=len(more))):
                st.html(f'<ul class="kb-consequences">{"".join(more)}</ul>')


def _ask_consequences(editing: OpenForm, call: partial[Any]) -> None:
    editing.consequences = consequences(call.func, *call.args, **call.keywords)
    editing.are_consequences_asked = True


def _try(editing: OpenForm, call: Callable[[], object]) -> bool:
    """Call; return False when it was refused, with the reasons kept in the form."""
    try:
        call()
    except ValidationFailed as failed:
        editing.problems = {field: t(f"errors.{code}", **_in_words(values)) for field, (code, values) in failed.problems.items()}
    except EditConflict:
        editing.has_conflict = True
    except AppError as problem:
        editing.is_refused = isinstance(problem, NotAllowed | NotFound)
        editing.problem = t("form.gone") if problem.code == "not_found" else error_sentence(problem)
    except Exception as problem:
        # Streamlit's own words for it would stand behind the dialog.
        editing.problem = error_sentence(problem)
    else:
        return True
    editing.are_consequences_asked = True
    return False


def _in_words(values: Mapping[str, object]) -> dict[str, object]:
    """Return what fills a sentence, with a country by its name."""
    return {name: countries().get(str(value), value) if name == "country" else value for name, value in values.items()}


def _save(editing: OpenForm, call: partial[T], done: Callable[[T], None] | None, *, asks: bool) -> None:
    """Save once for each opening of the form: a second press can end this run anywhere after the verb, and come here again."""
    if not editing.is_saved:
        _call(editing, call, asks=asks)
    if done is None:
        close_form()
        ui_state().is_saved = True
    else:
        done(editing.result)
    st.rerun()


def save_at_once(editing: OpenForm, call: partial[Any]) -> None:
    """Save by another button than *Speichern*; the form closes, or says what is wrong."""
    _save(editing, call, None, asks=False)


def _call(editing: OpenForm, call: partial[Any], *, asks: bool) -> None:
    """Call the verb and keep what it returned; the form is drawn anew with what was refused, or with what saving would cause."""
    editing.problems, editing.problem, editing.is_leaving = {}, None, False
    if asks:
        editing.consequences = []
        if not _try(editing, partial(_ask_consequences, editing, call)) or editing.consequences:
            st.rerun(scope="fragment")
    result: list[Any] = []
    if not _try(editing, lambda: result.append(call())):
        editing.consequences = []
        st.rerun(scope="fragment")
    editing.is_saved, editing.result = True, result[0]


def say_saved() -> None:
    """Show a short word after a save."""
    state = ui_state()
    if state.is_saved:
        state.is_saved = False
        st.toast(t("form.saved"), icon=":material/check:")


def show_unsaved_text() -> None:
    """Show what was typed into a form whose client is gone or may no longer be seen, to copy."""
    editing = ui_state().form
    if not editing or not editing.draft:
        return
    st.warning(t("form.client_gone"), icon=":material/edit_note:")
    _show_typed(editing)
    if st.button(t("form.discard"), key="kept-away"):
        close_form()
        st.rerun()


def _show_typed(editing: OpenForm) -> None:
    """Show what was changed in the inputs as lines of text to copy."""
    initial = editing.initial or {}
    lines = [
        f"{_label_of(editing, name)}: {text}"
        for name, value in (editing.draft or {}).items()
        if value != initial.get(name) and (text := _as_text(value))
    ]
    if lines:
        st.caption(t("form.kept"))
        st.code("\n".join(lines), language=None, wrap_lines=True)


def _label_of(editing: OpenForm, name: str) -> str:
    """Return what an input is called on the screen."""
    words = words_of(language())
    word = next((key for topic in ("info", "work", "accounts", "tags", "fields") if (key := f"{topic}.{name}") in words), None)
    return editing.labels.get(name) or (t(word) if word else name)


def _as_text(value: object) -> str:
    """Return what of a typed value can be typed again somewhere else; a row that was chosen by its number cannot."""
    if isinstance(value, Mapping):
        return ", ".join(str(part) for part in value.values() if part)
    if isinstance(value, list | tuple):
        return ", ".join(part for part in value if isinstance(part, str))
    return day(value) if isinstance(value, date) else value if isinstance(value, str) else ""
