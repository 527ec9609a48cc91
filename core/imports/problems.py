"""Problems of a mapping or a row: file, line and column, a code for the sentence, and the values that fill it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from core.base.errors import AppError
from core.i18n import t
from core.imports.as_written import as_written

# Characters of a value, or of a list of names, in a sentence; a cell of a file can have any size.
MAX_SAID_CHARS = 300
# Before the code of a value that was left out, or kept in a note: how that is said.
LEFT = {"left.": "imports.left_out", "noted.": "imports.kept_in_note"}
# Problems of each kind that are told one by one; the others are counted.
MAX_TOLD_PER_KIND = 1_000


# Of what SQL type the values of some problems are, by code and name: they are said as people write them.
KINDS = {
    "amount_large": {"value": "DECIMAL"}, "decimals": {"value": "DECIMAL"}, "status_follows": {"paid": "DECIMAL", "total": "DECIMAL"},
    "hour_left_out": {"kept": "DATE"}, "form.date_range": {"value": "DATE"}, "form.date_ahead": {"value": "DATE"},
}  # fmt: skip


def clipped(value: object) -> object:
    """Return a text cut after ``MAX_SAID_CHARS`` characters, anything else unchanged."""
    return f"{value[:MAX_SAID_CHARS]}…" if isinstance(value, str) and len(value) > MAX_SAID_CHARS else value


@dataclass(frozen=True)
class Problem:
    """One thing to correct: ``file``, ``line`` (0 when it concerns the whole file), ``column``, code and values.

    A code that begins with ``form.`` is one of the forms', told with the ``value`` that was found; one with a key of ``LEFT`` before it is
    of a value that was left out of a row that is taken over. ``last`` among the values is the last line of those that cannot be told
    apart, ``kind`` the SQL type of ``value`` and ``here``.
    """

    file: str
    line: int
    column: str
    code: str
    values: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "column", clipped(self.column))
        object.__setattr__(self, "values", {key: clipped(value) for key, value in self.values.items()})

    def sentence(self) -> str:
        """Return place and reason as a sentence in the current language."""
        where = [self.file]
        if self.lines > 1:
            where.append(t("imports.lines", first=self.line, last=self.values["last"]))
        elif self.line:
            where.append(t("imports.line", line=self.line))
        if self.column:
            where.append(self.column)
        told = re.sub(r"\s*[\r\n]+\s*", " ⏎ ", f"{', '.join(where)}: {self.reason()}")
        # What could not be read as text cannot be written as text either.
        return told.encode("utf-8", "replace").decode("utf-8")

    @property
    def lines(self) -> int:
        """Return how many lines of the file are concerned."""
        return max(1, int(self.values.get("last", self.line)) - self.line + 1)

    def reason(self) -> str:
        """Return the reason as a sentence in the current language."""
        for how, said in LEFT.items():
            if self.code.startswith(how):
                return t(said, reason=replace(self, code=self.code.removeprefix(how)).reason())
        of_kind = KINDS.get(self.code) or dict.fromkeys(("value", "here"), self.values.get("kind", ""))
        values = {key: as_written(value, of_kind[key]) if key in of_kind else value for key, value in self.values.items()}
        if not self.code.startswith("form."):
            return t(f"imports.problem.{self.code}", **values)
        reason = t(f"errors.{self.code.removeprefix('form.')}", **values)
        return t("imports.typed", value=str(values.get("value", ""))[:80], reason=reason)

    def as_list(self) -> list[object]:
        """Return the problem as a list JSON can hold; ``Problem(*parts)`` restores it."""
        plain = {key: value if isinstance(value, int | str) else clipped(str(value)) for key, value in self.values.items()}
        return [self.file, self.line, self.column, self.code, plain]


class Told(list["Problem"]):
    """Problems of one kind: the first ``MAX_TOLD_PER_KIND`` as a list, and the number of the others."""

    def __init__(self) -> None:
        super().__init__()
        self.more = 0

    @property
    def total(self) -> int:
        """Return the number of all problems of the kind."""
        return len(self) + self.more

    @property
    def room(self) -> int:
        """Return how many more problems the list takes."""
        return max(0, MAX_TOLD_PER_KIND - len(self))

    def take(self, problems: Iterable[Problem], count: int) -> None:
        """Keep as many of these ``count`` problems as there is room for."""
        kept = list(islice(problems, self.room))
        self += kept
        self.more += count - len(kept)


def lines_of(problems: Iterable[Problem]) -> int:
    """Return how many lines these problems refuse; a line may have several."""
    return sum({(problem.file, problem.line): problem.lines for problem in problems}.values())


class RowRejected(Exception):
    """Raised for a value that cannot be taken over, with the code and values of its sentence."""

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


class MappingInvalid(AppError):
    """Raised for a mapping or files that cannot be used; ``problems`` lists everything found."""

    code = "mapping_invalid"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(n=len(problems), count=len(problems))


@dataclass
class Found:
    """Problems and column types found by reading the files."""

    refused: list[Problem] = field(default_factory=list)
    mended: list[Problem] = field(default_factory=list)
    noted: list[Problem] = field(default_factory=list)
    kinds: dict[int, dict[str, str]] = field(default_factory=dict)
    # How many rows each file has, by its name in the mapping.
    rows: dict[str, int] = field(default_factory=dict)

    def note(self, problem: Problem) -> None:
        """Add what happened to a row that is taken over, or to those below a footer."""
        (self.mended if problem.code == "mended" else self.noted).append(problem)
