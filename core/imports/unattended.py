"""Run a remembered mapping with a new file while nobody watches: by name on the command line, or from a watched folder."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

from core.base.config import Settings
from core.base.errors import AppError
from core.i18n import t
from core.imports.job_mapping import checked
from core.imports.job_rows import SYSTEM, job_row, last_done, loaded
from core.imports.job_runner import desk, read_one, take_one
from core.imports.problems import Problem
from core.imports.uploads import keep_copy
from core.store import Row, now, reader, writer
from core.store.staging import STORE

LOOK_S = 0.2
Say = Callable[[str], None]


def remembered() -> dict[str, str]:
    """Return the mappings that were taken over in the page, or by name, at least once: the text of each as it was last, by name."""
    with reader(SYSTEM) as r:
        found = r.rows(
            f"""SELECT mapping, arg_max(mapping_text, import_job_id) AS mapping_text FROM {STORE}.import_job WHERE state = 'done'
            GROUP BY 1 ORDER BY 1"""
        )
    return {row["mapping"]: row["mapping_text"] for row in found}


def begin_unattended(settings: Settings, name: str, path: Path, *, by_itself: bool = False) -> int | None:
    """Begin a run of a remembered mapping with a file of the server; return the job's number, None when it is the last run's file.

    - ``by_itself``: Nobody asked for this run: it does not begin after a person took the last one back.

    Raises AppError for an unknown name or a run that was taken back, StoreFull, OSError for an unreadable file, ValidationFailed where the mapping needs more than one file.
    """
    with reader(SYSTEM) as r:
        last = last_done(r, name)
    if last is None:
        raise AppError("mapping_unknown", name=name, known=", ".join(remembered()) or "–")
    if by_itself and _was_taken_back(last):
        raise AppError("import_taken_back")
    # Told before it is copied: a file that is put there again and again takes no room.
    with path.open("rb") as file:
        if _is_same(last, hashlib.file_digest(file, "sha256").hexdigest()):
            return None
    upload = keep_copy(settings, path)
    found = checked(last["mapping_text"], [upload.name])
    with writer(SYSTEM) as tx:
        number: int = tx.insert(
            "import_job", mapping=name, mapping_text=found.text, files=str(upload.id), needs=" ".join(sorted(found.needs)),
            is_unattended=True, state="read", made_at=now(),
        )  # fmt: skip
    desk().ring()
    return number


def _is_same(last: Row, sha256: str) -> bool:
    """Return whether a run had this very file, and was not taken back since."""
    with reader(SYSTEM) as r:
        sums = r.rows(
            f"SELECT sha256 FROM {STORE}.import_file WHERE import_file_id IN (SELECT unnest($ids::BIGINT[]))",
            ids=[int(number) for number in last["files"].split()],
        )
    return [row["sha256"] for row in sums] == [sha256] and not _was_taken_back(last)


def _was_taken_back(last: Row) -> bool:
    """Return whether a run of the mapping was taken back since it ran last; that last time may have found nothing, and be no run."""
    with reader(SYSTEM) as r:
        back = r.value(
            f"SELECT max(coalesce(undone_at, undo_began_at)) FROM {STORE}.import_run WHERE mapping = $name", name=last["mapping"]
        )
    return back is not None and back >= last["ended_at"]


def run_by_name(settings: Settings, name: str, path: Path, say: Say) -> bool:
    """Run a remembered mapping with a file, to its end or until it waits for a person; return whether it was taken over."""
    if not path.is_file():
        say(t("imports.problem.file_missing"))
        return False
    number = begin_unattended(settings, name, path)
    if number is None:
        say(t("imports.same_file", file=path.name))
        return True
    # The server may have taken it up already: whoever claims it does it.
    while (row := job_row(number))["state"] in ("read", "waiting", "taking"):
        if not (read_one(settings, row) if row["state"] == "read" else row["state"] == "waiting" and take_one(row)):
            time.sleep(LOOK_S)
    for line in outcome(row):
        say(line)
    return row["state"] == "done"


def outcome(row: Row) -> list[str]:
    """Return what came of a run, as lines for people."""
    told = loaded(row["told"], {})
    lines = [Problem(*parts).sentence() for parts in loaded(row["problems"], [])]
    lines += [t("imports.counts", table=table, **per) for table, per in loaded(row["counts"], {}).items()]
    refused = told.get("refused", 0)
    lines.append(t("imports.refused", n=refused, count=refused))
    if both := told.get("kinds", {}).get("both", 0):
        lines.append(t("imports.conflicts", n=both, count=both))
    if row["state"] == "rehearsed":
        lines.append(t("imports.waits_for_person"))
    elif row["state"] == "done":
        lines.append(t("imports.done") if row["import_run_id"] is not None else t("imports.nothing_new"))
    elif row["problem"]:
        lines.append(t(f"errors.{row['problem']}"))
    return lines
