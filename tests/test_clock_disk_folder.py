"""A clock that was wrong, a disk without room, a folder that is gone: said in a sentence, and nothing acknowledged is lost."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pyotp
import pytest

from core.base.config import read_settings
from core.base.errors import AppError, StoreGone
from core.base.rights import Viewer
from core.documents import stored_files
from core.identity.members import set_password
from core.identity.second_factor import check_code, new_secret, set_second_factor
from core.identity.sessions import store_answers
from core.operations.backup.archive import FIRST, LAST, contents_of
from core.operations.backup.restore import examine
from core.operations.backup.retention import BackupFile, standing
from core.operations.backup.schedule import due
from core.operations.installation import open_installation
from core.store import close_store, writer
from tests.small_firm import PASSWORD, build_firm

SYSTEM = Viewer.system("tests")
BERLIN = ZoneInfo("Europe/Berlin")


def kept(made_at: datetime) -> BackupFile:
    return BackupFile(Path(f"{made_at:%Y%m%dT%H%M%SZ}"), made_at.astimezone(UTC), True, False, 1, made_at)


def test_a_backup_stamped_in_the_future_stops_no_night(settings):
    moment = datetime(2026, 11, 30, 2, 30, tzinfo=BERLIN)
    future, last_night = kept(moment + timedelta(days=400)), kept(moment - timedelta(days=1))
    assert due(settings, moment, moment - timedelta(days=3), [future, last_night], None)
    assert not due(settings, moment, moment - timedelta(days=3), [future, kept(moment - timedelta(minutes=10))], None)


def test_a_backup_stamped_in_the_future_does_not_read_as_healthy(tmp_path):
    future = tmp_path / f"kundenblick-{datetime.now(UTC) + timedelta(days=400):%Y%m%dT%H%M%SZ}-nightly.tar"
    future.write_bytes(b"x")
    state = future.stat()
    beside = future.with_name(f".{future.name}.verified")
    beside.write_text(json.dumps({"at": "2027-01-01T00:00:00+00:00", "size": state.st_size, "mtime_ns": state.st_mtime_ns}), "utf-8")
    assert standing(tmp_path).code == "none"


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_every_night_has_one_backup_also_when_the_clock_is_changed(settings, zone):
    """Each quarter of an hour of the weeks in which clocks are changed somewhere."""
    for first, days in ((datetime(2026, 3, 1, tzinfo=UTC), 40), (datetime(2026, 9, 25, tzinfo=UTC), 45)):
        made: list[BackupFile] = []
        for quarter in range(days * 96):
            # As the server sees it: with the offset of this moment, not with a zone.
            here = (first + timedelta(minutes=15 * quarter)).astimezone(ZoneInfo(zone))
            here = here.replace(tzinfo=timezone(here.utcoffset()))
            if due(settings, here, first - timedelta(days=1), made[:3], None):
                made.insert(0, kept(here))
        nights = [one.made_at.astimezone(ZoneInfo(zone)).date() for one in made]
        assert days - 1 <= len(nights) == len(set(nights)) <= days + 1


def test_a_clock_that_was_ahead_does_not_keep_right_codes_out(firm):
    secret, who = new_secret(), firm.viewer("everything")
    set_second_factor(who, secret, pyotp.TOTP(secret).now())
    ahead = int(time.time()) // 30 + 240
    with writer(SYSTEM) as tx:
        tx.update("second_factor", firm.everything, last_step=ahead)
    code = pyotp.TOTP(secret).now()
    assert check_code(who, code)
    # It still counts once.
    assert not check_code(who, code)


@pytest.mark.parametrize("how", ["folder deleted", "file deleted", "file replaced", "folder moved"])
def test_what_cannot_be_kept_is_not_acknowledged(tmp_path, how):
    settings = read_settings({"KUNDENBLICK_DATA": str(tmp_path / "data")})
    close_store()
    open_installation(settings)
    firm = build_firm()
    try:
        if how == "folder deleted":
            shutil.rmtree(settings.data)
        elif how == "folder moved":
            settings.data.rename(tmp_path / "moved")
        else:
            settings.database.unlink()
            if how == "file replaced":
                settings.database.write_bytes(b"something else")
        with pytest.raises(StoreGone):
            set_password(SYSTEM, firm.owner, PASSWORD)
        assert not store_answers()
    finally:
        close_store()


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").write_text("x", "utf-8")
    for folder in (tmp_path / "file" / "documents", Path("/proc/nothing")):
        with pytest.raises(AppError) as refused:
            stored_files.write(folder / "x", b"x")
        assert refused.value.code == "folder_unwritable" and refused.value.values["folder"] == folder


def archive(path: Path, *members: tarfile.TarInfo, content: bytes = b"") -> Path:
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        first = json.dumps({"kundenblick": 1, "made_at": "2026-11-30T02:00:00+00:00", "schema": 1}).encode()
        info = tarfile.TarInfo(FIRST)
        info.size = len(first)
        tar.addfile(info, io.BytesIO(first))
        for member in members:
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"facts":' * 50_000, b"[" * 100_000 + b"]" * 100_000])
def test_a_list_of_brackets_is_no_list(tmp_path, text):
    with pytest.raises(AppError) as refused:
        contents_of(text)
    assert refused.value.code == "backup_damaged"
    last = tarfile.TarInfo(LAST)
    last.size = len(text)
    with pytest.raises(AppError) as refused:
        examine(archive(tmp_path / "a.tar", last, content=text), None, tmp_path)
    assert refused.value.code == "backup_damaged"


@pytest.mark.parametrize("kind", ["gnu sparse", "pax sparse", "says too much"])
def test_a_sparse_archive_uses_no_room(tmp_path, kind):
    member = tarfile.TarInfo("documents/grosses.pdf")
    if kind == "pax sparse":
        member.pax_headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.map": "0,1", "GNU.sparse.size": str(2**40)}
        member.size = 1
    elif kind == "gnu sparse":
        member.type = tarfile.GNUTYPE_SPARSE
    made = archive(tmp_path / "a.tar", member, content=b"x")
    if kind == "says too much":
        content = bytearray(made.read_bytes())
        place = content.find(b"documents/grosses.pdf")
        content[place + 124 : place + 136] = b"%011o\x00" % (2**33 - 1)
        content[place + 148 : place + 156] = b"        "
        content[place + 148 : place + 156] = b"%06o\x00 " % sum(content[place : place + 512])
        made.write_bytes(bytes(content))
    before = shutil.disk_usage(tmp_path).free
    with pytest.raises(AppError) as refused:
        examine(made, None, tmp_path)
    assert refused.value.code == "backup_damaged"
    assert before - shutil.disk_usage(tmp_path).free < 2**28
