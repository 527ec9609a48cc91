"""The rows of ``import_job``: read and set by the program itself, whoever may see a job is asked elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from core.base.errors import NotFound
from core.base.rights import Viewer
from core.imports.may_import import require_needs
from core.imports.problems import Problem
from core.store import Reader, Row, now, reader, writer
from core.store.staging import STORE

SYSTEM = Viewer.system("jobs of imports", "import")
# Where a job goes on by itself, or waits for a person.
OPEN = ("read", "rehearsed", "waiting", "taking")
MAX_KEPT_PROBLEMS = 1_000
MAX_LISTED = 2_000
_JOBS = f"""SELECT j.*, coalesce(m.name, '') AS by_name, m.language FROM {STORE}.import_job j
    LEFT JOIN {STORE}.staff_member m USING (staff_member_id)"""


def job_row(job_id: int, viewer: Viewer = SYSTEM) -> Row:
    """Return the row of a job that this viewer may see now. Raises NotFound, SignedOut."""
    with reader(viewer) as r:
        row = r.row(f"{_JOBS} WHERE import_job_id = $id", id=job_id)
        if row is None:
            raise NotFound()
        require_needs(r.scope, needs(row))
    return row


def rows_in(*states: str) -> list[Row]:
    """Return the jobs in these states, the oldest first."""
    with reader(SYSTEM) as r:
        return r.rows(f"{_JOBS} WHERE state IN (SELECT unnest($states)) ORDER BY import_job_id", states=list(states))


def done_rows(r: Reader) -> list[Row]:
    """Return of the newest jobs that were taken over what their list needs, the newest first."""
    return r.rows(
        f"""SELECT import_job_id, mapping, mapping_text, files, needs, import_run_id FROM {STORE}.import_job WHERE state = 'done'
        ORDER BY import_job_id DESC LIMIT {MAX_LISTED}"""
    )


def last_done(r: Reader, name: str) -> Row | None:
    """Return the newest job of a mapping of this name that was taken over, as it stands in ``import_job``; None for an unknown name."""
    return r.row(
        f"SELECT * FROM {STORE}.import_job WHERE mapping = $name AND state = 'done' ORDER BY import_job_id DESC LIMIT 1", name=name
    )


def own_rows(r: Reader, person: int) -> list[Row]:
    """Return the newest jobs of one person, without what they found."""
    return r.rows(
        f"""SELECT import_job_id, mapping, state, ended_at FROM {STORE}.import_job WHERE staff_member_id = $me
        ORDER BY import_job_id DESC LIMIT 20""",
        me=person,
    )


def set_job(job_id: int, only_in: Iterable[str] = OPEN, **values: object) -> bool:
    """Set columns of a job while it is in one of these states; return whether it was. A state that ends it notes the moment."""
    with writer(SYSTEM) as tx:
        row = tx.get("import_job", job_id)
        if row is None or row["state"] not in only_in:
            return False
        if values.get("state") in ("done", "refused", "interrupted"):
            values["ended_at"] = now()
        tx.update("import_job", job_id, **values)
    return True


def needs(row: Row) -> frozenset[str]:
    """Return the rights a job's tables need."""
    return frozenset(row["needs"].split())


def viewer_for(row: Row) -> Viewer:
    """Return the one in whose name a job is read and taken over: the person who began it, or the system where nobody did."""
    number = row["staff_member_id"]
    return Viewer.staff(number, "import") if number is not None else Viewer.system("an import by its folder", "import")


def files_of(row: Row) -> dict[str, int]:
    """Return the uploads of a job by name."""
    numbers = [int(number) for number in row["files"].split()]
    with reader(SYSTEM) as r:
        found = r.rows(
            f"SELECT import_file_id AS id, name FROM {STORE}.import_file WHERE import_file_id IN (SELECT unnest($ids::BIGINT[]))",
            ids=numbers,
        )
    return {name: number for number in numbers for name in (each["name"] for each in found if each["id"] == number)}


def loaded(text: str | None, default: Any) -> Any:
    """Return what a column of JSON holds."""
    return default if text is None else json.loads(text)


def kept_problems(problems: list[Problem]) -> str:
    """Return the first problems as a column keeps them."""
    return json.dumps([problem.as_list() for problem in problems[:MAX_KEPT_PROBLEMS]], ensure_ascii=False)
