"""What the store promises: doors, records, transactions, one owner, nothing lost."""

from __future__ import annotations

import os
import re
import threading
import time
from pathlib import Path

import duckdb
import pytest

from core.base.errors import EditConflict, SignedOut, StoreForeign, StoreInUse
from core.base.rights import Right, Viewer
from core.i18n import LANGUAGES, sentence, speaking
from core.operations.installation import open_installation
from core.store import close_store, engine, now, reader, store_is_open, writer
from core.store.audit import hash_chain
from core.store.database import FairLock
from core.store.tables import TABLES
from core.store.views import NO_VIEW, view_statements
from tests import forked

ROOT = Path(__file__).parents[1]
SYSTEM = Viewer.system("tests")


def test_without_a_viewer_every_view_is_empty(firm):
    with engine().lease() as connection:
        for view in re.findall(r"CREATE VIEW ([\w.]+)", view_statements()):
            assert connection.execute(f"SELECT * FROM {view} LIMIT 1").fetchall() == [], view


def test_a_deactivated_member_is_signed_out(firm):
    with writer(SYSTEM) as tx:
        tx.update("staff_member", firm.assigned, is_active=False)
    with pytest.raises(SignedOut), reader(firm.viewer("assigned")):
        pass


def test_readers_see_their_accounts_only(firm):
    seen = {}
    for who in ("owner", "everything", "assigned", "unassigned", "portal"):
        with reader(firm.viewer(who)) as r:
            seen[who] = [row["account_id"] for row in r.rows("SELECT account_id FROM account ORDER BY account_id")]
    every = [firm.own, firm.foreign, firm.empty]
    assert seen == {"owner": every, "everything": every, "assigned": [firm.own], "unassigned": [], "portal": [firm.own]}


@pytest.mark.parametrize("table", [name for name in TABLES if name not in NO_VIEW])
def test_a_portal_contact_reads_nothing_but_the_account(firm, table):
    with reader(firm.viewer("portal")) as r:
        rows = r.value(f"SELECT count(*) FROM {table}")
    assert rows == (1 if table in ("account", "firm") else 0)


def test_money_needs_the_right(firm):
    with reader(firm.viewer("assigned")) as r:
        assert r.value("SELECT count(*) FROM invoice") == 0
        assert r.value("SELECT max(open_amount) FROM account_figure") is None
        assert r.value("SELECT count(*) FROM time_entry") == 0


def test_one_entry_for_a_record_and_one_per_changed_field(firm):
    with writer(firm.viewer("owner")) as tx:
        made = tx.insert("note", account_id=firm.own, text="neu", staff_member_id=firm.owner, saved_at=now())
        tx.update("note", made, text="anders", is_pinned=True)
        tx.update("note", made, text="anders")
    with reader(SYSTEM) as r:
        rows = r.rows("SELECT action, field, old_value, new_value FROM audit_entry WHERE entity_id = $id ORDER BY audit_entry_id", id=made)
    assert [tuple(row.values()) for row in rows] == [
        ("created", None, None, None),
        ("changed", "text", "neu", "anders"),
        ("changed", "is_pinned", "false", "true"),
    ]


def test_the_record_is_a_chain(firm):
    with writer(SYSTEM) as tx:
        tx.update("account", firm.own, name="Neu")
        rows = tx.rows("SELECT * FROM audit_entry ORDER BY audit_entry_id")
    previous = ""
    for number, row in enumerate(rows, 1):
        assert (row["audit_entry_id"], row["previous_hash"], row["hash"]) == (number, previous, hash_chain.link(row))
        assert row["new_digest"] == hash_chain.digest(row["salt"], row["new_value"])
        previous = row["hash"]


def test_an_error_takes_the_whole_transaction_back(firm):
    with pytest.raises(RuntimeError), writer(SYSTEM) as tx:
        tx.update("account", firm.own, name="halb")
        raise RuntimeError
    with reader(SYSTEM) as r:
        assert r.value("SELECT name FROM account WHERE account_id = $id", id=firm.own) == "Müller/Weber GbR"


def test_the_second_of_two_editors_is_told(firm):
    with writer(SYSTEM) as tx:
        tx.update("account", firm.own, 1, name="erste")
    with pytest.raises(EditConflict), writer(SYSTEM) as tx:
        tx.update("account", firm.own, 1, name="zweite")


def test_the_lock_is_handed_on_in_order():
    lock, order = FairLock(), []

    def work(number: int) -> None:
        with lock:
            order.append(number)

    with lock:
        threads = []
        for number in range(8):
            threads.append(threading.Thread(target=work, args=(number,)))
            threads[-1].start()
            while len(lock._waiting) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_many_readers_and_writers_get_their_own_rows(firm):
    problems = []

    def work(who: str, expected: int) -> None:
        for _ in range(30):
            with reader(firm.viewer(who)) as r:
                if r.value("SELECT count(*) FROM account") != expected:
                    problems.append(who)

    threads = [threading.Thread(target=work, args=pair) for pair in (("owner", 3), ("assigned", 1), ("unassigned", 0)) * 2]
    for thread in threads:
        thread.start()
    for turn in range(20):
        with writer(SYSTEM) as tx:
            tx.update("account", firm.own, name=f"Name {turn}")
    for thread in threads:
        thread.join()
    assert problems == []


def test_the_second_process_is_told_who_has_the_file(firm, settings):
    code = "from core.base.config import read_settings; from core.operations.installation import open_installation; open_installation(read_settings())"
    environ = os.environ | {"KUNDENBLICK_DATA": str(settings.data)}
    ran = forked.run(["-c", code], environ)
    assert "StoreInUse" in ran.stderr and str(os.getpid()) in ran.stderr
    with pytest.raises(StoreInUse):
        type(engine())(settings.database)


def test_it_opens_anew_after_the_instance_was_invalidated(firm):
    before = engine()._generation
    before_rows = engine()
    before_rows.reopen(before)
    with reader(firm.viewer("owner")) as r:
        assert r.value("SELECT count(*) FROM account") == 3
    assert engine()._generation == before + 1


def test_a_newer_file_is_refused_in_words(firm, settings):
    with engine().lease() as connection:
        connection.execute("INSERT INTO kundenblick.data.schema_migration VALUES (999, 'later', now())")
    close_store()
    with pytest.raises(Exception, match="store_too_new"):
        open_installation(settings)
    assert not store_is_open()


def test_the_file_has_the_older_storage_version(firm, settings):
    close_store()
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{settings.database}' AS k (READ_ONLY)")
        tags = connection.execute("SELECT tags FROM duckdb_databases() WHERE database_name = 'k'").fetchone()[0]
    assert "v1.5" in str(tags)


def test_what_is_known_of_rights_ends_with_any_change_of_them(firm):
    assigned = firm.viewer("assigned")

    def may() -> frozenset[Right]:
        with reader(assigned) as r:
            return r.scope.rights

    assert may() == may() == frozenset()
    with writer(SYSTEM) as tx:
        tx.insert("staff_right", staff_member_id=firm.assigned, right_key=Right.VIEW_ALL_ACCOUNTS.value)
        assert may() == frozenset(), "not before it is committed"
    assert may() == {Right.VIEW_ALL_ACCOUNTS}
    with reader(assigned) as r:
        assert r.value("SELECT count(*) FROM account") == 3
    with writer(SYSTEM) as tx:
        tx.execute("DELETE FROM staff_right WHERE staff_member_id = $id", {"id": firm.assigned})
    with reader(assigned) as r:
        assert (r.scope.rights, r.value("SELECT count(*) FROM account")) == (frozenset(), 1)
    with writer(SYSTEM) as tx:
        tx.update("staff_member", firm.assigned, is_active=False)
    with pytest.raises(SignedOut):
        may()


def test_a_right_is_forgotten_also_when_what_follows_the_commit_fails(firm, monkeypatch):
    with reader(firm.viewer("everything")) as r:
        assert r.scope.allows(Right.SEE_INVOICES)
    monkeypatch.setattr(engine().head, "note", lambda head: 1 / 0)
    with pytest.raises(ZeroDivisionError), writer(SYSTEM) as tx:
        tx.delete("staff_right", {"staff_member_id": firm.everything, "right_key": Right.SEE_INVOICES.value})
    with reader(firm.viewer("everything")) as r:
        assert not r.scope.allows(Right.SEE_INVOICES)


@pytest.mark.parametrize("what", ["of others", "of others, older", "no database", "too short", "empty"])
def test_a_file_that_is_none_of_ours_is_refused_in_words_and_left_as_it_is(settings, what):
    settings.data.mkdir(parents=True)
    if what.startswith("of others"):
        version = "STORAGE_VERSION 'v1.0.0'" if "older" in what else "READ_WRITE"
        with duckdb.connect() as other:
            other.execute(f"ATTACH '{settings.database}' AS other ({version})")
            other.execute("CREATE TABLE other.kunde AS SELECT 1 AS a")
    else:
        settings.database.write_bytes({"no database": b"PK\x03\x04 anything" * 1000, "too short": b"PK", "empty": b""}[what])
    before = settings.database.read_bytes()
    for _ in range(2):
        with pytest.raises(StoreForeign) as refused:
            open_installation(settings)
    for language in LANGUAGES:
        with speaking(language):
            assert "kundenblick.duckdb" in sentence(refused.value) and "restore" in sentence(refused.value)
    assert settings.database.read_bytes() == before
