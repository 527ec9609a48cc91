"""PostgreSQL beside it: the bench firm's rows in a cluster of its own, started for one run.

The same rows as the DuckDB file of that folder, loaded in the same order, with an index per table that covers what the overview
asks. Needs Debian's ``postgresql-15``.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from pyarrow import csv

from core.base.rights import Viewer
from core.clients.search_terms import forms_of
from core.i18n.formats import today
from core.overview.catalogue import CATALOGUE
from core.overview.sql_composition import ROWS_ON_CARD
from core.store import Reader, reader
from core.store.staging import STORE
from tests.bench.frame import Context

PIECE = 1_000_000
_COMMENT = re.compile(r"--[^\n]*")
BIN = Path("/usr/lib/postgresql/15/bin")
TYPES = {
    "VARCHAR": "text",
    "UTINYINT": "smallint",
    "TIMESTAMP": "timestamp",
    "DECIMAL(14,2)": "numeric(14,2)",
    "DECIMAL(10,2)": "numeric(10,2)",
}
# Table → columns of its covering index (the first ones are its order, the rest ride along); None: a plain table.
COVERED: dict[str, tuple[str, str] | None] = {
    "account": ("account_id", "number, name"),
    "staff_member": None,
    "pipeline": None,
    "stage": None,
    "contact": ("contact_id", "name"),
    "contact_email": ("contact_email_id", "holder_name"),
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
# What the measures of *Auswertung* read besides.
MORE: dict[str, tuple[str, str] | None] = {
    "chat_message": ("account_id, sent_at", "chat_id, is_from_client, staff_member_id"),
    "payment": ("account_id", "invoice_id, amount, paid_on"),
    "firm": None,
    "turn_set_aside": None,
    "account_figure": ("account_id", "open_amount, net_due, last_login_at, last_client_at"),
    "account_habit": ("account_id", "usual_days, longest_days"),
}


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
        subprocess.run(
            _as_postgres(BIN / "initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"), check=True, capture_output=True
        )
    options = (
        f"-c listen_addresses='' -c unix_socket_directories={data} -c shared_buffers=4GB -c work_mem=64MB -c maintenance_work_mem=1GB"
        " -c max_wal_size=8GB -c fsync=off -c jit=off -c autovacuum=off -c effective_cache_size=12GB"
    )
    subprocess.run(
        _as_postgres(BIN / "pg_ctl", "-D", data, "-w", "-t", "120", "-o", options, "-l", data / "log", "start"),
        check=True,
        capture_output=True,
    )
    try:
        yield f"host={data} user=postgres dbname=postgres"
    finally:
        subprocess.run(_as_postgres(BIN / "pg_ctl", "-D", data, "-m", "fast", "stop"), check=True, capture_output=True)


def load(connection: psycopg.Connection, say=print, tables: dict[str, tuple[str, str] | None] = COVERED) -> None:
    """The rows of the open store, table by table, each with its covering index."""
    with reader(Viewer.system("benchmark")) as r:
        for table, covered in tables.items():
            if connection.execute("SELECT to_regclass(%s)", [f"{table}_covering" if covered else table]).fetchone()[0]:
                continue
            began = time.perf_counter()
            columns = r.types(f"SELECT * FROM {STORE}.{table}")
            for name in ("password_hash", "body", "file", "sha256"):
                columns.pop(name, None)
            columns = {name: kind for name, kind in columns.items() if kind != "BLOB" and "[]" not in kind}
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


def connect(where: str) -> psycopg.Connection:
    return psycopg.connect(where, autocommit=True)


def is_loaded(connection: psycopg.Connection) -> bool:
    """Whether every table stands there with its index."""
    return all(connection.execute("SELECT to_regclass(%s)", [f"{t}_covering" if c else t]).fetchone()[0] for t, c in COVERED.items())


@contextmanager
def beside(context: Context) -> Iterator[psycopg.Connection | str]:
    """A connection to the loaded rows of the open bench firm, or why there is none; a small firm is loaded when it is not."""
    folder = context.folder / "firm" if context.tiny else context.data
    if not (BIN / "postgres").exists():
        yield "postgresql-15 is not installed (make bench-data)"
        return
    with cluster(folder) as where, connect(where) as connection:
        if not is_loaded(connection):
            if context.size == "L":
                yield "the rows are not loaded (make bench-data SIZE=L)"
                return
            load(connection, context.say)
        yield connection


class Overview:
    """The thirteen widget files as they stand, each a prepared statement, sent in one go."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection, self.queries = connection, []
        for widget in CATALOGUE:
            query, order = widget.query.rsplit("\nORDER BY ", 1)
            tile = "".join(f", {metric.over_all_rows} AS tile_{metric.name}" for metric in widget.tile)
            where = f" WHERE {widget.where}" if widget.where else ""
            text = f"SELECT q.*, count(*) OVER () AS total{tile} FROM ({query}) AS q{where} ORDER BY {order} LIMIT {ROWS_ON_CARD + 1}"
            text = _COMMENT.sub("", text).replace("%", "%%")
            self.queries.append(text.replace("$account_id", "%(account_id)s").replace("$today", "%(today)s::date"))

    def read(self, account_id: int) -> int:
        """All thirteen for one account; returns how many rows came."""
        with self.connection.pipeline():
            asked = [self.connection.execute(text, {"account_id": account_id, "today": today()}, prepare=True) for text in self.queries]
        return sum(len(answer.fetchall()) for answer in asked)


def search(connection: psycopg.Connection, text: str, limit: int = 12) -> int:
    """Ranked search with pg_trgm: every word somewhere in the text, the likest first; likeness alone when there is none."""
    parts = [forms_of(word)[0] for word in text.split()]
    where = " AND ".join(["everything LIKE %s"] * len(parts))
    like = ["%" + part.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%" for part in parts]
    rank = "ORDER BY word_similarity(%s, everything) DESC, account_id LIMIT %s"
    whole = " ".join(parts)
    rows = connection.execute(f"SELECT account_id FROM search_text WHERE {where} {rank}", [*like, whole, limit]).fetchall()
    if not rows:
        rows = connection.execute(
            f"SELECT account_id FROM search_text WHERE %s <% everything {rank}".replace("<% ", "<%% "), [whole, whole, limit]
        ).fetchall()
    return len(rows)
