"""An import as it would be: read, compared with the store, laid out in cells, and taken over if it is still what was confirmed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from core.base.config import Settings
from core.base.errors import AppError, NotAllowed
from core.base.rights import Scope, Viewer
from core.imports.grants import Given, found_grants
from core.imports.job_cells import (
    apply_decisions,
    counts_of_cells,
    digest_of,
    keep_choices,
    leave_out,
    make_cells,
    mark_others,
    remember_cells,
)
from core.imports.job_mapping import is_contained
from core.imports.mapping import Mapping
from core.imports.may_import import may, moves_team, oversteps
from core.imports.plan import Plan
from core.imports.problems import Problem, lines_of
from core.imports.reading import read_into
from core.imports.rename import known_by_other_name
from core.imports.resolve import resolve
from core.imports.run import MAX_ATTEMPTS, ConcurrentChange, record_end, taken
from core.imports.takeover import Takeover
from core.imports.uploads import link_uploads
from core.imports.worker import Say
from core.store import Tx, engine, reader
from core.store.staging import STORE, Staging

SYSTEM = Viewer.system("an import's rehearsal", "import")
# Uploads lie under their own names in a folder of their own: a name of the program's files there would be taken for one. No upload's name
# begins with a dot.
GIVEN, MAPPING_FILE = "given", ".mapping"


# Codes of what stays though a list no longer names it, and how many such rows are told.
KEPT = frozenset({"gone_touched", "gone_unread", "link_last"})
MAX_MESSAGES = 20


class Overstep(NotAllowed):
    """Raised for rows that make or change an owner or admin, or raise the person who imports."""

    code = "import_oversteps"


class Moved(AppError):
    """Raised when the comparison at the takeover is another than what was confirmed."""

    code = "import_disturbed"


@dataclass(frozen=True)
class Whose:
    """Who takes over, and the rights the tables need."""

    viewer: Viewer
    needs: frozenset[str]


class Rehearsal:
    """One import's files in a staging database, and what they would change."""

    def __init__(self, settings: Settings, whose: Whose, say: Say) -> None:
        """Begin a rehearsal; ``say`` hears how far it is, and may raise to stop it."""
        self.settings, self.whose, self.say = settings, whose, say
        self.staging = Staging(engine(), settings.data)
        self.plan: Plan | None = None
        self.unread: list[Problem] = []
        self.mended: list[Problem] = []
        self.compared: tuple[int, int] = (0, 0)

    def read(self, text: str, files: dict[str, int]) -> None:
        """Read uploaded files, by name, with a mapping. Raises MappingInvalid, NotFound, AppError, StoreFull."""
        folder = self.staging.folder / GIVEN
        folder.mkdir(mode=0o700, exist_ok=True)
        link_uploads(self.settings, files, folder)
        file = folder / MAPPING_FILE
        file.write_text(text, "utf-8")

        def check(mapping: Mapping) -> None:
            if not is_contained(mapping, folder):
                raise NotAllowed()

        self.plan, self.unread, self.mended = read_into(self.staging, file, self.say, skip_refused=True, check=check)

    def _step(self, step: str) -> None:
        self.say(step, {})

    @property
    def done(self) -> Plan:
        """The plan. Raises AppError before the files are read."""
        if self.plan is None:
            raise AppError("import_disturbed")
        return self.plan

    def compare(self, decisions: Sequence[dict] = ()) -> str:
        """Compare with the store as it is now and lay out the cells; return their digest. Raises Overstep."""
        plan = self.done
        self._step("comparing")
        self.compared = _now(plan)
        plan.has_decisions = False
        plan.accepts_gone = any(decision.get("accept_gone") for decision in decisions)
        resolve(plan, bool(self.unread))
        with reader(self.whose.viewer) as r:
            scope = r.scope
        self._ask(scope)
        self._step("laying_out")
        make_cells(plan)
        apply_decisions(plan, decisions)
        return digest_of(plan)

    def _ask(self, scope: Scope) -> None:
        if not may(scope, self.whose.needs):
            raise NotAllowed()
        if oversteps(self.done, scope, self.whose.viewer.id):
            raise Overstep()

    def problems(self) -> list[Problem]:
        """Return why rows are refused, each once."""
        return list({problem.sentence(): problem for problem in self.unread + self.done.problems}.values())

    def refused(self) -> int:
        """Return how many rows are refused."""
        return lines_of(p for p in self.unread + self.done.problems if p.code != "more_rows") + self.done.unlisted

    def kinds(self, *, others: bool = False) -> dict[str, int]:
        """Return how many cells of each kind there are; ``others`` counts those that were not confirmed only."""
        return counts_of_cells(self.done, others=others) | {"away": self.done.away.total, "refused": self.refused()}

    def grants(self) -> list[Given]:
        """Return the access that a takeover would give."""
        return list(found_grants(self.done))

    def needs_person(self) -> bool:
        """Return whether a takeover would let somebody in, or change somebody of the team: a person answers for that."""
        return bool(self.grants()) or moves_team(self.done)

    def messages(self) -> list[str]:
        """Return what else is to be said: of a name that is new though its keys are known, and of rows that stay though a list lacks them."""
        kept = [problem.sentence() for problem in self.done.noted_here if problem.code in KEPT]
        messages = [*kept[:MAX_MESSAGES], *("…" for _ in kept[MAX_MESSAGES:][:1])]
        return [hint, *messages] if (hint := known_by_other_name(self.done)) else messages

    def take(
        self, confirmed: str, decisions: Sequence[dict], begin_last: Callable[[], None], note_done: Callable[[Tx, int], None]
    ) -> bool:  # fmt: skip
        """Take over what was confirmed, compared anew if anything happened since; return whether there was anything to write.

        ``begin_last`` is called when the takeover can no longer be stopped, ``note_done`` in its transaction. Raises Moved when something
        else would change now, NotAllowed, AppError, StoreFull.
        """
        plan = self.done
        remember_cells(plan)
        for attempt in range(MAX_ATTEMPTS):
            if (attempt or _now(plan) != self.compared) and self.compare(decisions) != confirmed:
                mark_others(plan)
                raise Moved()
            if keep_choices(plan):
                plan.has_decisions = True
                resolve(plan, bool(self.unread))
            leave_out(plan)
            takeover = Takeover(
                plan, self.staging, self.settings, self.compared[0], self.whose.viewer, self._at_last(begin_last), note_done
            )
            is_done = False
            try:
                self._step("preparing")
                takeover.prepare()
                if not takeover.is_worth_it:
                    return False
                self._step("writing")
                is_done = taken(takeover, self.compared[0], attempt + 1 == MAX_ATTEMPTS)
            finally:
                if not is_done:
                    takeover.copies.undo()
            if is_done:
                return True
        raise Moved()

    def _at_last(self, begin_last: Callable[[], None]) -> Callable[[Tx], None]:
        def ask(tx: Tx) -> None:
            # The rights of this very moment, under the writers' lock.
            self._ask(tx.scope)
            newest = tx.value("SELECT coalesce(max(import_run_id), 0) FROM import_run WHERE mapping = $m", m=self.done.mapping.name)
            if newest != self.compared[1]:
                raise ConcurrentChange()
            begin_last()

        return ask

    def size(self) -> int:
        """Return how many bytes the rehearsal takes on the disk."""
        total = 0
        for entry in os.scandir(self.staging.folder):
            # The engine's own files come and go.
            with suppress(OSError):
                total += entry.stat(follow_symlinks=False).st_size if entry.is_file(follow_symlinks=False) else 0
        return total

    def close(self) -> None:
        """Forget everything."""
        self.staging.close()


def _now(plan: Plan) -> tuple[int, int]:
    """Return where the record ends and the newest run of the mapping."""
    newest = plan.staging.value(
        f"SELECT coalesce(max(import_run_id), 0) FROM {STORE}.import_run WHERE mapping = $m", {"m": plan.mapping.name}
    )
    return record_end(), newest
