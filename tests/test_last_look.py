"""What others did to a client since the viewer's visit before this one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.audit.account_history import HistoryQuery, read_history
from core.audit.last_look import news_since
from core.clients.account_record import edit_account
from core.clients.recent_accounts import all_seen, last_look, remember_opened, write_opened
from core.overview.details import mark_email_read
from core.overview.work import add_note
from core.store import now, writer
from tests.test_ledger import SYSTEM, add


def opened(firm, who: str, minutes_ago: int) -> None:
    """The client was opened so long ago, and that was written down."""
    remember_opened(firm.account("own", who))
    write_opened()
    with writer(SYSTEM) as tx:
        moment = now() - timedelta(minutes=minutes_ago)
        tx.execute(f"UPDATE recent_account SET opened_at = TIMESTAMP '{moment}' WHERE staff_member_id = {getattr(firm, who)}")


def test_the_last_look_is_the_visit_before_this_one(firm):
    account = firm.account("own", "owner")
    assert last_look(account) is None, "nothing is claimed before the first visit"
    opened(firm, "owner", 5)
    assert last_look(account) is None, "this is the first visit still"
    opened(firm, "owner", 90)
    first = last_look(account)
    assert now() - first >= timedelta(minutes=90)
    opened(firm, "owner", 10)
    assert last_look(account) == first, "the same visit, opened again"
    all_seen(account)
    write_opened()
    assert now() - last_look(account) < timedelta(minutes=1)
    opened(firm, "assigned", 90)
    assert last_look(firm.account("own", "assigned")) != first, "each person has their own"
    looking = replace(account, viewer=replace(account.viewer, by=firm.everything))
    before = last_look(account)
    all_seen(looking)
    write_opened()
    assert last_look(account) == before, "to look as somebody else moves nothing"


def test_news_are_what_others_did_as_far_as_one_may_read_of_it(firm):
    owner, assigned, since = firm.account("own", "owner"), firm.account("own", "assigned"), now()
    mail = add("email", firm.own, sent_at=now() - timedelta(days=1))
    add("invoice", firm.own, number="R-9", total=10, issued_on=now().date(), due_on=now().date(), created_at=now())
    add("email", firm.foreign, sent_at=now())
    add_note(owner, {"text": "Ruft zurück.", "is_pinned": False})
    edit_account(owner, None, {"name": "Müller & Weber GbR"}, partly=True)
    assert dict(news_since(assigned, since).things) == {"emails": 1, "notes": 1, "record": 1}
    assert dict(news_since(owner, since).things) == {"emails": 1, "unpaid_invoices": 1}, "not what one did oneself"
    read = now()
    mark_email_read(owner, mail)
    assert news_since(assigned, read).things == (), "to read is no change"


def test_the_history_since_the_last_look_holds_what_others_changed_of_details_and_by_whom(firm):
    owner, assigned = firm.account("own", "owner"), firm.account("own", "assigned")
    edit_account(owner, None, {"name": "Vorher GbR"}, partly=True)
    since = now()
    add_note(owner, {"text": "Ruft zurück.", "is_pinned": False})
    edit_account(owner, None, {"name": "Müller & Weber GbR"}, partly=True)
    rows = read_history(assigned, HistoryQuery(since=since, of_details=True))
    assert [(row["who"], row["entity"], row["field"], row["new_value"]) for row in rows] == [
        ("Olga Owner", "account", "name", "Müller & Weber GbR")
    ]
    assert {row["entity"] for row in read_history(assigned, HistoryQuery(since=since))} == {"account", "note"}
    assert read_history(owner, HistoryQuery(since=since)) == [], "not what one did oneself"
