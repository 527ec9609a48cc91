"""Numbers are right before they are shown: credit notes, overpayments, last activity, amounts too large together, birthdays."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.base.errors import StoreRefused, ValidationFailed
from core.base.rights import Viewer
from core.clients.accounts import AccountQuery, list_accounts
from core.clients.contacts import contacts_of, edit_contact
from core.i18n import speaking
from core.i18n.formats import today
from core.imports.run import import_data
from core.operations.doctor import examine
from core.overview.figures import fill_missing
from core.overview.listing import ListQuery, read_list
from core.overview.read import read_widget
from core.store import now, reader, writer
from tests.conftest import build_firm

SYSTEM = Viewer.system("tests")


@pytest.fixture
def firm(holding):
    return holding(build_firm)


def bill(firm, *invoices: tuple[int, int, str], credits: tuple[int, ...] = ()) -> None:
    """Invoices of *Leer AG*: (total, paid, status), due one day after the other from yesterday on; and credits."""
    with writer(SYSTEM) as tx:
        for place, (total, paid, status) in enumerate(invoices):
            tx.insert(
                "invoice", account_id=firm.empty, number=f"B{place}", issued_on=today(), due_on=today() + timedelta(days=place - 1),
                total=Decimal(total), paid_amount=Decimal(paid), status=status, created_at=now(),
            )  # fmt: skip
        for amount in credits:
            tx.insert("credit", account_id=firm.empty, booked_on=today(), amount=Decimal(amount), created_at=now())


def numbers(firm) -> dict[str, Decimal]:
    """What the tile says, which the client list must say too."""
    tile = read_widget(firm.account("empty"), "unpaid_invoices").tile
    row = next(row for row in list_accounts(firm.viewer("owner"), AccountQuery()).rows if row["account_id"] == firm.empty)
    assert (row["open_amount"], row["net_due"]) == (tile["open_amount"], tile["net_due"])
    return {key: tile[key] for key in ("open_amount", "net_due", "credit_left")}


@pytest.mark.parametrize(
    ("invoices", "credits", "expected"),
    [
        (((119, 0, "unpaid"), (-119, 0, "unpaid"), (59, 0, "unpaid")), (), (59, 59, 0)),
        (((30, 60, "paid"), (50, 0, "unpaid")), (), (50, 20, 0)),
        (((30, 60, "paid"),), (), (0, 0, 30)),
        (((-119, 0, "unpaid"),), (), (0, 0, 119)),
        (((-119, -119, "paid"), (50, 0, "unpaid")), (), (50, 50, 0)),
        (((100, 0, "unpaid"), (-30, 0, "unpaid")), (20,), (70, 50, 0)),
        (((100, 0, "scheduled"), (-50, 0, "unpaid")), (30,), (100, 100, 80)),
        (((60, 0, "unpaid"), (40, 0, "scheduled"), (-50, 0, "unpaid")), (30,), (50, 40, 20)),
        (((-20, 0, "unpaid"), (50, 0, "unpaid"), (10, 25, "paid")), (5,), (30, 10, 0)),
        (((50, 0, "unpaid"),), (-10,), (50, 50, 0)),
        (((100, 0, "scheduled"), (60, 0, "unpaid"), (-80, 0, "unpaid")), (), (100, 100, 20)),
        (((-100, 100, "paid"), (200, 0, "unpaid")), (), (100, 100, 0)),
        (((-100, -120, "paid"),), (), (20, 20, 0)),
    ],
)
def test_credit_notes_lower_what_is_owed_and_overpayments_are_credit(firm, invoices, credits, expected):
    bill(firm, *invoices, credits=credits)
    assert tuple(numbers(firm).values()) == expected
    rows = read_list(firm.account("empty"), "unpaid_invoices", ListQuery()).rows
    assert sum(max(row["open_amount"], 0) - row["payable"] for row in rows) == expected[1], "the rows say the same"
    assert not any(row["is_overdue"] for row in rows if row["total"] < 0), "a credit note is never overdue"


def test_a_credit_note_is_listed_below_zero_until_it_is_refunded(firm):
    bill(firm, (119, 0, "unpaid"), (-119, 0, "unpaid"), (-10, -10, "paid"))
    rows = read_list(firm.account("empty"), "unpaid_invoices", ListQuery()).rows
    assert [(row["number"], row["open_amount"], row["status"], row["is_overdue"]) for row in rows] == [
        ("B0", 119, "unpaid", True), ("B1", -119, "credit_note", False)
    ]  # fmt: skip
    assert rows[0]["payable"] == 119 and rows[1]["payable"] == 0


MAPPING = """
name = "case"
[files.c]
path = "c.csv"
[files.i]
path = "i.csv"
date = "%d.%m.%Y"
[files.p]
path = "p.csv"
date = "%d.%m.%Y"
[[tables]]
table = "account"
file = "c"
key = ["Nr"]
fields = { number = "Nr", name = "Firma" }
[[tables]]
table = "contact"
file = "c"
key = ["Nr"]
fields = { name = "Firma", born_on = "Geburt" }
[[tables]]
table = "account_contact"
file = "c"
fields = { account_id = "Nr", contact_id = "Nr" }
[[tables]]
table = "invoice"
file = "i"
key = ["No"]
fields = { account_id = "Nr", number = "No", issued_on = "Dat", due_on = "Due", total = "Tot" }
[[tables]]
table = "payment"
file = "p"
key = ["No"]
fields = { invoice_id = "No", paid_on = "Dat", amount = "Amt" }
"""


@pytest.fixture
def bring(store, settings, tmp_path):
    (tmp_path / "m.toml").write_text(MAPPING, "utf-8")

    def run(invoices: str, payments: str = "", born: str = "", *, good: bool = True, **how: object) -> list[str]:
        (tmp_path / "c.csv").write_text(f"Nr,Firma,Geburt\n1,Muster GmbH,{born}\n", "utf-8")
        (tmp_path / "i.csv").write_text(f"Nr,No,Dat,Due,Tot\n{invoices}", "utf-8")
        (tmp_path / "p.csv").write_text(f"No,Dat,Amt\n{payments}", "utf-8")
        said: list[str] = []
        with speaking("en"):
            assert import_data(settings, tmp_path / "m.toml", said.append, **how) is good, said
        return said

    return run


def listed() -> dict:
    return list_accounts(SYSTEM, AccountQuery()).rows[0]


def test_brought_in_they_come_to_the_same(bring, settings):
    bring("1,B1,01.11.2026,15.11.2026,119\n1,B1-S,05.11.2026,05.11.2026,-119\n1,B2,06.11.2026,20.11.2026,59.50\n")
    assert (listed()["open_amount"], listed()["net_due"]) == (Decimal("59.50"), Decimal("59.50"))
    with reader(SYSTEM) as r:
        assert r.value("SELECT status FROM invoice WHERE number = 'B1-S'") == "unpaid"
    bring("1,B1,01.11.2026,15.11.2026,119\n1,B1-S,05.11.2026,05.11.2026,-119\n1,B2,06.11.2026,20.11.2026,59.50\n", "B2,06.11.2026,70\n")
    assert (listed()["open_amount"], listed()["net_due"]) == (0, 0)
    assert [code for code, _ in examine(settings) if code in ("figures", "invoice_status", "paid")] == []


def test_last_activity_is_when_it_happened_not_when_it_was_brought(bring):
    bring("1,R1,01.02.2021,15.02.2021,5\n")
    assert listed()["last_activity_at"].date() == date(2021, 2, 1)


@pytest.mark.parametrize(
    ("invoices", "payments", "line"),
    [
        ("1,R1,01.11.2026,15.11.2026,999999999999.99\n1,R2,01.11.2026,15.11.2026,1\n", "", "i.csv, line 3, total"),
        ("1,R1,01.11.2026,15.11.2026,5\n", "R1,01.11.2026,999999999999.99\nR1,02.11.2026,1\n", "p.csv, line"),
    ],
)  # fmt: skip
def test_amounts_too_large_together_are_refused_at_their_line(bring, invoices, payments, line):
    said = bring(invoices, payments, good=False)
    assert any(sentence.startswith(line) for sentence in said), said
    assert not any("cannot be reached" in sentence for sentence in said)


def test_a_birthday_ahead_is_refused_in_a_file(bring):
    said = bring("", born=f"{today().year + 29}-01-01", good=False)
    assert any("born_on" in sentence and "lies in the future" in sentence for sentence in said), said


def test_a_birthday_ahead_is_refused_in_the_form(firm):
    account = firm.account("own")
    contact = contacts_of(account)[0]
    with pytest.raises(ValidationFailed) as failed:
        edit_contact(account, contact.contact_id, contact.version, {"born_on": date(today().year + 29, 1, 1)})
    assert failed.value.problems["born_on"][0] == "date_ahead"


def test_a_value_the_database_refuses_is_said_and_not_called_unreachable(firm):
    with pytest.raises(StoreRefused), writer(SYSTEM) as tx:
        tx.execute("UPDATE invoice SET total = 99999999999999999")
    with reader(SYSTEM) as r:
        assert r.value("SELECT max(total) FROM invoice") == 100


def test_figures_of_before_are_computed_when_the_installation_is_opened(firm):
    bill(firm, (119, 0, "unpaid"))
    with writer(SYSTEM) as tx:
        tx.execute("DELETE FROM account_figure")
    fill_missing()
    assert numbers(firm)["net_due"] == 119
