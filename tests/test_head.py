"""The mark beside the database: a file that lost changes is refused in words, a file that is as it was opens."""

from __future__ import annotations

import shutil
import time

import pytest

from core.control import run
from core.errors import StoreBehind
from core.i18n import sentence
from core.rights import Viewer
from core.store import close_store, engine, head_mark, open_store, reader, writer
from core.store.head import SECONDS, mark_file, write_head

SYSTEM = Viewer.system("tests")


def last() -> int:
    with reader(SYSTEM) as r:
        return r.value("SELECT max(audit_entry_id) FROM audit_entry")


def rename(firm, name: str) -> None:
    with writer(SYSTEM) as tx:
        tx.update("account", firm.own, name=name)


def test_the_mark_follows_within_a_second_and_at_the_end(firm, settings):
    rename(firm, "eins")
    for _ in range(40):
        if (head_mark(settings.database) or (0, ""))[0] == last():
            break
        time.sleep(SECONDS / 10)
    assert head_mark(settings.database) == engine().audit_head
    rename(firm, "zwei")
    newest = engine().audit_head
    close_store()
    assert head_mark(settings.database) == newest
    open_store(settings)
    assert engine().audit_head == newest


def test_an_older_copy_is_refused_until_it_is_accepted(firm, settings, tmp_path):
    close_store()
    shutil.copy(settings.database, tmp_path / "old.duckdb")
    open_store(settings)
    rename(firm, "neuer")
    newest = last()
    close_store()
    shutil.copy(tmp_path / "old.duckdb", settings.database)
    with pytest.raises(StoreBehind) as refused:
        open_store(settings)
    assert refused.value.values["mark"] == newest and "--accept-head" in sentence(refused.value)
    said: list[str] = []
    assert run(settings, "examine", {}, said.append) == 1 and said == [sentence(refused.value)]
    mark_file(settings.database).unlink()
    run(settings, "examine", {"accepted": newest}, said.append)
    assert any(line.startswith("Angenommen") and str(newest) in line for line in said)
    open_store(settings)
    with reader(SYSTEM) as r:
        assert r.value("SELECT name FROM account WHERE account_id = $id", id=firm.own) == "Müller/Weber GbR"
        assert r.row("SELECT action, new_value FROM audit_entry ORDER BY audit_entry_id DESC LIMIT 1")["action"] == "accepted"


def test_another_history_of_the_same_length_is_refused(firm, settings):
    number = last()
    close_store()
    write_head(settings.database, (number, "0" * 64))
    with pytest.raises(StoreBehind):
        open_store(settings)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"number": "x", "hash": ""}'])
def test_a_mark_that_cannot_be_read_is_no_leave_to_open(firm, settings, text):
    close_store()
    mark_file(settings.database).write_text(text)
    with pytest.raises(StoreBehind):
        open_store(settings)


def test_a_lost_log_is_noticed(firm, settings, tmp_path):
    rename(firm, "nur im Protokoll")
    engine().head.flush()
    shutil.copy(settings.database, tmp_path / "without_its_log.duckdb")
    close_store()
    shutil.copy(tmp_path / "without_its_log.duckdb", settings.database)
    with pytest.raises(StoreBehind):
        open_store(settings)
