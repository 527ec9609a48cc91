"""Stored cards say what the tables say: whatever is changed, whoever looks, on any day."""

from __future__ import annotations

import random
import re
import shutil
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from core.access.open_account import open_account
from core.activity.ledger import LEDGER_TABLES
from core.base.config import read_settings
from core.base.rights import Right, Viewer
from core.i18n.formats import today
from core.operations.installation import open_installation
from core.overview import card_cache, read
from core.overview.card_cache import KEPT
from core.overview.card_invalidation import MADE_FROM, NAMES, NAMING, StaleCardQueue
from core.overview.catalogue import CATALOGUE, WIDGETS
from core.overview.read import read_overview
from core.store import account_reader, close_store, engine, now, reader, writer
from core.store.tables import TABLES

SYSTEM = Viewer.system("tests")


def from_tables(account):
    """The overview as it is without any card."""
    with account_reader(account.viewer, account.account_id) as r:
        widgets = read.kept_for(r.scope.rights)
        cards = card_cache.cards_from_tables(r, account.account_id, widgets)
        return read.results_of(r, account.account_id, widgets, cards)


def stored(account_id: int) -> set[str]:
    with reader(SYSTEM) as r:
        return set(card_cache.stored_cards(r, account_id))


def assert_agree(viewer: Viewer, most: int = 12) -> None:
    """Of so many accounts the viewer sees, those with the most figures first."""
    with reader(viewer) as r:
        ids = r.rows(
            "SELECT account_id FROM account LEFT JOIN account_figure USING (account_id) ORDER BY unread_count DESC LIMIT $n", n=most
        )
    for row in ids:
        account = open_account(viewer, row["account_id"])
        assert read_overview(account) == from_tables(account), account.account_id


def test_clients_of_the_sample_firm(tmp_path, sample_folder):
    close_store()
    open_installation(read_settings({"KUNDENBLICK_DATA": str(shutil.copytree(sample_folder, tmp_path / "data"))}))
    try:
        with reader(SYSTEM) as r:
            members = r.rows("SELECT staff_member_id FROM staff_member WHERE is_active ORDER BY role DESC LIMIT 2")
            accounts = r.value("SELECT count(*) FROM account")
        assert card_cache.fill() == accounts * len(KEPT)
        assert card_cache.fill() == 0
        for member in members:
            assert_agree(Viewer.staff(member["staff_member_id"]))
    finally:
        close_store()


def test_the_store_knows_from_which_tables_each_widget_is_made():
    named = {key: set() for key in WIDGETS}
    for widget in CATALOGUE:
        bare = re.sub(r"--[^\n]*", "", widget.query) + " ".join(metric.column for metric in widget.tile if metric.function == "scalar")
        named[widget.key] = {table for table in re.findall(r"(?:FROM|JOIN)\s+(\w+)", bare) if table in TABLES}
    known = {key: {table for held in (MADE_FROM, NAMING) for table, widgets in held.items() if key in widgets} for key in WIDGETS}
    assert known == named
    # The ledger's numbers hang on what it is read from; who has a thing is not among them, and figures are written with their causes.
    of_turn = {table for table, widgets in MADE_FROM.items() if {"turn", "turn_invoices"} & set(widgets)}
    assert of_turn == set(LEDGER_TABLES) - {"assignment", "chat_message", "staff_member", "task_assignee"}
    assert NAMES.keys() == NAMING.keys()


def test_a_widget_that_asks_for_today_says_which_day_matters():
    for widget in CATALOGUE:
        assert bool(widget.changes_after) == ("$today" in widget.query), widget.key


@pytest.mark.parametrize("seed", range(2))
def test_after_random_changes(firm, seed):
    dice, owner = random.Random(seed), firm.viewer("owner")
    accounts, moment = [firm.own, firm.foreign, firm.empty], now()
    with writer(SYSTEM) as tx:
        pipeline = tx.insert("pipeline", name="Jahresabschluss")
        stages = [tx.insert("stage", pipeline_id=pipeline, name=name, position=place) for place, name in enumerate(("neu", "fertig"))]
    made: dict[str, list[object]] = {}

    def new(tx, table, **values):
        made.setdefault(table, []).append(tx.insert(table, account_id=dice.choice(accounts), **values))

    def day():
        return today() + timedelta(days=dice.randint(-2, 2))

    adding = {
        "document": lambda tx: new(tx, "document", name="x", uploaded_at=now(), is_from_client=dice.random() < 0.7, contact_id=firm.contact),
        "task": lambda tx: new(tx, "task", title="x", due_on=day(), created_at=now()),
        "email": lambda tx: new(tx, "email", subject="x", from_address="a", to_address="b", sent_at=now(), direction="received"),
        "job": lambda tx: new(tx, "job", name="x", pipeline_id=pipeline, stage_id=stages[0], created_at=now(), stage_since_at=now(), due_on=day()),
        "chat": lambda tx: new(
            tx, "chat", subject="x", created_at=now(), last_message_at=now(), last_message="x", last_is_from_client=True, last_by_name="x"
        ),
        "invoice": lambda tx: new(
            tx, "invoice", number=str(dice.random()), issued_on=day(), due_on=day(), total=dice.randint(1, 99), created_at=now()
        ),
        "credit": lambda tx: new(tx, "credit", booked_on=today(), amount=dice.randint(-9, 99), created_at=now()),
        "approval": lambda tx: new(tx, "approval", document_name="x", asked_at=now()),
        "organizer": lambda tx: new(tx, "organizer", name="x", sent_at=now(), updated_at=now(), question_count=3),
        "login": lambda tx: new(
            tx, "login", email="a@b.example", tried_at=now(), outcome="success", contact_id=firm.contact, contact_email_id=firm.address
        ),
        "note": lambda tx: new(tx, "note", text="x", staff_member_id=firm.owner, saved_at=now(), is_pinned=dice.random() < 0.5),
        "time_entry": lambda tx: new(
            tx, "time_entry", worked_on=day(), staff_member_id=firm.owner, minutes=7, created_at=now(), job_id=dice.choice([*made.get("job", ()), None])
        ),
    }  # fmt: skip
    changing = {
        "document": {"name": "y", "seen_at": moment}, "task": {"status": "completed", "title": "y"}, "email": {"is_read": True},
        "job": {"stage_id": stages[1], "name": "y"}, "chat": {"is_closed": True}, "invoice": {"paid_amount": 1, "status": "scheduled"},
        "approval": {"status": "approved"}, "organizer": {"archived_at": moment}, "note": {"text": "y", "is_pinned": False},
        "time_entry": {"is_billed": True},
    }  # fmt: skip
    naming = (
        ("staff_member", firm.owner, {"name": "Olga Neu"}),
        ("contact", firm.contact, {"name": "Maria Neu"}),
        ("contact_email", firm.address, {"holder_name": "Buchhaltung"}),
        ("stage", stages[0], {"name": "begonnen"}),
        ("pipeline", pipeline, {"name": "Abschluss"}),
    )
    for turn in range(15):
        card_cache.fill()
        with writer(SYSTEM) as tx:
            for _ in range(dice.randint(1, 3)):
                kind = dice.random()
                if kind < 0.5 or not any(made.values()):
                    dice.choice(list(adding.values()))(tx)
                elif kind < 0.85:
                    table = dice.choice([table for table in made if table in changing and made[table]] or ["note"])
                    if made.get(table):
                        column, value = dice.choice(list(changing[table].items()))
                        tx.update(table, dice.choice(made[table]), **{column: value})
                else:
                    table = dice.choice([table for table in made if made[table]])
                    tx.delete(table, made[table].pop())
            if turn % 3 == 2:
                table, row_id, values = naming[turn // 3 % len(naming)]
                tx.update(table, row_id, **{name: f"{value} {turn}" for name, value in values.items()})
        assert_agree(owner)


def test_only_the_cards_of_what_changed_go(firm):
    card_cache.fill()
    with writer(SYSTEM) as tx:
        tx.insert("note", account_id=firm.own, text="x", staff_member_id=firm.owner, saved_at=now())
    assert stored(firm.own) == set(KEPT) - {"notes"}
    assert stored(firm.foreign) == set(KEPT)
    with writer(SYSTEM) as tx:
        tx.update("staff_member", firm.owner, name="Olga Neu")
    assert stored(firm.foreign) == set(KEPT) - set(NAMING["staff_member"])


def test_a_change_that_is_taken_back_leaves_the_cards(firm):
    card_cache.fill()
    with pytest.raises(ZeroDivisionError), writer(SYSTEM) as tx:
        tx.insert("note", account_id=firm.own, text="x", staff_member_id=firm.owner, saved_at=now())
        raise ZeroDivisionError
    assert stored(firm.own) == set(KEPT)


@pytest.mark.parametrize("passed", [1, 2, 40, -1])
def test_on_another_day(firm, monkeypatch, passed):
    with writer(SYSTEM) as tx:
        tx.insert("task", account_id=firm.own, title="x", due_on=today() + timedelta(days=1), created_at=now())
    card_cache.fill()
    then = today() + timedelta(days=passed)
    monkeypatch.setattr(card_cache, "today", lambda: then)
    assert read_overview(firm.account())["tasks"].tile["overdue"] == (1 if passed > 1 else 0)
    assert_agree(firm.viewer("owner"))
    assert card_cache.fill() > 0
    assert_agree(firm.viewer("owner"))


def test_rights_hold_for_cards_too(firm):
    card_cache.fill()
    viewer = firm.viewer("assigned")
    results = read_overview(open_account(viewer, firm.own))
    assert "unpaid_invoices" not in results
    assert results["time_entries"].total == 0, "others' time"
    with account_reader(viewer, firm.own) as r:
        assert set(card_cache.stored_cards(r, firm.own)) == set(KEPT) - {"unpaid_invoices", "turn_invoices", "time_entries"}
    with reader(firm.viewer("unassigned")) as r:
        assert r.rows("SELECT * FROM overview_card") == []
    with reader(firm.viewer("portal")) as r:
        assert r.rows("SELECT * FROM overview_card") == []
    for right, shown in ((Right.SEE_ALL_TIME, False), (Right.SEE_RATES, True)):
        with writer(SYSTEM) as tx:
            tx.insert("staff_right", staff_member_id=firm.assigned, right_key=right.value)
        with account_reader(viewer, firm.own) as r:
            assert ("time_entries" in card_cache.stored_cards(r, firm.own)) is shown
        assert read_overview(open_account(viewer, firm.own)) == from_tables(open_account(viewer, firm.own))


def test_cards_of_an_older_program_are_not_read(firm, monkeypatch):
    card_cache.fill()
    monkeypatch.setitem(KEPT, "notes", replace(WIDGETS["notes"], where="is_pinned"))
    monkeypatch.setattr(card_cache, "_statements", {})
    monkeypatch.setattr(read, "kept_for", lambda rights: tuple(KEPT.values()))
    assert stored(firm.own) == set(KEPT) - {"notes"}
    assert read_overview(firm.account())["notes"].total == 0


def test_they_are_made_again_after_a_change(firm):
    end = threading.Event()
    keeper = threading.Thread(target=card_cache.run, args=(end,))
    keeper.start()
    try:
        seen = threading.Event()
        for text in ("eins", "zwei"):
            with writer(SYSTEM) as tx:
                tx.insert("note", account_id=firm.own, text=text, staff_member_id=firm.owner, saved_at=now())
            for _ in range(500):
                if stored(firm.own) == set(KEPT) and stored(firm.empty) == set(KEPT):
                    break
                seen.wait(0.01)
            assert read_overview(firm.account())["notes"].rows[0]["text"] == text
            assert stored(firm.own) == set(KEPT)
    finally:
        end.set()
        engine().held(StaleCardQueue).note_unknown()
        keeper.join(10)
    assert not keeper.is_alive()
