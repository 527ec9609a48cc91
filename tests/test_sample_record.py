"""The sample's record tells of its last weeks as if its verbs and imports had written it."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import timedelta

import pytest

from core.access.open_account import open_account
from core.audit.account_history import HistoryQuery, can_put_back, put_back, read_history
from core.audit.examination import verify
from core.base.config import read_settings
from core.base.rights import Viewer
from core.documents.documents import mark_seen
from core.operations.installation import open_installation
from core.overview.work import add_note, add_task, add_time
from core.sample import names
from core.store import close_store, reader, writer
from core.store.tables import TABLES

SYSTEM = Viewer.system("tests")
# Columns whose values are of the one entry, not of its kind.
OWN = {"audit_entry_id", "made_at", "actor_id", "entity_id", "account_id", "contact_id", "old_value", "new_value", "salt", "old_digest",
       "new_digest", "previous_hash", "hash"}  # fmt: skip


@pytest.fixture(scope="module")
def settings(sample_folder, tmp_path_factory):
    data = tmp_path_factory.mktemp("sample") / "data"
    shutil.copytree(sample_folder, data)
    close_store()
    settings = read_settings({"KUNDENBLICK_DATA": str(data)})
    open_installation(settings)
    yield settings
    close_store()


@pytest.fixture
def owner(settings):
    with reader(SYSTEM) as r:
        return Viewer.staff(r.value("SELECT min(staff_member_id) FROM staff_member WHERE role = 'owner'"))


def entries(condition: str = "TRUE", **parameters: object) -> list[dict]:
    with reader(SYSTEM) as r:
        return r.rows(f"SELECT * FROM audit_entry WHERE {condition} ORDER BY audit_entry_id", **parameters)


def shape(entry: dict) -> tuple:
    """What entries of one kind have in common: their words, and which of the other columns say something."""
    return tuple((column, value is not None if column in OWN else value) for column, value in sorted(entry.items()))


def test_the_record_is_whole_and_reaches_back_for_weeks(settings, owner):
    found = entries()
    moments = [entry["made_at"] for entry in found]
    assert moments == sorted(moments)
    assert moments[-1] - moments[0] > timedelta(days=35) and len({moment.date() for moment in moments}) > 25
    # Everybody did something, and of most clients something is told.
    assert len({entry["actor_id"] for entry in found if entry["actor_kind"] == "staff"}) == 8
    assert len({entry["account_id"] for entry in found}) > 80
    report = verify(owner, settings)
    assert (report.finding, report.erased, report.entries) == (None, 0, len(found))


def test_what_is_recorded_is_what_the_rows_say(settings):
    """Each row named is there; the newest value told of a field is the one it has."""
    with reader(SYSTEM) as r:
        for table in {entry["entity"] for entry in entries("action = 'created' AND entity_id IS NOT NULL")}:
            if TABLES[table].has_id:
                missing = f"SELECT count(*) FROM audit_entry WHERE entity = '{table}' AND entity_id NOT IN (SELECT {table}_id FROM {table})"
                assert r.value(missing) == 0, table
        newest = r.rows(
            "SELECT contact_id, field, arg_max(new_value, audit_entry_id) AS told FROM audit_entry WHERE entity = 'contact' AND action = 'changed' GROUP BY ALL"
        )
        assert newest
        for row in newest:
            assert r.value(f"SELECT {row['field']} FROM contact WHERE contact_id = $id", id=row["contact_id"]) == row["told"]
        unseen = """SELECT count(*) FROM document d WHERE seen_at > (SELECT min(made_at) FROM audit_entry) AND is_from_client
            AND NOT EXISTS (FROM audit_entry WHERE entity = 'document' AND field = 'seen_at' AND entity_id = d.document_id)"""
        assert r.value(unseen) == 0


def test_entries_are_those_that_the_verbs_write(settings, owner):
    before = entries("through = 'form'")
    known = {(entry["action"], entry["entity"], entry["field"]): shape(entry) for entry in before}
    with reader(SYSTEM) as r:
        busy = open_account(owner, r.value("SELECT account_id FROM account WHERE name = $name", name=names.BUSY))
        unseen = r.value(
            "SELECT min(document_id) FROM document WHERE account_id = $id AND is_from_client AND seen_at IS NULL", id=busy.account_id
        )
    add_note(busy, {"text": "Rückruf erbeten."})
    add_task(busy, {"title": "Belege prüfen", "priority": "normal", "status": "planned", "assignees": [owner.id]})
    add_time(busy, {"worked_on": "2026-01-07", "minutes": "0:30", "text": "Beratung"})
    mark_seen(busy, unseen)
    written = entries("audit_entry_id > $last AND through = 'form'", last=before[-1]["audit_entry_id"])
    assert {entry["entity"] for entry in written} == {"note", "task", "task_assignee", "time_entry", "document"}
    for entry in written:
        assert shape(entry) == known[entry["action"], entry["entity"], entry["field"]]


def test_a_change_it_tells_of_can_be_put_back(settings, owner):
    told = entries("entity = 'contact' AND field = 'phone' AND through = 'form'")[-1]
    with reader(SYSTEM) as r:
        linked = r.value("SELECT min(account_id) FROM account_contact WHERE contact_id = $id", id=told["contact_id"])
    account = open_account(owner, linked)
    (row,) = [
        row
        for row in read_history(account, HistoryQuery(entity="contact", field="phone"), 0, 50)
        if row["audit_entry_id"] == told["audit_entry_id"]
    ]
    assert can_put_back(row) and row["who"] and row["contact"]
    put_back(account, row["audit_entry_id"])
    with reader(SYSTEM) as r:
        assert r.value("SELECT phone FROM contact WHERE contact_id = $id", id=told["contact_id"]) == told["old_value"]


def test_everybody_finds_something_new_since_their_last_look(settings):
    """At clients they opened some days ago, others did something since."""
    with writer(SYSTEM) as tx:
        rows = tx.rows(
            """SELECT o.staff_member_id, count(e.audit_entry_id) AS new FROM recent_account o
            LEFT JOIN audit_entry e ON e.account_id = o.account_id AND e.made_at > o.opened_at
                AND NOT (e.actor_kind = 'staff' AND e.actor_id = o.staff_member_id)
            GROUP BY 1"""
        )
    found = Counter({row["staff_member_id"]: row["new"] for row in rows})
    assert len(found) == 8 and all(found.values())
