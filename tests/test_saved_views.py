"""Views of the client list: kept, shared, replaced, thrown away."""

from __future__ import annotations

import pytest

from core.base.errors import NotAllowed, NotFound, ValidationFailed
from core.base.rights import Viewer
from core.clients.saved_views import clean_definition, delete_view, save_view, saved_views
from core.store import writer


def test_own_views_are_private_until_shared(firm):
    owner, colleague = firm.viewer("owner"), firm.viewer("assigned")
    save_view(owner, name=" Offene  Posten ", definition={"sort": ["-net_due"], "columns": ["name,net_due"]})
    assert [(view.name, view.mine) for view in saved_views(owner)] == [("Offene Posten", True)]
    assert saved_views(colleague) == []
    save_view(owner, name="Offene Posten", definition={"q": ["müller"]}, shared=True)
    (view,) = saved_views(colleague)
    assert (view.name, view.mine, view.by, view.definition) == ("Offene Posten", False, "Olga Owner", {"q": ["müller"]})
    with pytest.raises(NotFound):
        delete_view(colleague, view.saved_view_id)
    delete_view(owner, view.saved_view_id)
    assert saved_views(owner) == []
    with pytest.raises(NotFound):
        delete_view(owner, view.saved_view_id)


@pytest.mark.parametrize("name", ["", " ", "\u202e", "x" * 81])
def test_a_view_needs_a_name(firm, name):
    with pytest.raises(ValidationFailed):
        save_view(firm.viewer("owner"), name=name, definition={})


def test_clients_and_the_system_keep_none(firm):
    for viewer in (firm.viewer("portal"), Viewer.system("tests")):
        with pytest.raises(NotAllowed):
            save_view(viewer, name="x", definition={})


@pytest.mark.parametrize(
    "raw", [None, [], "x", {"q": 7, "kinds": "person", "tags": [None, True], "secret": ["is:1"], "x" * 99: ["a"], "page": ["3"]}]
)
def test_nonsense_in_a_definition_is_left_out(raw):
    assert clean_definition(raw) == clean_definition({})


def test_a_view_of_earlier_times_means_what_it_meant():
    former = {
        "kinds": ["company"], "states": [], "columns": ["name", "field:7"], "tags": [3, 4], "members": [5], "text": "berg", "sort": "net_due",
        "fields": {"7": ["Du"]}, "descending": True,
    }  # fmt: skip
    assert clean_definition(former) == {
        "kind": ["is:company"], "tags": ["is:3", "is:4"], "team": ["is:5"], "field-7": ["is:Du"], "q": ["berg"], "sort": ["-net_due"],
        "columns": ["name,field-7"],
    }  # fmt: skip


def test_a_broken_definition_is_an_empty_view(firm):
    kept = save_view(firm.viewer("owner"), name="x", definition={})
    with writer(Viewer.system("tests")) as tx:
        tx.update("saved_view", kept, definition="{")
    assert saved_views(firm.viewer("owner"))[0].definition == clean_definition({})


def test_views_of_auswertung_are_apart_and_keep_the_time(firm):
    owner, colleague = firm.viewer("owner"), firm.viewer("assigned")
    save_view(owner, name="Quartal", definition={"days": ["30"], "tags": ["is:1"], "list": ["turn.us"]}, shared=True)
    save_view(owner, name="Offen", definition={"sort": ["-net_due"]})
    assert [view.name for view in saved_views(owner)] == ["Offen"] and saved_views(colleague) == []
    assert [view.definition for view in saved_views(colleague, of_activity=True)] == [{"days": ["30"], "tags": ["is:1"]}]
    with pytest.raises(ValidationFailed):
        save_view(owner, name="Offen", definition={"days": ["90"]})
