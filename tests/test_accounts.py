"""Kunden: the list, and a new account."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from core.base.errors import NotAllowed, ValidationFailed
from core.base.rights import Viewer
from core.clients.accounts import AccountQuery, create_account, list_accounts, propose_number
from core.clients.contact_search import find_contacts
from core.clients.list_columns import COLUMNS
from core.clients.list_conditions import Condition
from core.overview.figures import figures_select
from core.overview.read import read_overview
from core.store import now, reader, writer

SYSTEM = Viewer.system("tests")


def test_who_sees_what(firm):
    assert [list_accounts(firm.viewer(who), AccountQuery()).total for who in ("owner", "assigned", "unassigned")] == [3, 1, 0]
    with pytest.raises(NotAllowed):
        list_accounts(firm.viewer("portal"), AccountQuery())


def test_money_columns_need_the_right(firm):
    assert "net_due" in list_accounts(firm.viewer("owner"), AccountQuery()).columns
    page = list_accounts(firm.viewer("assigned"), AccountQuery(sort="net_due"))
    assert "net_due" not in page.columns and "net_due" not in page.rows[0]


@pytest.mark.parametrize("sort", COLUMNS)
def test_every_sort_both_ways(firm, sort):
    rising = [row["account_id"] for row in list_accounts(firm.viewer("owner"), AccountQuery(sort=sort)).rows]
    falling = [row["account_id"] for row in list_accounts(firm.viewer("owner"), AccountQuery(sort=sort, descending=True)).rows]
    assert sorted(rising) == sorted(falling) == sorted([firm.own, firm.foreign, firm.empty])


def test_tags_and_team_sort_as_they_are_written(firm):
    with writer(SYSTEM) as tx:
        tag = {name: tx.insert("tag", name=name) for name in ("Zebra", "ähre", "Apfel")}
        for account, names in ((firm.own, ("Zebra", "Apfel")), (firm.foreign, ("ähre",)), (firm.empty, ("Apfel", "ähre"))):
            for name in names:
                tx.insert("account_tag", account_id=account, tag_id=tag[name])
        for account, members in ((firm.foreign, (firm.everything,)), (firm.own, (firm.everything,))):
            for member in members:
                tx.insert("assignment", account_id=account, staff_member_id=member, created_at=now())

    def listed(sort: str, descending: bool = False) -> list[tuple[int, str]]:
        rows = list_accounts(firm.viewer("owner"), AccountQuery(sort=sort, descending=descending)).rows
        return [(row["account_id"], row[sort]) for row in rows]

    rising = [(firm.foreign, ["ähre"]), (firm.empty, ["ähre", "Apfel"]), (firm.own, ["Apfel", "Zebra"])]
    assert listed("tags") == rising and listed("tags", True) == rising[::-1]
    team = [(firm.own, "Anna Zugeordnet, Emil Alles"), (firm.foreign, "Emil Alles"), (firm.empty, None)]
    assert listed("team") == team and listed("team", True) == [team[1], team[0], team[2]]


def test_filters(firm):
    def found(**wish) -> list[int]:
        return [row["account_id"] for row in list_accounts(firm.viewer("owner"), AccountQuery(**wish)).rows]

    assert found(text="maria@mueller") == [firm.own]
    assert found(text="strassen") == [firm.foreign]
    assert found(conditions=[Condition("kind", "is", ("company",))]) == [firm.own]
    assert found(conditions=[Condition("team", "is", (str(firm.assigned),))]) == [firm.own]
    assert found(conditions=[Condition("tags", "is", ("1",))]) == []
    with writer(SYSTEM) as tx:
        tx.update("account", firm.empty, archived_at=now(), state="archived")
    assert firm.empty not in found()
    assert found(conditions=[Condition("state", "is", ("archived",))]) == [firm.empty]


def test_a_new_account_with_its_contact(firm):
    viewer = firm.viewer("owner")
    account = create_account(
        viewer,
        name="  Neu  & Co ",
        kind="company",
        number=propose_number(viewer),
        contact_name="Nora Neu",
        contact_email="Nora@Neu.example",
    )
    with reader(viewer) as r:
        row = r.row("SELECT name, number FROM account WHERE account_id = $id", id=account)
        assert row == {"name": "Neu & Co", "number": "10004"}
        email = "SELECT email FROM contact_email JOIN account_contact USING (contact_id) WHERE account_id = $id"
        assert r.value(email, id=account) == "nora@neu.example"


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"name": " "}, "name", "name_length"),
        ({"name": "x" * 201}, "name", "name_length"),
        ({"name": "\u202e\u0000"}, "name", "characters"),
        ({"kind": "planet"}, "kind", "choice_unknown"),
        ({"number": "10001"}, "number", "number_in_use"),
        ({"number": ""}, "number", "number_length"),
        ({"contact_name": ""}, "contact_name", "contact_needed"),
        ({"contact_email": "keine"}, "contact_email", "email_form"),
        ({"contact_email": "MARIA@mueller.example"}, "contact_email", "email_in_use"),
        ({"contact_email": "owner@kanzlei.example"}, "contact_email", "email_of_staff"),
    ],
)
def test_problems_stand_at_their_field_and_nothing_is_written(firm, wrong, field, code):
    values = {"name": "Neu", "kind": "person", "number": "77", "contact_name": "Neu", "contact_email": ""} | wrong
    with pytest.raises(ValidationFailed) as raised:
        create_account(firm.viewer("owner"), **values)
    assert {key: problem[0] for key, problem in raised.value.problems.items()} == {field: code}
    assert list_accounts(firm.viewer("owner"), AccountQuery()).total == 3


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "**fett** [x](y)", "=1+1", "../../etc/passwd", ":red[x] $a$", "Ä" * 200])
def test_names_are_kept_literally(firm, name):
    create_account(firm.viewer("owner"), name=name, kind="person", number="77", contact_name="x")
    assert name in [row["name"] for row in list_accounts(firm.viewer("owner"), AccountQuery()).rows]


def test_the_numbers_stay_those_of_the_widgets(firm):
    dice = random.Random(7)
    for turn in range(90):
        account = dice.choice((firm.own, firm.foreign))
        with writer(SYSTEM) as tx:
            match dice.randrange(9):
                case 0:
                    tx.insert("document", account_id=account, name="x", uploaded_at=now(), is_from_client=True)
                case 1:
                    tx.insert("credit", account_id=account, booked_on=now().date(), amount=dice.randint(-20, 60), created_at=now())
                case 2:
                    tx.insert(
                        "invoice",
                        account_id=account,
                        number=f"Z{turn}",
                        issued_on=now().date(),
                        due_on=now().date(),
                        total=dice.randint(1, 90),
                        status=dice.choice(("unpaid", "scheduled")),
                        created_at=now(),
                    )
                case 3:
                    tx.insert("login", account_id=account, email="a@b.example", tried_at=now(), outcome=dice.choice(("success", "failed")))
                case 4:
                    for row in tx.rows("SELECT document_id FROM document WHERE account_id = $a LIMIT 1", a=account):
                        tx.update("document", row["document_id"], seen_at=now())
                case 5:
                    due = dice.choice((None, now().date() - timedelta(2), now().date() + timedelta(2)))
                    status = dice.choice(("planned", "in_progress", "waiting", "completed"))
                    tx.insert("task", account_id=account, title="x", due_on=due, priority="normal", status=status, created_at=now())
                case 6:
                    entry = {
                        "worked_on": now().date(),
                        "minutes": dice.randint(5, 90),
                        "amount": dice.choice((None, 20)),
                        "created_at": now(),
                    }
                    tx.insert("time_entry", account_id=account, staff_member_id=firm.owner, is_billed=dice.random() < 0.4, **entry)
                case 7:
                    table = dice.choice(("signature", "contract"))
                    named = {"document_name": "x"} if table == "signature" else {"name": "x"}
                    status = dice.choice(("pending", "partially_signed", "signed"))
                    paper = tx.insert(table, account_id=account, sent_at=now(), status=status, needs="all", **named)
                    if dice.random() < 0.7:
                        asked = {"contact_id": firm.contact, "contact_email_id": firm.address}
                        tx.insert("signatory", account_id=account, **{f"{table}_id": paper}, **asked)
                case 8:
                    key = {"account_id": account, "contact_id": firm.contact, "contact_email_id": firm.address}
                    if tx.get("email_access", key) is None:
                        tx.insert("email_access", **key)
                    tx.update("email_access", key, signatory=dice.random() < 0.5)
    with reader(SYSTEM) as r:
        kept = r.rows("SELECT * FROM account_figure ORDER BY account_id")
        anew = r.rows(f"SELECT * FROM ({figures_select('SELECT account_id FROM account')}) ORDER BY account_id")
    assert kept == anew
    for row in list_accounts(firm.viewer("owner"), AccountQuery()).rows:
        from core.access.open_account import open_account

        results = read_overview(open_account(firm.viewer("owner"), row["account_id"]))
        unread = results["documents"].tile["unseen"] + results["emails"].tile["unread"]
        assert (row["open_amount"], row["net_due"], row["unread_count"], row["last_login_at"]) == (
            results["unpaid_invoices"].tile["open_amount"], results["unpaid_invoices"].tile["net_due"], unread,
            results["login_activity"].tile["last_success"],
        )  # fmt: skip
        shown = {key: result.tile for key, result in results.items()}
        assert (
            row["new_count"], row["open_task_count"], row["overdue_task_count"], row["to_sign_count"], row["unbilled_minutes"],
            row["unbilled_amount"],
        ) == (
            shown["documents"]["unseen"], shown["tasks"]["open"], shown["tasks"]["overdue"],
            shown["signatures"]["to_sign"] + shown["contracts"]["to_sign"], shown["time_entries"]["unbilled"] or 0,
            shown["time_entries"]["unbilled_amount"] or 0,
        )  # fmt: skip
        late = [one for one in results["unpaid_invoices"].rows if one["is_overdue"]]
        if len(results["unpaid_invoices"].rows) < 5:
            assert row["overdue_amount"] == sum(one["open_amount"] for one in late)


def test_contacts_to_link_are_those_one_sees(firm):
    assert [row["contact_id"] for row in find_contacts(firm.viewer("owner"), "muller maria")] == [firm.contact]
    assert [row["email"] for row in find_contacts(firm.viewer("assigned"), "@MUELLER")] == ["maria@mueller.example"]
    assert find_contacts(firm.viewer("unassigned"), "maria") == []
    assert find_contacts(firm.viewer("owner"), " ") == [] == find_contacts(firm.viewer("owner"), "%")
    with pytest.raises(NotAllowed):
        find_contacts(firm.viewer("portal"), "maria")


def test_the_creator_without_all_accounts_is_assigned(firm):
    with writer(SYSTEM) as tx:
        tx.insert("staff_right", staff_member_id=firm.assigned, right_key="manage_accounts")
    create_account(firm.viewer("assigned"), name="Neu", kind="person", number="77", contact_id=firm.contact)
    assert list_accounts(firm.viewer("assigned"), AccountQuery()).total == 2
    with pytest.raises(NotAllowed):
        propose_number(firm.viewer("unassigned"))


def test_names_are_sorted_as_a_german_index(firm):
    for number, name in enumerate(("Zander", "ähre", "Öhm", "Ofen", "apfel", "Ölberg", "Straße", "Strasse b")):
        create_account(firm.viewer("owner"), name=name, kind="person", number=f"7{number}", contact_name="x")
    names = [row["name"] for row in list_accounts(firm.viewer("owner"), AccountQuery()).rows]
    assert [n for n in names if n in ("Zander", "ähre", "Öhm", "Ofen", "apfel", "Ölberg", "Straße", "Strasse b")] == [
        "ähre", "apfel", "Ofen", "Öhm", "Ölberg", "Straße", "Strasse b", "Zander",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["%", "_", "'", "x" * 10_000, "😀", "\u202e", "a b c d e f g h i j"])
def test_hostile_filters_give_a_list(firm, text):
    assert list_accounts(firm.viewer("owner"), AccountQuery(text=text)).total in (0, 3)
