"""Imports as people see them in the page *Daten übernehmen*: begun, rehearsed, decided, confirmed, taken over, and their list.

A job is known by its number to everybody who may import and has the rights its tables need; to all others it does not exist. Everything
here may be called at any time, from any page of any session: what a job is at stands in ``import_job``, and the work is done elsewhere
(``core.imports.job_runner``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta

from core.access.verbs import require
from core.base.errors import EditConflict, NotAllowed, NotFound
from core.base.rights import Right, Viewer
from core.imports.as_written import as_written
from core.imports.grants import Given
from core.imports.job_cells import apply_decisions, digest_of
from core.imports.job_mapping import checked
from core.imports.job_rows import OPEN, done_rows, files_of, job_row, last_done, loaded, needs, own_rows, rows_in
from core.imports.job_runner import desk
from core.imports.job_views import KINDS, STATES, Cell, Cells, Grant, Job, OwnJob, Progress, Remembered, Run, Runs
from core.imports.list_message import told_moved
from core.imports.list_names import require_name
from core.imports.may_import import lacking, may, require_needs
from core.imports.problems import Problem
from core.imports.rehearsal import Rehearsal
from core.imports.uploads import upload_of
from core.store import Reader, Row, Tx, cached, now, reader, writer
from core.store.staging import STORE

__all__ = [
    "KINDS", "STATES", "Cell", "Cells", "Grant", "Job", "OwnJob", "Progress", "Remembered", "Run", "Runs", "accept_gone", "begin", "cancel", "changed_cells",
    "confirm", "decide", "decide_all", "job", "own_jobs", "remembered_text", "rights_lacking", "runs",
]  # fmt: skip


def begin(
    viewer: Viewer, upload_id: int | Sequence[int], mapping_text: str | None = None, *, mapping_name: str | None = None
) -> int:  # fmt: skip
    """Begin to read uploaded files by a mapping, new or remembered by name; return the job's number.

    The mapping may name only these files, by their names, and no folder. With one file and one entry under ``files`` it is read whatever
    name the mapping gives. Raises NotAllowed without a right that the mapping's tables need, NotFound for another's upload or an unknown
    name, ValidationFailed for ``mapping`` when it is no TOML or names something else, AppError when its name is another list's.
    """
    uploads = [upload_of(viewer, number) for number in ([upload_id] if isinstance(upload_id, int) else dict.fromkeys(upload_id))]
    if mapping_text is None:
        mapping_text = remembered_text(viewer, mapping_name or "")
    found = checked(mapping_text, [upload.name for upload in uploads])
    with writer(viewer) as tx:
        if not may(tx.scope, found.needs):
            raise NotAllowed()
        require_name(tx, found.name, found.text)
        number: int = tx.insert(
            "import_job", mapping=found.name, mapping_text=found.text, files=" ".join(str(upload.id) for upload in uploads),
            needs=" ".join(sorted(found.needs)), staff_member_id=viewer.own_id, state="read", made_at=now(),
        )  # fmt: skip
    desk().ring()
    return number


def rights_lacking(viewer: Viewer, upload_id: int, mapping_text: str) -> list[str]:
    """Return the rights by name, and ``admin`` for the role, that this viewer lacks to begin with an upload by this mapping.

    Raises NotFound, NotAllowed and ValidationFailed as ``begin`` does.
    """
    found = checked(mapping_text, [upload_of(viewer, upload_id).name])
    with reader(viewer) as r:
        return lacking(r.scope, found.needs)


def remembered_text(viewer: Viewer, name: str) -> str:
    """Return the mapping of this name as it was last taken over. Raises NotFound, also without a right its tables need."""
    with reader(viewer) as r:
        row = last_done(r, name)
        if row is None:
            raise NotFound()
        require_needs(r.scope, needs(row))
    return str(row["mapping_text"])


def job(viewer: Viewer, job_id: int) -> Job:
    """Return a job as it stands. Raises NotFound."""
    return _job(job_row(job_id, viewer))


def _job(row: Row) -> Job:
    number, told = row["import_job_id"], loaded(row["told"], {})
    grants = [Given(kind, count, tuple(map(tuple, rows)), tuple(ids)) for kind, count, rows, ids in told.get("grants", ())]
    chosen = {cell: each["choice"] for each in loaded(row["decisions"], []) for cell in each.get("cells", ())}
    left = frozenset(cell for cell, choice in chosen.items() if choice == "ours")
    return Job(
        number, row["mapping"], row["mapping_text"], row["state"], tuple(files_of(row)), row["by_name"], row["made_at"], row["ended_at"],
        loaded(row["counts"], {}), told.get("kinds", {}), tuple(Grant(given.kind, given.count, given.names(), given.ids, left & {*given.ids}) for given in grants),
        told.get("kept", 0), tuple(Problem(*parts) for parts in loaded(row["problems"], [])), told.get("problems", 0),
        (*told.get("messages", ()), *_moved(told.get("moved", {}))), row["digest"] or "", row["is_moved"], row["is_unattended"], row["problem"] or "",
        told.get("problem_values", {}), row["import_run_id"], _progress(row), row["state"] == "refused" and is_half_a_list(row),
    )  # fmt: skip


def _moved(moved: dict[str, dict]) -> Iterator[str]:
    """Yield what moved in each list since the one before."""
    for table, each in moved.items():
        if message := told_moved(table, each):
            yield message


def _progress(row: Row) -> Progress:
    number, at = row["import_job_id"], desk()
    with at.lock:
        if number in at.steps:
            return Progress(*at.steps[number])
        working = set(at.at_work)
    if row["state"] not in ("read", "waiting") or number in working:
        return Progress()
    line = [each["import_job_id"] for each in rows_in(row["state"]) if each["import_job_id"] not in working]
    return Progress("in_line", {}, line.index(number) + 1 if number in line else 1)


def _live(viewer: Viewer, job_id: int) -> tuple[Row, Rehearsal]:
    """Return a job and its rehearsal. Raises NotFound."""
    row = job_row(job_id, viewer)
    with desk().lock:
        live = desk().live.get(job_id)
    if live is None or row["state"] not in ("rehearsed", "waiting"):
        raise NotFound()
    return row, live


def changed_cells(
    viewer: Viewer, job_id: int, kind: str, field: tuple[str, str] | None = None, text: str = "", offset: int = 0, limit: int = 1000
) -> Cells:  # fmt: skip
    """Return a page of a rehearsal's cells of one kind.

    - ``field``: Only of this (table, field).
    - ``text``: Only with this text in key, client or one of the values, in any case.

    Raises NotFound, also while there is no rehearsal.
    """
    if kind == "refused":
        row = job_row(job_id, viewer)
        live = desk().live.get(job_id)
        problems = live.problems() if live else [Problem(*parts) for parts in loaded(row["problems"], [])]
        return _told_cells(kind, problems, text, offset, limit)
    row, live = _live(viewer, job_id)
    if kind == "away":
        return _told_cells(kind, list(live.done.away), text, offset, limit)
    run = live.done.staging.run
    where, values = f"kind = $kind{' AND is_other' if row['is_moved'] else ''}", {"kind": kind}
    fields = {(table, label): n for table, label, n in run(
        f"SELECT table_name, label, count(*) FROM cell WHERE {where} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2", values
    )}  # fmt: skip
    if field is not None:
        where, values = f"{where} AND table_name = $table AND label = $label", values | {"table": field[0], "label": field[1]}
    if text.strip():
        where += " AND contains(lower(concat_ws(chr(31), source_key, client, here, says)), lower($text))"
        values = values | {"text": text.strip()}
    total = run(f"SELECT count(*) FROM cell WHERE {where}", values)[0][0]
    found = run(
        f"""SELECT block, n, col, table_name, source_key, client, label, kind_of, here, says, last, choice FROM cell WHERE {where}
        ORDER BY block, n, label LIMIT {max(0, int(limit))} OFFSET {max(0, int(offset))}""",
        values,
    )
    rows = []
    for block, n, col, table, key, client, label, kind_of, *said, choice in found:
        here, says, last = (str(as_written(value, kind_of or "")) if value is not None else "" for value in said)
        rows.append(Cell(f"{block}:{n}:{col}", kind, table, live.done.key_shown(key), client or "", label, here, says, last, choice))
    return Cells(tuple(rows), total, fields)


def _told_cells(kind: str, problems: Sequence[Problem], text: str, offset: int, limit: int) -> Cells:
    """Return problems as cells: each with its sentence."""
    wanted = text.strip().casefold()
    told = [(problem, problem.sentence()) for problem in problems]
    found = [(problem, sentence) for problem, sentence in told if wanted in sentence.casefold()]
    rows = tuple(
        Cell(f"{kind}:{place}", kind, str(problem.values.get("table", "")), str(problem.values.get("key", "")), "", problem.column,
             str(problem.values.get("value", "")), sentence)
        for place, (problem, sentence) in enumerate(found[offset : offset + limit], offset)
    )  # fmt: skip
    return Cells(rows, len(found), {})


def decide(viewer: Viewer, job_id: int, cells: Sequence[str], choice: str) -> None:
    """Say for cells of kind *both* whose value counts: 'ours', 'theirs' or '' for later; for cells of ``Grant.ids`` 'ours' leaves them out.

    Raises NotFound, NotAllowed, EditConflict.
    """
    _decide(viewer, job_id, {"cells": list(cells), "choice": choice})


def decide_all(viewer: Viewer, job_id: int, table: str, field: str, choice: str) -> None:
    """Decide as ``decide`` for every cell of kind *both* of one field. Raises NotFound, NotAllowed."""
    _decide(viewer, job_id, {"table": table, "field": field, "choice": choice})


def _decide(viewer: Viewer, job_id: int, decision: dict) -> None:
    if decision["choice"] not in ("", "ours", "theirs"):
        raise NotFound()
    _, live = _live(viewer, job_id)
    with writer(viewer) as tx:
        row = _rehearsed(tx, job_id)
        decisions = [*loaded(row["decisions"], []), decision]
        apply_decisions(live.done, decisions)
        tx.update("import_job", job_id, decisions=json.dumps(decisions, ensure_ascii=False), digest=digest_of(live.done))


def _rehearsed(tx: Tx, job_id: int) -> Row:
    """Return the row of a job that waits for a person. Raises NotFound, EditConflict when it does not, or not any more."""
    row = tx.found("import_job", job_id)
    require_needs(tx.scope, needs(row))
    if row["state"] != "rehearsed":
        raise EditConflict({"state": (None, row["state"])})
    return row


def accept_gone(viewer: Viewer, job_id: int) -> None:
    """Read a job again that was refused because too much of a list was gone at once: it is the whole list.

    From then on it is this person's job, and waits for them, whoever or whatever folder began it. Raises NotFound, EditConflict.
    """
    job_row(job_id, viewer)
    with writer(viewer) as tx:
        row = tx.found("import_job", job_id)
        require_needs(tx.scope, needs(row))
        if row["state"] != "refused" or not is_half_a_list(row):
            raise EditConflict({"state": (None, row["state"])})
        decisions = json.dumps([*loaded(row["decisions"], []), {"accept_gone": True}], ensure_ascii=False)
        tx.update(
            "import_job", job_id, state="read", ended_at=None, problem=None, problems=None, decisions=decisions, is_unattended=False,
            staff_member_id=viewer.own_id,
        )  # fmt: skip
    desk().ring()


def is_half_a_list(row: Row) -> bool:
    """Return whether nothing but the number of rows that are gone speaks against a job."""
    problems = loaded(row["problems"], [])
    return bool(problems) and all(code == "gone_many" for _, _, _, code, _ in problems)


def confirm(viewer: Viewer, job_id: int, digest: str) -> None:
    """Have a rehearsal taken over, without its refused rows, as its ``digest`` tells it.

    Raises NotFound, NotAllowed, EditConflict when it is another by now: somebody else decided, confirmed or cancelled, and AppError
    when its name is another list's meanwhile.
    """
    _live(viewer, job_id)
    with writer(viewer) as tx:
        row = _rehearsed(tx, job_id)
        if row["digest"] != digest:
            raise EditConflict({"digest": (None, row["digest"])})
        require_name(tx, row["mapping"], row["mapping_text"])
        tx.update("import_job", job_id, state="waiting", confirmed=digest, is_moved=False, problem=None, staff_member_id=viewer.own_id)
    desk().ring()


def cancel(viewer: Viewer, job_id: int) -> bool:
    """Stop a job; return whether nothing of it was or will be written. False once the takeover is in its last phase. Raises NotFound."""
    job_row(job_id, viewer)
    at = desk()
    with writer(viewer) as tx:
        row = tx.found("import_job", job_id)
        require_needs(tx.scope, needs(row))
        if row["state"] in ("done", "refused", "interrupted"):
            return row["state"] != "done"
        with at.lock:
            if job_id in at.last_phase:
                return False
            is_working = job_id in at.at_work
            if is_working:
                at.cancelled.add(job_id)
        if not is_working:
            tx.update("import_job", job_id, state="interrupted", problem="import_cancelled", ended_at=now())
    if not is_working:
        at.drop(job_id)
    return True


def runs(viewer: Viewer, limit: int = 100) -> Runs:
    """Return remembered mappings, the newest runs and the jobs that are not over, of which this viewer may see the tables."""
    require(viewer, Right.IMPORT_DATA)
    with reader(viewer) as r:
        jobs = [row for row in done_rows(r) if may(r.scope, needs(row))]
        found = _runs(r, limit, {row["import_run_id"]: row for row in jobs if row["import_run_id"] is not None})
        going = [row for row in rows_in(*OPEN) if may(r.scope, needs(row))]
    newest = {run.mapping: run for run in reversed(found) if run.undone_at is None}
    texts: dict[str, str] = {}
    for row in jobs:
        texts.setdefault(row["mapping"], row["mapping_text"])
    mappings = tuple(Remembered(name, text, newest.get(name)) for name, text in sorted(texts.items()))
    return Runs(mappings, tuple(found), tuple(_job(row) for row in reversed(going)))


def own_jobs(viewer: Viewer) -> tuple[OwnJob, ...]:
    """Return the viewer's own jobs that go on, and those that ended in the last hour, the newest first; from memory while none moved."""

    def read(r: Reader) -> tuple[OwnJob, ...]:
        if not r.scope.allows(Right.IMPORT_DATA):
            return ()
        return tuple(OwnJob(row["import_job_id"], row["mapping"], row["state"], row["ended_at"]) for row in own_rows(r, viewer.own_id))

    since = now() - timedelta(hours=1)
    return tuple(each for each in cached(viewer, ("own_jobs",), read, "import_job") if each.ended_at is None or each.ended_at > since)


def _runs(r: Reader, limit: int, jobs: dict[int, Row]) -> list[Run]:
    rows = r.rows(
        f"""SELECT i.*, coalesce(m.name, '') AS by_name,
            i.import_run_id = max(i.import_run_id) FILTER (undone_at IS NULL) OVER (PARTITION BY mapping) AS is_newest
        FROM {STORE}.import_run i LEFT JOIN {STORE}.staff_member m USING (staff_member_id)
        ORDER BY import_run_id DESC LIMIT {int(limit)}"""
    )
    return [
        Run(
            row["import_run_id"], row["mapping"], row["by_name"], row["started_at"], row["finished_at"], loaded(row["counts"], {}),
            row["undone_at"], bool(row["is_newest"]), *_of_job(jobs.get(row["import_run_id"])),
        )
        for row in rows
    ]  # fmt: skip


def _of_job(row: Row | None) -> tuple[int | None, tuple[str, ...]]:
    return (row["import_job_id"], tuple(files_of(row))) if row is not None else (None, ())
