"""The address of Kunden: what it holds comes back, and what cannot be followed is told apart."""

from __future__ import annotations

import pytest

from core.clients.accounts import known_columns
from core.clients.custom_fields import define_field, key_of
from core.clients.list_address import ListWish, from_address, to_address
from core.clients.list_conditions import Condition


@pytest.fixture
def known(firm):
    define_field(firm.viewer("owner"), scope="account", label="Anrede: höflich", type="choice", options=("Du", "Sie: bitte"))
    return known_columns(firm.viewer("owner"))


def test_everything_comes_back(known):
    own = next(key for key in known if key.startswith("field:"))
    conditions = (
        Condition("name", "has", ("Müller: & Söhne",)), Condition("kind", "is", ("company", "person")), Condition("tags", "is", ("3",)),
        Condition("net_due", "between", ("100", "500.5")), Condition("last_login_at", "older", ("30",)), Condition("team", "empty"),
        Condition("last_activity_at", "between", ("2026-01-01", "2026-02-01")), Condition(own, "is", ("Sie: bitte",)),
    )  # fmt: skip
    wish = ListWish("berg & tal", {one.column: one for one in conditions}, own, True, ("number", "name", own), 3)
    address = to_address(wish)
    assert address["net_due"] == ["between:100:500.5"] and address["kind"] == ["is:company", "is:person"]
    read = from_address(address, known, {"tags": ["3"]})
    assert (read.wish, read.wrong, read.gone) == (wish, (), 0)
    assert to_address(ListWish()) == {} and from_address({}, known, {}).wish == ListWish()


def test_what_cannot_be_followed_is_left_out_and_the_rest_holds(known):
    address = {
        "net_due": ["more:viel"], "last_login_at": ["between:2026-02-02:2026-02-01"], "unread_count": ["more:0"], "field-99999": ["is:x"],
        "tags": ["is:3", "is:4"], "kind": ["is:ghost"], "sort": ["-field-99999"], "columns": ["net_due,nothing"], "page": ["-1"], "x": ["1"],
    }  # fmt: skip
    read = from_address(address, known, {"tags": ["3"]})
    assert read.wrong == ("net_due", "last_login_at")
    assert read.gone == 5
    assert read.wish == ListWish(
        "", {"unread_count": Condition("unread_count", "more", ("0",)), "tags": Condition("tags", "is", ("3",))}, columns=("net_due",)
    )


def test_a_forbidden_column_reads_as_one_that_is_gone(firm):
    known = known_columns(firm.viewer("assigned"))
    read = from_address({"net_due": ["more:5"], "name": ["has:x"]}, known, {})
    assert (read.gone, read.wrong, set(read.wish.conditions)) == (1, (), {"name"})


@pytest.mark.parametrize("values", [[], [""], [":"], ["more"], ["more:"], ["is:1"], ["more:1:2:3"], ["x" * 10_000], ["more:" + "9" * 500]])
def test_nonsense_breaks_nothing(known, values):
    read = from_address({"net_due": values, "sort": values, "columns": values, "page": values, "q": values}, known, {})
    assert read.wish.sort == "name" and read.wish.page == 1
    assert key_of(1) not in read.wish.conditions
