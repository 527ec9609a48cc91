"""Copy the documents and photos that rows name, and tell which are missing or not what the record says."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.base.sizes import MIB
from core.documents.documents import inside

NAMES_PER_PIECE = 10_000
# So many names are told one by one.
MAX_NAMES = 3


@dataclass
class Copied:
    """Counts of copied files, with examples of those that are missing or have another content than their row says."""

    files: int = 0
    size: int = 0
    missing: int = 0
    other: int = 0
    examples: dict[str, list[str]] = field(default_factory=lambda: {"missing": [], "other": []})

    def count(self, what: str, name: str) -> None:
        """Count a file that is ``missing`` or ``other``."""
        setattr(self, what, getattr(self, what) + 1)
        if len(self.examples[what]) < MAX_NAMES:
            self.examples[what].append(name)


def names_in(listed: Path) -> Iterator[tuple[str, str | None]]:
    """Yield name and sha256 of each file in a list, a few at a time."""
    import pyarrow.parquet as pq

    for piece in pq.ParquetFile(listed).iter_batches(NAMES_PER_PIECE):
        yield from zip(piece.column(0).to_pylist(), piece.column(1).to_pylist(), strict=True)


def write_missing(listed: Path, folder: Path, missing: Path, copied: Copied) -> None:
    """Write the names of a list whose file is not in the folder into ``missing``, a list of the same form."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetWriter(missing, pa.schema([("file", pa.string())])) as out:
        gone: list[str] = []
        for name, _ in names_in(listed):
            if inside(folder, name) is None:
                copied.count("missing", f"{folder.name}/{name}")
                gone.append(name)
                if len(gone) == NAMES_PER_PIECE:
                    out.write_table(pa.table({"file": gone}))
                    gone.clear()
        out.write_table(pa.table({"file": pa.array(gone, pa.string())}))
    missing.chmod(0o600)


def copy_all(listed: Path, folder: Path, target: Path, copied: Copied, progress: Callable[[int], None]) -> None:
    """Copy the files of a list into ``target``, for this user alone; ``progress`` is called with the files done. Raises OSError."""
    target.mkdir(mode=0o700)
    for name, sha256 in names_in(listed):
        path = inside(folder, name)
        if path is None:
            continue
        place = target / name
        if place.exists():
            continue  # several records name one file
        if place.parent != target:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest = _copy(path, place, copied)
        if sha256 is not None and digest != sha256:
            copied.count("other", f"{folder.name}/{name}")
        copied.files += 1
        progress(copied.files)


def _copy(path: Path, place: Path, copied: Copied) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source, os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while piece := source.read(MIB):
            digest.update(piece)
            out.write(piece)
            copied.size += len(piece)
    return digest.hexdigest()
