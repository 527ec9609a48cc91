"""Previous and next of the list one came from: by the client, not by the place."""

from __future__ import annotations

import pytest

from core.base.rights import Viewer
from core.clients.account_record import delete_account
from core.clients.accounts import AccountQuery, create_account, list_accounts
from core.store import writer
from core.ui.parts import list_neighbours as parts
from core.ui.parts.list_neighbours import Neighbours, list_neighbours, remember_list
from core.ui.state.ui_state import UiState

SYSTEM = Viewer.system("tests")


@pytest.fixture
def state(monkeypatch):
    made = UiState()
    monkeypatch.setattr(parts, "ui_state", lambda: made)
    return made


def remember(firm, offset=0, limit=50):
    page = list_accounts(firm.viewer("owner"), AccountQuery(), offset, limit)
    remember_list(AccountQuery(), tuple(row["account_id"] for row in page.rows), offset, page.total)


def test_nobody_came_from_a_list(firm, state):
    assert list_neighbours(firm.viewer("owner"), firm.own) is None
    remember(firm, 0, 1)
    (first,) = state.shown_list.ids
    assert [list_neighbours(firm.viewer("owner"), one) for one in (firm.own, firm.foreign, firm.empty) if one != first] == [None, None]


def test_it_goes_on_over_the_end_of_a_page_both_ways(firm, state):
    order = [row["account_id"] for row in list_accounts(firm.viewer("owner"), AccountQuery()).rows]
    remember(firm, 1, 1)
    assert list_neighbours(firm.viewer("owner"), order[1]) == Neighbours(2, 3, order[0], order[2])
    assert list_neighbours(firm.viewer("owner"), order[2]) == Neighbours(3, 3, order[1], None)
    assert list_neighbours(firm.viewer("owner"), order[0]) == Neighbours(1, 3, None, order[1])


def test_who_is_gone_or_hidden_is_passed_over_and_new_ones_move_nothing(firm, state):
    made = create_account(firm.viewer("owner"), name="Aaa", kind="person", number="77", contact_name="x")
    order = [row["account_id"] for row in list_accounts(firm.viewer("owner"), AccountQuery()).rows]
    remember(firm)
    create_account(firm.viewer("owner"), name="Aaab", kind="person", number="78", contact_name="x")
    assert list_neighbours(firm.viewer("owner"), made) == Neighbours(1, 4, None, order[1])
    with writer(SYSTEM) as tx:
        name = tx.value("SELECT name FROM account WHERE account_id = $id", id=order[1])
    from core.access.open_account import open_account

    delete_account(open_account(firm.viewer("owner"), order[1]), name)
    assert list_neighbours(firm.viewer("owner"), made) == Neighbours(1, 4, None, order[2])
    assert list_neighbours(firm.viewer("assigned"), firm.own).after is None, "the others are not this member's"
