"""The record of changes: examined as a whole, wrong entries named, values erased without breaking it."""

from __future__ import annotations

import shutil
import threading

import duckdb
import pytest

from core.access.open_account import open_account
from core.audit import examination
from core.audit.account_history import HistoryQuery, can_put_back, put_back, read_history
from core.base.errors import NotAllowed, NotFound, StoreAhead
from core.base.rights import Viewer
from core.operations.control_socket import run
from core.operations.installation import open_installation
from core.store import close_store, ends_of, engine, head_mark, now, reader, writer
from core.store.audit import hash_chain, verification
from core.store.audit.high_water_mark import MarkState, mark_file, write_head
from core.store.database import last_change
from tests.faults import audit_mutations, audit_record

SYSTEM = Viewer.system("tests")


def rename(firm, name: str) -> None:
    with writer(firm.viewer("owner")) as tx:
        tx.update("account", firm.own, name=name)


def command(settings, name: str, **arguments) -> tuple[int, str]:
    said: list[str] = []
    code = run(settings, name, arguments, said.append)
    return code, "\n".join(said)


def by_hand(settings, statement: str) -> None:
    """What somebody with the file alone does to it while nothing runs."""
    root = duckdb.connect(":memory:")
    root.execute(f"ATTACH '{settings.database}' AS kundenblick")
    root.execute(statement.replace("audit_entry ", "kundenblick.data.audit_entry "))
    root.close()


def test_random_mutations_are_found_and_nothing_else(tmp_path):
    file, mark = audit_record.build(tmp_path / "data")
    assert audit_mutations.run(file, mark, 3 * len(audit_mutations.MUTATIONS), 11) == []


def test_a_whole_record_passes_and_the_examination_is_on_record(firm, settings):
    rename(firm, "eins")
    number = engine().audit_head[0]
    outcome = examination.verify(firm.viewer("owner"), settings)
    assert outcome.finding is None and outcome.entries == number
    with reader(SYSTEM) as r:
        row = r.row("SELECT action, actor_id, entity_id, new_value FROM audit_entry ORDER BY audit_entry_id DESC LIMIT 1")
    assert row == {"action": "verified", "actor_id": firm.owner, "entity_id": number, "new_value": "ok"}
    for who in ("assigned", "portal"):
        with pytest.raises(NotAllowed):
            examination.verify(firm.viewer(who), settings)


def test_examined_piece_by_piece_while_people_work(firm, settings, monkeypatch):
    monkeypatch.setattr(verification, "PIECE_ENTRIES", 5)
    for place in range(15):
        rename(firm, f"Name {place}")
    going, pieces = threading.Event(), []

    def work() -> None:
        for place in range(15):
            rename(firm, f"Während {place}")
            examination.erase_values(firm.viewer("owner"), entity="account", entity_id=firm.own, field="name")
        going.set()

    thread = threading.Thread(target=work)
    thread.start()
    while not going.is_set():
        assert examination.verify(SYSTEM, settings, progress=lambda done, of: pieces.append((done, of))).finding is None
    thread.join()
    assert len(pieces) > 5 and all(done <= of for done, of in pieces)


def test_the_first_wrong_entry_is_named_by_the_command(firm, settings):
    rename(firm, "eins")
    rename(firm, "zwei")
    number = engine().audit_head[0]
    close_store()
    by_hand(settings, f"UPDATE audit_entry SET actor_id = 7 WHERE audit_entry_id = {number - 1}")
    code, said = command(settings, "audit_verify")
    assert code == 1 and f"Eintrag {number - 1} ist verändert worden." in said


def test_a_refused_database_is_examined_all_the_same(firm, settings):
    for name in ("eins", "zwei", "drei"):
        rename(firm, name)
    number = engine().audit_head[0]
    close_store()
    by_hand(settings, f"DELETE FROM audit_entry WHERE audit_entry_id > {number - 2}")
    code, said = command(settings, "audit_verify")
    assert code == 1 and "--accept-head" in said and f"{number - 1} bis {number}" in said


def test_more_than_there_was_at_the_end_is_refused(firm, settings):
    number, whole = engine().audit_head
    close_store()
    assert ends_of(settings.database).closed
    forged = {"audit_entry_id": number + 1, "made_at": now(), "actor_kind": "system", "through": "system"}
    forged |= {"action": "signed_in", "entity": "staff_member", "previous_hash": whole}
    root = duckdb.connect(":memory:")
    root.execute(f"ATTACH '{settings.database}' AS kundenblick")
    row = forged | {"hash": hash_chain.link(forged)}
    root.execute(f"INSERT INTO kundenblick.data.audit_entry ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
    assert last_change(root)[0] == number + 1
    root.close()
    with pytest.raises(StoreAhead):
        open_installation(settings)
    # After an end that was none, a second's changes may stand after the mark: they are taken, and told of.
    write_head(settings.database, (number, whole), MarkState(closed=False))
    open_installation(settings)
    assert head_mark(settings.database)[0] == number + 1
    code, said = command_here(settings)
    assert code == 0 and f"{number + 1} bis {number + 1}" in said
    close_store()
    open_installation(settings)
    assert len(ends_of(settings.database).unmarked) == 1


def command_here(settings) -> tuple[int, str]:
    from core.operations.control_socket import perform

    said: list[str] = []
    return perform(settings, "audit_verify", {}, said.append), "\n".join(said)


def test_a_head_kept_elsewhere_finds_a_history_written_anew(firm, settings, tmp_path):
    rename(firm, "eins")
    close_store()
    shutil.copy(settings.database, tmp_path / "older.duckdb")
    shutil.copy(mark_file(settings.database), tmp_path / "older.head")
    code, kept = command(settings, "audit_head")
    number, whole = kept.split(":")
    open_installation(settings)
    rename(firm, "zwei")
    close_store()
    code, said = command(settings, "audit_verify", kept=[int(number), whole])
    assert code == 0 and "unversehrt" in said
    # Whoever can write the file and the mark beside it puts both back, and goes on.
    newest = command(settings, "audit_head")[1].split(":")
    shutil.copy(tmp_path / "older.duckdb", settings.database)
    shutil.copy(tmp_path / "older.head", mark_file(settings.database))
    assert command(settings, "audit_verify")[0] == 0
    code, said = command(settings, "audit_verify", kept=[int(newest[0]), newest[1]])
    assert code == 1 and "Das Ende fehlt" in said


def test_a_batch_made_before_it_held_when_and_by_whom_still_passes(tmp_path, monkeypatch):
    from core.store import bulk_entries

    def older(previous, first, last, digest, *_):
        return hash_chain.link_older_batch(previous, first, last, digest)

    with monkeypatch.context() as patch:
        patch.setattr(bulk_entries.hash_chain, "link_batch", older)
        file, mark = audit_record.build(tmp_path / "data")
    record = audit_record.Record(file, mark)
    outcome = record.examine()
    assert outcome.finding is None and outcome.older_batches > 3
    record.root.close()


def test_an_erased_value_is_gone_and_the_record_still_whole(firm, settings):
    rename(firm, "Geheimer Name")
    rename(firm, "Neuer Name")
    account = open_account(firm.viewer("owner"), firm.own)
    assert examination.erase_values(firm.viewer("owner"), entity="account", entity_id=firm.own, field="name") == 2
    rename(firm, "Noch neuer")
    with writer(SYSTEM) as tx:
        assert "Geheimer" not in str(tx.rows("SELECT * FROM audit_entry"))
        assert tx.value("SELECT count(*) FROM audit_entry WHERE salt IS NULL AND new_digest IS NOT NULL") == 2
    outcome = examination.verify(SYSTEM, settings)
    assert outcome.finding is None and outcome.erased == 2
    rows = read_history(account, HistoryQuery(field="name"))
    assert [(row["action"], row["new_erased"], row["new_value"]) for row in rows[:4]] == [
        ("changed", False, "Noch neuer"), ("erased", False, None), ("changed", True, None), ("changed", True, None),
    ]  # fmt: skip
    assert not can_put_back(rows[2])
    with pytest.raises(NotFound):
        put_back(account, rows[2]["audit_entry_id"])
    code, said = command_here(settings)
    assert code == 0 and "2 Einträge sind gelöscht" in said


def test_nothing_is_erased_where_nothing_is(firm, settings):
    for named in ({"entity": "account"}, {"entity": "account", "entity_id": 4711}):
        with pytest.raises(NotFound):
            examination.erase_values(firm.viewer("owner"), **named)
    before = engine().audit_head
    close_store()
    code, said = command(settings, "audit_erase", entity="account", entity_id=4711, field=None)
    assert code == 1 and said and before
