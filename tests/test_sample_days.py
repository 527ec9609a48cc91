"""What other tests and the README stand on in the sample firm, on days and at hours that are hard to bear."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

import core.sample
from core.access.open_account import open_account
from core.base.config import read_settings
from core.base.rights import Viewer
from core.operations.installation import open_installation
from core.overview import card_cache, listing
from core.overview.catalogue import CATALOGUE
from core.overview.listing import ListQuery, read_list
from core.overview.read import read_overview
from core.sample import history, last_moment, names, office, papers, pictures
from core.sample.rhythm import BERLIN
from core.store import close_store, reader, writer
from core.store.tables import TABLES
from tests.days import DAYS, moment
from tests.size import WIDE
from tests.test_sample import FORWARD, STATUSES

SYSTEM = Viewer.system("tests")
MOMENTS = [
    *DAYS,
    # Every weekday in its middle.
    *(f"2027-06-{day:02}T12:00" for day in range(7, 14)),
    # The first minutes after a month's end, and the last of months of every length.
    "2027-02-01T00:05", "2027-03-01T00:05", "2027-05-01T00:05", "2027-12-01T00:05", "2027-04-30T23:55", "2027-11-30T23:55",
    # Two months' ends lie between 40 and 70 days back; one 40 and one 71.
    "2027-04-10T08:40", "2027-05-10T08:40",
    # Holidays, the day the clock goes forward from its first minutes on, and a leap day in its middle.
    "2027-03-29T09:00", "2027-12-25T00:05", "2028-03-26T00:05", "2028-03-26T03:05", "2028-02-29T12:00", "2026-12-31T00:05",
]  # fmt: skip
# A turn of the year, a short month's end, both changes of the clock, a leap day, a weekday, a month's first minutes: the ordinary run.
ORDINARY = [
    "2026-12-31T23:55", "2027-02-28T12:00", "2027-03-28T01:55", "2027-10-31T02:55", "2028-02-29T00:05", "2027-06-09T12:00", "2027-05-01T00:05",
]  # fmt: skip
TRIED = MOMENTS if WIDE else ORDINARY
# A small share of what the huge client has: a month and a day still bring something of each kind.
FEW = {"uploads": 400, "tasks": 300, "hours": 900, "notes": 9, "threads": 900, "mails": 20, "notices": 10, "chats": 40, "logins": 40}


@pytest.fixture(scope="module", params=TRIED)
def firm(request, tmp_path_factory):
    """The sample firm as it is built at a moment, with the huge client small, and files and pictures left away."""
    close_store()
    settings = read_settings({"KUNDENBLICK_DATA": str(tmp_path_factory.mktemp("sample") / "data")})
    open_installation(settings)
    at = moment(request.param)
    with pytest.MonkeyPatch.context() as patch:
        for name, count in FEW.items():
            patch.setitem(office.HUGE, name, count)
        patch.setattr(history, "DAYS", 5)
        patch.setattr(core.sample, "HASHER", SimpleNamespace(hash=lambda password: "x"))
        for draws in ("portrait", "logo"):
            patch.setattr(pictures, draws, lambda *_: b"")
        for module in (core.sample, papers):
            patch.setattr(module, "store", lambda folder, name, data: {"file": name, "media_type": "x", "size_bytes": 0, "sha256": name})
        patch.setattr(papers, "content", lambda *_: b"")
        core.sample.build_sample(settings, utc(at))
    with writer(SYSTEM) as tx:
        tables = {name: tx.rows(f"SELECT * FROM {name}") for name in TABLES}
    ids = {row["name"]: row["account_id"] for row in tables["account"]}
    yield SimpleNamespace(now=utc(at), day=at.date(), ids=ids, tables=tables)
    close_store()


@pytest.fixture
def on_the_day(firm, monkeypatch):
    """Read the widgets as they are read on the firm's day."""
    for module in (card_cache, listing):
        monkeypatch.setattr(module, "today", lambda: firm.day)
    return firm


def utc(at: datetime) -> datetime:
    """A moment as it is stored."""
    return at.astimezone(UTC).replace(tzinfo=None)


def local(stored: datetime) -> date:
    """The day of a stored moment where the firm is."""
    return stored.replace(tzinfo=UTC).astimezone(BERLIN).date()


def of(firm, name: str, table: str) -> list[dict]:
    return [row for row in firm.tables[table] if row["account_id"] == firm.ids[name]]


@pytest.mark.parametrize("text", TRIED)
def test_its_last_moment_is_of_the_same_day_and_never_to_come(text):
    at = moment(text)
    last = last_moment(utc(at))
    assert last <= utc(at) and local(last) == at.date()
    assert last == utc(at) or last.replace(tzinfo=UTC).astimezone(BERLIN).strftime("%H:%M") == "08:40"


def test_nothing_is_still_to_come(firm):
    for name, rows in firm.tables.items():
        # That the firm was built is recorded when it was.
        for row in [row for row in rows if name != "audit_entry" or row["entity"] != "firm"]:
            for column, value in row.items():
                if isinstance(value, datetime):
                    assert value <= firm.now, (name, column, value)
                elif isinstance(value, date) and column not in FORWARD:
                    assert value <= firm.day, (name, column, value)


def test_nothing_came_before_its_client_or_before_what_it_answers(firm):
    since = {row["account_id"]: row["created_at"] for row in firm.tables["account"]}
    for name, column in [
        ("document", "uploaded_at"), ("email", "sent_at"), ("login", "tried_at"), ("chat", "created_at"), ("task", "created_at"),
        ("job", "created_at"), ("note", "saved_at"), ("invoice", "created_at"), ("credit", "created_at"), ("approval", "asked_at"),
        ("signature", "sent_at"), ("contract", "sent_at"), ("organizer", "sent_at"), ("time_entry", "created_at"),
    ]:  # fmt: skip
        assert not [row for row in firm.tables[name] if row[column] < since[row["account_id"]]], name
    for name, earlier, later in [
        ("document", "uploaded_at", "seen_at"), ("task", "created_at", "completed_at"), ("approval", "asked_at", "decided_at"),
        ("organizer", "sent_at", "updated_at"), ("job", "created_at", "stage_since_at"), ("chat", "created_at", "last_message_at"),
    ]:  # fmt: skip
        assert not [row for row in firm.tables[name] if row[later] and row[later] < row[earlier]], (name, later)
    assert not [row for row in firm.tables["task"] if row["due_on"] < local(row["created_at"])]


@pytest.mark.parametrize("table", STATUSES)
def test_every_status_occurs(firm, table):
    assert set(STATUSES[table].split()) == {row["status"] for row in firm.tables[table]}


def test_accounts_are_in_every_state_and_as_their_access_says(firm):
    logins = defaultdict(list)
    for row in firm.tables["email_access"]:
        if row["login"]:
            logins[row["account_id"]].append(row["first_login_at"])
    for account in firm.tables["account"]:
        found = logins[account["account_id"]]
        state = "active" if any(found) else "pending" if found else "offline"
        assert account["state"] == ("archived" if account["archived_at"] else state), account["name"]
    assert {"active", "pending", "offline", "archived"} == {row["state"] for row in firm.tables["account"]}
    assert (len(firm.tables["account"]), len(firm.tables["contact"])) == (120, 180)


def test_invoices_are_open_overdue_and_paid(firm):
    overdue = Counter(row["status"] for row in firm.tables["invoice"] if row["due_on"] < firm.day)
    assert overdue["paid"] > 100 and overdue["unpaid"] and overdue["partially_paid"]
    issued, paid = {row["invoice_id"]: row["issued_on"] for row in firm.tables["invoice"]}, defaultdict(int)
    for row in firm.tables["payment"]:
        assert issued[row["invoice_id"]] <= row["paid_on"] < firm.day
        paid[row["invoice_id"]] += row["amount"]
    assert not [row for row in firm.tables["invoice"] if paid[row["invoice_id"]] != row["paid_amount"]]


def test_the_huge_client_owes_one_invoice_whole_and_an_older_one_in_part(firm):
    found = sorted(of(firm, names.BUSY, "invoice"), key=lambda row: row["issued_on"])
    assert [row["status"] for row in found[-3:]] == ["paid", "partially_paid", "unpaid"]
    assert {row["status"] for row in found[:-2]} == {"paid"}
    assert found[-2]["due_on"] < firm.day


def test_every_widget_of_the_huge_client_has_rows(on_the_day):
    firm = on_the_day
    with reader(SYSTEM) as r:
        owner = Viewer.staff(r.value("SELECT staff_member_id FROM staff_member WHERE role = 'owner'"))
    found = read_overview(open_account(owner, firm.ids[names.BUSY]))
    # What can be opened by a key is opened by its second row in the browser; a client has one contract, the agreement of the firm's fee.
    short = {
        widget.key: found[widget.key].total
        for widget in CATALOGUE
        if found[widget.key].total < (2 if widget.opens and widget.key != "contracts" else 1)
    }
    assert short == {}
    documents = found["documents"]
    assert documents.rows[0]["is_new"] and documents.tile["unseen"] > 0
    assert read_list(open_account(owner, firm.ids[names.BUSY]), "documents", ListQuery(), limit=None).total == documents.total
    assert found["jobs"].total >= 2


def test_another_client_has_rows_in_every_widget_but_tasks(on_the_day):
    with reader(SYSTEM) as r:
        owner = Viewer.staff(r.value("SELECT staff_member_id FROM staff_member WHERE role = 'owner'"))
        busiest = r.rows("SELECT account_id FROM job WHERE status = 'active' GROUP BY 1 ORDER BY count(*) DESC, account_id OFFSET 3")
    opened = (open_account(owner, row["account_id"]) for row in busiest)
    assert any(all(result.total for key, result in read_overview(account).items() if key != "tasks") for account in opened)


def test_the_stories_are_told(firm):
    new = next(row for row in firm.tables["account"] if row["name"] == names.NEW)
    assert (firm.day - local(new["created_at"])).days <= 4 and not of(firm, names.NEW, "login")
    assert {"sent"} == {row["direction"] for row in of(firm, names.SILENT, "email")}
    assert [row for row in of(firm, names.SILENT, "task") if row["status"] == "in_progress" and row["due_on"] < firm.day]
    assert [row for row in of(firm, names.DISPUTED, "invoice") if row["status"] == "unpaid" and row["due_on"] < firm.day]
    assert [row for row in of(firm, names.HALF_SIGNED, "contract") if row["status"] == "partially_signed"]
    assert not [table for table in ("document", "task", "email", "job", "chat", "invoice", "note") if of(firm, names.EMPTY, table)]


def test_people_have_something_to_do(firm):
    assert [row for row in firm.tables["chat"] if row["last_is_from_client"] and not row["is_closed"]]
    assert [row for row in firm.tables["email"] if row["direction"] == "received" and not row["is_read"]]
    tasks = [row for row in firm.tables["task"] if row["status"] in ("planned", "in_progress")]
    assert [row for row in tasks if row["due_on"] < firm.day] and [row for row in tasks if row["due_on"] >= firm.day]
    assert max(row["sent_at"] for row in firm.tables["email"]) > firm.now - timedelta(days=4)
