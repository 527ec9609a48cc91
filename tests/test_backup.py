"""A backup holds what was there at one moment, and comes back; what is none, is damaged or foreign is refused before anything is touched."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import pyotp
import pytest

from core.base.errors import AppError, StoreFull, StoreInUse
from core.base.rights import Viewer
from core.documents import stored_files
from core.documents.uploads import withdraw_document
from core.i18n import LANGUAGES, sentence, speaking
from core.identity.second_factor import check_code, new_secret, set_second_factor
from core.operations.backup import make
from core.operations.backup.archive import DATABASE, FACTOR_KEY, write_archive
from core.operations.backup.encryption import read_key, write_key
from core.operations.backup.make import make_backup
from core.operations.backup.restore import examine, restore
from core.operations.backup.retention import kept_in
from core.operations.commands_backup import verify_backup
from core.operations.control_socket import run
from core.operations.doctor import examine as doctor
from core.operations.installation import open_installation
from core.store import close_store, engine, reader, writer
from core.store.migrations import SCHEMA, migrate
from core.store.snapshot import look_into
from core.store.tables import TABLES
from tests import forked
from tests.faults import backups
from tests.small_firm import build_firm

SYSTEM = Viewer.system("tests")


def build_firm_with_files(settings):
    firm = build_firm()
    for name in ("eigenes.txt", "fremdes.txt"):
        settings.documents.mkdir(parents=True, exist_ok=True)
        (settings.documents / name).write_text(f"Inhalt von {name}", "utf-8")
    with writer(SYSTEM) as tx:
        tx.insert("session", token_hash="x", staff_member_id=firm.owner, created_at=tx.moment, last_used_at=tx.moment)
    return firm


@pytest.fixture
def kept(holding):
    """The small firm with its files."""
    return holding(build_firm_with_files)


def state(settings) -> dict[str, object]:
    """Every row of every table, and every file with its content."""
    with reader(SYSTEM) as r:
        rows = {name: sorted(map(str, r.rows(f"SELECT * FROM kundenblick.data.{name}"))) for name in TABLES}
    return rows | {str(p.relative_to(settings.data)): p.read_bytes() for p in settings.documents.rglob("*") if p.is_file()}


def untouched(settings) -> dict[str, str]:
    """Digests of everything in the data folder but who holds it."""
    return {
        str(p.relative_to(settings.data)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(settings.data.rglob("*"))
        if p.is_file() and p.suffix != ".owner"
    }


def wrong(settings) -> list[str]:
    """What the doctor finds beside what is wrong in the small firm from the start."""
    return [code for code, _ in doctor(settings) if code not in ("paid", "contact")]


def put_in(settings, backup: Path, key: bytes | None = None):
    return restore(settings, backup, key, lambda done, of: None, lambda step: None)


def test_what_was_backed_up_comes_back_elsewhere(kept, settings, tmp_path):
    before = state(settings)
    archive, contents = make_backup(settings, tmp_path / "out")
    with writer(SYSTEM) as tx:
        tx.update("account", kept.own, name="Danach geändert")
    assert contents.missing == () and len(contents.members) == 4
    close_store()
    other = replace(settings, data=tmp_path / "other")
    _, aside = put_in(other, archive)
    assert aside is None
    open_installation(other)
    after = state(other)
    assert after.pop("session") != before.pop("session"), "nobody is signed in by a session that may have ended since"
    assert after == before
    with writer(SYSTEM) as tx:
        new = tx.insert("tag", name="neu")
        assert new > max(
            tx.value(f"SELECT coalesce(max({t.key[0]}), 0) FROM {t.name}")
            for t in TABLES.values()
            if t.has_id and t.name not in ("tag", "audit_entry")
        )
    close_store()


def test_the_key_of_second_factors_comes_with_them(kept, settings, tmp_path):
    me, secret = Viewer.staff(kept.owner), new_secret()
    set_second_factor(me, secret, pyotp.TOTP(secret).at(time.time() - 30))
    archive, _ = make_backup(settings, tmp_path / "out")
    close_store()
    other = replace(settings, data=tmp_path / "other")
    put_in(other, archive)
    assert (other.data / FACTOR_KEY).stat().st_mode & 0o777 == 0o600
    open_installation(other)
    assert check_code(me, pyotp.TOTP(secret).now())
    close_store()


def test_the_data_of_before_is_kept_aside_and_the_record_tells(kept, settings, tmp_path):
    archive, contents = make_backup(settings, tmp_path / "out")
    with writer(SYSTEM) as tx:
        tx.update("account", kept.own, name="Danach geändert")
    (settings.documents / "danach.txt").write_text("danach", "utf-8")
    newest = engine().audit_head
    close_store()
    _, aside = put_in(settings, archive)
    assert (aside / "documents" / "danach.txt").exists() and not (settings.documents / "danach.txt").exists()
    said: list[str] = []
    assert run(settings, "status", {}, said.append) == 0
    assert archive.name in said[0] and "before-restore-" in said[0]
    open_installation(settings)
    assert engine().audit_head[0] == contents.facts.head[0] + 1
    with reader(SYSTEM) as r:
        row = r.row("SELECT action, new_value FROM audit_entry ORDER BY audit_entry_id DESC LIMIT 1")
    assert row["action"] == "restored" and archive.name in row["new_value"]
    assert wrong(settings) == []
    close_store()
    # What was put aside is whole as well.
    open_installation(replace(settings, data=aside))
    assert engine().audit_head == newest
    close_store()


def test_a_file_whose_record_goes_meanwhile_is_in_the_backup(kept, settings, tmp_path, monkeypatch):
    """Its row stood in the snapshot; it goes when the backup is done."""
    with writer(SYSTEM) as tx:
        tx.update("document", kept.document, is_from_client=False, staff_member_id=kept.owner, contact_id=None)

    def snapshot(*given):
        facts = taken(*given)
        withdraw_document(kept.account(), kept.document, settings)
        assert (settings.documents / "eigenes.txt").exists()
        return facts

    taken = make.take_snapshot
    monkeypatch.setattr(make, "take_snapshot", snapshot)
    archive, contents = make_backup(settings, tmp_path / "out")
    assert contents.missing == ()
    assert not (settings.documents / "eigenes.txt").exists()
    with tarfile.open(archive) as tar:
        assert tar.extractfile("documents/eigenes.txt").read().decode() == "Inhalt von eigenes.txt"


def test_a_file_held_back_when_the_program_is_killed_goes_at_the_next_start(kept, settings):
    with writer(SYSTEM) as tx:
        tx.update("document", kept.document, is_from_client=False, staff_member_id=kept.owner, contact_id=None)
    with stored_files.holding():
        withdraw_document(kept.account(), kept.document, settings)
        stored_files._held_back.clear()
    assert (settings.documents / "eigenes.txt").exists()
    assert stored_files.sweep(settings) == 1
    assert not (settings.documents / "eigenes.txt").exists()


def test_a_file_that_is_missing_is_told(kept, settings, tmp_path):
    (settings.documents / "fremdes.txt").unlink()
    said: list[str] = []
    close_store()
    assert run(settings, "backup", {"target": str(tmp_path / "out")}, said.append) == 0
    assert any("documents/fremdes.txt" in line for line in said)
    assert any("backup-key" in line for line in said), "that it is not encrypted is said"
    assert verify_backup(settings, kept_in(tmp_path / "out")[0].path, None, said.append) == 0


def sealed(settings, tmp_path) -> tuple[Path, bytes]:
    write_key(tmp_path / "key")
    known = replace(settings, backup_key_file=str(tmp_path / "key"))
    return make_backup(known, tmp_path / "out")[0], read_key(tmp_path / "key")


@pytest.mark.parametrize("way", ["plain", "sealed"])
def test_what_is_damaged_is_refused_and_nothing_touched(kept, settings, tmp_path, way):
    archive, key = sealed(settings, tmp_path) if way == "sealed" else (make_backup(settings, tmp_path / "out")[0], None)
    close_store()
    before, whole, random = untouched(settings), archive.read_bytes(), Random(7)
    for turn in range(10):
        content = bytearray(whole)
        if turn % 2:
            del content[random.randrange(len(content) - 1) :]
        else:
            content[random.randrange(len(content))] ^= 1 << random.randrange(8)
        damaged = tmp_path / archive.name
        damaged.write_bytes(content)
        try:
            found = examine(damaged, key, tmp_path)
        except AppError as refused:
            assert sentence(refused)
        else:
            # A bit of a tar's own padding or of a file's date says nothing; what came out was compared.
            assert way == "plain" and found.finding is None
            continue
        with pytest.raises(AppError):
            put_in(settings, damaged, key)
    assert untouched(settings) == before


def test_what_is_no_backup_is_refused_in_words(kept, settings, tmp_path):
    archive, _ = make_backup(settings, tmp_path / "out")
    close_store()
    copied = tmp_path / "kundenblick.duckdb"
    shutil.copy(settings.database, copied)
    (tmp_path / "text.tar").write_bytes(b"Hallo" * 1000)
    (tmp_path / "empty.tar").write_bytes(b"")
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.add(copied, "kundenblick.duckdb")
    before = untouched(settings)
    wanted = {
        copied: "backup_is_database", settings.data: "backup_is_folder", tmp_path / "text.tar": "backup_foreign",
        tmp_path / "empty.tar": "backup_foreign", tmp_path / "other.tar": "backup_foreign", tmp_path / "none.tar": "backup_not_there",
    }  # fmt: skip
    for file, code in wanted.items():
        with pytest.raises(AppError) as refused:
            put_in(settings, file)
        assert refused.value.code == code
        for language in LANGUAGES:
            with speaking(language):
                assert str(file) in sentence(refused.value)
    assert untouched(settings) == before
    assert archive.exists()


def repacked(archive: Path, target: Path, change) -> Path:
    """The archive once more, with each member as ``change(name, content)`` wants it; None leaves it out."""
    with tarfile.open(archive) as old, tarfile.open(target, "w") as new:
        for member in old:
            content = change(member.name, old.extractfile(member).read())
            if content is not None:
                from io import BytesIO

                info = tarfile.TarInfo(member.name)
                info.size = len(content)
                new.addfile(info, BytesIO(content))
    return target


def test_a_newer_one_is_refused_and_one_that_says_other_than_it_holds(kept, settings, tmp_path):
    archive, _ = make_backup(settings, tmp_path / "out")
    close_store()
    before = untouched(settings)
    forged = {
        "backup_newer": lambda name, content: content.replace(b'"schema": ', b'"schema": 9') if name == "backup.json" else content,
        "backup_damaged": lambda name, content: None if name == "contents.json" else content,
    }
    for code, change in forged.items():
        with pytest.raises(AppError) as refused:
            put_in(settings, repacked(archive, tmp_path / "forged.tar", change))
        assert refused.value.code == code

    def one_row_less(name: str, content: bytes) -> bytes:
        return content.replace(b'"note": 1', b'"note": 2') if name == "contents.json" else content

    with pytest.raises(AppError) as refused:
        put_in(settings, repacked(archive, tmp_path / "forged.tar", one_row_less))
    assert refused.value.code == "backup_differs"
    assert untouched(settings) == before


def test_nothing_leads_out_of_the_folder(kept, settings, tmp_path):
    archive, _ = make_backup(settings, tmp_path / "out")
    with tarfile.open(tmp_path / "evil.tar", "w") as evil, tarfile.open(archive) as old:
        for member in old:
            member.name = "documents/../../evil.txt" if member.name.startswith("documents/") else member.name
            evil.addfile(member, old.extractfile(member))
    with pytest.raises(AppError) as refused:
        examine(tmp_path / "evil.tar", None, tmp_path)
    assert refused.value.code == "backup_damaged"
    assert not list(tmp_path.rglob("evil.txt"))


def test_a_record_that_was_wrong_already_is_said(kept, settings, tmp_path):
    with writer(SYSTEM) as tx:
        tx.execute("UPDATE audit_entry SET through = 'anders' WHERE audit_entry_id = 3")
    archive, _ = make_backup(settings, tmp_path / "out")
    said: list[str] = []
    assert verify_backup(settings, archive, None, said.append) == 1
    assert "3" in said[-1] and kept_in(tmp_path / "out")[0].verified_at is None
    close_store()
    assert put_in(settings, archive)[0].finding.number == 3, "it comes back all the same"


def test_an_older_one_comes_back_and_is_migrated_at_the_next_start(settings, tmp_path):
    shutil.copytree(SCHEMA, tmp_path / "schema", ignore=lambda _, names: [name for name in names if name > "0005"])
    old = duckdb.connect(":memory:")
    old.execute(f"ATTACH '{tmp_path / 'old.duckdb'}' AS kundenblick (STORAGE_VERSION 'v1.5.0')")
    assert migrate(old, tmp_path / "schema") == 4
    old.execute("INSERT INTO kundenblick.data.firm (firm_id, name, created_at) VALUES (1, 'Alte Kanzlei', '2026-01-01')")
    old.close()
    with look_into(tmp_path / "old.duckdb") as (_, facts):
        assert facts.schema == 4
    archive = tmp_path / "kundenblick-20260101T020000Z.tar"
    with archive.open("wb") as out:
        write_archive(out, None, datetime(2026, 1, 1, 2, tzinfo=UTC), facts, [(DATABASE, tmp_path / "old.duckdb")], lambda done: None)
    put_in(settings, archive)
    open_installation(settings)
    with reader(SYSTEM) as r:
        assert r.value("SELECT name FROM firm") == "Alte Kanzlei"
        assert r.value("SELECT count(*) FROM notification") == 0
    close_store()


def test_while_the_server_runs_nothing_is_put_back_but_all_can_be_examined(kept, settings, tmp_path):
    archive, _ = make_backup(settings, tmp_path / "out")
    before = state(settings)
    with pytest.raises(StoreInUse):
        put_in(settings, archive)
    environ = os.environ | {"KUNDENBLICK_DATA": str(settings.data), "LANG": "de_DE.UTF-8"}
    command = ["-m", "core", "restore", str(archive)]
    done = forked.run(command, environ)
    assert done.returncode == 1 and str(os.getpid()) in done.stderr
    done = forked.run([*command, "--verify"], environ)
    assert done.returncode == 0 and "unversehrt" in done.stdout, done.stderr
    assert state(settings) == before
    assert not list(settings.data.glob("*-work-*"))


def test_two_at_once_are_one_after_the_other(kept, settings, tmp_path):
    with make._making, pytest.raises(AppError) as refused:
        make_backup(settings, tmp_path / "out")
    assert refused.value.code == "backup_running"


def test_two_in_the_same_second_are_two(kept, settings, tmp_path):
    """The second waits for a second of its own; one that has its name at the last moment after all is not written over."""
    out = tmp_path / "out"
    out.mkdir()
    began = datetime.now(UTC)
    there = [out / f"kundenblick-{began + timedelta(seconds=ahead):%Y%m%dT%H%M%SZ}.tar" for ahead in range(2)]
    for one in there:
        one.write_bytes(b"another installation's")
    archive, contents = make_backup(settings, out)
    assert archive not in there and contents.made_at > began + timedelta(seconds=1)
    assert examine(archive, None, tmp_path).finding is None
    assert {one.read_bytes() for one in there} == {b"another installation's"} and len(list(out.iterdir())) == 3
    for name in (there[0].name, there[0].name.replace("kundenblick", ".kundenblick") + ".part"):
        (out / name).touch()
        with pytest.raises(AppError) as refused:
            make._write(out, there[0].name, lambda file: file.write(b"ours"))
        assert refused.value.code == "backup_running" and there[0].read_bytes() == b"another installation's"


def test_a_backup_that_fails_leaves_nothing(kept, settings, tmp_path, monkeypatch):
    def broken(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(make, "write_archive", broken)
    with pytest.raises(AppError) as refused:
        make_backup(settings, tmp_path / "out")
    assert refused.value.code == "backup_full"
    assert list((tmp_path / "out").iterdir()) == [] and not list(settings.data.glob("backup-work-*"))
    monkeypatch.undo()

    def full(*_):
        raise StoreFull()

    monkeypatch.setattr(make, "take_snapshot", full)
    with pytest.raises(AppError) as refused:
        make_backup(settings, tmp_path / "out")
    assert refused.value.code == "backup_no_room"
    monkeypatch.undo()
    assert make_backup(settings, tmp_path / "out")


def test_killed_at_any_step_there_is_the_one_or_the_other(tmp_path):
    """A few steps, those where it turns among them; every step: ``python tests/faults/backups.py``."""
    assert sum(backups.kills(tmp_path / "backup", "backup", first=30, every=100).values()) == 1
    found = backups.kills(tmp_path / "restore", "restore", first=20, every=10)
    assert found["before"] and found["after"]


def test_a_backup_while_several_threads_write_is_what_the_model_says(tmp_path):
    """Twenty: ``python tests/faults/backups.py``."""
    assert backups.identical(tmp_path, 1, thoroughly=False) == []
