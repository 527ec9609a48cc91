"""What every bench shares: a row of the table, the context it measures in, and how the table is written.

A bench is a module of this folder with ``rows(context) -> Iterator[Row]``; its name is the module's. A row is made by
``at_most`` (a figure with a limit), ``at_least``, ``told`` (a figure without one) or ``cannot`` (why it was not measured).
"""

from __future__ import annotations

import contextlib
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).parents[2]
ACCOUNTS = {"S": 10_000, "L": 1_000_000, "tiny": 100}
HEAD = ("what", "figure wanted", "measured", "against", "")


@dataclass(frozen=True)
class Row:
    """One line of the table. ``ok`` is None where nothing was asked of the figure, or where it could not be measured."""

    what: str
    wanted: str = ""
    measured: str = ""
    against: str = ""
    ok: bool | None = None

    @property
    def verdict(self) -> str:
        return "" if self.ok is None else "ok" if self.ok else "MISSED"


def written(value: float, unit: str) -> str:
    """A figure with its unit: three digits that count, no more."""
    digits = 0 if isinstance(value, int) or abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}{'' if unit in ('', '×') else ' '}{unit}"


def at_most(what: str, value: float, limit: float, unit: str, *, against: str = "", more: str = "") -> Row:
    """A figure that must not be larger than ``limit``; ``more`` is told behind it."""
    return Row(what, f"≤ {limit:g}{'' if unit in ('', '×') else ' '}{unit}", f"{written(value, unit)}{more}", against, value <= limit)


def at_least(what: str, value: float, limit: float, unit: str, *, against: str = "", more: str = "") -> Row:
    """A figure that must not be smaller than ``limit``."""
    return Row(what, f"≥ {limit:g}{'' if unit in ('', '×') else ' '}{unit}", f"{written(value, unit)}{more}", against, value >= limit)


def told(what: str, measured: str, *, against: str = "") -> Row:
    """A figure nothing is asked of."""
    return Row(what, "", measured, against)


def cannot(what: str, why: str) -> Row:
    """A figure that was not measured, and why."""
    return Row(what, "", f"not measured: {why}")


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """The value below which nineteen of twenty lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


@dataclass(frozen=True)
class Context:
    """Where and how large to measure. ``folder`` is empty at the start and removed at the end.

    ``data`` holds the bench firm of this size (``make bench-data``) or does not exist. ``tiny`` is the run that only
    shows that everything runs: take the fewest rounds that exercise the code.
    """

    size: str
    folder: Path
    data: Path
    kept: dict[str, object] = field(default_factory=dict)

    @property
    def tiny(self) -> bool:
        return self.size == "tiny"

    @property
    def accounts(self) -> int:
        return ACCOUNTS[self.size]

    def rounds(self, usual: int, tiny: int = 2) -> int:
        return tiny if self.tiny else usual

    def once(self, name: str, make: Callable[[], object]) -> object:
        """What several benches need is made by the first that asks."""
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]

    def say(self, text: str) -> None:
        """What is going on, for who waits."""
        print(f"  … {text}", file=sys.stderr, flush=True)


class Bench(Protocol):
    """The shape of a bench module."""

    __name__: str

    def rows(self, context: Context) -> Iterator[Row]: ...


def _first(command: str) -> str:
    with contextlib.suppress(OSError, subprocess.TimeoutExpired, IndexError):
        return subprocess.run(command.split(), capture_output=True, text=True, check=False, timeout=20).stdout.split("\n")[0].strip()
    return ""


def machine() -> str:
    """Cores, memory, processor, and the versions of what is measured, in one line."""
    cpu = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().split("\n") if line.startswith("model name")), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = [f"python {platform.python_version()}"] + [
        f"{name} {version(name)}" for name in ("duckdb", "streamlit", "pandas", "pyarrow")
    ]
    postgres = _first("psql --version").removeprefix("psql (PostgreSQL) ").split(" ")[0]
    chromium = _first("chromium --version").split(" ")
    versions += [f"PostgreSQL {postgres}"] * bool(postgres) + [f"Chromium {chromium[1]}"] * (len(chromium) > 1)
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {cpu} · {', '.join(versions)}"


def as_text(first: str, found: Sequence[Row]) -> str:
    """The table for a terminal."""
    lines = [HEAD, *((r.what, r.wanted, r.measured, r.against, r.verdict) for r in found)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEAD))]
    drawn = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([first, "", drawn[0], "  ".join("─" * width for width in widths), *drawn[1:]])


def as_markdown(first: str, command: str, found: Sequence[Row]) -> str:
    """The table for ``RESULTS.md``, with the command that made it."""
    lines = [
        "# What was measured", "", f"`{command}` on {first}", "",
        f"| {' | '.join(HEAD)} |", "|---" * len(HEAD) + "|",
        *(f"| {' | '.join((r.what, r.wanted, r.measured, r.against, r.verdict))} |" for r in found),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"
