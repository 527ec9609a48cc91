"""PostgreSQL beside it: the bench firm's rows in a cluster of its own, started for one run; ``python tests/bench/postgres.py --data DIR``.

The same rows as the DuckDB file of that folder, loaded in the same order, with an index per table that covers what the overview
asks. Needs Debian's ``postgresql-15``.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from pyarrow import csv

sys.path.insert(0, str(Path(__file__).parents[2]))

from core.config import read_settings
from core.rights import Viewer
from core.store import Reader, close_store, open_store, reader
from core.store.staging import STORE

PIECE = 1_000_000
BIN = Path("/usr/lib/postgresql/15/bin")
TYPES = {"VARCHAR": "text", "UTINYINT": "smallint", "TIMESTAMP": "timestamp", "DECIMAL(14,2)": "numeric(14,2)", "DECIMAL(10,2)": "numeric(10,2)"}
# Table → columns of its covering index (the first ones are its order, the rest ride along); None: a plain table.
COVERED: dict[str, tuple[str, str] | None] = {
    "account": ("account_id", "number, name"),
    "staff_member": None,
    "pipeline": None,
    "stage": None,
    "contact": ("contact_id", "name"),
    "assignment": ("staff_member_id, account_id", ""),
    "email_access": ("account_id, contact_email_id", "signatory"),
    "document": ("account_id, uploaded_at", "document_id, name, is_from_client, seen_at, status, is_shared, contact_id, staff_member_id, media_type, size_bytes"),
    "task": ("account_id, due_on", "task_id, title, priority, status"),
    "task_assignee": ("account_id", "task_id, staff_member_id"),
    "email": ("account_id, sent_at", "email_id, subject, from_address, to_address, direction, is_read, has_failed"),
    "job": ("account_id, stage_since_at", "job_id, name, pipeline_id, stage_id, status, due_on"),
    "chat": ("account_id, last_message_at", "chat_id, subject, last_message, last_by_name, is_closed, last_is_from_client, read_at"),
    "invoice": ("account_id, due_on", "invoice_id, number, issued_on, total, paid_amount, status"),
    "credit": ("account_id", "amount"),
    "approval": ("account_id, asked_at", "approval_id, document_name, status, reason, document_id"),
    "signature": ("account_id, sent_at", "signature_id, document_name, needs, status, document_id"),
    "signatory": ("account_id", "signature_id, contract_id, contact_email_id, signed_at"),
    "contract": ("account_id, sent_at", "contract_id, name, needs, status"),
    "organizer": ("account_id, sent_at", "organizer_id, name, updated_at, answered_count, question_count, status, archived_at"),
    "login": ("account_id, tried_at", "login_id, contact_id, email, device, network_address, outcome"),
    "note": ("account_id, saved_at", "note_id, text, staff_member_id, is_pinned"),
    "time_entry": ("account_id, worked_on", "time_entry_id, staff_member_id, job_id, text, minutes, amount, is_billed"),
    "search_text": ("account_id", ""),
}  # fmt: skip


def _as_postgres(*command: str | Path) -> list[str]:
    return ["runuser", "-u", "postgres", "--", *map(str, command)] if os.geteuid() == 0 else list(map(str, command))


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """A running PostgreSQL on a socket in ``folder``; yields how to connect."""
    data = folder / "postgres"
    if not (data / "PG_VERSION").exists():
        data.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(data, "postgres", "postgres")
            for above in (folder, *folder.parents):
                if above != Path("/") and not above.stat().st_mode & 0o005:
                    above.chmod(above.stat().st_mode | 0o005)
        subprocess.run(_as_postgres(BIN / "initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"), check=True, capture_output=True)
    options = (
        f"-c listen_addresses='' -c unix_socket_directories={data} -c shared_buffers=4GB -c work_mem=64MB -c maintenance_work_mem=1GB"
        " -c max_wal_size=8GB -c fsync=off -c jit=off -c autovacuum=off -c effective_cache_size=12GB"
    )
    subprocess.run(_as_postgres(BIN / "pg_ctl", "-D", data, "-w", "-t", "120", "-o", options, "-l", data / "log", "start"), check=True, capture_output=True)
    try:
        yield f"host={data} user=postgres dbname=postgres"
    finally:
        subprocess.run(_as_postgres(BIN / "pg_ctl", "-D", data, "-m", "fast", "stop"), check=True, capture_output=True)


def load(connection: psycopg.Connection, say=print) -> None:
    """The rows of the open store, table by table, each with its covering index."""
    with reader(Viewer.system("benchmark")) as r:
        for table, covered in COVERED.items():
            if connection.execute("SELECT to_regclass(%s)", [f"{table}_covering" if covered else table]).fetchone()[0]:
                continue
            began = time.perf_counter()
            columns = r.types(f"SELECT * FROM {STORE}.{table}")
            for name in ("password_hash", "body", "file", "sha256"):
                columns.pop(name, None)
            declared = ", ".join(f"{name} {TYPES.get(kind, kind.lower())}" for name, kind in columns.items())
            connection.execute(f"DROP TABLE IF EXISTS {table}")
            connection.execute(f"CREATE UNLOGGED TABLE {table} ({declared})")
            _copy(connection, r, table, columns)
            if covered:
                key, along = covered
                connection.execute(f"CREATE INDEX {table}_covering ON {table} ({key}){f' INCLUDE ({along})' if along else ''}")
            if table == "search_text":
                connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
                connection.execute("CREATE INDEX search_text_trgm ON search_text USING gin (everything gin_trgm_ops)")
            connection.execute(f"VACUUM ANALYZE {table}")
            say(f"  {table}: {time.perf_counter() - began:.0f} s")


def _copy(connection: psycopg.Connection, r: Reader, table: str, columns: dict[str, str]) -> None:
    """A million rows at a time, in the order in which they stand."""
    last = r.value(f"SELECT max(rowid) FROM {STORE}.{table}")
    with connection.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv)") as copy:
        for start in range(0, -1 if last is None else last + 1, PIECE):
            piece = r.table(f"SELECT {', '.join(columns)} FROM {STORE}.{table} WHERE rowid >= {start} AND rowid < {start + PIECE}")
            text = io.BytesIO()
            csv.write_csv(piece, text, csv.WriteOptions(include_header=False))
            copy.write(text.getvalue())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", required=True, type=Path, help="the folder of the bench firm")
    given = options.parse_args()
    open_store(read_settings({}, data=str(given.data)))
    try:
        with cluster(given.data) as where, psycopg.connect(where, autocommit=True) as connection:
            load(connection, lambda text: print(text, flush=True))
    finally:
        close_store()


if __name__ == "__main__":
    main()
