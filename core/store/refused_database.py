"""The record of a database that is refused when it is opened, to say what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from core.store.audit.high_water_mark import Head
from core.store.audit.verification import Ask
from core.store.database import last_change, own, translate
from core.store.queries import quoted


@contextmanager
def refused_record(file: Path) -> Iterator[tuple[Ask, Head]]:
    """Ask the record as it lies there, read only; yields how to ask and its last entry. Raises StoreInUse, StoreError."""
    owner = own(file)
    root = duckdb.connect(":memory:")

    def ask(query: str, **parameters: object) -> list[dict[str, object]]:
        cursor = root.execute(query, parameters) if parameters else root.execute(query)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    try:
        root.execute(f"ATTACH {quoted(file)} AS kundenblick (READ_ONLY)")
        yield ask, last_change(root)
    except duckdb.Error as problem:
        raise translate(problem, file) from problem
    finally:
        root.close()
        owner.close()
