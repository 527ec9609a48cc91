"""What an open page notices behind it, and what it need not."""

from __future__ import annotations

from core.base.rights import Viewer
from core.clients.recent_accounts import remember_opened
from core.overview.work import add_note
from core.store import changes_of, writer

SYSTEM = Viewer.system("tests")


def test_an_open_page_is_drawn_anew_for_what_it_shows_not_for_who_else_opens_it(firm):
    account = firm.account("own", "assigned")
    before, elsewhere = changes_of(firm.own), changes_of(firm.foreign)
    remember_opened(account)
    remember_opened(firm.account("own", "owner"))
    assert changes_of(firm.own) == before
    add_note(account, {"text": "Ruft zurück.", "is_pinned": False})
    assert changes_of(firm.own) == before + 1
    assert changes_of(firm.foreign) == elsewhere


def mark_for(client, account_id: int | None = None) -> str:
    """What ``/watch`` answers."""
    answer = client.get("/watch", params={} if account_id is None else {"account": account_id})
    assert answer.status_code == 200 and answer.headers["cache-control"] == "private, no-store"
    return answer.json()["mark"]


def test_the_mark_of_a_page_is_another_after_any_change_behind_it_and_only_then(shell, firm):
    client = shell("assigned")
    here, elsewhere, list_page = mark_for(client, firm.own), mark_for(client, firm.empty), mark_for(client)
    remember_opened(firm.account("own", "owner"))
    assert (here, elsewhere, list_page) == (mark_for(client, firm.own), mark_for(client, firm.empty), mark_for(client))
    add_note(firm.account("own", "owner"), {"text": "Ruft zurück.", "is_pinned": False})
    assert mark_for(client, firm.own) != here and (mark_for(client, firm.empty), mark_for(client)) == (elsewhere, list_page)
    before = mark_for(client, firm.own)
    with writer(SYSTEM) as tx:
        tx.delete("assignment", {"account_id": firm.own, "staff_member_id": firm.assigned})
    assert mark_for(client, firm.own) != before


def test_the_mark_of_a_foreign_and_of_a_missing_account_is_one(shell, firm):
    client = shell("assigned")
    foreign = {mark_for(client, account_id) for account_id in (firm.foreign, 987_654_321)}
    assert len(foreign) == 1 and foreign != {mark_for(client, firm.own)}
    add_note(firm.account("foreign", "owner"), {"text": "Streng vertraulich.", "is_pinned": False})
    assert {mark_for(client, firm.foreign)} == foreign


def test_who_is_signed_out_learns_that_and_nothing_else(shell, firm):
    client, stranger = shell("assigned"), shell(None)
    before = mark_for(client, firm.own)
    with writer(SYSTEM) as tx:
        tx.update("staff_member", firm.assigned, is_active=False)
    assert before != mark_for(client, firm.own) == mark_for(stranger, firm.own) == mark_for(stranger)
