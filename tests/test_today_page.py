"""What *Heute* shows whom, and that an open page of it notices what others do."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from core.activity.today import CARDS, Waiting, last_import, read_today
from core.base.errors import NotAllowed, ValidationFailed
from core.clients.contact_emails import address_matrix, odd_access_count
from core.i18n.formats import today
from core.overview.work import add_note, add_task
from core.store import now, reader, writer
from tests.test_ledger import DAY, SYSTEM, add
from tests.test_watch import mark_for


def waiting(firm, who: str, card: str, *, of_everybody: bool | None = None) -> Waiting:
    return read_today(firm.viewer(who), of_everybody).cards[card]


def titles(card: Waiting) -> list[str]:
    return [row["title"] for row in card.rows]


def assign(task_id: int, account_id: int, member_id: int) -> None:
    with writer(SYSTEM) as tx:
        tx.insert("task_assignee", account_id=account_id, task_id=task_id, staff_member_id=member_id)


def test_tasks_are_shown_from_a_week_before_their_day_the_longest_overdue_first(firm):
    for days, title in ((8, "spät"), (7, "bald"), (0, "heute"), (-1, "gestern"), (-20, "längst"), (None, "ohne Tag")):
        add("task", firm.own, title=title, created_at=now(), due_on=None if days is None else today() + timedelta(days=days))
    add("task", firm.own, title="wartet", status="waiting", created_at=now(), due_on=today())
    card = waiting(firm, "assigned", "tasks")
    assert titles(card) == ["längst", "gestern", "heute", "bald"]
    assert (card.total, card.items, card.overdue, card.due_today) == (4, 4, 2, 1)


def test_ones_own_tasks_are_those_one_has_and_those_nobody_has_in_ones_clients(firm):
    mine, other = (add("task", firm.own, title=title, created_at=now(), due_on=today()) for title in ("meine", "Olgas"))
    add("task", firm.own, title="niemandes", created_at=now(), due_on=today())
    elsewhere = add("task", firm.foreign, title="anderswo", created_at=now(), due_on=today())
    assign(mine, firm.own, firm.assigned)
    assign(other, firm.own, firm.owner)
    assign(elsewhere, firm.foreign, firm.owner)
    assert sorted(titles(waiting(firm, "assigned", "tasks"))) == ["meine", "niemandes"]
    assert sorted(titles(waiting(firm, "assigned", "tasks", of_everybody=True))) == ["Olgas", "meine", "niemandes"]
    assert sorted(titles(waiting(firm, "owner", "tasks", of_everybody=False))) == ["Olgas", "anderswo"]


def test_documents_and_mail_are_a_row_for_each_client_with_the_newest_the_latest_client_first(firm):
    for account_id, days, subject in ((firm.own, 3, "alt"), (firm.own, 1, "neu"), (firm.foreign, 2, "fremd")):
        add("email", account_id, subject=subject, sent_at=now() - days * DAY)
    card = waiting(firm, "owner", "emails")
    assert [(row["client"], row["title"], row["items"]) for row in card.rows] == [
        ("Müller/Weber GbR", "neu", 2), ("Schmidt Straßenbau", "fremd", 1),
    ]  # fmt: skip
    assert (card.total, card.items) == (2, 3)
    assert titles(waiting(firm, "assigned", "documents")) == ["eigenes.txt"]


def test_chats_and_signatures_that_wait_longest_come_first(firm):
    for days in (2, 9, 4):
        add("chat", firm.own, subject=str(days), created_at=now(), last_message_at=now() - days * DAY, last_is_from_client=True)
        add("signature", firm.own, document_name=str(days), sent_at=now() - days * DAY)
    add("chat", firm.own, subject="beim Kunden", created_at=now(), last_message_at=now(), last_is_from_client=False)
    for card in ("chats", "signing"):
        assert titles(waiting(firm, "assigned", card)) == ["9", "4", "2"]


def test_overdue_invoices_are_there_for_who_may_see_them_alone(firm):
    add("invoice", firm.foreign, number="R-88", total=Decimal(10), issued_on=today(), due_on=today() - 2 * DAY, created_at=now())
    assert titles(waiting(firm, "owner", "invoices")) == ["R-88", "R-0"]
    assert "invoices" not in read_today(firm.viewer("assigned")).cards
    assert set(read_today(firm.viewer("owner")).cards) == set(CARDS)


def test_what_is_dormant_is_a_number_of_its_own(firm):
    add("email", firm.empty, sent_at=now() - 400 * DAY)
    found = read_today(firm.viewer("owner"))
    assert (found.cards["emails"], found.dormant) == (Waiting(), 1)


@pytest.mark.parametrize(("who", "of_everybody"), [("assigned", False), ("owner", True), ("unassigned", True)])
def test_who_works_for_no_client_begins_with_all(firm, who, of_everybody):
    assert read_today(firm.viewer(who)).of_everybody == of_everybody


def test_what_was_done_is_gone_with_the_next_look(firm):
    task = add("task", firm.own, created_at=now(), due_on=today())
    assert waiting(firm, "assigned", "tasks").total == 1
    with writer(SYSTEM) as tx:
        tx.update("task", {"account_id": firm.own, "task_id": task}, status="completed")
    assert waiting(firm, "assigned", "tasks").total == 0


def test_an_open_page_of_it_is_drawn_anew_for_what_waits_and_for_nothing_else(shell, firm):
    client = shell("assigned")
    before = mark_for(client, "today")
    add_note(firm.account("own", "owner"), {"text": "Ruft zurück.", "is_pinned": False})
    assert mark_for(client, "today") == before
    add_task(firm.account("own", "owner"), {"title": "Rückruf", "priority": "normal", "status": "planned", "due_on": today()})
    assert mark_for(client, "today") != before
    assert mark_for(shell(None), "today") == mark_for(shell(None))


def test_the_last_import_that_stands_is_told(firm):
    assert last_import(firm.viewer("assigned")) is None
    with writer(SYSTEM) as tx:
        for finished, undone in ((now() - 2 * DAY, None), (now() - DAY, now()), (None, None)):
            columns = ("import_run_id", "mapping", "started_at", "finished_at", "undone_at")
            tx.insert_many("import_run", columns, [(tx.new_id(), "m", now(), finished, undone)])
    assert now() - last_import(firm.viewer("assigned")) > DAY
    with pytest.raises(NotAllowed):
        last_import(firm.viewer("portal"))


def test_odd_access_is_counted_as_the_matrix_shows_it(firm):
    for who in ("owner", "assigned"):
        assert odd_access_count(firm.viewer(who)) == len(address_matrix(firm.viewer(who), only_odd=True))
    before = odd_access_count(firm.viewer("owner"))
    add("contract", firm.empty, sent_at=now())
    with writer(SYSTEM) as tx:
        tx.insert("account_contact", account_id=firm.empty, contact_id=firm.contact, created_at=now())
    assert odd_access_count(firm.viewer("owner")) > before, "something waits for a signature there, and nobody may sign"


def test_a_note_of_a_call_brings_the_task_to_call_back_to_who_is_to_do_it(firm):
    task = {"title": "Rückruf: Maria", "due_on": today(), "priority": "normal", "status": "planned", "assignees": [firm.assigned]}
    with pytest.raises(ValidationFailed):
        add_note(firm.account("own", "owner"), {"text": "x", "is_pinned": False, "call_back": task | {"title": ""}})
    add_note(firm.account("own", "owner"), {"text": "Telefonat mit Maria: fragt nach", "is_pinned": False, "call_back": task})
    assert titles(waiting(firm, "assigned", "tasks")) == ["Rückruf: Maria"]
    with reader(SYSTEM) as r:
        assert r.value("SELECT count(*) FROM note WHERE text LIKE '%Maria: fragt%' OR text = 'x'") == 1, "both or neither"
