"""What an open page notices behind it, and what it need not."""

from __future__ import annotations

from core.recent import remember_opened
from core.store import changes_of
from core.work import add_note


def test_an_open_page_is_drawn_anew_for_what_it_shows_not_for_who_else_opens_it(firm):
    account = firm.account("own", "assigned")
    before, elsewhere = changes_of(firm.own), changes_of(firm.foreign)
    remember_opened(account)
    remember_opened(firm.account("own", "owner"))
    assert changes_of(firm.own) == before
    add_note(account, {"text": "Ruft zurück.", "is_pinned": False})
    assert changes_of(firm.own) == before + 1
    assert changes_of(firm.foreign) == elsewhere
