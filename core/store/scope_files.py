"""Write what one viewer may see into a small database of its own, which a query of theirs is run on in a process of its own."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from collections.abc import Hashable
from pathlib import Path

from core.base.errors import StoreError
from core.base.rights import Right, Viewer
from core.store.database import Engine
from core.store.opening import open_reader
from core.store.queries import quoted
from core.store.query_worker import FILE
from core.store.reader import Reader
from core.store.scope_columns import SCOPE_COLUMNS, WITHHELD_ROWS

# How names of their folders in the data folder begin; the rest means nothing, for a query can ask for it.
PREFIX = "scope-"
# Rights that change what is in a file.
DECIDING = (Right.VIEW_ALL_ACCOUNTS, Right.SEE_INVOICES, Right.SEE_ALL_TIME, Right.SEE_RATES)


def scope_key(r: Reader) -> Hashable:
    """Return what a file for this viewer depends on: the clients they see, the deciding rights, and who they are where time is their own.

    Raises NotAllowed without the right to analyse.
    """
    r.require(Right.ANALYSE)
    rights = tuple(right for right in DECIDING if r.scope.allows(right))
    accounts = (
        None
        if Right.VIEW_ALL_ACCOUNTS in rights
        else tuple(row["account_id"] for row in r.rows("SELECT account_id FROM account ORDER BY account_id"))
    )
    return rights, accounts, None if Right.SEE_ALL_TIME in rights else r.viewer.id


def write_scope_file(engine: Engine, viewer: Viewer) -> tuple[Path, Hashable]:
    """Write all of ``SCOPE_COLUMNS`` that the viewer may see at this moment; return the new folder and what it depends on.

    Both are read in one transaction. Raises NotAllowed without the right to analyse, SignedOut, StoreFull.
    """
    folder = engine.file.parent / f"{PREFIX}{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700)
    name = f"scope_{secrets.token_hex(8)}"
    try:
        with engine.lease() as connection:
            connection.execute(f"ATTACH {quoted(folder / FILE)} AS {name} (STORAGE_VERSION 'v1.5.0')")
        (folder / FILE).chmod(0o600)
        try:
            with open_reader(engine, viewer) as r:
                key = scope_key(r)
                for table, columns in SCOPE_COLUMNS.items():
                    without = f" WHERE NOT ({WITHHELD_ROWS[table]})" if table in WITHHELD_ROWS else ""
                    r.value(f"CREATE TABLE {name}.main.{table} AS SELECT {', '.join(columns)} FROM {table}{without}")
            with engine.lease() as connection:
                connection.execute(f"CHECKPOINT {name}")
        finally:
            with contextlib.suppress(StoreError), engine.lease() as connection:
                connection.execute(f"DETACH {name}")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder, key


def remove_scope_file(folder: Path) -> None:
    """Remove a file with its folder."""
    shutil.rmtree(folder, ignore_errors=True)


def sweep_scope_files(data: Path) -> None:
    """Remove every such file; the caller knows that no query runs."""
    for folder in data.glob(f"{PREFIX}*"):
        remove_scope_file(folder)
