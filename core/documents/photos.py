"""Set and remove a client's photo; the picture is made safe in a child process (``photo_worker.py``) and stored as a file with a row."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from core.access.open_account import OpenAccount
from core.access.verbs import require, verb
from core.base.config import Settings, read_settings
from core.base.errors import ValidationFailed
from core.base.rights import Right, Viewer
from core.base.sizes import MIB, whole_mib
from core.documents import stored_files
from core.documents.photo_budget import count_computing, has_budget
from core.store import Tx, now

log = logging.getLogger("kundenblick")
MAX_PHOTO_BYTES = 10 * MIB
WORKER_TIMEOUT_S = 20.0
# What the worker makes of a photo (``photo_worker.py``): bytes before the picture's own, and its longest side.
STORED_HEAD_BYTES = 30
STORED_SIDE_PX = 512
# Codes a worker may refuse a picture with.
REASONS = frozenset({"photo_pixels", "photo_small", "photo_format", "photo_broken", "photo_costly", "photo_frame"})
# Left, top, right, bottom as fractions of the upright picture.
Frame = tuple[float, float, float, float]

_WORKER = Path(__file__).with_name("photo_worker.py")
# How many workers run at once.
_slots = threading.BoundedSemaphore(2)


def may_set(account: OpenAccount) -> None:
    """Let pass whoever manages accounts, and the account's own contact. Raises NotAllowed."""
    if account.viewer.kind != "contact":
        require(account.viewer, Right.MANAGE_ACCOUNTS)


def preview(content: bytes, who: Viewer | None = None) -> tuple[bytes, int, int]:
    """Return (upright WebP of at most 1024 px, width, height), the latter of the picture itself in pixels.

    Args:
        content: The file as it was sent.
        who: The person whose computing time the picture is counted against; None to count nothing.

    Raises:
        ValidationFailed: For ``photo``.
    """
    return _made(content, "preview", who=who)


def small(content: bytes, who: Viewer) -> bytes:
    """Return a whole picture as an upright WebP of at most 384 px, counted against the person. Raises ValidationFailed for ``photo``."""
    return _made(content, "small", who=who)[0]


def square(content: bytes) -> bytes:
    """Return the middle of a picture as photos are stored: a WebP square of at most 512 px. Raises ValidationFailed for ``photo``."""
    return _made(content, "square")[0]


def is_stored_form(content: bytes) -> bool:
    """Return whether a file is built as ``square`` builds one: a WebP of one picture of at most 512 px, square, and nothing beside it."""
    if len(content) < STORED_HEAD_BYTES or content[:4] + content[8:16] != b"RIFFWEBPVP8 " or content[23:26] != b"\x9d\x01\x2a":
        return False
    whole, picture = (int.from_bytes(content[place : place + 4], "little") for place in (4, 16))
    wide, high = (int.from_bytes(content[place : place + 2], "little") for place in (26, 28))
    return whole + 8 == len(content) and picture + picture % 2 + 20 == len(content) and wide == high and 0 < wide <= STORED_SIDE_PX


def set_photo(account: OpenAccount, content: bytes, frame: Frame, settings: Settings | None = None) -> int:
    """Make the square ``frame`` of a picture the account's photo; returns its id.

    ``frame`` is left, top, right, bottom as fractions of the upright picture. The file is on the disk before its row is
    committed and the old one goes after it (``stored_files``).
    Raises NotAllowed, AccountNotFound, ValidationFailed for ``photo``, StoreFull.
    """
    may_set(account)
    if len(frame) != 4 or not all(isinstance(value, int | float) and math.isfinite(value) for value in frame):
        raise _refused("photo_frame", least=32)
    picture, _, _ = _made(content, "photo", *(f"{value:.9f}" for value in frame), who=account.viewer)
    folder = (settings or read_settings()).photos
    name = f"{secrets.token_hex(16)}.webp"
    with stored_files.written("photo", folder, {name: picture}):
        photo_id, old = place_photo(account, name, hashlib.sha256(picture).hexdigest())
    stored_files.remove(folder, old)
    return photo_id


def remove_photo(account: OpenAccount, settings: Settings | None = None) -> None:
    """Remove the account's photo, so that its initials are shown. Raises NotAllowed, AccountNotFound."""
    stored_files.remove((settings or read_settings()).photos, drop_photo(account))


@verb("photo.set", portal=True)
def place_photo(tx: Tx, account: OpenAccount, file: str, sha256: str) -> tuple[int, list[str]]:
    """Make a stored file the account's photo; returns its id and the files that no row names any more."""
    if account.viewer.kind != "contact":
        tx.require(Right.MANAGE_ACCOUNTS)
    old = _drop_rows(tx, account.account_id)
    photo_id = tx.insert("photo", account_id=account.account_id, file=file, sha256=sha256, created_at=now())
    _point(tx, account.account_id, photo_id)
    return photo_id, old


@verb("photo.remove")
def drop_photo(tx: Tx, account: OpenAccount) -> list[str]:
    """Delete the account's photo; returns the files that no row names any more."""
    tx.require(Right.MANAGE_ACCOUNTS)
    old = _drop_rows(tx, account.account_id)
    if old:
        _point(tx, account.account_id, None)
    return old


def _drop_rows(tx: Tx, account_id: int) -> list[str]:
    """Delete the account's rows of photo; returns their files."""
    rows = tx.rows("SELECT photo_id, file FROM photo WHERE account_id = $id", id=account_id)
    for row in rows:
        tx.delete("photo", row["photo_id"])
    return [row["file"] for row in rows]


def _point(tx: Tx, account_id: int, photo_id: int | None) -> None:
    # The photo's own rows are recorded; the account's version stays, so that an open form of its details stays good.
    tx.execute("UPDATE account SET photo_id = $photo_id WHERE account_id = $id", {"photo_id": photo_id, "id": account_id})


def _made(content: bytes, *arguments: str, who: Viewer | None = None) -> tuple[bytes, int, int]:
    """Run a worker within the person's computing time; returns (WebP, width, height)."""
    if who is None:
        return _computed(content, *arguments)
    person = (who.kind, who.id)
    if not has_budget(person):
        raise _refused("photo_too_often")
    began = time.monotonic()
    try:
        return _computed(content, *arguments)
    finally:
        count_computing(person, time.monotonic() - began)


def _computed(content: bytes, *arguments: str) -> tuple[bytes, int, int]:
    """Run a worker; returns (WebP, width, height)."""
    if len(content) > MAX_PHOTO_BYTES:
        raise _refused("photo_bytes", size=whole_mib(len(content)), largest=MAX_PHOTO_BYTES // MIB)
    command = [sys.executable, "-I", "-B", str(_WORKER), *arguments]
    with _slots, tempfile.TemporaryFile() as out:
        try:
            ended = subprocess.run(
                command, input=content, stdout=out, stderr=subprocess.DEVNULL, env={}, cwd="/", timeout=WORKER_TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise _refused("photo_costly") from None
        out.seek(0)
        head, _, picture = out.read().partition(b"\n")
    code, numbers = _answer(head)
    if code in REASONS:
        raise _refused(code, **numbers)
    if ended.returncode or not {"width", "height"} <= numbers.keys():
        log.warning("a photo ended its child process with %s", ended.returncode)
        raise _refused("photo_costly")
    return picture, numbers["width"], numbers["height"]


def _answer(head: bytes) -> tuple[str, dict[str, int]]:
    """Return (code of a refusal or "", the whole numbers) of a worker's first line; a hostile picture may have written it."""
    try:
        answer = json.loads(head)
    except ValueError:
        return "", {}
    if not isinstance(answer, dict):
        return "", {}
    code = answer.pop("refused", "")
    return code if isinstance(code, str) else "", {key: value for key, value in answer.items() if type(value) is int}


def _refused(code: str, **values: object) -> ValidationFailed:
    return ValidationFailed({"photo": (code, values)})
