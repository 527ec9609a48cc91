"""A form the browser's back button left open: the next one says what was typed into it."""

from __future__ import annotations

from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from core.ui.forms import form_dialog
from core.ui.state.open_form import OpenForm


def page(saved: bool) -> None:
    import core.ui.overview.work_forms  # noqa: F401 - the forms this is about
    from core.ui.forms import form_dialog
    from core.ui.state.ui_state import ui_state

    state = ui_state()
    if state.form is None:
        form_dialog.open_form("note", 7)
        state.form.initial, state.form.draft, state.form.is_saved = {"text": ""}, {"text": "Halb getippt"}, saved
        form_dialog.open_form("task", 7)
    form_dialog.show_left_form(state.form)


def test_what_was_typed_is_said_and_one_can_go_back_to_it():
    at = AppTest.from_function(page, args=(False,), default_timeout=60).run()
    assert "„Hinweis“" in at.markdown[0].value and "Halb getippt" in at.code[0].value
    at.button[0].click().run()
    form = at.session_state["ui"].form
    assert form.name == "note" and form.draft == {"text": "Halb getippt"}


def test_what_was_saved_is_not_said():
    at = AppTest.from_function(page, args=(True,), default_timeout=60).run()
    assert not at.code and not at.markdown


def test_a_second_press_that_ends_the_first_ones_run_saves_nothing_more(monkeypatch):
    class Ended(Exception):
        """The run was ended by the second press, right after the verb."""

    made, told, ends = [], [], [True, False]

    def done(row: int) -> None:
        if ends.pop(0):
            raise Ended
        told.append(row)

    monkeypatch.setattr(form_dialog.st, "rerun", lambda **_: None)
    opened = OpenForm("note", draft={"text": "Ruft zurück"})
    with pytest.raises(Ended):
        form_dialog._save(opened, partial(lambda: made.append(1) or 7), done, asks=False)
    form_dialog._save(opened, partial(lambda: made.append(2) or 8), done, asks=False)
    assert (made, told, opened.is_saved) == ([1], [7], True)
