"""The ledger of whose turn it is: each kind's rule, and that nobody's ledger counts what that person may not see."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest

from core.activity.ledger import ledger_counts, ledger_of
from core.activity.set_aside import set_aside, set_aside_of, take_back
from core.base.errors import NotFound, ValidationFailed
from core.base.rights import Viewer
from core.i18n.formats import today
from core.overview import card_cache
from core.overview.read import read_overview
from core.overview.turn import TURN
from core.store import account_reader, now, writer

SYSTEM = Viewer.system("tests")
DAY = timedelta(days=1)
# The tables of things that are kept for each kind, with what every row of it needs.
NEEDED = {
    "task": {"title": "Rückruf"},
    "document": {"name": "Beleg.pdf", "is_from_client": True},
    "email": {"subject": "Frage", "from_address": "a@b.example", "to_address": "c@d.example", "direction": "received"},
    "chat": {"subject": "Lohn", "last_message": "Passt.", "last_by_name": "Maria Müller"},
    "organizer": {"name": "Vermietung", "question_count": 3},
    "approval": {"document_name": "Bescheid.pdf"},
    "signature": {"document_name": "Vollmacht.pdf"},
    "contract": {"name": "Vertrag"},
    "invoice": {"number": "R-77"},
}


def add(kind: str, account_id: int, **values: object) -> int:
    """Write a row of a kind, with what its table needs, and return its id."""
    with writer(SYSTEM) as tx:
        return tx.insert(kind, account_id=account_id, **(NEEDED[kind] | values))


def found(account_id: int, kind: str, who: int, item_id: int | None = None) -> list[tuple]:
    """What the ledger says of a kind: (turn, since, dormant or not)."""
    return [
        (row["turn"], row["since_at"] or row["since_on"], row["is_dormant"])
        for row in ledger_of(Viewer.staff(who), account_id)
        if row["kind"] == kind and item_id in (None, row["item_id"])
    ]


@dataclass(frozen=True)
class Case:
    """A row of a kind, and whose turn it is since when (None: it is not in the ledger); moments are given by their age in days."""

    kind: str
    values: dict[str, object]
    turn: str | None
    age: int = 3


CASES = [
    *(Case("task", {"status": status, "created_at": 3}, turn) for status, turn in (
        ("planned", "us"), ("in_progress", "us"), ("waiting", "third"), ("completed", None), ("canceled", None))),
    Case("document", {"uploaded_at": 3}, "us"),
    Case("document", {"uploaded_at": 3, "seen_at": 1}, None),
    Case("document", {"uploaded_at": 3, "is_from_client": False}, None),
    Case("email", {"sent_at": 3}, "us"),
    Case("email", {"sent_at": 3, "is_read": True}, None),
    Case("email", {"sent_at": 3, "has_failed": True}, None),
    Case("email", {"sent_at": 3, "direction": "sent"}, None),
    *(Case("chat", {"created_at": 9, "last_message_at": 3, "last_is_from_client": theirs, "is_closed": closed}, turn)
      for theirs, closed, turn in ((True, False, "us"), (False, False, "client"), (True, True, None))),
    Case("organizer", {"sent_at": 3, "updated_at": 1}, "client"),
    Case("organizer", {"sent_at": 3, "updated_at": 1, "archived_at": 0}, None),
    Case("organizer", {"sent_at": 99, "updated_at": 59, "status": "submitted"}, "us", 59),
    Case("organizer", {"sent_at": 99, "updated_at": 62, "status": "submitted"}, None),
    Case("organizer", {"sent_at": 99, "updated_at": 3, "status": "sealed"}, None),
    Case("approval", {"asked_at": 3}, "client"),
    Case("approval", {"asked_at": 99, "decided_at": 59, "status": "disapproved"}, "us", 59),
    Case("approval", {"asked_at": 99, "decided_at": 62, "status": "disapproved"}, None),
    Case("approval", {"asked_at": 9, "decided_at": 3, "status": "approved"}, None),
    *(Case(kind, {"sent_at": 3, "status": status}, turn) for kind in ("signature", "contract")
      for status, turn in (("pending", "client"), ("partially_signed", "client"), ("signed", None), ("voided", None))),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}-{'-'.join(f'{k}={v}' for k, v in case.values.items())}")
def test_whose_turn_it_is(firm, case):
    moment = now()
    values = {key: moment - value * DAY if key.endswith("_at") else value for key, value in case.values.items()}
    item = add(case.kind, firm.empty, **values)
    expected = [] if case.turn is None else [(case.turn, moment - case.age * DAY, False)]
    assert found(firm.empty, case.kind, firm.owner, item) == expected


@pytest.mark.parametrize("kind", ["signature", "contract"])
def test_what_nobody_may_sign_any_more_is_ours_since_it_was_sent(firm, kind):
    moment = now()
    item = add(kind, firm.own, sent_at=moment - 9 * DAY)
    with writer(SYSTEM) as tx:
        tx.insert("signatory", account_id=firm.own, contact_id=firm.contact, contact_email_id=firm.address, **{f"{kind}_id": item})
    assert found(firm.own, kind, firm.owner) == [("client", moment - 9 * DAY, False)]
    with writer(SYSTEM) as tx:
        key = {"account_id": firm.own, "contact_id": firm.contact, "contact_email_id": firm.address}
        tx.update("email_access", key, signatory=False)
    assert found(firm.own, kind, firm.owner) == [("us", moment - 9 * DAY, False)]


@pytest.mark.parametrize("kind", ["signature", "contract"])
def test_who_has_still_to_sign_has_it_since_the_last_signature(firm, kind):
    moment = now()
    item = add(kind, firm.own, sent_at=moment - 9 * DAY, status="partially_signed")
    with writer(SYSTEM) as tx:
        second = tx.insert("contact_email", contact_id=firm.contact, email="zwei@mueller.example", created_at=moment)
        tx.insert("email_access", account_id=firm.own, contact_id=firm.contact, contact_email_id=second, signatory=True)
        for address, signed_at in ((firm.address, moment - 2 * DAY), (second, None)):
            tx.insert(
                "signatory",
                account_id=firm.own,
                contact_id=firm.contact,
                contact_email_id=address,
                signed_at=signed_at,
                **{f"{kind}_id": item},
            )
    assert found(firm.own, kind, firm.owner) == [("client", moment - 2 * DAY, False)]


def test_a_refused_document_is_no_longer_ours_once_it_is_put_before_the_client_again(firm):
    moment = now()
    refused = add(
        "approval", firm.own, document_id=firm.document, asked_at=moment - 9 * DAY, decided_at=moment - 5 * DAY, status="disapproved"
    )
    assert found(firm.own, "approval", firm.owner, refused) == [("us", moment - 5 * DAY, False)]
    again = add("approval", firm.own, document_id=firm.document, asked_at=moment - DAY)
    assert not found(firm.own, "approval", firm.owner, refused)
    assert found(firm.own, "approval", firm.owner, again) == [("client", moment - DAY, False)]


@pytest.mark.parametrize(
    ("due_in", "values", "credit", "turn", "since"),
    [
        (-5, {}, 0, "client", "due"),
        (5, {}, 0, "client", "issued"),
        (-5, {"status": "scheduled"}, 0, "third", "issued"),
        (-5, {}, 100, "us", "issued"),
        (-5, {"paid_amount": Decimal(100), "status": "paid"}, 0, None, None),
        (-5, {"total": Decimal(-20)}, 0, None, None),
    ],
    ids=["overdue", "not due", "at the bank", "covered by credit", "paid", "credit note"],
)
def test_whose_turn_an_invoice_is(firm, due_in, values, credit, turn, since):
    days = {"due": today() + due_in * DAY, "issued": today() - 20 * DAY}
    if credit:
        add_credit(firm.empty, credit)
    row = {"total": Decimal(100), "issued_on": days["issued"], "due_on": days["due"], "created_at": now()} | values
    add("invoice", firm.empty, **row)
    assert found(firm.empty, "invoice", firm.owner) == ([] if turn is None else [(turn, days[since], False)])


def add_credit(account_id: int, amount: int) -> None:
    with writer(SYSTEM) as tx:
        tx.insert("credit", account_id=account_id, booked_on=today(), amount=Decimal(amount), created_at=now())


def test_what_waits_for_over_a_year_is_dormant_but_no_task_that_is_due_since(firm):
    old = datetime.combine(now().date(), time()) - 366 * DAY
    add("email", firm.empty, sent_at=old)
    add("task", firm.empty, created_at=old, due_on=today())
    add("task", firm.empty, created_at=old)
    assert found(firm.empty, "email", firm.owner) == [("us", old, True)]
    assert sorted(found(firm.empty, "task", firm.owner)) == [("us", old, False), ("us", old, True)]


def test_who_has_it(firm):
    """A task's assignees, who wrote last in a chat, else everyone assigned to the client, else nobody."""
    moment = now()
    task, other_task = (add("task", firm.own, created_at=moment) for _ in range(2))
    chat = add("chat", firm.own, created_at=moment, last_message_at=moment, last_is_from_client=True)
    mail = add("email", firm.empty, sent_at=moment)
    with writer(SYSTEM) as tx:
        tx.insert("task_assignee", account_id=firm.own, task_id=task, staff_member_id=firm.unassigned)
        for ago, who in ((3, firm.owner), (2, firm.everything)):
            tx.insert(
                "chat_message",
                account_id=firm.own,
                chat_id=chat,
                sent_at=moment - ago * DAY,
                is_from_client=False,
                staff_member_id=who,
                text="Ja.",
            )
    owner = Viewer.staff(firm.owner)

    def owners() -> dict[tuple[str, int], list[int] | None]:
        rows = [*ledger_of(owner, firm.own), *ledger_of(owner, firm.empty)]
        return {(row["kind"], row["item_id"]): row["owners"] for row in rows}

    assert owners()["task", task] == [firm.unassigned] and owners()["task", other_task] == [firm.assigned]
    assert owners()["chat", chat] == [firm.everything] and owners()["email", mail] is None
    with writer(SYSTEM) as tx:
        tx.update("staff_member", firm.everything, is_active=False)
    assert owners()["chat", chat] == [firm.owner], "who left the firm has nothing any more"


@pytest.mark.parametrize("who", ["owner", "everything", "assigned", "unassigned"])
def test_the_clients_ledgers_add_up_to_the_firms(firm, who):
    """For everybody: only what that person sees, and all of it."""
    moment = now()
    for account_id in (firm.own, firm.foreign, firm.empty):
        add("task", account_id, created_at=moment)
        add("email", account_id, sent_at=moment - 400 * DAY)
        add("invoice", account_id, total=Decimal(10), issued_on=today(), due_on=today(), created_at=moment)
    with writer(SYSTEM) as tx:
        tx.update("account", firm.empty, archived_at=moment)
    viewer = firm.viewer(who)
    of_firm = Counter({(row["kind"], row["turn"], row["is_dormant"]): row["items"] for row in ledger_counts(viewer)})
    rows = [row for account_id in (firm.own, firm.foreign, firm.empty) for row in ledger_of(viewer, account_id)]
    assert Counter((row["kind"], row["turn"], row["is_dormant"]) for row in rows) == of_firm
    seen = {"owner": {firm.own, firm.foreign}, "everything": {firm.own, firm.foreign}, "assigned": {firm.own}, "unassigned": set()}[who]
    assert {row["account_id"] for row in rows} == seen, "archived clients and those of others are out"
    assert any(row["kind"] == "invoice" for row in rows) == (who in ("owner", "everything")), "no invoices without the right"


def numbers(firm, who: str, account: str) -> Counter:
    """What the line above a client's cards counts: by kind, turn, dormant or not, set aside or not."""
    found = read_overview(firm.account(account, who))
    rows = [row for widget in TURN if widget.key in found for row in found[widget.key].rows]
    return Counter({(row["kind"], row["turn"], row["is_dormant"], row["is_aside"]): row["items"] for row in rows})


@pytest.mark.parametrize("who", ["owner", "assigned"])
def test_the_line_of_a_client_counts_what_its_lists_show_kept_or_read(firm, who):
    moment = now()
    add("task", firm.own, created_at=moment)
    add("email", firm.own, sent_at=moment - 400 * DAY)
    add("invoice", firm.own, total=Decimal(10), issued_on=today(), due_on=today(), created_at=moment)
    account = firm.account("own", who)
    set_aside(account, "task", add("task", firm.own, created_at=moment), today() + 3 * DAY)
    rows = [*ledger_of(account.viewer, firm.own), *set_aside_of(account)]
    of_lists = Counter((row["kind"], row["turn"], row["is_dormant"], bool(row.get("aside_id"))) for row in rows)
    assert numbers(firm, who, "own") == of_lists, "read from the tables"
    card_cache.fill()
    assert numbers(firm, who, "own") == of_lists, "kept"
    assert any(kind == "invoice" for kind, *_ in of_lists) == (who == "owner")
    add("task", firm.own, created_at=moment)
    assert numbers(firm, who, "own") == of_lists + Counter([("task", "us", False, False)]), "a change takes the kept one away"


def test_the_kept_line_ends_with_the_day_that_changes_it(firm):
    """Kept until the first thing turns dormant, is nobody's turn any more, gets overdue or comes back."""
    day = datetime.combine(today(), time())
    account = firm.account("empty", "owner")

    def kept_until(widget: str = "turn"):
        card_cache.fill()
        with account_reader(account.viewer, firm.empty) as r:
            return r.value("SELECT good_until FROM overview_card WHERE account_id = $id AND widget = $widget", id=firm.empty, widget=widget)

    assert kept_until() is None
    add("email", firm.empty, sent_at=day - 100 * DAY)
    assert kept_until() == today() + 265 * DAY
    add("organizer", firm.empty, sent_at=day - 90 * DAY, updated_at=day - 10 * DAY, status="submitted")
    assert kept_until() == today() + 50 * DAY
    set_aside(account, "email", add("email", firm.empty, sent_at=day), today() + 9 * DAY)
    assert kept_until() == today() + 8 * DAY
    add("invoice", firm.empty, total=Decimal(10), issued_on=today(), due_on=today() + 7 * DAY, created_at=day)
    assert kept_until("turn_invoices") == today() + 7 * DAY


def test_what_is_set_aside_is_out_until_its_day_until_it_changes_or_is_taken_back(firm):
    account, moment = firm.account("own", "assigned"), now()
    chat = add("chat", firm.own, created_at=moment - 9 * DAY, last_message_at=moment - 3 * DAY, last_is_from_client=True)

    def waits() -> bool:
        return any(row["item_id"] == chat for row in ledger_of(firm.viewer("owner"), firm.own))

    first = set_aside(account, "chat", chat)
    assert not waits() and [row["aside_by"] for row in set_aside_of(account)] == ["Anna Zugeordnet"]
    take_back(account, first)
    assert waits() and set_aside_of(account) == []
    with pytest.raises(NotFound):
        take_back(account, first)

    set_aside(account, "chat", chat, today() + 5 * DAY)
    kept = set_aside(account, "chat", chat)
    assert [row["aside_until"] for row in set_aside_of(account)] == [None], "the last word counts"
    with writer(SYSTEM) as tx:
        tx.update("chat", {"account_id": firm.own, "chat_id": chat}, read_at=moment)
    assert not waits(), "to read it changes nothing of whose turn it is"
    with writer(SYSTEM) as tx:
        tx.update("chat", {"account_id": firm.own, "chat_id": chat}, last_message_at=moment)
    assert waits(), "the client wrote again"

    set_aside(account, "chat", chat, today() + 5 * DAY)
    with writer(SYSTEM) as tx:
        tx.execute(f"UPDATE turn_set_aside SET until_on = DATE '{today()}'")
    assert waits(), "its day has come"
    assert kept != first
    with pytest.raises(ValidationFailed):
        set_aside(account, "chat", chat, today())


def test_an_invoice_is_set_aside_by_who_may_see_it_and_comes_back_with_another_amount(firm):
    invoice = add("invoice", firm.own, total=Decimal(100), issued_on=today(), due_on=today() + DAY, created_at=now())
    with pytest.raises(NotFound):
        set_aside(firm.account("own", "assigned"), "invoice", invoice)
    owner = firm.account("own", "owner")
    set_aside(owner, "invoice", invoice)
    assert not found(firm.own, "invoice", firm.owner, invoice)
    assert set_aside_of(firm.account("own", "assigned")) == []
    with writer(SYSTEM) as tx:
        tx.update("invoice", {"account_id": firm.own, "invoice_id": invoice}, paid_amount=Decimal(40), status="partially_paid")
    assert found(firm.own, "invoice", firm.owner, invoice)
