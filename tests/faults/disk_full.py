"""A disk that fills up while people save, while the store is written into its file, while a backup is made, examined and put back: said
clearly, nothing acknowledged is lost, nothing looks like a backup and is none, and it goes on by itself when there is room.

python tests/faults/disk_full.py [ROUNDS] [SEED]

The data lies on a small file system in memory, which root alone may mount; a ballast file takes the room and gives it back.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2]))

from core.audit.examination import verify
from core.base.errors import AppError, StoreError, StoreFull
from core.documents.uploads import Upload, add_documents
from core.i18n import LANGUAGES, sentence, speaking
from core.operations.backup.make import make_backup
from core.operations.backup.restore import examine as examine_backup
from core.operations.backup.restore import restore
from core.operations.doctor import examine
from core.operations.installation import open_installation
from core.overview.work import add_note
from core.store import close_store, engine, now, reader, writer
from tests.conftest import Firm, build_firm
from tests.faults.kill_at_every_statement import SYSTEM, settings_of

SIZE_MIB, NOTE, LONG, DOCUMENT = 96, 4000, 100_000, 300_000
WORDS = {"de": "kein Platz", "en": "no room"}


class NotPermitted(Exception):
    """Mounting is for root, and not in every container."""


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A file system of SIZE_MIB. Raises NotPermitted."""
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(place)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotPermitted(done.stderr.strip())
    try:
        yield place
    finally:
        close_store()
        subprocess.run(["umount", str(place)], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Ballast that leaves so many bytes."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(b"\0" * 65536)
        except OSError:
            pass
    size = ballast.stat().st_size
    with ballast.open("r+b") as out:
        out.truncate(max(0, size - leave))
    return ballast


def said_clearly(problem: StoreError) -> None:
    for language in LANGUAGES:
        with speaking(language):
            assert isinstance(problem, StoreFull) and WORDS[language] in sentence(problem), repr(problem.__cause__)


def save_until_full(firm: Firm, saved: set[str], mark: str, documents: bool, settings) -> int:
    """Save until there is no room; what was saved is noted. Returns how often it was refused before it was said."""
    account = firm.account("own")
    for turn in range(10_000):
        text = f"{mark}-{turn} "
        try:
            if documents:
                add_documents(
                    account, [Upload(f"{text}.txt", f"{text}.txt", DOCUMENT, lambda: b"x" * DOCUMENT)], is_shared=False, settings=settings
                )
            else:
                add_note(account, {"text": text + "x" * (NOTE - len(text))})
        except StoreError as problem:
            said_clearly(problem)
            return turn
        saved.add(text.strip())
    raise AssertionError("the disk never filled up")


def held(firm: Firm) -> set[str]:
    """The marks of what the store holds."""
    with reader(SYSTEM) as r:
        notes = {row["text"].split(" ")[0] for row in r.rows("SELECT text FROM note")}
        documents = {row["name"].split(" ")[0] for row in r.rows("SELECT name FROM document")}
    return notes | documents


def rounds(place: Path, count: int, seed: int = 1) -> dict[str, int]:
    """Fill the disk so many times, in turn while saving notes, documents, and while checkpointing. Returns what happened."""
    random, done = Random(seed), {"rounds": 0, "refused saves": 0, "refused checkpoints": 0, "saved": 0}
    with small_disk(place) as disk:
        settings = settings_of(disk / "data")
        open_installation(settings)
        firm, saved = build_firm(), set()
        known = {code for code, _ in examine(settings)}
        engine().checkpoint()
        for turn in range(count):
            kind, mark = ("notes", "documents", "checkpoint")[turn % 3], f"r{turn}"
            if kind == "checkpoint":
                # There is room for the log of what is saved and none for writing it into the file.
                for number in range(20):
                    with writer(SYSTEM) as tx:
                        text = f"{mark}-{number} {random.randbytes(LONG // 2).hex()}"
                        tx.insert("note", account_id=firm.own, text=text, staff_member_id=firm.owner, saved_at=now())
                    saved.add(f"{mark}-{number}")
                ballast = fill(disk, random.randrange(0, 300_000))
                try:
                    engine().checkpoint()
                except StoreError as problem:
                    said_clearly(problem)
                    done["refused checkpoints"] += 1
                assert saved <= held(firm), "lost at a checkpoint"
            else:
                ballast = fill(disk, random.randrange(40_000, 900_000))
                save_until_full(firm, saved, mark, kind == "documents", settings)
                done["refused saves"] += 1
                assert saved <= held(firm), "lost while saving"
            ballast.unlink()
            # Nobody starts anything anew.
            add_note(firm.account("own"), {"text": f"{mark}-again x"})
            saved.add(f"{mark}-again")
            engine().checkpoint()
            if turn % 4 == 3 or turn == count - 1:
                close_store()
                open_installation(settings)
            assert saved == held(firm) & saved, f"round {turn}: {saved - held(firm)} lost"
            extra = {one for one in held(firm) - saved if one.startswith("r")}
            assert not extra, f"refused and kept all the same: {extra}"
            _make_room(firm, settings, saved)
            done["rounds"] += 1
        assert {code for code, _ in examine(settings)} <= known and verify(SYSTEM, settings).finding is None
        done["saved"] = len(saved)
    return done


def _make_room(firm: Firm, settings, saved: set[str]) -> None:
    """The small disk is to last for many rounds: documents of earlier ones go."""
    from core.documents.uploads import withdraw_document

    with reader(SYSTEM) as r:
        for row in r.rows("SELECT document_id, name FROM document WHERE name LIKE 'r%'"):
            saved.discard(row["name"].split(" ")[0])
            withdraw_document(firm.account("own"), row["document_id"], settings)


# What is said where there is no room: for the copy of the database, for the archive, for what is taken out of one.
SAID = {"backup_no_room": WORDS, "backup_full": WORDS, "restore_room": {"de": "frei", "en": "free"}}


def refused_for_room(work: Callable[[], object]) -> str | None:
    """The code of the refusal, said clearly in every language; None where it was done."""
    try:
        work()
    except AppError as problem:
        for language in LANGUAGES:
            with speaking(language):
                assert SAID[problem.code][language] in sentence(problem), sentence(problem)
        return problem.code
    return None


def backups(place: Path, count: int, seed: int = 1) -> dict[str, int]:
    """Fill the disk so many times before a backup, before one is examined, and before one is put back. Returns what was said how often."""
    random, done = Random(seed), Counter()
    with small_disk(place) as disk:
        settings = replace(settings_of(disk / "data"), backup_folder=str(disk / "out"))
        open_installation(settings)
        firm, saved = build_firm(), set()
        for number in range(20):
            text = f"d{number}.txt"
            add_documents(firm.account("own"), [Upload(text, text, DOCUMENT, lambda: b"x" * DOCUMENT)], is_shared=False, settings=settings)
        before, (whole, _) = shutil.disk_usage(disk).free, make_backup(settings)
        # The copy of the database and the archive beside it.
        cost = before - shutil.disk_usage(disk).free + settings.database.stat().st_size
        size = whole.stat().st_size
        for turn in range(count):
            kind = ("backup", "verify", "restore")[turn % 3]
            add_note(firm.account("own"), {"text": f"b{turn} x"})
            saved.add(f"b{turn}")
            ballast = fill(disk, random.randrange(0, int(cost * 0.9) if kind == "backup" else size))
            if kind == "backup":
                done[f"{kind}: {refused_for_room(lambda: make_backup(settings))}"] += 1
            elif kind == "verify":
                done[f"{kind}: {refused_for_room(lambda: examine_backup(whole, None, settings.data))}"] += 1
            else:
                close_store()
                put = refused_for_room(lambda: restore(settings, whole, None, lambda done, of: None, lambda what: None))
                done[f"{kind}: {put}"] += 1
            assert [path.name for path in settings.backups.iterdir()] == [whole.name], "a part of a backup stayed"
            assert not [path for path in settings.data.iterdir() if "-work-" in path.name or "before-" in path.name], "work stayed"
            ballast.unlink()
            if kind == "restore":
                open_installation(settings)
            assert saved <= held(firm), "lost"
            # Nobody starts anything anew: the next one is whole.
            again, _ = make_backup(settings, disk / "again")
            assert examine_backup(again, None, settings.data).finding is None
            again.unlink()
        assert verify(SYSTEM, settings).finding is None
    return dict(done)


if __name__ == "__main__":
    count, seed = (int(given) for given in (*sys.argv[1:], *("30", "1")[len(sys.argv) - 1 :]))
    for what in (rounds, backups):
        with tempfile.TemporaryDirectory() as place:
            began = time.monotonic()
            try:
                print(f"{what.__name__}: {what(Path(place) / 'disk', count, seed)}, {time.monotonic() - began:.0f} s", flush=True)
            except NotPermitted as refused:
                print(f"{what.__name__}: not tried, a small file system may not be mounted here ({refused})", flush=True)
