"""The client's photo: made safe in a child process, kept as a file with its row, replaced and removed."""

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
from core.documents import stored_files
from core.documents.photo_budget import count_computing, has_budget
from core.store import Tx, now

log = logging.getLogger("kundenblick")
LARGEST, PATIENCE = 10 * 2**20, 20.0
REASONS = frozenset({"photo_pixels", "photo_small", "photo_format", "photo_broken", "photo_costly", "photo_frame"})
Frame = tuple[float, float, float, float]

_CHILD = Path(__file__).with_name("photo_worker.py")
_slots = threading.BoundedSemaphore(2)


def may_set(account: OpenAccount) -> None:
    """Whoever manages accounts may, and the account's own contact. Raises NotAllowed."""
    if account.viewer.kind != "contact":
        require(account.viewer, Right.MANAGE_ACCOUNTS)


def preview(content: bytes, who: Viewer | None = None) -> tuple[bytes, int, int]:
    """(upright WebP of at most 1024 px, width and height of the picture itself in pixels). Raises ValidationFailed for ``photo``.

    ``who`` chose it: what its computing takes is counted for them.
    """
    return _made(content, "preview", who=who)


def square(content: bytes) -> bytes:
    """The middle of a picture as photos are kept: a WebP square of at most 512 px. Raises ValidationFailed for ``photo``."""
    return _made(content, "square")[0]


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
    """Back to the initials. Raises NotAllowed, AccountNotFound."""
    stored_files.remove((settings or read_settings()).photos, drop_photo(account))


@verb("photo.set", portal=True)
def place_photo(tx: Tx, account: OpenAccount, file: str, sha256: str) -> tuple[int, list[str]]:
    """A written file becomes the account's photo; returns its id and the files nothing names any more."""
    if account.viewer.kind != "contact":
        tx.require(Right.MANAGE_ACCOUNTS)
    old = _drop_rows(tx, account.account_id)
    photo_id = tx.insert("photo", account_id=account.account_id, file=file, sha256=sha256, created_at=now())
    _point(tx, account.account_id, photo_id)
    return photo_id, old


@verb("photo.remove")
def drop_photo(tx: Tx, account: OpenAccount) -> list[str]:
    """The account has no photo any more; returns the files nothing names any more."""
    tx.require(Right.MANAGE_ACCOUNTS)
    old = _drop_rows(tx, account.account_id)
    if old:
        _point(tx, account.account_id, None)
    return old


def _drop_rows(tx: Tx, account_id: int) -> list[str]:
    rows = tx.rows("SELECT photo_id, file FROM photo WHERE account_id = $id", id=account_id)
    for row in rows:
        tx.delete("photo", row["photo_id"])
    return [row["file"] for row in rows]


def _point(tx: Tx, account_id: int, photo_id: int | None) -> None:
    # The photo's own rows are recorded; the account's version stays, so that an open form of its details stays good.
    tx.execute("UPDATE account SET photo_id = $photo_id WHERE account_id = $id", {"photo_id": photo_id, "id": account_id})


def _made(content: bytes, *arguments: str, who: Viewer | None = None) -> tuple[bytes, int, int]:
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
    if len(content) > LARGEST:
        raise _refused("photo_bytes", size=-(-len(content) // 2**20), largest=LARGEST // 2**20)
    command = [sys.executable, "-I", "-B", str(_CHILD), *arguments]
    with _slots, tempfile.TemporaryFile() as out:
        try:
            ended = subprocess.run(
                command, input=content, stdout=out, stderr=subprocess.DEVNULL, env={}, cwd="/", timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            raise _refused("photo_costly") from None
        out.seek(0)
        head, _, picture = out.read().partition(b"\n")
    told = _told(head)
    if (code := told.pop("refused", None)) in REASONS:
        raise _refused(code, **told)
    if ended.returncode or not {"width", "height"} <= told.keys():
        log.warning("a photo ended its child process with %s", ended.returncode)
        raise _refused("photo_costly")
    return picture, told["width"], told["height"]


def _told(head: bytes) -> dict[str, int]:
    """What the child says in its first line, believed as far as it is a word of ours and plain numbers."""
    try:
        said = json.loads(head)
    except ValueError:
        return {}
    return {key: value for key, value in said.items() if key == "refused" or type(value) is int} if isinstance(said, dict) else {}


def _refused(code: str, **values: object) -> ValidationFailed:
    return ValidationFailed({"photo": (code, values)})
