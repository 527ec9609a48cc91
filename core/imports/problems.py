"""What is wrong with a mapping or a row: where it stands, a code for the sentence, the values that fill it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from core.base.errors import AppError
from core.i18n import t

# So much of a value, and of a list of names, is said; a file can hold a cell of any size.
MAX_SAID = 300
# So many of each kind are told one by one; the others are counted.
LISTED = 1_000


def clipped(value: object) -> object:
    """A text of at most 300 characters, anything else as it is."""
    return f"{value[:MAX_SAID]}…" if isinstance(value, str) and len(value) > MAX_SAID else value


@dataclass(frozen=True)
class Problem:
    """One thing to put right: ``file``, ``line`` (0 when it concerns the whole file), ``column``, code and values.

    A code that begins with ``form.`` is one of the forms', told with the ``value`` that was found. ``last`` among the values is
    the last line of those that cannot be told apart.
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
        """The place and the reason, as a person reads them."""
        where = [self.file]
        if self.lines > 1:
            where.append(t("imports.lines", first=self.line, last=self.values["last"]))
        elif self.line:
            where.append(t("imports.line", line=self.line))
        if self.column:
            where.append(self.column)
        told = re.sub(r"\s*[\r\n]+\s*", " ⏎ ", f"{', '.join(where)}: {self._reason()}")
        # What could not be read as text cannot be written as text either.
        return told.encode("utf-8", "replace").decode("utf-8")

    @property
    def lines(self) -> int:
        """How many lines of the file are concerned."""
        return max(1, int(self.values.get("last", self.line)) - self.line + 1)

    def _reason(self) -> str:
        if not self.code.startswith("form."):
            return t(f"imports.problem.{self.code}", **self.values)
        reason = t(f"errors.{self.code.removeprefix('form.')}", **self.values)
        return t("imports.typed", value=str(self.values.get("value", ""))[:80], reason=reason)

    def as_list(self) -> list[object]:
        """What JSON can carry of it; ``Problem(*one)`` makes it again."""
        plain = {key: value if isinstance(value, int | str) else clipped(str(value)) for key, value in self.values.items()}
        return [self.file, self.line, self.column, self.code, plain]


class Told(list["Problem"]):
    """Problems that are told one by one, and how many more there are of the kind."""

    def __init__(self) -> None:
        super().__init__()
        self.more = 0

    @property
    def total(self) -> int:
        """Return how many problems of the kind there are, told and not."""
        return len(self) + self.more

    @property
    def room(self) -> int:
        """How many more are told one by one."""
        return max(0, LISTED - len(self))

    def take(self, problems: Iterable[Problem], count: int) -> None:
        """Keep as many of these ``count`` problems as there is room for."""
        kept = list(islice(problems, self.room))
        self += kept
        self.more += count - len(kept)


def lines_of(problems: Iterable[Problem]) -> int:
    """How many lines these problems refuse: one may have several."""
    return sum({(one.file, one.line): one.lines for one in problems}.values())


class RowRejected(Exception):
    """A value that cannot be taken over; ``column`` is filled in by whoever knows it."""

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


class MappingInvalid(AppError):
    """A mapping, or the files it names, that cannot be used; ``problems`` lists everything found."""

    code = "mapping_invalid"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(n=len(problems), count=len(problems))
