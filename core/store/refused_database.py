"""Read the audit record of a database that cannot be opened, to say what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from core.store.audit.high_water_mark import Head
from core.store.audit.verification import Ask
from core.store.database import last_change, own, translate
from core.store.queries import quoted
from core.store.rows import asking


@contextmanager
def refused_record(file: Path) -> Iterator[tuple[Ask, Head]]:
    """Open the file read-only; yield (ask, (number, hash) of its last entry). Raises StoreError, StoreInUse."""
    owner = own(file)
    root = duckdb.connect(":memory:")
    try:
        root.execute(f"ATTACH {quoted(file)} AS kundenblick (READ_ONLY)")
        yield asking(root), last_change(root)
    except duckdb.Error as problem:
        raise translate(problem, file) from problem
    finally:
        root.close()
        owner.close()
