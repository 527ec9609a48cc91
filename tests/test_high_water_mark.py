"""The mark beside the database: a file that lost changes is refused in words, a file that is as it was opens."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.base.errors import StoreBehind, StoreCopied
from core.base.rights import Viewer
from core.i18n import sentence
from core.operations.control_socket import run
from core.operations.installation import open_installation
from core.store import close_store, ends_of, engine, forget_head, head_mark, reader, writer
from core.store.audit.high_water_mark import WRITE_INTERVAL_S, mark_file, write_head

SYSTEM = Viewer.system("tests")
ROOT = Path(__file__).parents[1]


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
        time.sleep(WRITE_INTERVAL_S / 10)
    assert head_mark(settings.database) == engine().audit_head
    rename(firm, "zwei")
    newest = engine().audit_head
    close_store()
    assert head_mark(settings.database) == newest
    open_installation(settings)
    assert engine().audit_head == newest


def test_an_older_copy_is_refused_until_it_is_accepted(firm, settings, tmp_path):
    close_store()
    shutil.copy(settings.database, tmp_path / "old.duckdb")
    open_installation(settings)
    rename(firm, "neuer")
    newest = last()
    close_store()
    shutil.copy(tmp_path / "old.duckdb", settings.database)
    with pytest.raises(StoreBehind) as refused:
        open_installation(settings)
    assert refused.value.values["mark"] == newest and "--accept-head" in sentence(refused.value)
    said: list[str] = []
    assert run(settings, "examine", {}, said.append) == 1 and said == [sentence(refused.value)]
    forget_head(settings.database)
    run(settings, "examine", {"accepted": newest}, said.append)
    assert any(line.startswith("Angenommen") and str(newest) in line for line in said)
    open_installation(settings)
    with reader(SYSTEM) as r:
        assert r.value("SELECT name FROM account WHERE account_id = $id", id=firm.own) == "Müller/Weber GbR"
        assert r.row("SELECT action, new_value FROM audit_entry ORDER BY audit_entry_id DESC LIMIT 1")["action"] == "accepted"


def test_another_history_of_the_same_length_is_refused(firm, settings):
    number = last()
    close_store()
    write_head(settings.database, (number, "0" * 64))
    with pytest.raises(StoreBehind):
        open_installation(settings)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"number": "x", "hash": ""}'])
def test_a_mark_that_cannot_be_read_is_no_leave_to_open(firm, settings, text):
    close_store()
    mark_file(settings.database).write_text(text)
    with pytest.raises(StoreBehind):
        open_installation(settings)


def test_a_lost_log_is_noticed(firm, settings, tmp_path):
    rename(firm, "nur im Protokoll")
    engine().head.flush()
    shutil.copy(settings.database, tmp_path / "without_its_log.duckdb")
    close_store()
    shutil.copy(tmp_path / "without_its_log.duckdb", settings.database)
    with pytest.raises(StoreBehind):
        open_installation(settings)


@pytest.mark.parametrize("with_mark", [True, False])
def test_a_copy_of_a_file_in_use_is_refused_in_words(firm, settings, tmp_path, with_mark):
    """Such a copy may lack what stood in the log or came in between; nobody can say what."""
    rename(firm, "vorher")
    engine().head.flush()
    elsewhere = tmp_path / "copy"
    elsewhere.mkdir()
    for file in settings.data.glob("kundenblick.*"):
        if with_mark or file.suffix != ".head":
            shutil.copy(file, elsewhere)
    copied = replace(settings, data=elsewhere)
    close_store()
    with pytest.raises(StoreCopied) as refused:
        open_installation(copied)
    assert "python -m core restore" in sentence(refused.value)
    said: list[str] = []
    assert run(copied, "audit_verify", {}, said.append) == 1 and len(said) > 1
    forget_head(copied.database)
    open_installation(copied)
    close_store()


def test_a_folder_copied_while_nothing_runs_opens(firm, settings, tmp_path):
    close_store()
    shutil.copytree(settings.data, tmp_path / "moved")
    open_installation(replace(settings, data=tmp_path / "moved"))


def test_killed_in_its_first_second_a_new_store_opens_again(settings):
    """What it was killed with has no mark yet beside that of a new store."""
    close_store()
    settings.data.mkdir(parents=True)
    child = """
import os, signal, sys
from core.base.config import read_settings
from core.base.rights import Viewer
from core.operations.installation import open_installation
from core.store import now, writer
open_installation(read_settings({"KUNDENBLICK_DATA": sys.argv[1]}))
with writer(Viewer.system("tests")) as tx:
    tx.insert("firm", name="Neu", created_at=now())
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", child, str(settings.data)], cwd=ROOT, check=False).returncode == -9
    open_installation(settings)
    with reader(SYSTEM) as r:
        assert r.value("SELECT name FROM firm") == "Neu"
    assert [(first, last) for first, last, _ in ends_of(settings.database).unmarked] == [(1, 1)]
    close_store()
