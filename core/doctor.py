"""Whether what the tables say of each other agrees, and every file is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core import kept_files
from core.config import Settings
from core.derived_rows import stale_words
from core.doctor_rules import Found, codes, keys, others, references, versions
from core.factor_key import unseal
from core.rights import Viewer
from core.store import Reader, reader
from core.store.staging import STORE
from core.widgets.cards import wrong
from core.widgets.catalogue import CATALOGUE

US = Viewer.system("doctor")


def examine(settings: Settings) -> Iterator[Found]:
    """Yields (code, values) of everything that is wrong: how many, and one example."""
    with reader(US) as r:
        for rules in (references, keys, versions, codes, others):
            yield from rules(r)
        for widget in CATALOGUE:
            if found := r.rows(f"SELECT * FROM ({wrong(widget)}) AS q(example)"):
                yield "card", {"widget": widget.key, "count": len(found), "example": found[0]["example"]}
        if found := list(stale_words(r)):
            yield "words_stale", {"count": len(found), "example": found[0]}
        yield from _factors(r)
        for table, folder in kept_files.folders(settings).items():
            yield from _files(r, table, folder)


def _factors(r: Reader) -> Iterator[Found]:
    """Second factors whose secret this installation's key does not open: the right code would be called wrong."""
    rows = r.rows(
        f"SELECT staff_member_id, name, email, secret FROM {STORE}.second_factor JOIN {STORE}.staff_member USING (staff_member_id)"
    )
    if closed := [row for row in rows if unseal(row["secret"], row["staff_member_id"]) is None]:
        yield "factor_closed", {"count": len(closed), "example": closed[0]["email"] or closed[0]["name"]}


def _files(r: Reader, table: str, folder: Path) -> Iterator[Found]:
    """Rows without their file, files without a row, a file of another size than its row says."""
    size = "size_bytes" if table == "document" else "NULL"
    rows = r.rows(f"SELECT file, any_value({size}) AS size FROM {STORE}.{table} WHERE file IS NOT NULL GROUP BY file")
    named = {row["file"]: row["size"] for row in rows}
    there = {str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()} if folder.is_dir() else {}
    findings = {
        "file_missing": named.keys() - there.keys(),
        "file_unowned": there.keys() - named.keys(),
        "file_differs": {name for name, bytes_ in named.items() if bytes_ is not None and there.get(name, bytes_) != bytes_},
    }
    for code, names in findings.items():
        if names:
            yield code, {"folder": folder.name, "count": len(names), "example": min(names)}
