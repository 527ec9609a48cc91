"""Nothing lost: every command of ``tests/faults`` at a small size. What came of the full sizes stands in ``tests/faults/RESULTS.md``."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from core.base.errors import StoreTooNew
from core.i18n import LANGUAGES, sentence, speaking
from core.operations.installation import open_installation
from core.store import close_store, engine, store_is_open
from tests.faults import damage, disk_full, migration_kills, model, photo_kills, save_kills
from tests.servers import free_port

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def nothing_open():
    """What is killed here is a child: nothing of this process may be open when it is made."""
    close_store()
    yield
    close_store()


def test_thirty_kills_lose_nothing_acknowledged_three_of_them_the_whole_server(tmp_path):
    found = save_kills.kills(tmp_path, 27, 3)
    assert found["acknowledged"] >= 60, found


def test_a_migration_killed_at_any_statement_is_done_or_not_and_keeps_all_rows(tmp_path):
    """From the first version and from a late one: a database older than the app is brought to it with all it holds."""
    found = migration_kills.kills(tmp_path, every=19, versions=(1, 6))
    assert found["kills"] >= 4, found


def test_a_photo_replaced_and_killed_is_the_one_or_the_other(tmp_path):
    found = photo_kills.kills(tmp_path, "replace", every=3)
    assert found["before"] >= 1 and found["after"] >= 1, found


def test_a_full_disk_is_said_loses_nothing_and_goes_on_by_itself(tmp_path):
    try:
        found = disk_full.rounds(tmp_path / "disk", 3)
    except disk_full.NotPermitted as refused:
        pytest.skip(f"a small file system may not be mounted here: {refused}")
    assert (found["refused saves"], found["refused checkpoints"]) == (2, 1), found


def test_a_backup_on_a_full_disk_is_refused_leaves_nothing_and_goes_on_by_itself(tmp_path):
    try:
        found = disk_full.backups(tmp_path / "disk", 3)
    except disk_full.NotPermitted as refused:
        pytest.skip(f"a small file system may not be mounted here: {refused}")
    assert sum(found.values()) == 3 and not [what for what in found if what.endswith("None")], found


def test_a_damaged_database_or_log_is_an_error_or_identical(tmp_path):
    found = damage.tries(tmp_path, 8)
    assert sum(found.values()) == 8 and sum(count for end, count in found.items() if end.startswith("refused")) >= 2, found


def test_six_writers_and_a_plain_model_agree(tmp_path):
    found = model.run(tmp_path, 90)
    assert found["differences"] == [] and found["operations"] == 90, found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_newer_database_is_refused_in_words(firm, settings, language):
    with engine().lease() as connection:
        connection.execute("INSERT INTO kundenblick.data.schema_migration VALUES (999, 'later', now())")
    close_store()
    with pytest.raises(StoreTooNew) as refused:
        open_installation(settings)
    with speaking(language):
        assert "999" in sentence(refused.value) and {"de": "aktualisieren", "en": "update"}[language] in sentence(refused.value)
    assert not store_is_open()


def test_a_second_start_says_who_has_it_and_leaves_the_first_alone(small_server, tmp_path):
    port, log = free_port(), tmp_path / "log"
    environ = os.environ | {"KUNDENBLICK_DATA": str(small_server.data), "LANG": "en_GB.UTF-8"}
    with log.open("wb") as out:
        second = subprocess.Popen(
            [sys.executable, "-m", "core", "serve", "--port", str(port)], cwd=ROOT, env=environ, stdout=out, stderr=out
        )
    try:
        until = time.monotonic() + 60
        while f"{small_server.process.pid}" not in log.read_text("utf-8") and time.monotonic() < until and second.poll() is None:
            time.sleep(0.1)
        said = log.read_text("utf-8")
        assert f"{small_server.process.pid}" in said and "kundenblick.duckdb" in said, said
        assert httpx.get(f"http://127.0.0.1:{port}/health", timeout=20).status_code == 503
        assert httpx.get(f"{small_server.url}/health", timeout=20).status_code == 200
    finally:
        second.kill()
        second.wait()
