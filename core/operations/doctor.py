"""Examine whether the tables agree with each other, and whether every file is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

from core.base.config import Settings
from core.base.rights import Viewer
from core.documents import stored_files
from core.identity.second_factor_key import unseal
from core.operations.doctor_rules import Found, counted, rules
from core.operations.rebuild import pieces, stale_words
from core.overview.card_cache import KEPT, wrong_cards
from core.overview.spec import Widget
from core.store import Reader, Row, reader
from core.store.staging import STORE

SYSTEM = Viewer.system("doctor")
# One step of the examination.
Look = Callable[[], Iterator[Found]]
# Accounts whose cards are compared by one query.
ACCOUNTS_PER_CHECK = 50_000


def examine(settings: Settings, progress: Callable[[int, int], None] = lambda _done, _of: None) -> Iterator[Found]:
    """Yield (code, values) of everything that is wrong; the sentence is ``cli.doctor.<code>``, most values are count and example.

    ``progress`` is called with the steps done and all steps.
    """
    with reader(SYSTEM) as r:
        looks: list[Look] = [*rules(r), *_cards(r), *_words(r), partial(_factors, r)]
        looks += [partial(_files, r, table, folder) for table, folder in stored_files.folders(settings).items()]
        for done, look in enumerate(looks, 1):
            yield from look()
            progress(done, len(looks))


def _cards(r: Reader) -> Iterator[Look]:
    """Return steps that find outdated cards of the overview, by widget; some accounts at a time, since all at once need too much memory."""
    some = list(pieces(r, ACCOUNTS_PER_CHECK))
    for widget in KEPT.values():
        found: list[Row] = []

        def look(first: int, last: int, widget: Widget = widget, found: list[Row] = found) -> Iterator[Found]:
            if row := counted(r, wrong_cards(widget), first=first, last=last):
                found.append(row)
            return iter(())

        def tell(widget: Widget = widget, found: list[Row] = found) -> Iterator[Found]:
            if found:
                yield "card", {"widget": widget.key, "count": sum(row["count"] for row in found), "example": found[0]["example"]}

        yield from (partial(look, first, last) for first, last in some)
        yield tell


def _words(r: Reader) -> Iterator[Look]:
    """Return steps that find outdated search words, some accounts at a time; the last step yields the finding."""
    found: list[str] = []

    def look(first: int, last: int) -> Iterator[Found]:
        found.extend(stale_words(r, first, last))
        return iter(())

    def tell() -> Iterator[Found]:
        if found:
            yield "words_stale", {"count": len(found), "example": found[0]}

    return chain((partial(look, first, last) for first, last in pieces(r)), [tell])


def _factors(r: Reader) -> Iterator[Found]:
    """Find second factors whose secret this installation's key does not decrypt: every code would be refused."""
    rows = r.rows(
        f"SELECT staff_member_id, name, email, secret FROM {STORE}.second_factor JOIN {STORE}.staff_member USING (staff_member_id)"
    )
    if closed := [row for row in rows if unseal(row["secret"], row["staff_member_id"]) is None]:
        yield "factor_closed", {"count": len(closed), "example": closed[0]["email"] or closed[0]["name"]}


def _files(r: Reader, table: str, folder: Path) -> Iterator[Found]:
    """Find rows without their file, files without a row, and files of another size than their row says."""
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
