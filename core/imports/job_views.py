"""What people see of jobs: a job as it stands, its cells, the access it would give, and the list of runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from core.imports.problems import Problem

# What a job is at. ``read``: in line for reading, or being read and compared; ``rehearsed``: ready to be looked at; ``waiting``: confirmed
# and in line; ``taking``: being taken over; ``done``; ``refused``: nothing of it can be taken over; ``interrupted``: cancelled or failed.
STATES = ("read", "rehearsed", "waiting", "taking", "done", "refused", "interrupted")
# Kinds of cells. ``new``: one for each new row, with an empty field; ``both``: changed here and in the file, or met for the first time
# with another value; ``away``: removed here; ``gone``: no longer in the list; ``back``: gone before and in the list again; ``refused``: one
# for each problem.
KINDS = ("new", "changed", "both", "away", "gone", "back", "refused")


@dataclass(frozen=True)
class Grant:
    """Access that a takeover would give: how many of one ``kind`` (a key of ``imports.grant``), and the names of the first of them.

    ``ids`` has per name the id of the cell by which ``decide(…, 'ours')`` leaves this one out ('' : give it again); '' where it cannot be,
    and ``left`` says which ids were.
    """

    kind: str
    count: int
    names: tuple[str, ...]
    ids: tuple[str, ...] = ()
    left: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Cell:
    """One field that would change, or was decided.

    ``id`` names it for ``decide``; ``client`` is the name of the client or contact it belongs to, or ''; ``last`` is what the file said
    the last time, of kind ``both`` only; ``choice`` is 'ours', 'theirs' or '' for later. Values are written as people write them in
    the viewer's language; of kind ``refused`` and ``away`` ``says`` is the sentence that tells the problem.
    """

    id: str
    kind: str
    table: str
    key: str
    client: str
    field: str
    here: str
    says: str
    last: str = ""
    choice: str = ""


@dataclass(frozen=True)
class Cells:
    """A page of cells: those from ``offset`` on, how many there are under the filter, and per (table, field) how many of the kind."""

    rows: tuple[Cell, ...]
    total: int
    fields: dict[tuple[str, str], int]


@dataclass(frozen=True)
class Progress:
    """How far a job is: ``step`` is a key of ``imports.job_step``, ``values`` fill its sentence; ``place`` is its place in line, from 1."""

    step: str = ""
    values: dict[str, object] = field(default_factory=dict)
    place: int = 0


@dataclass(frozen=True)
class Job:
    """A job as it stands.

    ``counts`` holds per table how many rows are new, changed and same; ``kinds`` how many cells of each of ``KINDS`` (*new* counts rows).
    ``digest`` is what ``confirm`` must name. ``is_moved`` says that it was confirmed and somebody changed something meanwhile: its cells are
    then only what differs from what was confirmed. ``problem`` is the code of an error (``errors.…``) with ``problem_values``, where it was
    refused or interrupted; ``problems`` are the first problems of mapping, files and rows. ``messages`` tell what moved in a list since the one before; ``may_accept_gone`` says that a job
    was refused for too many rows gone at once, and nothing else: ``accept_gone`` reads it as the whole list.
    """

    id: int
    mapping: str
    mapping_text: str
    state: str
    files: tuple[str, ...]
    by: str
    made_at: datetime
    ended_at: datetime | None
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    grants: tuple[Grant, ...] = ()
    kept: int = 0
    problems: tuple[Problem, ...] = ()
    problem_count: int = 0
    messages: tuple[str, ...] = ()
    digest: str = ""
    is_moved: bool = False
    is_unattended: bool = False
    problem: str = ""
    problem_values: dict[str, object] = field(default_factory=dict)
    import_run_id: int | None = None
    progress: Progress = Progress()
    may_accept_gone: bool = False


@dataclass(frozen=True)
class Run:
    """A run that was taken over: ``counts`` as in ``Job``; ``is_newest`` of its mapping: then it can be taken back."""

    import_run_id: int
    mapping: str
    by: str
    started_at: datetime
    finished_at: datetime | None
    counts: dict[str, dict[str, int]]
    undone_at: datetime | None
    is_newest: bool
    job_id: int | None
    files: tuple[str, ...]


@dataclass(frozen=True)
class Remembered:
    """A mapping that is remembered by name: its text, as it was last taken over, and that run."""

    mapping: str
    text: str
    newest: Run | None


@dataclass(frozen=True)
class Runs:
    """Remembered mappings by name, runs and jobs that are not over, each the newest first."""

    mappings: tuple[Remembered, ...]
    runs: tuple[Run, ...]
    open_jobs: tuple[Job, ...]


@dataclass(frozen=True)
class OwnJob:
    """A job of one's own as every page says it: number, name of the mapping, state, and when it ended."""

    id: int
    mapping: str
    state: str
    ended_at: datetime | None
