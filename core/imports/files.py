"""Document and photo files an import brings along: checked, described, copied, and taken back when it comes to nothing."""

from __future__ import annotations

import hashlib
import io
import mimetypes
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from core.imports.problems import Refused

LARGEST = {"document": 25 * 1024 * 1024, "photo": 10 * 1024 * 1024}
PIXELS, SIDE = 25_000_000, 512


@dataclass(frozen=True)
class Described:
    """A file as its row will tell of it."""

    path: str
    sha256: str
    size_bytes: int
    media_type: str
    ending: str


def describe(table: str, folder: Path, name: str) -> Described:
    """Check a file named in a row. Raises Refused: outside of the folder, missing, too large, not a picture."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise Refused("file_outside", value=name)
    if not path.is_file():
        raise Refused("file_not_there", value=name)
    if (size := path.stat().st_size) > LARGEST[table]:
        raise Refused("file_large", value=name, size=size // 2**20 + 1, largest=LARGEST[table] // 2**20)
    if table == "photo":
        data = as_photo(path)
        return Described(str(path), hashlib.sha256(data).hexdigest(), len(data), "image/webp", ".webp")
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Described(str(path), digest, size, media_type, path.suffix.lower()[:10])


def as_photo(path: Path) -> bytes:
    """The picture as the app keeps photos: square, 512 px, WebP. Raises Refused."""
    try:
        with Image.open(path, formats=["PNG", "JPEG", "WEBP"]) as image:
            if image.width * image.height > PIXELS:
                raise Refused("photo_large", value=path.name)
            turned = ImageOps.exif_transpose(image).convert("RGB")
        out = io.BytesIO()
        ImageOps.fit(turned, (SIDE, SIDE)).save(out, "WEBP", quality=88)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Refused("photo_form", value=path.name) from None
    return out.getvalue()


class Copies:
    """Files on their way in: under temporary names first, renamed inside the takeover, listed in a journal until it is through."""

    def __init__(self, journal: Path) -> None:
        self.journal = journal
        self._waiting: list[tuple[Path, Path]] = []
        self._old: list[Path] = []

    def add(self, table: str, source: Path, target: Path, old: Path | None) -> None:
        """Copy a file beside its target; ``old`` goes once the takeover is through."""
        target.parent.mkdir(parents=True, exist_ok=True)
        waiting = target.with_name(target.name + ".incoming")
        with self.journal.open("a", encoding="utf-8") as listed:
            print(target, file=listed)
            if old is not None:
                print(old, file=listed)
        if table == "photo":
            waiting.write_bytes(as_photo(source))
        else:
            shutil.copyfile(source, waiting)
        with waiting.open("rb") as written:
            os.fsync(written.fileno())
        self._waiting.append((waiting, target))
        if old is not None and old != target:
            self._old.append(old)

    def place(self) -> None:
        """Give every file its final name."""
        for waiting, target in self._waiting:
            waiting.replace(target)
        for folder in {target.parent for _, target in self._waiting}:
            handle = os.open(folder, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)

    def done(self) -> None:
        """The rows are committed: what they replaced goes, and the journal."""
        for old in self._old:
            old.unlink(missing_ok=True)
        self.journal.unlink(missing_ok=True)

    def undo(self) -> None:
        """Nothing was taken over: no file stays."""
        for waiting, target in self._waiting:
            waiting.unlink(missing_ok=True)
            target.unlink(missing_ok=True)
        self.journal.unlink(missing_ok=True)
