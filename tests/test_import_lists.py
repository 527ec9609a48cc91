"""A list is a state: what it no longer names is settled, what it names again is open again, and half a list is stopped."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.audit.examination import verify
from core.base.rights import Viewer
from core.i18n import speaking
from core.imports.list_message import messages_of
from core.imports.run import import_data
from core.imports.taking_back import newest_run, take_import_back
from core.operations.doctor import examine
from core.overview.figures import figures_select
from core.store import reader, writer

SYSTEM, STAFF = Viewer.system("tests"), Viewer.system("somebody of the team")
OPOS = """
name = "opos"
[files.k]
path = "k.csv"
[files.o]
path = "o.csv"
[[tables]]
table = "account"
file = "k"
key = ["Nr"]
fields = { number = "Nr", name = "Name" }
[[tables]]
table = "contact"
file = "k"
key = ["Nr"]
fields = { name = "Name" }
[[tables]]
table = "account_contact"
file = "k"
fields = { account_id = "Nr", contact_id = "Nr" }
[[tables]]
table = "invoice"
file = "o"
key = ["Re"]
gone = "paid"
gone_at_most = 50
as_of = "2026-11-27"
fields = { account_id = "Nr", number = "Re", issued_on = { value = "2026-10-01" }, due_on = { value = "2026-10-15" }, total = "Soll" }
[[tables]]
table = "payment"
file = "o"
key = ["Re"]
when = "decimal(Saldo) < decimal(Soll)"
fields = { invoice_id = "Re", paid_on = { value = "2026-11-01" }, amount = "decimal(Soll) - decimal(Saldo)" }
"""
CLIENTS = "Nr,Name\n1,Alpha\n2,Beta\n"


@pytest.fixture
def bring(store, settings, tmp_path):
    """Bring a list of (client, invoice, total, still open); returns what was said."""

    def bring(*rows: tuple, mapping: str = OPOS, done: bool = True, **how) -> list[str]:
        (tmp_path / "m.toml").write_text(mapping)
        (tmp_path / "k.csv").write_text(CLIENTS)
        (tmp_path / "o.csv").write_text("\n".join(["Nr,Re,Soll,Saldo", *(",".join(map(str, row)) for row in rows)]) + "\n")
        said: list[str] = []
        with speaking("en"):
            assert import_data(settings, tmp_path / "m.toml", said.append, **how) is done, said
        return said

    return bring


def _rows(query: str) -> list[tuple]:
    with reader(SYSTEM) as r:
        return [tuple(row.values()) for row in r.rows(query)]


def _is_right(settings) -> None:
    """Sums, statuses, figures and the record agree with a plain sum over payments."""
    assert (
        _rows(
            "SELECT invoice_id FROM invoice i WHERE paid_amount <> coalesce((SELECT sum(amount) FROM payment p WHERE p.invoice_id = i.invoice_id), 0)"
        )
        == []
    )
    assert _rows("FROM account_figure ORDER BY 1") == _rows(f"FROM ({figures_select('SELECT account_id FROM account')}) ORDER BY 1")
    assert verify(SYSTEM, settings).finding is None
    assert [code for code, _ in examine(settings)] == ["owner"]


def _open() -> dict[str, Decimal]:
    return dict(_rows("SELECT number, total - paid_amount FROM invoice ORDER BY 1"))


def test_four_lists_in_a_row_are_right_to_the_cent(bring, settings):
    bring((1, "A1", "100.00", "100.00"), (1, "A2", "50.10", "50.10"), (2, "B1", "7.77", "7.77"))
    said = bring((1, "A1", "100.00", "60.00"), (1, "A2", "50.10", "50.10"), (2, "B1", "7.77", "7.77"), (2, "B2", "1.00", "1.00"))
    assert "Since the last list: 0 paid, 1 in part, 1 new" in said
    # The rest of A1 is paid, and B1 whole: a payment of what was open, on the day of the list.
    said = bring((1, "A2", "50.10", "50.10"), (2, "B2", "1.00", "1.00"))
    assert "Since the last list: 2 paid (€67.77)" in said
    assert _open() == {"A1": 0, "A2": Decimal("50.10"), "B1": 0, "B2": Decimal("1.00")}
    assert _rows("SELECT paid_on::VARCHAR, amount, method FROM payment WHERE method IS NOT NULL ORDER BY amount") == [
        ("2026-11-27", Decimal("7.77"), "Liste"), ("2026-11-27", Decimal("60.00"), "Liste")
    ]  # fmt: skip
    _is_right(settings)
    # The same list again changes nothing, and is kept as read.
    before = _rows("FROM payment ORDER BY 1")
    assert "Everything is there already; nothing was written." in bring((1, "A2", "50.10", "50.10"), (2, "B2", "1.00", "1.00"))
    assert _rows("FROM payment ORDER BY 1") == before
    # B1 is back: its payment goes, with an entry for each of its fields.
    said = bring((1, "A2", "50.10", "50.10"), (2, "B1", "7.77", "7.77"), (2, "B2", "1.00", "1.00"))
    assert "Since the last list: 0 paid, 1 back again" in said
    assert _open()["B1"] == Decimal("7.77")
    assert {field for (field,) in _rows("SELECT field FROM audit_entry WHERE entity = 'payment' AND action = 'deleted'")} >= {
        "amount",
        "paid_on",
        "method",
    }
    _is_right(settings)
    run = _rows("SELECT max(import_run_id) FROM kundenblick.data.import_run")[0][0]
    with speaking("de"):
        assert messages_of(run) == ["Seit der letzten Liste: bezahlt 0, wieder da 1"]
    # And is paid once more when it goes again.
    bring((1, "A2", "50.10", "50.10"), (2, "B2", "1.00", "1.00"))
    assert _open()["B1"] == 0
    _is_right(settings)


def test_half_a_list_an_empty_one_and_one_of_a_client_are_stopped(bring, settings):
    rows = [(1 + n % 2, f"R{n}", "10.00", "10.00") for n in range(8)]
    bring(*rows)
    # Five of eight are more than half; four are not.
    assert any("5 of 8 rows are no longer in the list, more than 50 %" in line for line in bring(*rows[:3], done=False))
    assert any("has no row at all" in line for line in bring(done=False, accept_gone=True))
    assert sum(_open().values()) == 80
    within = OPOS.replace("gone_at_most = 50", 'gone_at_most = 50\ngone_within = "account"')
    bring(rows[0], rows[2], mapping=within)
    assert [number for number, left in _open().items() if not left] == ["R4", "R6"]
    bring(*rows[1:4], accept_gone=True)
    assert sum(_open().values()) == 30
    _is_right(settings)


def test_a_refused_row_is_not_gone_and_what_staff_opened_again_stays_open(bring, settings):
    bring((1, "A1", "10.00", "10.00"), (1, "A2", "20.00", "20.00"), (2, "B1", "30.00", "30.00"))
    said = bring((1, "A1", "much", "10.00"), (2, "B1", "30.00", "30.00"), skip_refused=True)
    assert "Since the last list: 1 paid (€20.00), 1 unknown" in said
    assert _open() == {"A1": 10, "A2": 0, "B1": 30}
    with writer(STAFF) as tx:
        tx.delete("payment", _rows("SELECT payment_id FROM payment")[0][0])
        tx.update("invoice", _rows("SELECT invoice_id FROM invoice WHERE number = 'A2'")[0][0], paid_amount=Decimal(0), status="unpaid")
    bring((1, "A1", "10.00", "10.00"), (2, "B1", "30.00", "30.00"))
    assert _open()["A2"] == 20
    _is_right(settings)


def test_a_pair_that_means_nothing_is_told_when_the_mapping_is_read(bring):
    said = bring(mapping=OPOS.replace('gone = "paid"', 'gone = "delete"'), done=False)
    assert any('"delete"' in line and "keep | paid" in line for line in said)


WORK = """
name = "work"
[files.k]
path = "k.csv"
[files.o]
path = "o.csv"
[[tables]]
table = "staff_member"
file = "o"
key = ["Wer"]
distinct = true
fields = { name = "Wer", is_active = { value = false } }
[[tables]]
table = "account"
file = "k"
key = ["Nr"]
gone = "archive"
gone_at_most = 100
fields = { number = "Nr", name = "Name" }
[[tables]]
table = "contact"
file = "k"
key = ["Nr"]
fields = { name = "Name" }
[[tables]]
table = "account_contact"
file = "k"
gone = "delete"
fields = { account_id = "Nr", contact_id = "Bei" }
[[tables]]
table = "task"
file = "o"
key = ["Re"]
gone = "completed"
as_of = "2026-11-27"
fields = { account_id = "Nr", title = "Re" }
[[tables]]
table = "assignment"
file = "o"
gone = "delete"
distinct = true
fields = { account_id = "Nr", staff_member_id = "Wer" }
[[tables]]
table = "credit"
file = "o"
key = ["Re"]
gone = "delete"
fields = { account_id = "Nr", booked_on = { value = "2026-11-01" }, amount = { value = "5.00" } }
"""


@pytest.fixture
def work(store, settings, tmp_path):
    """Bring lists of tasks (client, task, who) and of clients (number, name, contact); returns what was said."""

    def bring(rows: str, clients: str = "1,Alpha,1;2,Beta,2") -> list[str]:
        (tmp_path / "w.toml").write_text(WORK)
        (tmp_path / "k.csv").write_text("\n".join(["Nr,Name,Bei", *clients.split(";")]) + "\n")
        (tmp_path / "o.csv").write_text("\n".join(["Nr,Re,Wer", *rows.split(";")]) + "\n")
        said: list[str] = []
        with speaking("en"):
            assert import_data(settings, tmp_path / "w.toml", said.append), said
        return said

    return bring


def test_tasks_are_completed_and_open_again_by_the_list_or_by_staff(work, settings):
    tasks = "SELECT title, status, completed_at::DATE::VARCHAR FROM task ORDER BY 1"
    work("1,T1,Eva;2,T2,Max")
    said = work("1,T1,Eva")
    assert "Tasks, since the last list: 1 completed" in said
    assert _rows(tasks) == [("T1", "planned", None), ("T2", "completed", "2026-11-27")]
    _is_right(settings)
    with writer(STAFF) as tx:
        tx.update("task", _rows("SELECT task_id FROM task WHERE title = 'T2'")[0][0], status="in_progress", completed_at=None)
    work("1,T1,Eva")
    assert _rows(tasks)[1] == ("T2", "in_progress", None)
    # Named and dropped again is a new word; named once more, it is open as it was.
    work("1,T1,Eva;2,T2,Max")
    work("1,T1,Eva")
    assert _rows(tasks)[1][1] == "completed"
    assert "Tasks, since the last list: 0 completed, 1 back again" in work("1,T1,Eva;2,T2,Max")
    assert _rows(tasks)[1] == ("T2", "in_progress", None)
    _is_right(settings)


def test_rows_a_list_drops_are_removed_as_by_hand_and_made_anew(work, settings):
    work("1,T1,Eva;2,T2,Max")
    credit = _rows("FROM credit WHERE account_id = (SELECT account_id FROM account WHERE number = '2')")[0]
    said = work("1,T1,Eva")
    assert {"Assignments, since the last list: 1 removed", "Credits, since the last list: 1 removed"} <= set(said)
    assert _rows("SELECT count(*) FROM assignment") == _rows("SELECT count(*) FROM credit") == [(1,)]
    left = dict(_rows("SELECT field, old_value FROM audit_entry WHERE entity = 'credit' AND action = 'deleted'"))
    assert (left["credit_id"], left["amount"], "text" in left) == (str(credit[0]), "5.00", False)
    _is_right(settings)
    work("1,T1,Eva;2,T2,Max")
    assert _rows("SELECT count(*) FROM assignment") == _rows("SELECT count(*) FROM credit") == [(2,)]
    _is_right(settings)


def test_a_list_archives_clients_and_never_takes_a_last_link(work, settings):
    work("1,T1,Eva", "1,Alpha,1;2,Beta,2")
    said = work("1,T1,Eva", "1,Alpha,1")
    assert "Clients, since the last list: 1 archived" in said
    assert any("2,2: this is the last link" in line for line in said)
    assert _rows("SELECT number, state FROM account ORDER BY 1") == [("1", "offline"), ("2", "archived")]
    _is_right(settings)
    # Beta is back; its link to its own contact goes, for it has another one now.
    work("1,T1,Eva", "1,Alpha,2;2,Beta,1")
    assert _rows("SELECT number, state FROM account ORDER BY 1") == [("1", "offline"), ("2", "offline")]
    assert _rows("SELECT a.number, c.name FROM account_contact JOIN account a USING (account_id) JOIN contact c USING (contact_id) ORDER BY 1") == [
        ("1", "Beta"), ("2", "Alpha")
    ]  # fmt: skip
    _is_right(settings)


def test_a_list_that_is_taken_back_was_never_read(bring, work, settings):
    state = "SELECT title, status, completed_at::VARCHAR FROM task ORDER BY 1"
    bring((1, "A1", "10.00", "10.00"), (2, "B1", "30.00", "30.00"))
    bring((1, "A1", "10.00", "10.00"))
    take_import_back(SYSTEM, newest_run("opos"), settings)
    assert (_open(), _rows("SELECT count(*) FROM payment")) == ({"A1": 10, "B1": 30}, [(0,)])
    bring((1, "A1", "10.00", "10.00"))
    assert _open() == {"A1": 10, "B1": 0}
    clients = "11,Alpha,11;12,Beta,12"
    work("11,T1,Eva;12,T2,Max", clients)
    before = _rows(state), _rows("FROM credit ORDER BY ALL"), _rows("FROM assignment ORDER BY ALL")
    work("11,T1,Eva", clients)
    take_import_back(SYSTEM, newest_run("work"), settings)
    assert (_rows(state), _rows("FROM credit ORDER BY ALL"), _rows("FROM assignment ORDER BY ALL")) == before
    _is_right(settings)
    # The same list again settles the same.
    work("11,T1,Eva", clients)
    assert _rows(state)[1][1] == "completed"
    assert _rows("SELECT count(*) FROM credit") == [(1,)]
    work("11,T1,Eva;12,T2,Max", clients)
    assert _rows("SELECT count(*) FROM credit") == [(2,)]
    _is_right(settings)
