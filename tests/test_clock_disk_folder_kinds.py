"""Other members of the kinds in test_clock_disk_folder: clocks that were ahead, folders that were replaced, archives nobody of us made."""

from __future__ import annotations

import contextlib
import io
import json
import tarfile
import threading
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.base.config import read_settings
from core.base.errors import AppError, StoreError, StoreFull, StoreGone
from core.base.rights import Viewer
from core.base.tokens import hash_token
from core.i18n import t
from core.identity.members import set_password
from core.identity.sessions import start_session, viewer_of
from core.identity.sign_in_tickets import mint
from core.operations.backup.archive import FIRST, LAST, contents_of, is_ours, reading, write_archive
from core.operations.backup.restore import examine
from core.operations.backup.retention import kept_in, note_verified, prune
from core.operations.backup.schedule import due
from core.operations.installation import open_installation
from core.store import close_store, engine, head_mark, writer
from core.store.audit.high_water_mark import MarkState, write_head
from core.store.snapshot import Facts
from core.ui.sign_in.page import ADDRESS_ERRORS
from tests.small_firm import PASSWORD, build_firm

SYSTEM = Viewer.system("tests")
BERLIN = ZoneInfo("Europe/Berlin")
BEGINNING = json.dumps({"kundenblick": 1, "made_at": "2026-11-30T02:00:00+00:00", "schema": 1}).encode()


def test_a_failure_noted_by_a_clock_that_was_ahead_stops_no_night(settings):
    moment = datetime(2026, 11, 30, 2, 30, tzinfo=BERLIN)
    assert due(settings, moment, moment - timedelta(days=3), [], moment + timedelta(days=400))


def test_a_start_by_a_clock_that_was_ahead_still_makes_up_for_a_missed_night(settings, tmp_path):
    moment = datetime(2026, 11, 30, 9, 0, tzinfo=BERLIN)
    old = tmp_path / "kundenblick-20261101T010000Z-nightly.tar"
    old.write_bytes(b"x")
    assert due(settings, moment, moment + timedelta(days=400), kept_in(tmp_path), None)


def test_a_name_with_a_date_that_does_not_exist_is_no_backup(tmp_path):
    (tmp_path / "kundenblick-20261399T999999Z-nightly.tar").write_bytes(b"x")
    good = tmp_path / "kundenblick-20261101T010000Z-nightly.tar"
    good.write_bytes(b"x")
    assert [one.path for one in kept_in(tmp_path)] == [good]


@pytest.mark.parametrize("told", ["[" * 100_000, '{"size": 1e999, "mtime_ns": 0, "at": ""}', "[]", "\x00"])
def test_what_lies_beside_a_backup_and_says_nothing_leaves_it_unverified(tmp_path, told):
    one = tmp_path / "kundenblick-20261101T010000Z-nightly.tar"
    one.write_bytes(b"x")
    one.with_name(f".{one.name}.verified").write_text(told, "utf-8")
    assert kept_in(tmp_path)[0].verified_at is None


def test_backups_stamped_in_the_future_push_no_real_one_out(tmp_path):
    real = tmp_path / f"kundenblick-{datetime.now(UTC) - timedelta(hours=1):%Y%m%dT%H%M%SZ}-nightly.tar"
    for number in range(14):
        ahead = datetime.now(UTC) + timedelta(days=31 * number + 40)
        (tmp_path / f"kundenblick-{ahead:%Y%m%dT%H%M%SZ}-nightly.tar").write_bytes(b"x")
    for path in (real, *tmp_path.glob("*.tar")):
        path.write_bytes(b"x")
        note_verified(path)
    assert real.name not in prune(tmp_path)
    assert real.exists()


@pytest.mark.parametrize("column", ["last_used_at", "created_at"])
def test_a_session_stamped_by_a_clock_that_was_ahead_does_not_live_until_then(firm, settings, column):
    token_hash = hash_token(start_session(firm.owner, "127.0.0.1", "test"))
    assert viewer_of(token_hash, settings)
    ahead = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=400)
    with writer(SYSTEM) as tx:
        tx.execute(f"UPDATE session SET {column} = $ahead WHERE token_hash = $hash", {"ahead": ahead, "hash": token_hash})
    assert viewer_of(token_hash, settings) is None


def opened(folder: Path):
    settings = read_settings({"KUNDENBLICK_DATA": str(folder)})
    close_store()
    open_installation(settings)
    return settings, build_firm()


def test_a_folder_put_in_the_place_of_the_open_one_keeps_its_own_mark(tmp_path):
    settings, _ = opened(tmp_path / "data")
    settings.data.rename(tmp_path / "moved")
    settings.data.mkdir(mode=0o700)
    settings.database.write_bytes(b"a restored one")
    write_head(settings.database, (7, "of the restored one"), MarkState(closed=True))
    engine().head.note((9_999, "of the open one"))
    close_store()
    assert head_mark(settings.database) == (7, "of the restored one")


def test_a_log_that_was_deleted_takes_no_acknowledged_change_with_it(tmp_path):
    settings, firm = opened(tmp_path / "data")
    wal = settings.database.with_name(settings.database.name + ".wal")
    try:
        set_password(SYSTEM, firm.owner, PASSWORD)
        assert wal.exists()
        wal.unlink()
        with pytest.raises(StoreGone):
            set_password(SYSTEM, firm.owner, PASSWORD + "x")
    finally:
        close_store()


@pytest.mark.parametrize("problem", [StoreGone(), StoreFull(), StoreError()], ids=lambda one: one.code)
def test_a_sign_in_that_cannot_be_kept_is_answered_with_a_sentence(shell, firm, monkeypatch, problem):
    ticket = mint(firm.owner, "/")

    def refuse() -> None:
        raise problem

    monkeypatch.setattr(engine(), "require_file", refuse)
    answer = shell().get(f"/auth/enter?ticket={ticket}", follow_redirects=False)
    code = answer.headers["location"].removeprefix("/?said=")
    assert answer.status_code == 303 and code in ADDRESS_ERRORS and "secret" not in t(f"errors.{code}")


def test_checkpoints_beside_writers_are_no_lost_log(tmp_path):
    opened(tmp_path / "data")
    done, problems = threading.Event(), []

    def write(number: int) -> None:
        try:
            for turn in range(20):
                with writer(SYSTEM) as tx:
                    tx.insert("account", number=f"{number}{turn:05}", name="Beta AG", created_at=tx.moment)
        except AppError as problem:
            problems.append(problem)

    def empty_the_log() -> None:
        while not done.is_set():
            with contextlib.suppress(StoreError), engine().lease() as connection:
                connection.execute("CHECKPOINT kundenblick")

    writers = [threading.Thread(target=write, args=(number,)) for number in range(2, 5)]
    emptier = threading.Thread(target=empty_the_log)
    try:
        for one in (*writers, emptier):
            one.start()
        for one in writers:
            one.join()
    finally:
        done.set()
        emptier.join()
        close_store()
    assert not [problem for problem in problems if isinstance(problem, StoreGone)]


def test_names_that_need_a_header_of_their_own_come_out_again(tmp_path):
    names = ["documents/" + "ü" * 120, "photos/" + "a" * 200 + ".webp", "documents/kurz.pdf"]
    file = tmp_path / "file"
    file.write_bytes(b"x")
    with (tmp_path / "a.tar").open("wb") as out:
        write_archive(out, None, datetime.now(UTC), Facts(1, (0, ""), {}, {}), [(name, file) for name in names], lambda done: None)
    with reading(tmp_path / "a.tar", None) as archive:
        archive.first(99)
        assert [member.name for member in archive.rest() if archive.content(member)] == [*names, LAST]
    assert all(map(is_ours, names))


def packed(path: Path, raw: bytes) -> Path:
    """An archive that begins as ours do; ``raw`` follows."""
    out = io.BytesIO()
    info = tarfile.TarInfo(FIRST)
    info.size = len(BEGINNING)
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(info, io.BytesIO(BEGINNING))
        whole = out.tell()
    path.write_bytes(out.getvalue()[:whole] + raw + b"\0" * 1024)
    return path


def header(kind: bytes, content: bytes, name: str = "x") -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, len(content)
    return info.tobuf(tarfile.GNU_FORMAT) + content + b"\0" * (-len(content) % 512)


def pax(**told: str) -> bytes:
    content = b""
    for key, value in told.items():
        line = f" {key.replace('__', '.')}={value}\n"
        size = len(line) + 1
        while len(f"{size}{line}") != size:
            size = len(f"{size}{line}")
        content += f"{size}{line}".encode()
    return header(tarfile.XHDTYPE, content)


FILE = header(tarfile.REGTYPE, b"x", "documents/a")
HOSTILE = {
    "a header of 64 MB": header(tarfile.XHDTYPE, b"9" * (64 * 2**20)) + FILE,
    "long names without end": header(tarfile.GNUTYPE_LONGNAME, b"a\0") * 3_000 + FILE,
    "headers of digits": header(tarfile.XHDTYPE, b"9" * 6_000) * 100 + FILE,
    "headers without end": pax(comment="x") * 3_000 + FILE,
    "global headers": header(tarfile.XGLTYPE, b"") * 3_000 + FILE,
    "a map of no numbers": pax(GNU__sparse__map="a,b", GNU__sparse__size="9") + FILE,
    "a sparse 1.0 map": pax(GNU__sparse__major="1", GNU__sparse__minor="0", GNU__sparse__realsize="9")
    + header(tarfile.REGTYPE, b"q\n", "documents/a"),
    "a size of no number": pax(size="nan") + FILE,
    "a size below zero": pax(size="-5") + FILE,
    "a size beyond everything": pax(size="9" * 400) + FILE,
    "a size that python does not read": pax(size="9" * 5_000) + FILE,
    "a link": header(tarfile.SYMTYPE, b"", "documents/a"),
    "a name that leads out": header(tarfile.REGTYPE, b"x", "documents/../../a"),
    "a name from the root": header(tarfile.REGTYPE, b"x", "/etc/x"),
    "a name too long for a disk": header(tarfile.GNUTYPE_LONGNAME, b"documents/" + b"a" * 5_000 + b"\0") + FILE,
    "twice the same": FILE + FILE,
    "a file where a folder is": FILE + header(tarfile.REGTYPE, b"x", "documents/a/b"),
    "a pipe": header(tarfile.FIFOTYPE, b"", "documents/a"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_archives_nobody_of_us_made_are_damaged_ones(tmp_path, kind):
    began = time.thread_time()
    with pytest.raises(AppError) as refused:
        examine(packed(tmp_path / "a.tar", HOSTILE[kind]), None, tmp_path)
    assert time.thread_time() - began < 2
    assert refused.value.code == "backup_damaged"


def numbered(**other: object) -> bytes:
    facts = {"schema": 1, "head": [1, "x"], "counts": {}, "files": {}}
    whole = {"made_at": "2026-11-30T02:00:00+00:00", "facts": facts, "members": [], "missing": []}
    for key, value in other.items():
        (facts if key in facts else whole)[key] = value
    return json.dumps(whole).replace('"HUGE"', "1e999").encode()


@pytest.mark.parametrize(
    "text",
    [
        numbered(schema="HUGE"), numbered(head=["HUGE", "x"]), numbered(counts={"a": "HUGE"}), numbered(head={}), numbered(files=[]),
        numbered(members=[{"name": "a", "size": "HUGE", "sha256": "x"}]), numbered(made_at=1), b"\xff\xfe", b"", b"1" * 10_000,
    ],
    ids=range(10),
)  # fmt: skip
def test_contents_with_numbers_nobody_counts_to_are_damaged(text):
    with pytest.raises(AppError) as refused:
        contents_of(text)
    assert refused.value.code == "backup_damaged"


@pytest.mark.parametrize(
    "first",
    [b'{"kundenblick": 1e999, "schema": 1, "made_at": "2026-11-30T02:00:00+00:00"}', b"[]", b"[" * 100_000, b" " * 2**24 + BEGINNING],
)
def test_a_beginning_nobody_can_read_is_damaged(tmp_path, first):
    path = tmp_path / "a.tar"
    path.write_bytes(header(tarfile.REGTYPE, first, FIRST) + b"\0" * 1024)
    with pytest.raises(AppError) as refused:
        examine(path, None, tmp_path)
    assert refused.value.code == "backup_damaged"


@pytest.mark.parametrize(
    ("what", "raw"),
    [
        ("a list of empty lists", header(tarfile.REGTYPE, b"[" + b"[]," * 8_000_000 + b"[]]", LAST)),
        ("a name of 64 MB", header(tarfile.GNUTYPE_LONGNAME, b"a" * (64 * 2**20)) + FILE),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_archive_takes_little_memory(tmp_path, what, raw):
    path = packed(tmp_path / "a.tar", raw)
    del raw
    tracemalloc.start()
    try:
        with pytest.raises(AppError):
            examine(path, None, tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # The text of 23 MB itself, in pieces and as a whole.
    assert peak < 60 * 2**20, f"{what}: {peak >> 20} MiB"


def test_leaving_when_nothing_can_be_written_takes_the_cookie_and_says_so(shell, firm, monkeypatch):
    def full(*_: object):
        raise StoreFull()

    monkeypatch.setattr("core.web.routes.end_session", full)
    answer = shell("owner").post("/auth/leave", headers={"Origin": "http://testserver"}, follow_redirects=False)
    assert answer.headers["location"] == "/?said=leave_unsure" and 'kundenblick=""' in answer.headers["set-cookie"]
