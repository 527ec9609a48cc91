"""Photos of accounts: set, replaced, removed and shown, by whom it may be; file and row stay together."""

from __future__ import annotations

import io
import threading

import pytest
from PIL import Image

from core.access.open_account import open_account
from core.base.errors import NotAllowed, NotFound, StoreFull
from core.clients.account_record import delete_account
from core.documents import photos, stored_files
from core.documents.photos import remove_photo, set_photo
from core.documents.stored_files import sweep
from core.operations import background, control_socket
from core.store import reader, writer
from core.store.tables import TABLES
from tests.pictures import BLUE, GOOD, GREEN, RED, SYSTEM, WHOLE, YELLOW, alike, corners, files, pointed, rows, together, written


@pytest.mark.parametrize("who", ["owner", "everything", "portal"])
def test_a_photo_is_set_replaced_and_removed(firm, settings, who):
    version = firm.account().version
    first = set_photo(firm.account("own", who), GOOD["JPEG"], WHOLE, settings)
    assert firm.account("own", who).photo_id == first
    second = set_photo(firm.account("own", who), GOOD["PNG"], (0.0, 0.0, 0.5, 0.5), settings)
    assert firm.account("own", who).photo_id == second != first
    together(settings)
    assert files(settings) == {pointed(firm.own)}
    assert alike(corners(Image.open(settings.photos / pointed(firm.own))), [RED] * 4)
    # An open form of the client's details is not outdated by a photo.
    assert firm.account().version == version
    with reader(SYSTEM) as r:
        told = r.rows("SELECT action, actor_kind, through, account_id FROM audit_entry WHERE entity = 'photo' ORDER BY audit_entry_id")
    kind = "contact" if who == "portal" else "staff"
    assert {(row["actor_kind"], row["account_id"]) for row in told} == {(kind, firm.own)}
    assert [row["action"] for row in told if row["action"] == "created"] == ["created"] * 2
    if who == "portal":
        with pytest.raises(NotAllowed):
            remove_photo(firm.account("own", who), settings)
        return
    remove_photo(firm.account("own", who), settings)
    assert firm.account().photo_id is None
    assert files(settings) == rows() == set()
    remove_photo(firm.account("own", who), settings)


def test_who_may_not_gets_no_picture_made(firm, settings, monkeypatch):
    monkeypatch.setattr(photos, "_made", lambda *_: pytest.fail("made before asked"))
    with pytest.raises(NotAllowed):
        set_photo(firm.account("own", "assigned"), GOOD["PNG"], WHOLE, settings)
    assert files(settings) == set()


def test_a_login_taken_away_meanwhile_leaves_no_file(firm, settings):
    account = firm.account("own", "portal")
    with writer(SYSTEM) as tx:
        tx.execute("UPDATE email_access SET login = FALSE")
    with pytest.raises(NotFound):
        set_photo(account, GOOD["PNG"], WHOLE, settings)
    assert files(settings) == rows() == set()


def test_a_contact_reads_the_head_and_the_photo_of_its_own_account_and_nothing_else(firm, settings):
    set_photo(firm.account(), GOOD["PNG"], WHOLE, settings)
    set_photo(firm.account("foreign"), GOOD["PNG"], WHOLE, settings)
    contact = firm.viewer("portal")
    with reader(contact) as r:
        seen = {}
        for name in TABLES:
            try:
                seen[name] = r.value(f"SELECT count(*) FROM {name}")
            except Exception as problem:
                assert "does not exist" in str(problem)
        assert {name for name, count in seen.items() if count} == {"firm", "account", "photo"}
        assert (seen["account"], seen["photo"]) == (1, 1)
    with pytest.raises(NotFound):
        open_account(contact, firm.foreign)
    with writer(SYSTEM) as tx:
        tx.execute("UPDATE email_access SET login = FALSE")
    with reader(contact) as r:
        assert (r.value("SELECT count(*) FROM account"), r.value("SELECT count(*) FROM photo")) == (0, 0)


def test_a_contact_gets_its_photo_over_the_route(firm, settings):
    mine = set_photo(firm.account(), GOOD["PNG"], WHOLE, settings)
    theirs = set_photo(firm.account("foreign"), GOOD["PNG"], WHOLE, settings)
    from core.store import sql

    with reader(firm.viewer("portal")) as r:
        assert r.row(sql("photo_file"), photo_id=mine)["file"] == pointed(firm.own)
        assert r.row(sql("photo_file"), photo_id=theirs) is None


def test_the_address_changes_with_the_photo(firm, shell, settings):
    client = shell("owner")
    first = set_photo(firm.account(), GOOD["PNG"], WHOLE, settings)
    second = set_photo(firm.account(), GOOD["JPEG"], WHOLE, settings)
    assert (client.get(f"/photo/{first}").status_code, client.get(f"/photo/{second}").status_code) == (404, 200)
    for size in (48, 96, 128):
        assert Image.open(io.BytesIO(client.get(f"/photo/{second}?size={size}").content)).size == (size, size)
    (settings.photos / pointed(firm.own)).unlink()
    assert client.get(f"/photo/{second}").status_code == 404


def test_two_saves_at_once_leave_one_photo(firm, settings):
    pictures = [written(Image.new("RGB", (64, 64), color), "PNG") for color in (RED, GREEN, BLUE, YELLOW)]
    problems = []

    def save(content: bytes) -> None:
        try:
            set_photo(firm.account(), content, WHOLE, settings)
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=save, args=(content,)) for content in pictures]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    together(settings)
    assert files(settings) == {pointed(firm.own)}


def test_a_save_that_fails_leaves_everything_as_it_was(firm, settings, monkeypatch):
    set_photo(firm.account(), GOOD["PNG"], WHOLE, settings)
    before = files(settings)
    monkeypatch.setattr(photos, "_point", lambda *_: (_ for _ in ()).throw(StoreFull()))
    with pytest.raises(StoreFull):
        set_photo(firm.account(), GOOD["JPEG"], WHOLE, settings)
    assert files(settings) == before == {pointed(firm.own)}
    together(settings)


def test_a_full_disk_is_said_and_nothing_stays(firm, settings, monkeypatch):
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stored_files.os, "fsync", full)
    with pytest.raises(StoreFull):
        set_photo(firm.account(), GOOD["JPEG"], WHOLE, settings)
    assert files(settings) == rows() == set()


def test_the_sweep_takes_only_what_a_kill_left(firm, settings, monkeypatch):
    kept = set_photo(firm.account(), GOOD["PNG"], WHOLE, settings)
    delete_account(firm.account("empty", "owner"), "Leer AG")
    monkeypatch.setattr(stored_files, "remove", lambda *_: None)
    set_photo(firm.account("foreign"), GOOD["PNG"], WHOLE, settings)
    set_photo(firm.account("foreign"), GOOD["JPEG"], WHOLE, settings)
    deleted = pointed(firm.foreign)
    assert f"photos/{deleted}" in delete_account(firm.account("foreign", "owner"), "Schmidt Straßenbau")
    monkeypatch.undo()
    (settings.photos / "from-a-backup.webp").write_bytes(GOOD["WEBP"])
    (settings.photos / "12.webp.incoming").write_bytes(b"an import at work")
    assert sweep(settings) == 2
    assert files(settings) == {pointed(firm.own), "from-a-backup.webp", "12.webp.incoming"}
    assert sweep(settings) == 0
    assert kept


def test_doctor_and_every_start_sweep(firm, settings):
    set_photo(firm.account(), GOOD["PNG"], WHOLE, settings)

    def served() -> None:
        with background.serve(settings):
            pass

    for begin in (lambda: control_socket.perform(settings, "examine", {}, lambda line: None), served):
        (settings.photos / "x.webp").write_bytes(b"half")
        (settings.photos / "x.webp.unsure").touch()
        begin()
        assert files(settings) == {pointed(firm.own)}
