"""The ledger of whose turn it is: each kind's rule, and that nobody's ledger counts what that person may not see."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest

from core.activity.ledger import ledger_counts, ledger_of
from core.base.rights import Viewer
from core.i18n.formats import today
from core.store import now, writer

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
