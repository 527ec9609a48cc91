"""Read the files joined to another: sums and counts over their rows, a value looked up in them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

from core.imports.expressions import Compiled, Compiler, ExpressionError, Row
from core.imports.mapping import Block, Join, Mapping, Source
from core.imports.parsing import as_date, as_decimal, as_moment, as_text
from core.imports.problems import Found, Problem, RowRejected
from core.imports.readers import rows_of

Key = tuple[str | None, ...]
# What is looked up where the rows of a joined file do not agree.
SEVERAL = object()


def over_joined(mapping: Mapping, block: Block, headers: dict[str, list[str]], found: Found) -> Callable[..., Compiled]:
    """Return what makes the functions over the rows of a block's joined files; see ``Compiler``."""
    own = Compiler(headers[block.source], mapping.sources[block.source])

    def joined(how: str, name: str, *inner: ast.expr) -> Compiled:
        if name not in block.joins:
            raise ExpressionError("join_unknown", name=name, known=", ".join(block.joins))
        join = block.joins[name]
        source = mapping.sources[join.source]
        keys = [own.compile(column) for column in join.on]
        values: dict[Any, Any]
        if how in ("sum", "count"):
            values, bad = _sums(join, source, headers[join.source], inner[0] if inner else None, found)
            nothing: object = Decimal(0)
        else:
            values, bad = _looked_up(how, join, source, headers[join.source], inner, found)
            nothing = None

        def run(row: Row) -> object:
            key = tuple(_alike(part(row)) for part in keys)
            if None in key:
                return nothing
            if key in bad:
                raise RowRejected("depends", file=source.path.name, line=bad[key])
            value = values.get(key, nothing)
            if value is SEVERAL:
                raise RowRejected("lookup_several", name=name, value=", ".join(part or "" for part in key))
            return value

        return run

    return joined


def _alike(value: object) -> str | None:
    """Return a part of a key as text without blanks around it, which one program writes and another does not; None for an empty one."""
    text = as_text(value)
    return (text or "").strip() or None


def _looked_up(
    how: str, join: Join, source: Source, header: list[str], inner: tuple[ast.expr, ...], found: Found
) -> tuple[dict[Key, object], dict[Key, int]]:  # fmt: skip
    """Return by key the value of the joined row: the only one (``lookup``), or that of the row first or last by a second value."""
    compiler = Compiler(header, source)
    keys = [compiler.compile(column) for column in join.on.values()]
    term = compiler.build(inner[0])
    order = compiler.build(inner[1]) if len(inner) > 1 else (lambda _row: None)
    # A row without a second value comes before none that has one.
    best: dict[Key, tuple[Any, object]] = {}
    bad: dict[Key, int] = {}
    for line, row in rows_of(source, _once(found.refused), _once(found.mended, found.noted)):
        key = tuple(_alike(part(row)) for part in keys)
        try:
            value, rank = term(row), _rank(order(row), source)
            found.noted += [Problem(source.path.name, line, "", note.code, note.values) for note in compiler.notes]
            compiler.notes.clear()
            if key not in best or (how != "lookup" and best[key][0] is None):
                best[key] = rank, value
            elif rank is None and how != "lookup":
                continue
            elif how == "lookup":
                if value is not None:
                    best[key] = rank, value if best[key][1] in (None, value) else SEVERAL
            elif (rank < best[key][0]) if how == "first" else (rank >= best[key][0]):
                best[key] = rank, value
        except RowRejected as refused:
            bad[key] = line
            _once(found.refused)(Problem(source.path.name, line, "", refused.code, refused.values))
    return {key: value for key, (_, value) in best.items()}, bad


def _rank(value: object, source: Source) -> tuple[int, Any] | None:
    """Return what rows are ordered by: numbers before moments before texts; None for nothing."""
    if value is None or not (as_text(value) or "").strip():
        return None
    for kind, read in (
        (1, lambda: as_decimal(value, source.decimal)),
        (2, lambda: as_moment(value, source.moment, source.zone)),
        (2, lambda: as_moment(as_date(value, source.date, source.zone), None, source.zone)),
    ):
        with suppress(RowRejected):
            if (found := read()) is not None:
                return (kind, found)
    return (3, as_text(value))


def _sums(join: Join, source: Source, header: list[str], inner: ast.expr | None, found: Found) -> tuple[dict[Key, Decimal], dict[Key, int]]:
    compiler = Compiler(header, source)
    keys = [compiler.compile(column) for column in join.on.values()]
    term = compiler.build(inner) if inner is not None else (lambda _row: Decimal(1))
    sums: dict[Key, Decimal] = {}
    bad: dict[Key, int] = {}
    for line, row in rows_of(source, _once(found.refused), _once(found.mended, found.noted)):
        key = tuple(_alike(part(row)) for part in keys)
        try:
            value = compiler._number(term(row))
        except RowRejected as refused:
            bad[key] = line
            _once(found.refused)(Problem(source.path.name, line, "", refused.code, refused.values))
            continue
        if value is not None:
            sums[key] = sums.get(key, Decimal(0)) + value
    return sums, bad


def _once(problems: list[Problem], others: list[Problem] | None = None) -> Callable[..., None]:
    def add(problem: Problem, _: object = None) -> None:
        into = problems if others is None or problem.code == "mended" else others
        if problem not in into:
            into.append(problem)

    return add
