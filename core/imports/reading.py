"""Read the files of a mapping into a staging database, in a child process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.imports.mapping import Mapping
from core.imports.plan import Plan
from core.imports.problems import Problem
from core.imports.read_mapping import read_mapping
from core.imports.worker import Say, beside
from core.store.staging import Staging

# Files of more bytes than this, together, are read with the limits of a large import.
LARGE_FILES_BYTES = 512 * 1024


def read_into(
    staging: Staging, file: Path, tell: Say, *, skip_refused: bool = False, again: frozenset[tuple[str, str]] = frozenset(),
    check: Callable[[Mapping], None] = lambda _: None,
) -> tuple[Plan, list[Problem], list[Problem]]:  # fmt: skip
    """Read a mapping and its files; return their plan, not compared yet, the problems of refused rows, and what was mended.

    ``check`` may refuse the mapping before its files are read. Raises MappingInvalid, AppError.
    """
    columns = staging.columns()
    mapping = read_mapping(file, {name: {c: needed for c, (_, needed) in told.items()} for name, told in columns.items()})
    check(mapping)
    large = sum(source.path.stat().st_size for source in mapping.sources.values()) > LARGE_FILES_BYTES
    sheets = [source.path.name for source in mapping.sources.values() if source.format != "csv"]
    found = beside("stage", staging.folder, tell, large=large, sheets=sheets, mapping=str(file.resolve()), columns=columns)
    for number, kinds in found["kinds"]:
        staging.take_in(f"b{number}", kinds, f"b{number}.parquet", "n")
        silent = {rule.column for rule in mapping.blocks[number].rules if rule.is_silent}
        staging.fill_in(f"b{number}", mapping.blocks[number].table, [column for column in kinds if column not in silent])
    plan = Plan(mapping, columns, staging, skip_refused, tell, again)
    plan.rows_of_files = found["rows"]
    refused, mended, noted = ([Problem(*parts) for parts in found[name]] for name in ("refused", "mended", "noted"))
    plan.noted.take(noted, len(noted))
    return plan, refused, mended
