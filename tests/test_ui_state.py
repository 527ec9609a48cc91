"""What the pages remember between two runs: names that exist, values of their own."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from core.ui.state.open_form import OpenForm
from core.ui.state.sign_in_state import FactorSetUp
from core.ui.state.ui_state import AccountFilters, UiState


@dataclass
class Counter:
    n: int = 0


@pytest.mark.parametrize("record", [UiState(), OpenForm("note"), AccountFilters(), FactorSetUp()], ids=lambda record: type(record).__name__)
def test_a_name_that_does_not_exist_is_refused(record):
    with pytest.raises(AttributeError):
        record.no_such_name = 1


def test_a_form_tells_what_was_typed_from_what_it_began_with():
    form = OpenForm("note")
    assert form.start(lambda: {"text": "", "is_pinned": False}) == {"text": "", "is_pinned": False} and not form.is_unsaved
    assert form.record_input({"text": "Ruft zurück", "is_pinned": False}) == {"text": "Ruft zurück"} and form.is_unsaved
    assert form.start(lambda: {"text": "anderes"})["text"] == "Ruft zurück", "what was typed outlives a new run"
    form.is_saved = True
    assert not form.is_unsaved


def test_what_a_form_keeps_for_itself_is_made_once_and_never_shared():
    first, second = OpenForm("note"), OpenForm("note")
    first.own(Counter).n += 1
    assert (first.own(Counter).n, second.own(Counter).n) == (1, 0)
    first.problems["text"] = "fehlt"
    assert second.problems == {}
